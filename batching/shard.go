package batching

import (
	"sync"
	"time"
)

const firstHint = 2 << 10

// shard is a part of the queue under one lock. Lanes are dealt out to shards in turn, so that
// goroutines on different lanes seldom meet; a snapshot that must agree with itself locks all
// shards. The lock is held for a few instructions and never while code that is not this package's
// runs.
type shard struct {
	engine *Engine
	index  uint64

	mu      sync.Mutex
	closed  bool
	isBusy  bool      // whether lanes wait or are ready, as the engine's busy says
	wake    bool      // the holder of the lock has to wake the worker once it has released it
	waiting laneList  // lanes whose batches linger, oldest first
	ready   laneList  // lanes that are due
	held    held      // lanes that are due and may not send yet
	ahead   []*Lane   // those of them that have messages worth sealing meanwhile
	live    batchList // every batch that has not ended, oldest first
	queued  queueList // those of them that wait, oldest first
	gen     *generation
	nextID  uint64
	counts  []counts // by kind
	sealed  [NumTriggers]uint64
	_       [64]byte // keeps the locks of neighbours on different cache lines
}

// counts are one kind's monotonic counters; levels are their differences, so that they cannot
// drift.
type counts struct {
	emitted, accepted         uint64
	leftQueue                 uint64 // taken under a permit or lost while waiting
	taken, ended              uint64 // under a permit, and those of them that have come to an end
	delivered, unacknowledged uint64
	failed, messages          uint64
	unchanged                 uint64
	dropped                   [NumReasons]uint64
}

// openBatch opens a batch for e at the end of l, or returns nil when there is no memory for it.
func (s *shard) openBatch(l *Lane, e *Entry) *Batch {
	at := s.engine.at(e)
	segment := s.segmentFor(l, e, at)
	if segment == nil {
		return nil
	}
	b := s.engine.batches.Get().(*Batch)
	b.Key, b.Kind, b.Opened, b.ID = l.key, e.Kind, at, s.id()
	b.lane, b.segment, b.used = l, segment, l.headroom
	b.join, b.oneMessage, b.trace = e.Join, e.OneMessage, e.Trace
	b.closed = e.Join == 0
	b.trigger = ByKind
	b.gen = s.gen
	b.gen.live.Add(1)
	b.claims.Store(1)
	s.live.push(b)
	s.queued.push(b)
	l.push(b)
	if l.list == nil {
		s.waiting.push(l)
		s.noteBusy()
		if s.engine.rest.Load() == parked || s.engine.awaited.Load() {
			s.wake = true
		}
	}
	if s.engine.cfg.Linger < 0 {
		s.makeDue(l, ByLinger, at)
	}
	return b
}

// segmentFor returns the memory for a lane's next batch, nil when there is none.
//
// A full queue must not fall to pieces: what is free in it is a remainder, and a batch that takes
// just that is a record with one event in it, whose memory is as small again when it comes back. So
// a lane gets what it would use, or nothing. Only for what is urgent, while nothing of its lane
// waits, the remainder will do.
func (s *shard) segmentFor(l *Lane, e *Entry, at time.Time) []byte {
	need := l.headroom + e.Size
	want := need
	if e.Join != 0 {
		want = max(need, min(l.hint, s.engine.cfg.BatchBytes))
	}
	segment := s.engine.acquire(want, at)
	if segment == nil && want > need && e.Urgent && l.isEmpty() {
		segment = s.engine.acquire(need, at)
	}
	return segment
}

// makeDue makes all that waits in l due.
func (s *shard) makeDue(l *Lane, t Trigger, now time.Time) {
	if l.waits.head == nil {
		return
	}
	l.dueTail = l.waits.tail
	if l.isHeld() {
		return
	}
	if l.list != &s.ready {
		s.unlist(l)
		s.ready.push(l)
		s.noteBusy()
		l.trigger, l.due = t, now
	}
	if s.engine.rest.Load() != awake {
		s.wake = true
	}
}

// dueFirst returns the lane whose turn it is: of those that are due, the one that has waited
// longest.
func (s *shard) dueFirst(now time.Time) *Lane {
	l := s.ready.head
	w := s.waiting.head
	if w == nil || s.lingerEnd(w).After(now) || l != nil &&
		!w.first().Opened.Before(l.first().Opened) {
		return l
	}
	s.waiting.remove(w)
	s.ready.pushFront(w)
	w.trigger, w.due, w.dueTail = ByLinger, s.lingerEnd(w), w.waits.tail
	return w
}

func (s *shard) lingerEnd(l *Lane) time.Time {
	return l.first().Opened.Add(max(s.engine.cfg.Linger, 0))
}

// detach takes the oldest batch that is not sealed from l.
func (s *shard) detach(l *Lane) *Batch {
	b := l.pop()
	b.close(l.trigger)
	s.sealed[b.trigger]++
	if b.trigger != ByBytes && b.join != 0 {
		l.hint = max(b.used-l.headroom, l.hint/2, minSegment)
	}
	if l.dueTail == b {
		l.dueTail = nil
	}
	b.shift, b.First, b.Last = l.unchanged, b.First-l.unchanged, b.Last-l.unchanged
	if b.dependent {
		b.afterLoss, l.broken = b.afterLoss || l.broken, false
	}
	l.broken = l.broken || b.holes
	return b
}

// putBack undoes detach.
func (s *shard) putBack(b *Batch) {
	l := b.lane
	if l.waits.head == nil {
		l.waits.tail = b
	}
	b.next, l.waits.head = l.waits.head, b
	l.pending += len(b.segment)
	if b.dependent {
		l.dependents++
	}
	if l.dueTail == nil {
		l.dueTail = b
	}
	s.sealed[b.trigger]--
}

// replace puts l where it belongs after its first batch was taken. A lane that is held stays so
// while anything of it waits.
func (s *shard) replace(l *Lane, now time.Time) {
	switch {
	case l.isEmpty():
		l.dueTail = nil
		l.heldSince, l.filled = time.Time{}, false
		s.unlist(l)
	case l.isHeld():
		return
	case l.sealed.head != nil || l.dueTail != nil:
		s.unlist(l) // a lane that never runs out takes turns with the others
		s.ready.push(l)
	default:
		s.unlist(l)
		s.waiting.push(l)
		if !s.lingerEnd(l).After(now) {
			s.makeDue(l, ByLinger, now)
		}
	}
	s.noteBusy()
}

// shrinkFactor is by how much smaller a batch's memory can become before it is worth other memory.
const shrinkFactor = 4

func (s *shard) resize(b *Batch, size int) []byte {
	held := b.segment
	if size <= len(held) && segmentSize(size)*shrinkFactor > len(held) {
		b.used = size
		return held
	}
	e := s.engine
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.state == stateEnded { // given up by Close, which has given its memory back
		return nil
	}
	segment := e.memory.exchange(held, size)
	if segment == nil {
		return nil
	}
	e.highBytes.observe(time.Now().Unix(), e.memory.used.Load())
	b.segment, b.used, b.Value = segment, size, nil
	if len(segment) < len(held) {
		e.roomFreed()
	}
	return segment
}

// lose accounts for events that will not get through. Every loss of the engine, wherever it
// happens, goes through here, under the lock, with what a reader would have to be told: the thread,
// its first and last missing number, the kind and the reason. Numbers of what is lost before it is
// sealed are above those on the wire by what turns out to be unchanged in front of it.
func (s *shard) lose(l *Lane, kind Kind, first, last uint64, events int, reason Reason) {
	s.counts[kind].dropped[reason] += uint64(events)
	s.engine.losses.note(s.engine, events, reason.String())
}

func (s *shard) id() uint64 {
	s.nextID++
	return s.index<<54 | s.nextID
}

// unlock releases the lock and wakes the worker if it has to know.
func (s *shard) unlock() {
	wake := s.wake
	s.wake = false
	s.mu.Unlock()
	if wake {
		s.engine.wake()
	}
}
