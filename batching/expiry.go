package batching

import (
	"runtime/debug"
	"time"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// expire drops what has waited for longer than the delivery timeout.
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

// expireAtOnce is how many batches are dropped while the lock of their shard is held.
const expireAtOnce = 64

// expired takes batches from the queue that were opened before limit, counts their events as timed
// out, and returns them, linked by next.
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

// drop takes the oldest batch of a lane out of the queue and counts it as lost. The caller frees
// it.
func (s *shard) drop(b *Batch, reason Reason, now time.Time) {
	l := b.lane
	if b.state == stateSealed {
		l.sealed.pop()
	} else {
		s.detach(l)
	}
	s.replace(l, now)
	b.state = stateEnded
	s.live.remove(b)
	s.queued.remove(b)
	s.counts[b.Kind].leftQueue += uint64(b.Events)
	l.broken = true
	s.lose(l, b.Kind, b.First, b.Last, b.Events, reason)
}

// recover accounts for the batch that the worker held when it panicked. If the Sender had it
// already, it may be on its way. The worker's claim on it is never given up, for the Sender may
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
	w.cfg.Logger.Error("dashstream: the worker panicked and is started again",
		"panic", guard.Text(cause), "stack", string(debug.Stack()))
}

// abandon ends a batch in flight whose Sender will not, or must no longer, say how it ended. Its
// memory is not used again, for the Sender may still read it.
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

// abandonOldest does the same to the oldest batch of a shard of which nothing is queued any more,
// and reports whether there was one.
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
