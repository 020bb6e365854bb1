package dashotel

import (
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/spanmap"
)

// tree is all that is open of a trace in this process. Its lock guards its spans, so that the start
// of a span is sent before what it encloses.
type tree struct {
	open list // guarded by SpanProcessor.mu

	mu sync.Mutex
	// latest is the run that began last, while it is not over. Spans whose parent has ended are
	// shown in it.
	latest *run
}

// span is a span that has not ended, or that encloses one that has not.
type span struct {
	key     key
	tree    *tree
	parent  *span // in this process; nil if there is none, or if it has ended
	late    bool  // the parent has ended
	flags   trace.TraceFlags
	started time.Time
	thread  thread
	outside *callback.Node // what the context of its start carries
	links   [linkCount]link
	due     time.Time   // when it has had its time; guarded by SpanProcessor.mu
	inside  atomic.Bool // something encloses it that is shown

	live   sdktrace.ReadWriteSpan // while it has not said what it is
	state  state
	outer  *span // the nearest around it that is shown; known once it is placed
	placed bool
	closed bool
	alive  int // 1 while it has not ended, and 1 for each child that is alive
	run    *run
	node   *callback.Node // what it encloses is shown in this one
	llm    *callback.LLM
	tool   *callback.Tool
	// undecided says that its end may say more than that it is a node.
	undecided bool
	unended   bool // it is closed without an end
	waits     bool // it has been given time to say what it is
	attrs     [1]slog.Attr
}

// state is how far a span has come.
type state uint8

const (
	waiting state = iota // it has not said what it is
	passed               // it is not shown
	shown
)

// thread is what is known of a run's thread beside what its spans say.
type thread struct{ given, inner, baggage string }

// run is a run that a span has begun, or a node in a run that the application has.
type run struct {
	run      *callback.Run // nil for a node of the application's run
	root     *span
	node     *callback.Node
	over     bool
	expected bool   // its end is due; guarded by SpanProcessor.mu
	end      func() // sends its end; nil until its span has ended
}

// place finds what encloses a span, and sees to it that whatever is around it is decided by now.
func (p *SpanProcessor) place(s *span, thread string) {
	if s.placed {
		return
	}
	var around []*span
	for a := s.parent; a != nil && !a.placed; a = a.parent {
		around = append(around, a)
	}
	for i := len(around) - 1; i >= 0; i-- {
		a := around[i]
		a.placed, a.outer = true, a.parent.shownOrOuter()
		if a.state == waiting {
			var facts spanmap.Span
			p.read(&facts, a.live, false)
			a.thread.inner = thread
			p.show(a, &facts)
		}
	}
	s.placed, s.outer = true, s.parent.shownOrOuter()
}

// shownOrOuter returns the span if it is shown, or else what is shown around it; nil for none.
func (s *span) shownOrOuter() *span {
	if s == nil || s.state == shown {
		return s
	}
	return s.outer
}

// ask shows a span, inside of which another starts, if its attributes say by now what it is. thread
// is what the other one says of it.
func (p *SpanProcessor) ask(s *span, thread string) {
	if s.state != waiting {
		return
	}
	var facts spanmap.Span
	p.read(&facts, s.live, false)
	s.thread.inner = thread
	p.showKnown(s, &facts)
}

// showKnown shows a span if facts say what it is.
func (p *SpanProcessor) showKnown(s *span, facts *spanmap.Span) {
	if k := facts.Kind(); k != spanmap.Unknown && k != spanmap.Undecided {
		p.show(s, facts)
	}
}

// askLast is ask for a span that has had its time. One that says nothing waits for its end, unless
// plain spans are to be shown.
func (p *SpanProcessor) askLast(s *span) {
	if s.state != waiting {
		return
	}
	var facts spanmap.Span
	p.read(&facts, s.live, false)
	if facts.Kind() != spanmap.Unknown || p.opts.plain {
		p.show(s, &facts)
	}
}

// end ends a span, of which facts say all there is to say.
func (p *SpanProcessor) end(s *span, facts *spanmap.Span, at time.Time) {
	if s.closed {
		return
	}
	s.closed = true
	if s.state == waiting {
		p.show(s, facts)
	}
	if at.Before(s.started) {
		at = s.started
	}
	if s.state == shown {
		p.finish(s, facts, at)
	}
	p.release(s)
}

// abandon closes a span that has not ended.
func (p *SpanProcessor) abandon(s *span, at time.Time) {
	if s.closed {
		return
	}
	facts := spanmap.Span{}
	if s.state == waiting {
		p.read(&facts, s.live, false)
	}
	s.unended = true
	p.end(s, &facts, at)
}

// release notes that a span has ended, and what is over with it: a run is, once nothing below it is
// alive.
func (p *SpanProcessor) release(s *span) {
	s.live = nil
	for ; s != nil; s = s.parent {
		r := s.run
		if r != nil && r.root != s {
			r = nil
		}
		if s.alive--; s.alive > 0 {
			if r != nil && s.closed && !r.over {
				p.expect(r)
			}
			return
		}
		if r != nil {
			r.close()
		}
	}
}

// close ends the run, once.
func (r *run) close() {
	if r.over {
		return
	}
	r.over = true
	if t := r.root.tree; t.latest == r {
		t.latest = nil
	}
	if r.end != nil {
		r.end()
	}
}
