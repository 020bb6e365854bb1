package batching

import (
	"math"
	"sync/atomic"
	"time"
)

// A lane that is due may still be kept back, by one of three things. It stays in the queue
// meanwhile and goes on filling its batch.
//
//   - Its window: how many batches of one lane may be in flight. The window starts small, widens
//     with every acknowledgement while the lane has more to send than it allows, and starts again
//     after a failure. So a lane whose destination does not respond takes only a few permits, and a
//     lane whose batches are acknowledged as many as it fills.
//   - Its route: the batches of one destination may take only a share of the free permits (see
//     share). The fewer are free, the smaller the share, so destinations that do not respond never
//     take all permits.
//   - A lack of permits, or of memory to seal its next batch.

const (
	// firstWindow is how many batches of a lane may be in flight before any is acknowledged.
	firstWindow = 8
	// windowGrowth is by how much each acknowledgement widens the window: it triples with every
	// round trip.
	windowGrowth = 2
	// routeShare is the part of the free permits that all routes would get together if each took
	// its share. With R routes, k of them not responding, those k take at most
	// k*routeShare/(R+k*routeShare) of all permits: two fifths if it is every third route.
	routeShare = 2
)

// gate counts the batches in flight through it, and the lanes that it keeps back.
type gate struct {
	index    int
	inFlight atomic.Int64
	waiting  atomic.Int64
}

// isKeptBack reports whether the lane is due and may not send.
func (l *Lane) isKeptBack() bool {
	return l.list != nil && l.list != &l.shard.ready && l.list != &l.shard.waiting
}

// routes are the gates of the Sender's destinations. Only the worker changes them.
type routes struct {
	router Router // nil if the Sender is not a Router
	gates  []*gate
	count  int    // number of routes, as the Sender last reported it
	gen    uint32 // changes with count; a lane remembers the one its route belongs to
	key    []byte // a key to ask with
}

// ask asks the Sender. That is foreign code, so no lock may be held. A Sender that panics counts as
// one that does not know.
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

// refresh asks for the current number of routes.
func (r *routes) refresh() {
	if r.key != nil {
		r.ask(r.key)
	}
}

// learn finds out which route the lane's batches take. The caller holds the lock, which is released
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
		return // only one destination
	}
	for len(r.gates) <= at {
		r.gates = append(r.gates, &gate{index: len(r.gates)})
	}
	l.route = r.gates[at]
}

// share is how many batches one route may have in flight while free permits are free.
func (r *routes) share(free int64) int64 {
	return max(1, min(free, free*routeShare/int64(max(r.count, 1))))
}

// mayPass decides whether a lane that is due may send, and takes a permit for it. If not, the lane
// is kept back.
func (w *worker) mayPass(s *shard, l *Lane, now time.Time) bool {
	if l.inFlight >= l.window {
		l.filled = true
		s.keepBack(l, &s.kept.byWindow, nil, now)
		return false
	}
	if r := l.route; r != nil && r.inFlight.Load() >= w.routes.share(w.permits.free()) {
		s.keepBack(l, s.keptBy(r), r, now)
		return false
	}
	if !w.permits.try(now) {
		s.keepBack(l, &s.kept.byPermits, &w.permits.gate, now)
		return false
	}
	return true
}

// keptBy returns the list of the lanes that a route keeps back.
func (s *shard) keptBy(r *gate) *laneList {
	for len(s.kept.byRoute) <= r.index {
		s.kept.byRoute = append(s.kept.byRoute, new(laneList))
	}
	return s.kept.byRoute[r.index]
}

// passable notes that something counted by g has ended, and wakes the worker if lanes wait for
// that.
func (e *Engine) passable(g *gate) {
	if g.waiting.Load() > 0 {
		e.passed.Store(true)
		e.wake()
	}
}

// resumeLanes makes those lanes ready for which there is room again. It reports whether there were
// any.
func (w *worker) resumeLanes(now time.Time) bool {
	any := false
	if w.memoryFreed.Swap(false) {
		any = w.release(math.MaxInt64, now, func(s *shard) *laneList { return &s.kept.byMemory })
	}
	if w.permits.gate.waiting.Load() > 0 {
		if n := w.permits.free(); n > 0 {
			any = w.release(n, now, func(s *shard) *laneList { return &s.kept.byPermits }) || any
		}
	}
	for _, r := range w.routes.gates {
		if r.waiting.Load() == 0 {
			continue
		}
		if n := w.routes.share(w.permits.free()) - r.inFlight.Load(); n > 0 {
			any = w.release(n, now, func(s *shard) *laneList { return s.keptBy(r) }) || any
		}
	}
	return any
}

// release makes up to n lanes ready that are in one of a shard's lists, from all shards in turn.
// Lanes whose batch cannot grow any more come first, so that records are as large as memory allows.
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
					s.resume(l)
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

// releaseLooks bounds how many lanes of a shard are examined in search of one whose batch cannot
// grow any more.
const releaseLooks = 8

// isWhole reports whether the lane's first batch cannot grow any more, or has waited long enough.
func (s *shard) isWhole(l *Lane, now time.Time) bool {
	b := l.first()
	return b.state == stateSealed || b.closed || now.Sub(b.Opened) > 2*max(s.engine.cfg.Linger, 0)
}
