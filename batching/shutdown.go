package batching

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

// generation is what was accepted between two flushes. It ends after the one before it, so that
// whoever waits for all that was accepted waits for one generation, however many there are.
type generation struct {
	// batches that have not ended, 1 until the generation is closed, and 1 until the one before it
	// has ended
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

// generations knows the one that is open.
type generations struct {
	mu   sync.Mutex
	open *generation
}

// next opens another generation and returns it. The one before it is still to be closed.
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

// Flush sends what waits and returns when every event that was accepted before the call has come to
// an end: delivered, dropped or given up (see [Stats] for which). Its error is that of ctx,
// wrapped, when that ends first.
func (e *Engine) Flush(ctx context.Context) error {
	return e.await(ctx, e.sealAll())
}

// sealAll makes all that waits due and returns the generation that ends when the events accepted so
// far have.
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

// seal closes all batches of the lane and makes them due; what comes after it opens new ones.
func (l *Lane) seal() {
	l.closeOpen(ByFlush)
	l.dueTail = l.waits.tail
}

func (e *Engine) await(ctx context.Context, g *generation) error {
	select {
	case <-g.done:
		return nil // also when ctx has ended
	default:
	}
	select {
	case <-g.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("batching: flush: %w", context.Cause(ctx))
	}
}

// Drain stops intake and sends what waits. When ctx ends first, what still waits is dropped as
// [Shutdown], and what is in flight is left to [Engine.Close]. A second call waits again.
func (e *Engine) Drain(ctx context.Context) error {
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		s.closed = true
		s.unlock()
	}
	e.stopOnce.Do(func() { close(e.stop) })
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
			e.free(b, time.Now(), b.isWritten()) // what is being written is nobody's any more
		}
	}
}

// takeQueued drops one batch that waits.
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

// Close ends the engine. It stops intake if [Engine.Drain] has not, drops what still waits,
// closes the Sender and counts what that could not resolve before ctx ended as unacknowledged. The
// account is final when it returns. A second call waits for the first and returns the same; if its
// own ctx ends before, it returns that error.
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
	_ = e.Drain(ended) // stops intake and drops the queue; a drain that was to wait has waited
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
