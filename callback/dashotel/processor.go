package dashotel

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"go.opentelemetry.io/otel/baggage"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/guard"
	"github.com/dashstream/dashstream-go/internal/spanmap"
)

// SpanProcessor streams what spans say of an agent. It is created by [NewSpanProcessor]. All
// methods are safe for concurrent use.
type SpanProcessor struct {
	client *callback.Client
	opts   options

	// mu guards what follows, and the links of all spans. It is taken under the lock of a tree,
	// and never the other way round.
	mu       sync.Mutex
	spans    map[key]*span           // that have not ended
	trees    map[trace.TraceID]*tree // of each trace with such spans
	open     list                    // the same spans, the oldest first
	pending  list                    // spans that have not said what they are, the oldest first
	graces   []grace                 // runs that wait for spans, the first that is due first
	timer    *time.Timer             // nil before it is needed
	armedFor time.Time               // when the timer runs; zero if it does not
	stopped  bool

	orphans, evicted, strays atomic.Uint64
}

var _ sdktrace.SpanProcessor = (*SpanProcessor)(nil)

// key names a span.
type key struct {
	trace trace.TraceID
	span  trace.SpanID
}

// NewSpanProcessor returns a SpanProcessor that streams to client. With a nil client it does
// nothing.
func NewSpanProcessor(client *callback.Client, opts ...Option) *SpanProcessor {
	p := &SpanProcessor{client: client, opts: options{grace: DefaultGrace, maxOpen: maxOpen},
		spans: map[key]*span{}, trees: map[trace.TraceID]*tree{}}
	for _, o := range opts {
		if o != nil {
			o(&p.opts)
		}
	}
	p.open.of, p.pending.of = openLink, pendingLink
	return p
}

// Stats counts what has become of spans since the start.
type Stats struct {
	// Open is the number of spans that have not ended.
	Open int
	// Orphans were closed because they had not ended when the grace of their run was over, or at
	// Shutdown. Evicted were closed because too many were open.
	Orphans, Evicted uint64
	// Strays are ends of spans of which no start is known, or which had been closed.
	Strays uint64
}

// Stats returns the counts of now.
func (p *SpanProcessor) Stats() Stats {
	if p == nil {
		return Stats{}
	}
	p.mu.Lock()
	open := len(p.spans)
	p.mu.Unlock()
	return Stats{Open: open, Orphans: p.orphans.Load(), Evicted: p.evicted.Load(),
		Strays: p.strays.Load()}
}

// OnStart is called by OpenTelemetry when a span starts.
func (p *SpanProcessor) OnStart(ctx context.Context, from sdktrace.ReadWriteSpan) {
	if p == nil || p.client == nil {
		return
	}
	sc, outer := from.SpanContext(), from.Parent()
	s := &span{key: key{sc.TraceID(), sc.SpanID()}, live: from, started: from.StartTime(),
		flags: sc.TraceFlags(), alive: 1}
	if !p.enter(s, outer) {
		return
	}
	if s.parent == nil || !s.parent.inside.Load() { // it may begin a run
		s.thread = p.threadOf(ctx, from)
		s.outside = callback.NodeFromContext(ctx)
	}
	var facts spanmap.Span
	p.read(&facts, from, false)
	s.tree.mu.Lock()
	defer s.tree.mu.Unlock()
	if s.closed {
		return // it was evicted by now
	}
	if s.parent != nil {
		if s.parent.alive == 0 {
			s.parent, s.late = nil, true
		} else {
			s.parent.alive++
			p.ask(s.parent, facts.Thread())
		}
	}
	if p.showKnown(s, &facts); s.state == waiting {
		p.wait(s)
	}
}

// enter adds a span to those that are open, and to the tree of its parent. It reports whether there
// is still anything to do.
func (p *SpanProcessor) enter(s *span, outer trace.SpanContext) bool {
	p.mu.Lock()
	if p.stopped {
		p.mu.Unlock()
		return false
	}
	var oldest *span
	if len(p.spans) >= p.opts.maxOpen {
		oldest = p.open.first
		p.forget(oldest)
	}
	if outer.IsValid() && !outer.IsRemote() {
		s.parent = p.spans[key{outer.TraceID(), outer.SpanID()}]
		s.late = s.parent == nil
	}
	if s.tree = p.trees[s.key.trace]; s.tree == nil {
		s.tree = &tree{open: list{of: treeLink}}
		p.trees[s.key.trace] = s.tree
	}
	p.spans[s.key] = s
	p.open.push(s)
	s.tree.open.push(s)
	p.mu.Unlock()
	if oldest != nil {
		p.evicted.Add(1)
		oldest.tree.mu.Lock()
		p.abandon(oldest, time.Now())
		oldest.tree.mu.Unlock()
	}
	return true
}

// forget takes a span out of those that are open. The caller holds p.mu.
func (p *SpanProcessor) forget(s *span) {
	delete(p.spans, s.key)
	p.open.remove(s)
	p.pending.remove(s)
	if s.tree.open.remove(s); s.tree.open.first == nil {
		delete(p.trees, s.key.trace)
	}
}

// threadOf returns what is known of a run's thread before its span says anything.
func (p *SpanProcessor) threadOf(ctx context.Context, from sdktrace.ReadOnlySpan) (t thread) {
	if p.opts.thread != nil {
		func() {
			defer guard.Recover(func(string) {})
			t.given = p.opts.thread(ctx, from)
		}()
	}
	t.baggage = baggage.FromContext(ctx).Member("session.id").Value()
	return t
}

// OnEnd is called by OpenTelemetry when a span has ended.
func (p *SpanProcessor) OnEnd(from sdktrace.ReadOnlySpan) {
	if p == nil || p.client == nil {
		return
	}
	sc := from.SpanContext()
	p.mu.Lock()
	s := p.spans[key{sc.TraceID(), sc.SpanID()}]
	if s != nil {
		p.forget(s)
	}
	p.mu.Unlock()
	if s == nil {
		p.strays.Add(1)
		return
	}
	var facts spanmap.Span
	p.read(&facts, from, true)
	s.tree.mu.Lock()
	defer s.tree.mu.Unlock()
	p.end(s, &facts, from.EndTime())
}

// ForceFlush waits until everything is sent that spans have said so far.
func (p *SpanProcessor) ForceFlush(ctx context.Context) error {
	if p == nil || p.client == nil {
		return nil
	}
	p.settle(time.Now().Add(decideAfter))
	return p.client.Flush(ctx)
}

// Shutdown closes what is open, and waits until everything is sent. Spans after it are ignored. It
// does not shut down the client.
func (p *SpanProcessor) Shutdown(ctx context.Context) error {
	if p == nil || p.client == nil {
		return nil
	}
	p.mu.Lock()
	p.stopped = true
	if p.timer != nil {
		p.timer.Stop()
	}
	p.graces = nil
	p.mu.Unlock()
	for {
		p.mu.Lock()
		s := p.open.last // what is inside closes before what encloses it
		if s == nil {
			p.mu.Unlock()
			break
		}
		p.forget(s)
		p.mu.Unlock()
		p.orphans.Add(1)
		s.tree.mu.Lock()
		p.abandon(s, time.Now())
		s.tree.mu.Unlock()
	}
	return p.client.Flush(ctx)
}
