package batching

import (
	"errors"
	"math"
	"time"
)

// What the worker is doing, for those who may have to wake it.
const (
	awake = iota // it will look at every shard before it sleeps
	// it wakes when the oldest lane's linger ends; only what is due at once has to wake it
	asleep
	parked // no lane lingers; the first batch has to wake it
)

const (
	beatEvery      = time.Second // while batches wait and none may be sent
	restartBackoff = 10 * time.Millisecond
)

var errPanic = errors.New("batching: panic in the worker")

// work runs the worker, and runs it again when it panics, or when user code ends its goroutine.
func (e *Engine) work() {
	ended := false
	defer func() {
		if ended {
			close(e.stopped)
			return
		}
		e.restarts.Add(1)
		go e.work()
	}()
	for {
		w := worker{Engine: e, timer: time.NewTimer(time.Hour)}
		panicked := w.run()
		w.timer.Stop()
		if !panicked {
			ended = true
			return
		}
		e.restarts.Add(1)
		select {
		case <-e.ctx.Done():
			ended = true
			return
		case <-time.After(restartBackoff):
		}
	}
}

// worker is the one goroutine that takes batches from the queue, seals them and hands them over, so
// that the order of a lane is kept.
type worker struct {
	*Engine
	timer      *time.Timer
	cursor     int     // the shard whose turn it is
	releasing  int     // the same, for lanes that were held
	sealCursor int     // and for what is sealed ahead
	current    *Batch  // taken, not handed over yet
	unsealed   bool    // current has to be sealed
	toSeal     Sealing // current, while it is sealed
	handedOver bool    // current is with the Sender
	expireAt   time.Time
	// when a lane whose batches are dear to seal has its next turn, if others wait
	dearAt time.Time
}

func (w *worker) run() (panicked bool) {
	ended := false
	defer func() {
		if !ended {
			panicked = true
			w.recover(recover())
		}
		w.sealing.Store(nil)
	}()
	busy := false // batches fill up faster than they are sent
	for w.ctx.Err() == nil {
		now := time.Now()
		w.heartbeat.Store(now.UnixNano())
		if !now.Before(w.expireAt) {
			w.expire(now)
			w.routes.refresh()
			w.expireAt = now.Add(w.expireEvery())
		}
		if w.passed.Swap(false) {
			w.expire(now) // what was held may be too old by now
			w.letGo(now)
		}
		b := w.next(now)
		if b != nil {
			busy = busy || b.trigger == ByBytes
			w.dispatch(b)
			w.memory.prepare()
		}
		if sealed := w.sealAhead(now, b != nil); b != nil || sealed || w.letGo(now) {
			continue
		}
		if busy {
			busy = false
			w.pause()
			continue
		}
		w.sleep(now)
	}
	ended = true
	return false
}

// expireEvery is how often the worker looks for what has waited for too long.
func (w *worker) expireEvery() time.Duration { return min(w.cfg.DeliveryTimeout/16, beatEvery) }

// pauseFor is how long the worker rests between full batches.
const pauseFor = 500 * time.Microsecond

// pause rests for a moment in which nobody has to wake it: under a load that fills batches, waking
// the worker for each of them would cost those who emit more than the batches do.
func (w *worker) pause() {
	w.timer.Reset(pauseFor)
	select {
	case <-w.timer.C:
	case <-w.ctx.Done():
	}
}

// next takes the next batch that is due and may be sent, with a permit for it, or returns nil.
// Lanes whose batches are dear to seal have at most half of the worker's time while others wait.
func (w *worker) next(now time.Time) *Batch {
	dear := !now.Before(w.dearAt)
	b := w.nextOfAll(now, dear)
	if b == nil && !dear {
		b = w.nextOfAll(now, true)
	}
	return b
}

func (w *worker) nextOfAll(now time.Time, dear bool) *Batch {
	for range w.shards {
		s := &w.shards[w.cursor]
		w.cursor = (w.cursor + 1) % len(w.shards)
		if w.busy.Load()>>s.index&1 == 0 {
			// one that becomes busy at this moment wakes it, or is found by the look before it
			// sleeps
			continue
		}
		if b := w.nextOf(s, now, dear); b != nil {
			return b
		}
	}
	return nil
}

// nextOf looks for it in one shard.
func (w *worker) nextOf(s *shard, now time.Time, dear bool) *Batch {
	s.mu.Lock()
	defer s.unlock()
	var put *Lane // the first of the lanes that had to stand back
	for l := s.dueFirst(now); l != nil && l != put; l = s.dueFirst(now) {
		if l.cost > 0 && !dear && l.sealed.head == nil {
			if s.unlist(l); put == nil {
				put = l
			}
			s.ready.push(l)
			continue
		}
		if l.routeGen != w.routes.gen {
			s.learn(&w.routes, l)
			continue
		}
		if w.mayPass(s, l, now) {
			return w.take(s, l, now)
		}
	}
	return nil
}

// take takes the first batch of a lane, which has a permit for it.
func (w *worker) take(s *shard, l *Lane, now time.Time) *Batch {
	due := l.due
	var b *Batch
	if l.sealed.head != nil {
		b = l.sealed.pop()
	} else {
		b = s.detach(l)
		w.sealing.Store(l)
	}
	w.unsealed = b.state == stateQueued
	s.queued.remove(b)
	s.fly(b, now)
	w.observePermitWait(l, now, due)
	l.heldSince = time.Time{}
	s.replace(l, now)
	b.claims.Add(1)
	w.current, w.handedOver = b, false
	return b
}

// fly enters into the account that a batch has its permit.
func (s *shard) fly(b *Batch, now time.Time) {
	b.state, b.permit, b.sentAt = stateInFlight, true, now
	c := &s.counts[b.Kind]
	c.leftQueue += uint64(b.Events)
	c.taken += uint64(b.Events)
	b.lane.inFlight++
	if b.route = b.lane.route; b.route != nil {
		b.route.inFlight.Add(1)
	}
}

// land undoes fly.
func (s *shard) land(b *Batch, n int) {
	c := &s.counts[b.Kind]
	c.leftQueue -= uint64(n)
	c.taken -= uint64(n)
}

func (w *worker) observePermitWait(l *Lane, now, due time.Time) {
	var waited time.Duration
	if !l.heldSince.IsZero() {
		if due.Before(l.heldSince) {
			due = l.heldSince
		}
		waited = now.Sub(due)
	}
	w.permitWait.observe(waited)
}

// sleep waits until something is due.
func (w *worker) sleep(now time.Time) {
	w.rest.Store(parked)
	defer w.rest.Store(awake)
	wait, lingers, waits := w.untilDue(now)
	if !waits {
		select {
		case <-w.wakeUp:
		case <-w.ctx.Done():
		}
		return
	}
	if lingers {
		w.rest.Store(asleep)
	}
	if wait <= 0 {
		return
	}
	w.heartbeat.Store(now.Add(wait).UnixNano()) // nobody is to expect it before
	w.timer.Reset(wait)
	select {
	case <-w.wakeUp:
	case <-w.timer.C:
	case <-w.ctx.Done():
	}
}

// untilDue says how long to wait: for what lingers, and, if batches wait that may not be sent,
// until it is time to look for those that have waited for too long. It is 0 only when a lane is due
// by more than its linger; otherwise lanes that come due close to each other are served in one go.
func (w *worker) untilDue(now time.Time) (wait time.Duration, lingers, waits bool) {
	wait = time.Duration(math.MaxInt64)
	for i := range w.shards {
		s := &w.shards[i]
		s.mu.Lock()
		if s.queued.oldest != nil {
			waits, wait = true, min(wait, w.expireAt.Sub(now))
		}
		if s.ready.head != nil {
			wait = 0
		} else if l := s.waiting.head; l != nil {
			wait, lingers = min(wait, max(s.lingerEnd(l).Sub(now), w.cfg.Linger/16)), true
		}
		s.unlock()
	}
	return wait, lingers, waits
}
