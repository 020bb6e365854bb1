package batching

import (
	"errors"
	"fmt"
	"time"
)

// sealError is the error with which a batch ends that could not be sealed.
func sealError(err error) error {
	reason := Internal
	if se, ok := errors.AsType[*SendError](err); ok && se.Outcome == Dropped {
		reason = se.Reason
	} else if errors.Is(err, ErrNoRoom) {
		reason = QueueFull
	}
	return &SendError{Outcome: Dropped, Reason: reason, Err: fmt.Errorf("batching: seal: %w", err)}
}

// dispatch seals a batch that has its permit, unless it was sealed ahead, and hands it to the
// Sender.
func (w *worker) dispatch(b *Batch) {
	if !w.unsealed || w.seal(b) {
		w.sealing.Store(nil)
		w.queueWait.observeTraced(b.sentAt.Sub(b.Opened), b.sentAt, b.trace)
		w.keepRest(b)
		w.handedOver = true
		w.cfg.Sender.Send(b, w.doneFn)
	}
	w.current = nil
	w.recycle(b)
}

// sealAhead seals a message of a lane that is kept back, because a state takes less memory as a
// patch than as a whole. It reports whether there was one. It seals one at a time, and while other
// batches are being sent, it seals costly ones only now and then.
func (w *worker) sealAhead(now time.Time, others bool) bool {
	if w.aheads.Load() == 0 || others && now.Before(w.costlyAt) {
		return false
	}
	for range w.shards {
		s := &w.shards[w.sealCursor]
		w.sealCursor = (w.sealCursor + 1) % len(w.shards)
		if b := w.takeAhead(s, now); b != nil {
			if w.seal(b) {
				w.queueSealed(b)
			}
			w.current = nil
			s.mu.Lock()
			s.replace(b.lane, now)
			s.unlock()
			w.recycle(b)
			return true
		}
	}
	return false
}

func (w *worker) takeAhead(s *shard, now time.Time) *Batch {
	s.mu.Lock()
	defer s.unlock()
	for len(s.ahead) > 0 {
		l := s.ahead[0]
		s.ahead[0] = nil
		if s.ahead = s.ahead[1:]; len(s.ahead) == 0 {
			s.ahead = nil
		}
		l.ahead = false
		w.aheads.Add(-1)
		if l.dependents == 0 || !l.isKeptBack() || l.list == &s.kept.byMemory {
			continue
		}
		b := s.detach(l)
		w.sealing.Store(l)
		s.queued.remove(b)
		b.state, b.sentAt = stateSealing, now
		s.sealLater(l)
		b.claims.Add(1)
		w.current, w.handedOver = b, false
		return b
	}
	return nil
}

// queueSealed puts a batch that was sealed ahead, and what was split off it, among those that wait
// for a permit.
func (w *worker) queueSealed(b *Batch) {
	l := b.lane
	s := l.shard
	s.mu.Lock()
	if b.state == stateSealing { // otherwise Close has ended it
		b.state = stateSealed
		l.sealed.push(b)
		s.queued.push(b)
	}
	s.unlock()
	w.sealing.Store(nil)
	w.keepRest(b)
}

// costly is how long sealing a batch may take before its lane has to share the worker's time with
// the others.
const costly = 500 * time.Microsecond

// seal seals a batch that was taken, and reports whether it is to be sent.
func (w *worker) seal(b *Batch) bool {
	if !w.awaitWriters(b) {
		return false // ended by Close
	}
	if b.Events == 0 { // all of its slots were abandoned
		w.discard(b)
		return false
	}
	began := time.Now()
	w.toSeal.Batch = b
	err := w.cfg.Seal(&w.toSeal)
	w.price(b.lane, time.Since(began))
	switch {
	case err == nil && b.refused == nil:
		return true
	case err == nil:
		w.keepRest(b)
		w.sealing.Store(nil)
		w.done(b, sealError(b.refused))
	case errors.Is(err, ErrUnchanged) && b.First == b.Last:
		w.unchanged(b)
	case errors.Is(err, ErrNoRoom) && (!b.cramped || w.othersFree(b)):
		w.comeBack(b)
	default:
		w.unsplit(b)
		w.sealing.Store(nil)
		w.done(b, sealError(err))
	}
	return false
}

// price records what sealing a batch cost, and when the next batch that costs as much may be
// sealed.
func (w *worker) price(l *Lane, took time.Duration) {
	l.cost = 0
	if took > costly {
		l.cost = took
		w.costlyAt = time.Now().Add(took)
	}
}

// othersFree reports whether memory will be freed without b being sent: batches of other lanes are
// in flight, or will be.
func (w *worker) othersFree(b *Batch) bool {
	inFlight := w.permits.inUse.Load()
	if b.permit {
		inFlight--
	}
	if inFlight > 0 {
		return true
	}
	l, s := b.lane, b.lane.shard
	s.mu.Lock()
	defer s.mu.Unlock()
	return w.busy.Load()&^(1<<s.index) != 0 || s.ready.hasOther(l) || s.waiting.hasOther(l)
}

// comeBack returns a batch to the queue for which sealing had no memory. It waits there until
// memory is freed. If nothing will free any, or has done so just now, it is tried once more.
func (w *worker) comeBack(b *Batch) {
	w.unsplit(b)
	now := time.Now()
	l := b.lane
	s := l.shard
	s.mu.Lock()
	w.sealing.Store(nil)
	if b.state == stateEnded {
		s.unlock()
		return
	}
	flew := b.state == stateInFlight
	if flew {
		s.land(b, b.Events)
		l.inFlight--
	}
	b.First, b.Last = b.First+b.shift, b.Last+b.shift
	b.state = stateQueued
	s.putBack(b)
	s.queued.insert(nil, b)
	s.keepBack(l, &s.kept.byMemory, &w.memoryGate, now)
	s.unlock()
	if flew {
		w.giveUpPermit(b, now)
		b.permit, b.route = false, nil
	}
	if w.othersFree(b) {
		return // what ends from now on finds the lane waiting
	}
	s.mu.Lock()
	defer s.unlock()
	b.cramped = true
	if l.list == &s.kept.byMemory {
		s.resume(l)
	}
}

// unsplit merges what was split off a batch back into it.
func (w *worker) unsplit(b *Batch) {
	if b.rest == nil {
		return
	}
	s := b.lane.shard
	now := time.Now()
	s.mu.Lock()
	var gone *Batch
	for n := b.rest; n != nil; n = b.rest {
		b.rest, n.rest = n.rest, nil
		if n.state != stateSealing {
			continue
		}
		s.live.remove(n)
		n.state = stateEnded
		b.Events, b.Messages, b.Last = b.Events+n.Events, b.Messages+n.Events, max(b.Last, n.Last)
		if b.state == stateInFlight {
			s.counts[b.Kind].leftQueue += uint64(n.Events)
			s.counts[b.Kind].taken += uint64(n.Events)
		}
		n.Events = 0
		n.next, gone = gone, n
	}
	s.unlock()
	for n := gone; n != nil; {
		next := n.next
		w.free(n, now, true)
		n = next
	}
}

// keepRest queues what was split off a batch, in front of everything else of its lane.
func (w *worker) keepRest(b *Batch) {
	if b.rest == nil {
		return
	}
	l := b.lane
	s := l.shard
	var refused *Batch
	defer func() {
		for n := refused; n != nil; {
			next := n.next
			w.done(n, sealError(n.refused))
			n = next
		}
	}()
	s.mu.Lock()
	defer s.unlock()
	for n := b.rest; n != nil; n = b.rest {
		b.rest, n.rest = n.rest, nil
		if n.state != stateSealing {
			continue // ended by Close
		}
		if n.refused != nil {
			n.next, refused = refused, n
			continue
		}
		n.state = stateSealed
		l.sealed.push(n)
		s.queued.push(n)
	}
	if l.sealed.head != nil && !l.isKeptBack() {
		s.unlist(l)
		s.ready.push(l)
		s.noteBusy()
	}
}

// awaited is the value of Batch.written once the last slot that the worker waits for has been
// written.
const awaited = 1 << 30

// awaitWriters waits for the slots that are being written, and reports whether they were written
// before the engine was closed. Writing is only copying, so the wait is as long as the scheduler
// makes it.
func (w *worker) awaitWriters(b *Batch) bool {
	// longer than copying takes; a writer that lost its processor is not worth polling for
	for range 100 {
		if b.isWritten() {
			return true
		}
	}
	if b.written.Add(awaited-b.slots) != awaited {
		select {
		case <-w.written:
		case <-w.closed:
			return false
		}
	}
	b.written.Store(b.slots) // the batch may come back to the queue and be sealed again
	return true
}

// wrote counts a slot as written. If the worker waits for it, b remains valid until the worker is
// told; otherwise it may be reused at once.
func (b *Batch) wrote() {
	if b.written.Add(1) == awaited {
		b.lane.shard.engine.written <- struct{}{}
	}
}

// unchanged ends a batch that does not have to be sent. The numbers of its messages go to those
// behind it; messages lost between them still leave a gap.
func (w *worker) unchanged(b *Batch) {
	w.end(b, func(s *shard) {
		s.counts[b.Kind].unchanged += uint64(b.Events)
		b.lane.unchanged += uint64(b.Messages)
	})
}

// discard ends a batch that has no events left.
func (w *worker) discard(b *Batch) {
	w.end(b, func(s *shard) {
		if b.oneMessage { // otherwise each slot's number was recorded with it
			s.lose(b.lane, b.Kind, b.gap(1), 0, Internal, true)
		}
	})
}

// end ends a batch of which nothing goes to the Sender.
func (w *worker) end(b *Batch, count func(*shard)) {
	s := b.lane.shard
	s.mu.Lock()
	w.sealing.Store(nil)
	if b.state == stateEnded { // ended by Close already
		s.unlock()
		return
	}
	s.leave(b, true)
	count(s)
	s.unlock()
	now := time.Now()
	w.giveUpPermit(b, now)
	w.free(b, now, true)
}
