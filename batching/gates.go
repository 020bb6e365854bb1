package batching

import (
	"math"
	"sync/atomic"
	"time"
)

// What keeps a lane that is due from sending. A lane that is held back stays in the queue and goes
// on filling its batch.
//
//   - Its window: how many batches of one lane may be in flight. It begins small, opens with every
//     acknowledgement while the lane has more than it lets through, and begins anew after a
//     failure. So a lane whose destination does not answer takes a few permits, and one that is
//     acknowledged as many as it fills.
//   - Its route: the batches of one destination may take a share of the permits that are free (see
//     share). The more is taken, the less each may take, so destinations that do not answer never
//     take all.
//   - Permits, or memory to seal its next batch in.

const (
	// firstWindow is how many batches of a lane may be in flight before any was acknowledged.
	firstWindow = 8
	// windowGrowth is by how much an acknowledgement opens it: it triples with every round trip.
	windowGrowth = 2
	// routeShare is the part of the free permits that all routes together would be given if each
	// took its share. With R routes, k of which do not answer, those hold at most
	// k*routeShare/(R+k*routeShare) of all permits: two fifths if it is every third.
	routeShare = 2
)

// gate counts what passes it, and the lanes that wait in front of it.
type gate struct {
	index    int
	inFlight atomic.Int64
	waiting  atomic.Int64
}

// held are the lanes of a shard that are due and may not send, by what holds them.
type held struct {
	byWindow, byPermits, byMemory laneList
	byRoute                       []*laneList
}

// each calls do for every list of lanes for which something waits.
func (s *shard) each(do func(*laneList)) {
	do(&s.ready)
	do(&s.waiting)
	do(&s.held.byWindow)
	do(&s.held.byPermits)
	do(&s.held.byMemory)
	for _, q := range s.held.byRoute {
		do(q)
	}
}

// isHeld says whether the lane is due and may not send.
func (l *Lane) isHeld() bool {
	return l.list != nil && l.list != &l.shard.ready && l.list != &l.shard.waiting
}

// hold takes a lane that is due off its list and puts it on that of what holds it. g counts the
// lanes there; it is nil for a lane that its own window holds.
func (s *shard) hold(l *Lane, by *laneList, g *gate, now time.Time) {
	s.unlist(l)
	by.push(l)
	if g != nil {
		l.gate = g
		g.waiting.Add(1)
	}
	if l.heldSince.IsZero() {
		l.heldSince = now
	}
	s.sealLater(l)
	s.noteBusy()
}

// unlist takes a lane out of the list that it is in.
func (s *shard) unlist(l *Lane) {
	if l.list == nil {
		return
	}
	l.list.remove(l)
	if l.gate != nil {
		l.gate.waiting.Add(-1)
		l.gate = nil
	}
}

// letGo makes a lane ready that was held.
func (s *shard) letGo(l *Lane) {
	s.unlist(l)
	s.ready.push(l)
	s.noteBusy()
	if s.engine.rest.Load() != awake {
		s.wake = true
	}
}

// sealLater remembers a held lane of which messages are worth sealing before it may send them: they
// become smaller.
func (s *shard) sealLater(l *Lane) {
	if l.dependents > 0 && !l.ahead {
		l.ahead = true
		s.ahead = append(s.ahead, l)
		s.engine.aheads.Add(1)
	}
}

// noteBusy tells the worker whether lanes of the shard are due or linger.
func (s *shard) noteBusy() {
	busy := s.waiting.head != nil || s.ready.head != nil
	if busy == s.isBusy {
		return
	}
	s.isBusy = busy
	if busy {
		s.engine.busy.Or(1 << s.index)
	} else {
		s.engine.busy.And(^(1 << s.index))
	}
}

// routes are the gates of the Sender's destinations. Only the worker changes them.
type routes struct {
	router Router // nil if the Sender is none
	gates  []*gate
	count  int    // how many there are, as the Sender last said
	gen    uint32 // changes with count; lanes remember theirs as of one
	key    []byte // one that was asked for
}

// ask asks the Sender, whose code is not the engine's: no lock may be held. A Sender that panics
// knows nothing.
func (r *routes) ask(key []byte) (route int) {
	n := 0
	defer func() {
		if recover() != nil || route < 0 || route >= n {
			route, n = 0, 0
		}
		if n != r.count {
			r.count = n
			r.gen++
		}
	}()
	route, n = r.router.Route(key)
	return route
}

// refresh asks how many routes there are now.
func (r *routes) refresh() {
	if r.key != nil {
		r.ask(r.key)
	}
}

// learn finds out where the lane's batches go. The caller holds the lock, which is released
// meanwhile.
func (s *shard) learn(r *routes, l *Lane) {
	s.mu.Unlock()
	defer s.mu.Lock()
	at := 0
	if r.router != nil {
		r.key = l.key
		at = r.ask(l.key)
	}
	l.routeGen = r.gen
	if l.route = nil; r.count < 2 {
		return // nothing to keep apart
	}
	for len(r.gates) <= at {
		r.gates = append(r.gates, &gate{index: len(r.gates)})
	}
	l.route = r.gates[at]
}

// share is how many batches one of the routes may have in flight while so many permits are free.
func (r *routes) share(free int64) int64 {
	return max(1, min(free, free*routeShare/int64(max(r.count, 1))))
}

// mayPass decides whether a lane that is due may send, and takes its permit. Otherwise the lane is
// held.
func (w *worker) mayPass(s *shard, l *Lane, now time.Time) bool {
	if l.inFlight >= l.window {
		l.filled = true
		s.hold(l, &s.held.byWindow, nil, now)
		return false
	}
	if r := l.route; r != nil && r.inFlight.Load() >= w.routes.share(w.permits.free()) {
		s.hold(l, s.heldBy(r), r, now)
		return false
	}
	if !w.permits.try(now) {
		s.hold(l, &s.held.byPermits, &w.permits.gate, now)
		return false
	}
	return true
}

// heldBy returns the list of the lanes that a route holds.
func (s *shard) heldBy(r *gate) *laneList {
	for len(s.held.byRoute) <= r.index {
		s.held.byRoute = append(s.held.byRoute, new(laneList))
	}
	return s.held.byRoute[r.index]
}

// passable notes that what g bounds has come to an end, and wakes the worker if lanes wait for
// that.
func (e *Engine) passable(g *gate) {
	if g.waiting.Load() > 0 {
		e.passed.Store(true)
		e.wake()
	}
}

// letGo lets lanes go on for which there is room again. It reports whether there were any.
func (w *worker) letGo(now time.Time) bool {
	any := false
	if w.memoryFreed.Swap(false) {
		any = w.release(math.MaxInt64, now, func(s *shard) *laneList { return &s.held.byMemory })
	}
	if w.permits.gate.waiting.Load() > 0 {
		if n := w.permits.free(); n > 0 {
			any = w.release(n, now, func(s *shard) *laneList { return &s.held.byPermits }) || any
		}
	}
	for _, r := range w.routes.gates {
		if r.waiting.Load() == 0 {
			continue
		}
		if n := w.routes.share(w.permits.free()) - r.inFlight.Load(); n > 0 {
			any = w.release(n, now, func(s *shard) *laneList { return s.heldBy(r) }) || any
		}
	}
	return any
}

// release lets up to n lanes go that are in one of a shard's lists, from all shards in turn: first
// those whose batch will not grow any more, so that a record is as large as memory allows.
func (w *worker) release(n int64, now time.Time, in func(*shard) *laneList) (any bool) {
	for _, whole := range []bool{true, false} {
		for range w.shards {
			if n <= 0 {
				return any
			}
			s := &w.shards[w.releasing]
			w.releasing = (w.releasing + 1) % len(w.shards)
			s.mu.Lock()
			looks := releaseLooks
			for l := in(s).head; l != nil && n > 0 && looks > 0; looks-- {
				next := l.succ
				if !whole || s.isWhole(l, now) {
					s.letGo(l)
					any = true
					n--
					looks++
				}
				l = next
			}
			s.unlock()
		}
	}
	return any
}

// releaseLooks bounds how many lanes of a shard are looked at in vain for one whose batch will not
// grow any more.
const releaseLooks = 8

// isWhole says whether the lane's first batch will not grow any more, or has waited long enough to.
func (s *shard) isWhole(l *Lane, now time.Time) bool {
	b := l.first()
	return b.state == stateSealed || b.closed || now.Sub(b.Opened) > 2*max(s.engine.cfg.Linger, 0)
}
