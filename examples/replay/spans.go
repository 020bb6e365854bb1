package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/spanmap"
	"github.com/dashstream/dashstream-go/internal/traces"
)

// maxSpans bounds the spans of a file, all of which are in memory until the last has been read.
const maxSpans = 1_000_000

// spansOf reads the spans of an element of a file that is an export of traces.
func spansOf(v *value) (spans []traces.Span, is bool, err error) {
	o, err := v.object("")
	if err != nil {
		return nil, false, nil
	}
	if list, err := o.field("data").list(""); err == nil && len(list) > 0 { // a page of an API
		for i := range list {
			some, is, err := spansOf(&list[i])
			if !is || err != nil {
				return nil, is, err
			}
			spans = append(spans, some...)
		}
		return spans, true, nil
	}
	form := traces.FormOf(o.fields)
	if form == traces.NoForm {
		return nil, false, nil
	}
	if spans, err = traces.Read(form, v.raw); err != nil {
		err = fmt.Errorf("%s: %w", v.path(), err)
	}
	return spans, true, err
}

// ofSpans returns the runs that spans make.
func ofSpans(spans []traces.Span) ([]recording, error) {
	runs := traces.Runs(spans)
	if len(runs) == 0 {
		return nil, fmt.Errorf("none of %d spans is known as an agent's", len(spans))
	}
	recordings := make([]recording, len(runs))
	for i := range runs {
		recordings[i] = recording{trace: &runs[i], task: runs[i].Root.Trace}
	}
	return recordings, nil
}

// traceInfo is what a run of spans begins with.
func traceInfo(r *traces.Run, thread string) callback.RunInfo {
	info := callback.RunInfo{Graph: &callback.Graph{Name: r.Root.NodeName()}, ThreadID: thread,
		Attrs: []slog.Attr{slog.String("trace_id", r.Root.Trace), callback.At(r.Root.Start)}}
	if r.Thread != "" {
		info.Attrs = append(info.Attrs, slog.String("recorded_thread", r.Thread))
	}
	return info
}

// playSpans replays a run of spans and ends it, as [player.play] does.
func (p *player) playSpans(
	ctx context.Context, run *callback.Run, r *traces.Run, err error,
) error {
	if err == nil {
		err = p.spans(ctx, run, r)
	}
	last := 1
	if p.traced {
		last = 2
	}
	if err = p.due(ctx, err, last); err != nil {
		run.End(err)
		return err
	}
	end := r.Root.End
	if end.IsZero() {
		end = r.Root.Start
	}
	run.End(spanErr(r.Root), callback.At(end))
	return nil
}

// spans replays a run of spans, with their own times.
func (p *player) spans(ctx context.Context, run *callback.Run, r *traces.Run) error {
	open := map[*traces.Node]*openSpan{}
	for i := range r.Steps {
		if err := p.pace.spend(ctx, 1); err != nil {
			return err
		}
		step := &r.Steps[i]
		n := step.Node
		if step.Ends {
			open[n].end(n, step.At)
			p.turned.Add(1)
			continue
		}
		in := run.Root()
		if outer := open[n.Outer]; outer != nil {
			in = outer.node
		}
		open[n] = begin(in, n, step.At)
	}
	return nil
}

// openSpan is what a span is replayed as.
type openSpan struct {
	node *callback.Node // what it encloses is in this one
	own  bool           // it is that node
	llm  *callback.LLM
	tool *callback.Tool
}

func begin(in *callback.Node, n *traces.Node, at time.Time) *openSpan {
	when := callback.At(at)
	switch n.Kind {
	case spanmap.LLM:
		req := n.Request(true)
		req.Attrs = append(req.Attrs, when)
		return &openSpan{node: in, llm: in.StartLLM(req)}
	case spanmap.Tool:
		call := n.Call(true)
		call.Attrs = append(call.Attrs, when)
		return &openSpan{node: in, tool: in.StartTool(call)}
	}
	return &openSpan{own: true,
		node: in.StartNode(n.NodeName(), append(n.NodeAttrs(), when)...)}
}

func (o *openSpan) end(n *traces.Node, at time.Time) {
	err, when := spanErr(n), callback.At(at)
	switch {
	case o.llm != nil:
		res := n.Result(true)
		res.Attrs = append(res.Attrs, when)
		o.llm.End(res, err)
	case o.tool != nil && err != nil:
		o.tool.Fail(err, when)
	case o.tool != nil:
		o.tool.Complete(n.Output(true), when)
	case o.own:
		o.node.End(err, when)
	}
}

// spanErr returns the error of a span. One without an end has one.
func spanErr(n *traces.Node) error {
	if err := n.Err(); err != nil || !n.End.IsZero() {
		return err
	}
	return errUnended
}

// errUnended stands for the end of a span that an export does not have.
var errUnended = errors.New("the export has no end")
