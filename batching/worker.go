package batching

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime/debug"
	"time"
)

// What the worker is doing, for those who may have to ring it.
const (
	awake  = iota // it will look at every shard before it naps
	dozing        // it wakes when the oldest lane's linger ends; only what is due at once has to ring
	parked        // nothing waits; the first batch has to ring
)

const (
	beatEvery      = time.Second // while it waits for a permit
	restartBackoff = 10 * time.Millisecond
)

var errPanic = errors.New("batching: panic in the worker")

// work runs the worker, and runs it again when it panics.
func (e *Engine) work() {
	defer close(e.stopped)
	for {
		w := worker{Engine: e, timer: time.NewTimer(time.Hour)}
		panicked := w.run()
		w.timer.Stop()
		if !panicked {
			return
		}
		e.restarts.Add(1)
		select {
		case <-e.ctx.Done():
			return
		case <-time.After(restartBackoff):
		}
	}
}

// worker is the one goroutine that takes batches from the queue and hands them over, so that the order of a lane is kept.
type worker struct {
	*Engine
	timer        *time.Timer
	cursor       int
	permit       bool      // held, for the next batch
	current      *Batch    // taken, not handed over yet
	handedOver   bool      // current is with the Sender
	blockedSince time.Time // when permits ran out; zero while they have not
	expireAt     time.Time
}

func (w *worker) run() (panicked bool) {
	defer func() {
		if r := recover(); r != nil {
			panicked = true
			w.salvage(r)
		}
		w.sealing.Store(nil)
		w.returnPermit()
	}()
	busy := false // batches fill up faster than they are sent
	for w.ctx.Err() == nil {
		now := time.Now()
		w.heartbeat.Store(now.UnixNano())
		if !now.Before(w.expireAt) {
			w.expire(now)
			w.expireAt = now.Add(min(w.cfg.DeliveryTimeout/16, beatEvery))
		}
		switch b, state := w.next(now); state {
		case popped:
			busy = busy || b.trigger == ByBytes
			w.dispatch(b)
			w.memory.prepare()
		case noPermit:
			w.awaitPermit(now)
		case nothingDue:
			w.returnPermit()
			if busy {
				busy = false
				w.pause()
				continue
			}
			w.nap(now)
		}
	}
	return false
}

// pauseFor is how long the worker rests between full batches.
const pauseFor = 500 * time.Microsecond

// pause rests for a moment in which nobody has to ring: under a load that fills batches, waking the worker for each of them would cost
// those who emit more than the batches do.
func (w *worker) pause() {
	w.timer.Reset(pauseFor)
	select {
	case <-w.timer.C:
	case <-w.ctx.Done():
	}
}

type popState uint8

const (
	popped popState = iota
	noPermit
	nothingDue
)

// next takes the next batch that is due, with a permit for it.
func (w *worker) next(now time.Time) (*Batch, popState) {
	for range w.shards {
		s := &w.shards[w.cursor]
		if !w.isBusy(s) {
			w.cursor = (w.cursor + 1) % len(w.shards)
			continue
		}
		s.mu.Lock()
		l := s.ripest(now)
		if l != nil && !w.permit && !w.permits.try(now) {
			s.unlock()
			return nil, noPermit // the shard keeps its turn
		}
		w.cursor = (w.cursor + 1) % len(w.shards)
		if l == nil {
			s.unlock()
			continue
		}
		due := l.due
		b := s.detach(l, now)
		b.state, b.sentAt = stateInFlight, now
		b.shift, b.First, b.Last = l.unchanged, b.First-l.unchanged, b.Last-l.unchanged
		w.sealing.Store(l)
		if b.dependent {
			b.afterLoss, l.broken = b.afterLoss || l.broken, false
		}
		l.broken = l.broken || b.holes
		b.claims.Add(1)
		c := &s.counts[b.Kind]
		c.leftQueue += uint64(b.Events)
		c.taken += uint64(b.Events)
		s.unlock()
		w.permit, w.current, w.handedOver = false, b, false
		w.observePermitWait(now, due)
		return b, popped
	}
	return nil, nothingDue
}

// isBusy says whether a lane of a shard waits, without taking the shard's lock. One that begins to wait at this moment rings the worker, or
// is found when it looks again before it naps.
func (w *worker) isBusy(s *shard) bool { return w.busy.Load()>>s.index&1 != 0 }

func (w *worker) observePermitWait(now, due time.Time) {
	var waited time.Duration
	if !w.blockedSince.IsZero() {
		if due.Before(w.blockedSince) {
			due = w.blockedSince
		}
		waited = now.Sub(due)
	}
	w.permitWait.observe(waited)
}

// awaitPermit waits for a permit, and comes back now and then to show that it lives and to expire what is too old.
func (w *worker) awaitPermit(now time.Time) {
	if w.blockedSince.IsZero() {
		w.blockedSince = now
	}
	ctx, cancel := context.WithTimeout(w.ctx, beatEvery)
	defer cancel()
	w.permit = w.permits.acquire(ctx)
}

// returnPermit gives back a permit for which there is no batch any more.
func (w *worker) returnPermit() {
	if w.permit {
		w.permit = false
		w.permits.release(time.Now())
	}
}

// dispatch seals a batch and hands it to the Sender.
func (w *worker) dispatch(b *Batch) {
	if !w.awaitWriters(b) {
		return // given up by Close
	}
	if b.Events == 0 { // every slot of it was abandoned
		w.discard(b)
	} else if err := w.cfg.Seal(b); errors.Is(err, ErrUnchanged) {
		w.unchanged(b)
	} else {
		w.sealing.Store(nil)
		if err == nil {
			w.queueWait.observeTraced(b.sentAt.Sub(b.Opened), b.sentAt, b.trace)
			w.handedOver = true
			w.cfg.Sender.Send(b, w.doneFn)
		} else {
			w.done(b, sealError(err))
		}
	}
	w.current = nil
	w.recycle(b)
}

func sealError(err error) error {
	reason := Internal
	if se, ok := errors.AsType[*SendError](err); ok && se.Outcome == Dropped {
		reason = se.Reason
	}
	return &SendError{Outcome: Dropped, Reason: reason, Err: fmt.Errorf("batching: seal: %w", err)}
}

// awaited is what Batch.written is when the last slot for which the worker waits has been written.
const awaited = 1 << 30

// awaitWriters waits for the slots that are being written, and reports whether they were before the engine was closed. Writing is
// pure copying, so it takes as long as the scheduler does.
func (w *worker) awaitWriters(b *Batch) bool {
	for range 100 { // longer than copying takes; a writer that has lost its processor is not to be polled for
		if b.isWritten() {
			return true
		}
	}
	if b.written.Add(awaited-b.slots) == awaited {
		return true
	}
	select {
	case <-w.written:
		return true
	case <-w.closed:
		return false
	}
}

// wrote counts a slot as written. If the worker waits for it, b stays what it is until the worker is told; else it may be gone.
func (b *Batch) wrote() {
	if b.written.Add(1) == awaited {
		b.lane.shard.engine.written <- struct{}{}
	}
}

// unchanged ends a batch that does not have to be sent. Its messages' numbers go to those behind it; what was lost between them keeps
// leaving its own out.
func (w *worker) unchanged(b *Batch) {
	w.end(b, func(s *shard) {
		c := &s.counts[b.Kind]
		c.ended += uint64(b.Events)
		c.unchanged += uint64(b.Events)
		b.lane.unchanged += uint64(b.Messages)
	})
}

// discard ends a batch that holds nothing any more.
func (w *worker) discard(b *Batch) { w.end(b, func(*shard) {}) }

// end ends a batch of which nothing goes to the Sender.
func (w *worker) end(b *Batch, count func(*shard)) {
	s := b.lane.shard
	s.mu.Lock()
	w.sealing.Store(nil)
	if b.state != stateInFlight { // given up already, by Close
		s.unlock()
		return
	}
	b.state = stateEnded
	s.live.remove(b)
	count(s)
	s.unlock()
	now := time.Now()
	w.permits.release(now)
	w.free(b, now, true)
}

// salvage accounts for the batch that the worker held when it panicked. If the Sender had it already, it may be on its way. The
// worker's claim on it is never given up, for the Sender may still call done.
func (w *worker) salvage(cause any) {
	if b := w.current; b != nil {
		end := &SendError{Outcome: Dropped, Reason: Internal, Err: errPanic}
		if w.handedOver {
			end = &SendError{Outcome: Unacknowledged, Err: errPanic}
		}
		w.abandon(b, end)
	}
	w.cfg.Logger.Error("dashstream: the worker panicked and is started again", "panic", fmt.Sprint(cause), "stack", string(debug.Stack()))
}

// nap sleeps until something is due.
func (w *worker) nap(now time.Time) {
	w.blockedSince = time.Time{}
	w.napping.Store(parked)
	defer w.napping.Store(awake)
	wait, pending := w.untilDue(now)
	if !pending {
		select {
		case <-w.bell:
		case <-w.ctx.Done():
		}
		return
	}
	w.napping.Store(dozing)
	if wait == 0 {
		return
	}
	w.heartbeat.Store(now.Add(wait).UnixNano()) // nobody is to expect it before
	w.timer.Reset(wait)
	select {
	case <-w.bell:
	case <-w.timer.C:
	case <-w.ctx.Done():
	}
}

// untilDue says how long to wait for what lingers, and whether anything waits at all. It is 0 only when a lane is due by more than
// its linger; otherwise lanes that come due close to each other are served in one go.
func (w *worker) untilDue(now time.Time) (wait time.Duration, pending bool) {
	wait = time.Duration(math.MaxInt64)
	for i := range w.shards {
		s := &w.shards[i]
		if !w.isBusy(s) {
			continue
		}
		s.mu.Lock()
		if s.ready.head != nil {
			wait, pending = 0, true
		} else if l := s.waiting.head; l != nil {
			wait, pending = min(wait, max(s.lingerEnd(l).Sub(now), w.cfg.Linger/16)), true
		}
		s.unlock()
	}
	return wait, pending
}

// expire drops what has waited for longer than the delivery timeout.
func (w *worker) expire(now time.Time) {
	limit := now.Add(-w.cfg.DeliveryTimeout)
	for i := range w.shards {
		s := &w.shards[i]
		for b := s.expired(limit, now); b != nil; b = s.expired(limit, now) {
			w.free(b, now, true)
		}
	}
}

// expired takes one batch from the queue that was opened before limit and counts its events as timed out.
func (s *shard) expired(limit, now time.Time) *Batch {
	s.mu.Lock()
	defer s.unlock()
	for b := s.live.oldest; b != nil && b.Opened.Before(limit); b = b.newer {
		if b.state == stateQueued && b.lane.head == b && b.isWritten() {
			s.drop(b, Timeout, now)
			return b
		}
	}
	return nil
}

// drop takes the oldest batch of a lane out of the queue and counts it as lost. The caller frees it.
func (s *shard) drop(b *Batch, reason Reason, now time.Time) {
	s.detach(b.lane, now)
	b.state = stateEnded
	s.live.remove(b)
	s.counts[b.Kind].leftQueue += uint64(b.Events)
	b.lane.broken = true
	s.lose(b.lane, b.Kind, b.First-b.lane.unchanged, b.Last-b.lane.unchanged, b.Events, reason)
}

// abandon ends a batch in flight whose Sender will not, or must no longer, say how it ended. Its memory is not used again, for the
// Sender may still read it.
func (e *Engine) abandon(b *Batch, end error) {
	s := b.lane.shard
	outcome, reason := outcomeOf(end)
	s.mu.Lock()
	if b.state != stateInFlight {
		s.unlock()
		return
	}
	s.settle(b, outcome, reason)
	s.unlock()
	e.finish(b, outcome, time.Now(), false)
}

// abandonOldest does the same to the oldest batch of a shard of which nothing is queued any more, and reports whether there was one.
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
