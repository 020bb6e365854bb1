package dasheino

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/callback"
)

const (
	// lag is how long the caller of a graph waits for streams that others have read to their end,
	// so that the run has ended when the call returns. It takes some microseconds, unless somebody
	// stopped reading a stream that continues.
	lag = 50 * time.Millisecond
	// stall is how long a run whose graph has returned continues while no stream yields anything.
	stall = 2 * time.Second
	// grace is how long a stream is still read after its consumer has closed it, or its context has
	// ended. What it still has, or the error with which it ends, comes at once.
	grace = time.Second
)

// span is what one callback begins and another one ends: a run, a node, or a model or tool call.
// The spans of a run form a tree.
type span struct {
	tree   *tree
	parent *span // nil for the run's span
	info   *callbacks.RunInfo
	depth  int            // length of its address in Eino's tree
	path   string         // name of the node in which things happen, "" for the run itself
	node   *callback.Node // that node
	work   work
	scope  *scope    // scope of the graph that runs here, or nil
	in     *scope    // scope to which the node belongs, or nil
	key    string    // its key there
	choice *choosing // for a run whose start waits; otherwise nil
	token  string    // of an agent's session, by which others find the run; or ""

	handedOver bool // the enclosing agent hands the query over: its end is also that agent's

	// The tree's lock guards the fields that follow.
	state    state
	children map[*span]struct{} // those that have not ended
	// number of children that have returned and whose end has not been emitted
	ending    int
	result    outcome     // in state held: the outcome to be reported
	inherited outcome     // outcome of the agent that the query was handed over to
	timer     *time.Timer // see watch
	look      *time.Timer // see endsAlone
	streams   bool        // it has returned a stream
	emitted   bool
	done      chan struct{} // closed when the end was emitted; nil while nobody waits
}

type state uint8

const (
	running  state = iota
	draining       // has returned a stream
	held           // has ended, except for children that are ending
	ended
)

// tree is one run, or the instrumented part of a run of the application.
type tree struct {
	h      *Handler
	thread string // the value of WithThread when the run began
	// what the resumed run had done; nil if unknown or not resumed
	paused *pausedRun
	parts  atomic.Uint64 // number of parts read from streams
	calls  requests

	mu       sync.Mutex
	closed   bool       // the root has ended
	pauses   *pausedRun // what has been done, once something was interrupted
	emitting int        // spans that have ended, and whose end is being emitted
	deferred []*span    // spans that end after those
}

// work is what a span represents in the stream of events.
type work interface {
	result(output any) // what was returned
	part(chunk any)    // a part of a stream
	end(o outcome)
}

// outcome is how a span ended.
type outcome struct {
	err       error
	interrupt *interrupt
	abandoned bool // nobody read its stream any more
}

func (o outcome) failed() bool { return o.err != nil || o.interrupt != nil }

type spanKey struct{ h *Handler }

// outer returns the innermost span that ctx carries.
func (h *Handler) outer(ctx context.Context) *span {
	if h == nil || h.client == nil {
		return nil
	}
	s, _ := ctx.Value(spanKey{h}).(*span)
	return s
}

// spanOf returns the span that info began; nil if its start was not seen.
func (h *Handler) spanOf(ctx context.Context, info *callbacks.RunInfo) *span {
	s := h.outer(ctx)
	if s == nil || info == nil || s.info != info {
		return nil
	}
	s.settle(compose.AddressSegment{}, nil) // it ends before anything began inside it
	if s.node == nil {
		return nil // the client starts no more runs
	}
	return s
}

// enter adds a span that has begun to its tree, and to ctx.
func (s *span) enter(ctx context.Context) context.Context {
	t := s.tree
	t.mu.Lock()
	if t.closed {
		s.state = ended
		t.mu.Unlock()
		s.settle(compose.AddressSegment{}, nil)
		s.emit(left(nil)) // the graph ended while this began
		return ctx
	}
	if p := s.parent; p != nil {
		if p.children == nil {
			p.children = map[*span]struct{}{}
		}
		p.children[s] = struct{}{}
	}
	t.mu.Unlock()
	return context.WithValue(ctx, spanKey{t.h}, s)
}

func (t *tree) isClosed() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.closed
}

// returned records that the function behind the span returned without an error, so that what
// follows it may begin.
func (s *span) returned() {
	if s.in != nil {
		s.in.completed(s.key)
		s.in.state.returned()
	}
}

// drains records that the span ends with a stream that it has returned. It returns false if the
// span has ended already.
func (s *span) drains() bool {
	s.tree.mu.Lock()
	defer s.tree.mu.Unlock()
	if s.state != running {
		return false
	}
	s.leave(draining)
	s.streams = true
	if m, ok := s.work.(*modelWork); ok {
		s.tree.calls.ask(m)
	}
	return true
}

// leave moves the span from one state to the next. The caller holds the lock.
func (s *span) leave(next state) {
	if s.state == running {
		if s.parent != nil {
			s.parent.ending++
		} else {
			s.tree.h.countEnding(1)
		}
	}
	if s.look != nil {
		s.look.Stop()
	}
	s.state = next
}

// finish ends the span, after those inside it that are ending.
func (s *span) finish(o outcome) {
	t := s.tree
	t.mu.Lock()
	switch {
	case s.state == ended || s.state == held:
		t.mu.Unlock()
	case s.ending > 0:
		s.leave(held)
		s.result = o
		if s.parent == nil {
			s.watch(nil)
		}
		t.mu.Unlock()
	default:
		s.finishLocked(o)
	}
}

// finishLocked ends the span now. A failed span, and a run, also ends everything open inside it,
// after what is being emitted at that moment. It unlocks the tree, because ends are emitted without
// the lock.
func (s *span) finishLocked(o outcome) {
	t := s.tree
	var inside []*span
	if s.inherited.failed() && !o.failed() {
		o = s.inherited
	}
	if s.handedOver {
		s.parent.inherited = o
	}
	if s.parent == nil || o.failed() {
		if t.emitting > 0 && (s.ending > 0 || len(s.children) > 0) {
			s.leave(held)
			s.result = o
			t.deferred = append(t.deferred, s)
			t.mu.Unlock()
			return
		}
		inside = s.closeInside(nil)
	}
	s.close()
	t.emitting++
	t.mu.Unlock()
	culprit := s.culprit(o.err)
	for _, c := range inside {
		c.emit(c.leftBy(o, culprit))
	}
	s.emit(o)
	s.release()
}

var errLeft = errors.New("dasheino: what it was part of ended first")

// left is the outcome of what a graph or node left behind: it returned, failed or panicked while
// something in it was still running.
func left(err error) outcome {
	if err == nil {
		return outcome{err: errLeft}
	}
	return outcome{err: fmt.Errorf("%w: %w", errLeft, err)}
}

// culprit returns the path of the node in which the error occurred according to Eino; "" if Eino
// does not say.
func (s *span) culprit(err error) string {
	path := nodePath(err)
	if path == "" || s.path == "" {
		return path
	}
	return s.path + "/" + path
}

// leftBy is the outcome of a span that was open when an enclosing one ended. The node that panicked
// has the error, one that was interrupted continues later, and others were cut off.
func (s *span) leftBy(o outcome, culprit string) outcome {
	switch {
	case o.interrupt != nil:
		return outcome{interrupt: &interrupt{reason: "interrupted"}}
	case o.abandoned && s.streams:
		return outcome{abandoned: true}
	case o.err != nil && s.path != "" && (culprit == s.path ||
		strings.HasPrefix(culprit, s.path+"/")):
		return outcome{err: o.err}
	}
	return left(o.err)
}

// closeInside closes everything open inside the span, innermost first, and adds it to the list. The
// caller holds the lock.
func (s *span) closeInside(list []*span) []*span {
	for c := range s.children {
		list = c.closeInside(list)
		c.close()
		list = append(list, c)
	}
	return list
}

// close moves the span to its last state. The caller holds the lock.
func (s *span) close() {
	s.leave(ended)
	if s.timer != nil {
		s.timer.Stop()
	}
	if s.parent == nil {
		s.tree.closed = true
		return
	}
	delete(s.parent.children, s)
}

// emit emits the end of the span.
func (s *span) emit(o outcome) {
	if s.in != nil {
		s.in.state.send(s.node)
	}
	s.work.end(o)
	if s.in != nil {
		s.in.ended(s.key)
	}
	s.tree.mu.Lock()
	defer s.tree.mu.Unlock()
	if s.emitted = true; s.done != nil {
		close(s.done)
	}
}

// release ends what waited for the end of the span to be emitted: the enclosing span, and those
// that end with everything inside them.
func (s *span) release() {
	t, p := s.tree, s.parent
	if p == nil {
		t.h.forget(s.token)
		t.h.countEnding(-1)
	}
	t.mu.Lock()
	var next []*span
	if p != nil {
		if p.ending--; p.state == held && p.ending == 0 {
			next = append(next, p)
		}
	}
	if t.emitting--; t.emitting == 0 {
		next = append(next, t.deferred...)
		t.deferred = nil
	}
	t.mu.Unlock()
	for _, n := range next {
		t.mu.Lock()
		if n.state != held {
			t.mu.Unlock()
			continue
		}
		n.finishLocked(n.result)
	}
}

// watch ends the span when no stream of the run yields anything any more. A span that is held ends
// with its outcome; one that drains ends with the given error, or as abandoned without one. The
// caller holds the lock.
func (s *span) watch(err error) {
	if s.timer != nil {
		s.timer.Stop()
	}
	t, seen := s.tree, s.tree.parts.Load()
	s.timer = time.AfterFunc(stall, func() {
		t.mu.Lock()
		switch {
		case s.state == ended:
			t.mu.Unlock()
		case t.parts.Load() != seen:
			s.watch(err)
			t.mu.Unlock()
		case s.state == held:
			s.finishLocked(s.result)
		default:
			s.finishLocked(outcome{err: err, abandoned: err == nil})
		}
	})
}

// linger waits briefly until a run whose graph has returned has ended.
func (s *span) linger() {
	if s.parent != nil {
		return
	}
	s.tree.mu.Lock()
	if s.emitted {
		s.tree.mu.Unlock()
		return
	}
	if s.done == nil {
		s.done = make(chan struct{})
	}
	done := s.done
	s.tree.mu.Unlock()
	t := time.NewTimer(lag)
	defer t.Stop()
	select {
	case <-done:
	case <-t.C:
	}
}
