package batching

import (
	"errors"
	"math"
	"time"
)

// What the worker is doing, for those who may have to wake it.
const (
	awake = iota // it will examine every shard before it sleeps
	// it wakes when the oldest lane's linger ends; only batches due at once have to wake it
	asleep
	parked // no lane lingers; the first batch has to wake it
)

const (
	beatEvery      = time.Second // while batches wait and none may be sent
	restartBackoff = 10 * time.Millisecond
)

var errPanic = errors.New("batching: panic in the worker")

// work runs the worker, and restarts it when it panics or when user code ends its goroutine.
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

// worker is the one goroutine that takes batches from the queue, seals them and hands them over.
// Being alone, it keeps the order of each lane.
type worker struct {
	*Engine
	timer      *time.Timer
	cursor     int     // the shard whose turn it is
	releasing  int     // the same, for lanes that were kept back
	sealCursor int     // the same, for sealing ahead
	current    *Batch  // taken, not yet handed over
	unsealed   bool    // current has to be sealed
	toSeal     Sealing // current, while it is being sealed
	handedOver bool    // current is with the Sender
	expireAt   time.Time
	// when a lane whose batches are costly to seal has its next turn, if others wait
	costlyAt time.Time
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
			w.expire(now) // lanes that were kept back may have batches that are too old by now
			w.resumeLanes(now)
		}
		b := w.next(now)
		if b != nil {
			busy = busy || b.trigger == ByBytes
			w.dispatch(b)
			w.memory.prepare()
		}
		if sealed := w.sealAhead(now, b != nil); b != nil || sealed || w.resumeLanes(now) {
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

// expireEvery is how often the worker looks for batches that have waited too long.
func (w *worker) expireEvery() time.Duration { return min(w.cfg.DeliveryTimeout/16, beatEvery) }

// pauseFor is how long the worker pauses between full batches.
const pauseFor = 500 * time.Microsecond

// pause sleeps briefly without having to be woken. Under a load that fills batches, waking the
// worker for each of them would cost the emitting goroutines more than the batches themselves.
func (w *worker) pause() {
	w.timer.Reset(pauseFor)
	select {
	case <-w.timer.C:
	case <-w.ctx.Done():
	}
}

// next takes the next batch that is due and may be sent, with a permit for it, or returns nil.
// Lanes whose batches are costly to seal get at most half of the worker's time while others wait.
func (w *worker) next(now time.Time) *Batch {
	costly := !now.Before(w.costlyAt)
	b := w.nextOfAll(now, costly)
	if b == nil && !costly {
		b = w.nextOfAll(now, true)
	}
	return b
}

func (w *worker) nextOfAll(now time.Time, costly bool) *Batch {
	for range w.shards {
		s := &w.shards[w.cursor]
		w.cursor = (w.cursor + 1) % len(w.shards)
		if w.busy.Load()>>s.index&1 == 0 {
			// one that becomes busy just now wakes the worker, or is found when it looks again
			// before it sleeps
			continue
		}
		if b := w.nextOf(s, now, costly); b != nil {
			return b
		}
	}
	return nil
}

// nextOf does the same for one shard.
func (w *worker) nextOf(s *shard, now time.Time, costly bool) *Batch {
	s.mu.Lock()
	defer s.unlock()
	var put *Lane // the first of the lanes that had to stand back
	for l := s.dueFirst(now); l != nil && l != put; l = s.dueFirst(now) {
		if l.cost > 0 && !costly && l.sealed.head == nil {
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

// take takes the first batch of a lane that has a permit for it.
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
	l.keptSince = time.Time{}
	s.replace(l, now)
	b.claims.Add(1)
	w.current, w.handedOver = b, false
	return b
}

func (w *worker) observePermitWait(l *Lane, now, due time.Time) {
	var waited time.Duration
	if !l.keptSince.IsZero() {
		if due.Before(l.keptSince) {
			due = l.keptSince
		}
		waited = now.Sub(due)
	}
	w.permitWait.observe(waited)
}

// sleep waits until a batch is due.
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
	w.heartbeat.Store(now.Add(wait).UnixNano()) // it is not expected to run before
	w.timer.Reset(wait)
	select {
	case <-w.wakeUp:
	case <-w.timer.C:
	case <-w.ctx.Done():
	}
}

// untilDue returns how long to sleep: until a linger ends. If batches wait that may not be sent, it
// is at most until the next look for those that have waited too long. It is 0 only if a lane is
// overdue by more than its linger; lanes that become due close to each other are served together.
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
