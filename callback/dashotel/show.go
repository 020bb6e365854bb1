package dashotel

import (
	"log/slog"
	"time"

	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/spanmap"
)

// show decides what a span is shown as, after those around it, and sends its start.
func (p *SpanProcessor) show(s *span, facts *spanmap.Span) {
	kind := facts.Kind()
	if kind == spanmap.Hidden || kind == spanmap.Unknown && !p.opts.plain {
		p.decided(s, passed)
		return
	}
	p.place(s, facts.Thread())
	switch {
	case s.outer == nil && kind == spanmap.Unknown, s.outer != nil && kind == spanmap.Wrapper:
		p.decided(s, passed)
		return
	}
	p.decided(s, shown)
	s.undecided = kind == spanmap.Undecided
	in := p.enclosing(s, facts)
	if in == nil {
		return // it is the run
	}
	at := callback.At(s.started)
	switch kind {
	case spanmap.LLM:
		req := facts.Request(p.opts.texts)
		req.Attrs = append(req.Attrs, at)
		s.llm, s.node = in.StartLLM(req), in
	case spanmap.Tool:
		call := facts.Call(p.opts.texts)
		call.Attrs = append(call.Attrs, at)
		s.tool, s.node = in.StartTool(call), in
	default:
		s.node = in.StartNode(facts.NodeName(), append(facts.NodeAttrs(), at)...)
	}
}

// decided notes what has become of a span that waited.
func (p *SpanProcessor) decided(s *span, to state) {
	s.state, s.live = to, nil
	s.inside.Store(to == shown || s.outer != nil)
	p.mu.Lock()
	p.pending.remove(s)
	p.mu.Unlock()
}

// enclosing returns the node to show a span in. It begins a run where there is none; if the span is
// nothing but that run, it returns nil.
func (p *SpanProcessor) enclosing(s *span, facts *spanmap.Span) *callback.Node {
	switch latest := s.tree.latest; {
	case s.outer != nil:
		s.run = s.outer.run
		return s.outer.node
	case s.late && latest != nil:
		s.run = latest
		return latest.node
	case s.outside != nil:
		s.run = &run{root: s, node: s.outside}
		s.tree.latest = s.run
		return s.outside
	}
	s.run = p.begin(s, facts)
	s.tree.latest = s.run
	switch facts.Kind() {
	case spanmap.LLM, spanmap.Tool:
		return s.run.node
	}
	if facts.NodeType() != "" {
		return s.run.node
	}
	s.node = s.run.node
	return nil
}

// begin begins a run with a span.
func (p *SpanProcessor) begin(s *span, facts *spanmap.Span) *run {
	traceparent, state := headersOf(trace.NewSpanContext(trace.SpanContextConfig{
		TraceID: s.key.trace, SpanID: s.key.span, TraceFlags: s.flags}))
	r := p.client.StartRun(callback.RunInfo{
		Graph: &callback.Graph{Name: facts.NodeName()}, ThreadID: s.threadID(facts),
		ExecutionID: s.key.trace.String() + "-" + s.key.span.String(),
		Attrs:       []slog.Attr{callback.TraceContext(traceparent, state), callback.At(s.started)},
	})
	return &run{run: r, root: s, node: r.Root()}
}

// threadID returns the thread of a run that begins with the span.
func (s *span) threadID(facts *spanmap.Span) string {
	for _, id := range []string{s.thread.given, facts.Thread(), s.thread.inner, s.thread.baggage} {
		if id != "" {
			return id
		}
	}
	return s.key.trace.String()
}

// finish sends the end of a span that is shown.
func (p *SpanProcessor) finish(s *span, facts *spanmap.Span, at time.Time) {
	err, when := facts.Err(), callback.At(at)
	if s.unended {
		err = callback.ErrUnended
	}
	if s.undecided {
		p.finishUndecided(s, facts, err, when)
	}
	switch {
	case s.llm != nil:
		endLLM(s.llm, facts.Result(p.opts.texts), err, when)
	case s.tool != nil:
		endTool(s.tool, facts.Output(p.opts.texts), err, when)
	default:
		s.node.End(err, when) // of a run's root, this does nothing
	}
	if r := s.run; r.root == s && r.run != nil {
		r.end = func() { r.run.End(err, when) }
	}
}

// finishUndecided sends the call that a span has turned out to be, inside the node that it was
// shown as.
func (p *SpanProcessor) finishUndecided(
	s *span, facts *spanmap.Span, err error, when slog.Attr,
) {
	switch at := callback.At(s.started); facts.Kind() {
	case spanmap.LLM:
		req := facts.Request(p.opts.texts)
		req.Attrs = append(req.Attrs, at)
		endLLM(s.node.StartLLM(req), facts.Result(p.opts.texts), err, when)
	case spanmap.Tool:
		call := facts.Call(p.opts.texts)
		call.Attrs = append(call.Attrs, at)
		endTool(s.node.StartTool(call), facts.Output(p.opts.texts), err, when)
	}
}

func endLLM(l *callback.LLM, res callback.LLMResult, err error, when slog.Attr) {
	res.Attrs = append(res.Attrs, when)
	l.End(res, err)
}

func endTool(t *callback.Tool, output any, err error, when slog.Attr) {
	if err != nil {
		t.Fail(err, when)
	} else {
		t.Complete(output, when)
	}
}
