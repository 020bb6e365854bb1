package batching

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// generation is what was accepted between two flushes. It ends only after the previous one. So a
// flush waits for a single generation, however many there are.
type generation struct {
	// batches that have not ended, plus 1 until the generation is closed, plus 1 until the previous
	// one has ended
	live atomic.Int64
	done chan struct{}
	next *generation // set before the generation is closed
}

func (g *generation) release() {
	for g != nil && g.live.Add(-1) == 0 {
		close(g.done)
		g = g.next
	}
}

// generations knows the open one.
type generations struct {
	mu   sync.Mutex
	open *generation
}

// next opens another generation and returns it. The caller still has to close the previous one.
func (g *generations) next() *generation {
	n := &generation{done: make(chan struct{})}
	n.live.Store(1)
	if g.open != nil {
		n.live.Store(2)
		g.open.next = n
	}
	g.open = n
	return n
}

// Flush sends what is queued and returns when every event accepted before the call has come to an
// end: delivered, dropped or given up (see [Stats]). If ctx ends first, it returns the error of
// ctx, wrapped.
func (e *Engine) Flush(ctx context.Context) error {
	return e.await(ctx, e.sealAll())
}

// sealAll makes all waiting batches due. It returns the generation that ends when the events
// accepted so far have ended.
func (e *Engine) sealAll() *generation {
	g := &e.generations
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.open
	fresh := g.next()
	now := time.Now()
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		s.gen = fresh
		s.each(func(q *laneList) {
			for l := q.head; l != nil; l = l.succ {
				l.seal()
			}
		})
		for l := s.waiting.head; l != nil; l = s.waiting.head {
			s.makeDue(l, ByFlush, now)
		}
		s.unlock()
	}
	before.release()
	return before
}

// seal closes all batches of the lane and makes them due; later messages open new ones.
func (l *Lane) seal() {
	l.closeOpen(ByFlush)
	l.dueTail = l.waits.tail
}

func (e *Engine) await(ctx context.Context, g *generation) error {
	select {
	case <-g.done:
		return nil // even if ctx has ended
	default:
	}
	select {
	case <-g.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("batching: flush: %w", context.Cause(ctx))
	}
}

// EndWaiting ends waiting for room in the queue, for good: the messages of callers that wait, and
// of those that would, are dropped as [Closed] if there is no room. [Engine.Drain] does the same,
// and more.
func (e *Engine) EndWaiting() { e.stopOnce.Do(func() { close(e.stop) }) }

// Drain stops accepting events and sends what is queued. If ctx ends first, what is still queued is
// dropped as [Shutdown], and what is in flight is left to [Engine.Close]. A second call waits
// again.
func (e *Engine) Drain(ctx context.Context) error {
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		s.closed = true
		s.unlock()
	}
	e.EndWaiting()
	err := e.Flush(ctx)
	if err != nil {
		e.dropQueue()
	}
	return err
}

func (e *Engine) dropQueue() {
	for i := range e.shards {
		s := &e.shards[i]
		for b := s.takeQueued(); b != nil; b = s.takeQueued() {
			e.free(b, time.Now(), b.isWritten()) // memory that is still being written is not reused
		}
	}
}

// takeQueued drops one waiting batch.
func (s *shard) takeQueued() *Batch {
	s.mu.Lock()
	defer s.unlock()
	b := s.queued.oldest
	if b == nil {
		return nil
	}
	b = b.lane.first()
	s.drop(b, Shutdown, time.Now())
	return b
}

// Close ends the engine. It stops accepting events if [Engine.Drain] has not, drops what is still
// queued and closes the Sender. Batches that are not resolved when ctx ends count as
// unacknowledged. The account is final when Close returns. A second call waits for the first and
// returns the same; if its own ctx ends before, it returns that error.
func (e *Engine) Close(ctx context.Context) error {
	if e.closing.CompareAndSwap(false, true) {
		e.closeErr = e.close(ctx)
		close(e.closed)
		return e.closeErr
	}
	select {
	case <-e.closed:
		return e.closeErr
	default:
	}
	select {
	case <-e.closed:
		return e.closeErr
	case <-ctx.Done():
		return fmt.Errorf("batching: close: %w", context.Cause(ctx))
	}
}

func (e *Engine) close(ctx context.Context) error {
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	_ = e.Drain(ended) // stops accepting and drops the queue; a Drain that was to wait has done so
	e.cancel()
	var errs []error
	select {
	case <-e.stopped:
	case <-ctx.Done():
		errs = append(errs, fmt.Errorf("batching: close: the worker is stuck in the sender: %w",
			ctx.Err()))
	}
	if err := e.cfg.Sender.Close(ctx); err != nil {
		errs = append(errs, fmt.Errorf("batching: close: %w", err))
	}
	e.dropQueue() // what the worker has sealed meanwhile
	for i := range e.shards {
		s := &e.shards[i]
		for e.abandonOldest(s) {
		}
	}
	return errors.Join(errs...)
}
