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
	switch kind {
	case spanmap.LLM:
		s.llm, s.node = p.startLLM(s, in, facts), in
	case spanmap.Tool:
		s.tool, s.node = p.startTool(s, in, facts), in
	default:
		s.node = in.StartNode(facts.NodeName(), append(facts.NodeAttrs(), s.at(s.started)...)...)
	}
}

// at returns attributes that give a time. They are only valid until the next call.
func (s *span) at(t time.Time) []slog.Attr {
	s.attrs[0] = callback.At(t)
	return s.attrs[:1:1]
}

// startLLM starts a call of a model. Its request is named by the span.
func (p *SpanProcessor) startLLM(
	s *span, in *callback.Node, facts *spanmap.Span,
) *callback.LLM {
	req := facts.Request(p.opts.texts)
	req.ID, req.Attrs = s.key.span.String(), s.at(s.started)
	return in.StartLLM(req)
}

// startTool starts a call of a tool, named by the span if it has no name of its own.
func (p *SpanProcessor) startTool(
	s *span, in *callback.Node, facts *spanmap.Span,
) *callback.Tool {
	call := facts.Call(p.opts.texts)
	if call.ID == "" {
		call.ID = s.key.span.String()
	}
	call.Attrs = s.at(s.started)
	return in.StartTool(call)
}

// decided notes what has become of a span that waited.
func (p *SpanProcessor) decided(s *span, to state) {
	s.state, s.live = to, nil
	if to == shown || s.outer != nil {
		s.inside.Store(true)
	}
	if s.waits {
		p.mu.Lock()
		p.pending.remove(s)
		p.mu.Unlock()
	}
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
	err := facts.Err()
	if s.unended {
		err = callback.ErrUnended
	}
	llm, tool := s.llm, s.tool
	if s.undecided { // the call that it has turned out to be, inside the node that it is shown as
		switch facts.Kind() {
		case spanmap.LLM:
			llm = p.startLLM(s, s.node, facts)
		case spanmap.Tool:
			tool = p.startTool(s, s.node, facts)
		}
	}
	when := s.at(at)
	switch {
	case llm != nil:
		res := facts.Result(p.opts.texts)
		if len(res.Attrs) > 0 {
			when = append(res.Attrs, when...)
		}
		res.Attrs = when
		llm.End(res, err)
	case tool != nil && err != nil:
		tool.Fail(err, when...)
	case tool != nil:
		tool.Complete(facts.Output(p.opts.texts), when...)
	}
	if s.llm == nil && s.tool == nil {
		s.node.End(err, s.at(at)...) // of a run's root, this does nothing
	}
	if r := s.run; r.root == s && r.run != nil {
		r.end = func() { r.run.End(err, callback.At(at)) }
	}
}
