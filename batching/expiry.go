package batching

import (
	"runtime/debug"
	"time"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// expire drops batches that have waited longer than the delivery timeout.
func (w *worker) expire(now time.Time) {
	limit := now.Add(-w.cfg.DeliveryTimeout)
	for i := range w.shards {
		s := &w.shards[i]
		for b := s.expired(limit, now); b != nil; b = s.expired(limit, now) {
			for b != nil {
				next := b.next
				b.next = nil
				w.free(b, now, true)
				b = next
			}
		}
	}
}

// expireAtOnce is how many batches are dropped under one hold of their shard's lock.
const expireAtOnce = 64

// expired takes the batches from the queue that were opened before limit, counts their events as
// timed out, and returns them, linked by next.
func (s *shard) expired(limit, now time.Time) (dropped *Batch) {
	s.mu.Lock()
	defer s.unlock()
	n := 0
	for b := s.queued.oldest; b != nil && b.Opened.Before(limit) && n < expireAtOnce; {
		then := b.then
		if b.lane.first() == b && (b.state == stateSealed || b.isWritten()) {
			s.drop(b, Timeout, now)
			b.next, dropped = dropped, b
			n++
		}
		b = then
	}
	return dropped
}

// recover accounts for the batch that the worker had when it panicked. The batch may be on its way
// already, if the Sender has it. The worker never gives up its claim on it, because the Sender may
// still call done.
func (w *worker) recover(cause any) {
	if b := w.current; b != nil {
		end := &SendError{Outcome: Dropped, Reason: Internal, Err: errPanic}
		if w.handedOver {
			end = &SendError{Outcome: Unacknowledged, Err: errPanic}
		}
		w.unsplit(b)
		w.abandon(b, end)
		s := b.lane.shard
		s.mu.Lock()
		s.replace(b.lane, time.Now())
		s.unlock()
	}
	w.cfg.Logger.Error("dashstream: the worker panicked and was restarted",
		"panic", guard.Text(cause), "stack", string(debug.Stack()))
}

// abandon ends a batch in flight for which the Sender will not, or must not, call done any more.
// Its memory is not reused, because the Sender may still read it.
func (e *Engine) abandon(b *Batch, end error) {
	s := b.lane.shard
	outcome, reason := outcomeOf(end)
	s.mu.Lock()
	if b.state == stateEnded {
		s.unlock()
		return
	}
	s.settle(b, outcome, reason)
	s.unlock()
	e.finish(b, outcome, time.Now(), false)
}

// abandonOldest does the same to the oldest batch of a shard whose queue is empty, and reports
// whether there was one.
func (e *Engine) abandonOldest(s *shard) bool {
	s.mu.Lock()
	b := s.live.oldest
	if b == nil {
		s.unlock()
		return false
	}
	s.settle(b, Unacknowledged, 0)
	s.unlock()
	e.finish(b, Unacknowledged, time.Now(), false)
	return true
}
