package adk

import (
	"context"
	"errors"
	"log/slog"
	"runtime"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/guard"
)

// Context is what the contexts of callbacks say, in all versions of ADK.
type Context interface {
	context.Context
	InvocationID() string
	AgentName() string
	Branch() string
}

// place is where things happen: an agent, a node of a workflow, or a run's root. The run's mu
// guards it.
type place struct {
	run           *run
	outer         *place
	node          *callback.Node
	agent, branch string
	heard         bool // its span is heard, whose end is its end
	returned      bool // the agent has returned
	interrupted   bool // it waits for a human
	resulted      bool // the node has given its result
	ended         bool
	llm           *callback.LLM // that has not ended
	failed        error         // what ends it unless it goes on
}

// begin begins a node inside a place. The caller holds the run's mu.
func (p *place) begin(name string) *place {
	p.goesOn()
	p.endResulted()
	inner := &place{run: p.run, outer: p, node: p.node.StartNode(name)}
	p.run.open = append(p.run.open, inner)
	return inner
}

// endResulted ends the nodes in the place that have given their result, of which they have one. ADK
// may end the span of a node only when that of the next one has begun.
func (p *place) endResulted() {
	for _, q := range slices.Clone(p.run.open) {
		if q.outer == p && q.resulted {
			q.end(nil)
		}
	}
}

// goesOn records that something else happens in the place: what failed in it was not the end.
func (p *place) goesOn() {
	p.failed = nil
	p.settleModel()
}

// settleModel ends a call of a model whose end nobody told: another plug-in gave the answer.
func (p *place) settleModel() {
	p.llm.End(callback.LLMResult{Attrs: []slog.Attr{slog.Bool("unreported", true)}}, nil)
	p.llm = nil
}

// end ends the node, and before it what is open inside.
func (p *place) end(err error) {
	if p.ended {
		return
	}
	p.closeInside(false)
	p.ended = true
	if err != nil {
		p.outer.failed = err
	}
	if p.interrupted && err == nil {
		p.node.End(nil, slog.Bool("interrupted", true))
	} else {
		p.node.End(err)
	}
	p.run.open = slices.DeleteFunc(p.run.open, func(q *place) bool { return q == p })
}

// closeInside ends what is open inside the place, the innermost first: with what has failed in it,
// with a panic that is under way, or as what nobody told the end of.
func (p *place) closeInside(panicked bool) {
	for i := len(p.run.open) - 1; i >= 0; i-- {
		q := p.run.open[i]
		if !q.isInside(p) {
			continue
		}
		if panicked && q.failed == nil {
			q.failed = errPanicked
		}
		if q.failed != nil {
			q.end(q.failed)
			i = min(i, len(p.run.open))
		}
	}
	p.endResulted()
	p.llm = nil
	p.node.EndOpen()
	p.run.open = slices.DeleteFunc(p.run.open, func(q *place) bool { return q.isInside(p) })
}

func (p *place) isInside(outer *place) bool {
	for at := p.outer; at != nil; at = at.outer {
		if at == outer {
			return true
		}
	}
	return false
}

// in calls do with the place of a callback, under the run's mu; not at all if the run is unknown.
func (r *Recorder) in(c Context, do func(p *place)) {
	defer guard.Recover(ignore)
	x, s := r.lookUp(c)
	if x == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	do(x.at(c, s))
}

// lookUp returns the run of a callback, nil if it is unknown, and the span, nil if that is not
// heard.
func (r *Recorder) lookUp(c Context) (*run, *span) {
	id := trace.SpanContextFromContext(c).SpanID()
	invocation := c.InvocationID()
	r.mu.Lock()
	defer r.mu.Unlock()
	x, s := r.runs[invocation], r.spans[id]
	if s != nil && s.run != x {
		s = nil
	}
	return x, s
}

// at returns the place of a callback: by its span, if that is heard, and else by the names of agent
// and branch.
func (x *run) at(c Context, s *span) *place {
	if s != nil {
		for p := s.at(); p != nil; p = p.outer {
			if p.agent == c.AgentName() {
				return p
			}
		}
	}
	return x.find(c.AgentName(), c.Branch())
}

// find returns the newest open place of an agent on a branch, on any if there is none on that, and
// else the root.
func (x *run) find(agent, branch string) *place {
	named := &x.root
	for _, p := range slices.Backward(x.open) {
		if p.agent != agent || agent == "" {
			continue
		}
		if p.branch == branch {
			return p
		}
		if named == &x.root {
			named = p
		}
	}
	return named
}

// enclosing returns the newest open place on a branch, or on one that it is a part of.
func (x *run) enclosing(branch string) *place {
	for _, p := range slices.Backward(x.open) {
		if p.branch == branch || p.branch == "" || strings.HasPrefix(branch, p.branch+".") {
			return p
		}
	}
	return &x.root
}

// beforeAgent begins the node of an agent.
func (r *Recorder) beforeAgent(c Context) {
	defer guard.Recover(ignore)
	x, s := r.lookUp(c)
	if x == nil {
		return
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	if s != nil && (!s.agent || s.place != nil) {
		s = nil
	}
	outer := x.enclosing(c.Branch())
	if s != nil && s.outer != nil {
		outer = s.outer
	}
	p := outer.begin(c.AgentName())
	p.agent, p.branch = c.AgentName(), c.Branch()
	if s != nil {
		p.heard, s.place = true, p
	}
}

// afterAgent ends the node of an agent, unless the end of its span is still to come, which says how
// it went.
func (r *Recorder) afterAgent(c Context) {
	r.in(c, func(p *place) {
		p.settleModel()
		p.returned = true
		if p.outer == nil || p.heard {
			return
		}
		if p.failed == nil {
			p.failed = p.run.ctx.Err()
		}
		p.end(p.failed)
	})
}

// firstLine is an error without the stack that ADK writes into it.
func firstLine(err error) error {
	if err == nil {
		return nil
	}
	text, _ := guard.ErrorText(err)
	if line, _, more := strings.Cut(text, "\n"); more {
		return errors.New(strings.TrimSpace(line))
	}
	return err
}

var errPanicked = errors.New("panic")

// panicking reports whether the caller is called because of a panic, by a deferred function.
func panicking() bool {
	var pcs [64]uintptr
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs[:])])
	for {
		f, more := frames.Next()
		if f.Function == "runtime.gopanic" {
			return true
		}
		if !more {
			return false
		}
	}
}
