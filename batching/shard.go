package batching

import (
	"sync"
	"time"
)

const firstHint = 2 << 10

// shard is a part of the queue under one lock. Lanes are assigned to shards in turn, so that
// goroutines on different lanes seldom meet. A consistent snapshot locks all shards. The lock is
// held for a few instructions only, and never while code of another package runs.
type shard struct {
	engine *Engine
	index  uint64

	mu      sync.Mutex
	closed  bool
	isBusy  bool      // whether lanes wait or are ready, as in the engine's busy
	wake    bool      // the holder of the lock has to wake the worker once it has released it
	waiting laneList  // lanes whose batches linger, oldest first
	ready   laneList  // lanes that are due
	kept    keptBack  // lanes that are due and may not send yet
	ahead   []*Lane   // those of them that have messages worth sealing meanwhile
	lossy   []*Lane   // lanes with numbers that are missing and were not told yet
	live    batchList // every batch that has not ended, oldest first
	queued  queueList // those of them that wait, oldest first
	gen     *generation
	nextID  uint64
	counts  []counts           // by kind
	shed    [NumClasses]uint64 // events, by class
	flows   flows
	sealed  [NumTriggers]uint64
	_       [64]byte // keeps neighbouring locks on different cache lines
}

// openBatch opens a batch for e at the end of l. It returns nil when there is no memory for it.
func (s *shard) openBatch(l *Lane, e *Entry) *Batch {
	at := s.engine.at(e)
	segment := s.segmentFor(l, e, at)
	if segment == nil {
		return nil
	}
	b := s.engine.batches.Get().(*Batch)
	b.Key, b.Kind, b.Opened, b.ID = l.key, e.Kind, at, s.id()
	b.lane, b.segment, b.used = l, segment, l.headroom
	b.join, b.oneMessage, b.trace, b.class = e.Join, e.OneMessage, e.Trace, e.Class
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

// segmentFor returns the memory for a lane's next batch, or nil when there is none.
//
// A full queue must not fragment. What is free in it is a small remainder. A batch that took just
// that would become a record of one event, and would return just as small a segment when it ends.
// So a lane gets as much as it would use, or nothing. The remainder is used only for an urgent
// message, and only while nothing of its lane waits.
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

// makeDue makes all waiting batches of l due.
func (s *shard) makeDue(l *Lane, t Trigger, now time.Time) {
	if l.waits.head == nil {
		return
	}
	l.dueTail = l.waits.tail
	if l.isKeptBack() {
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

// dueFirst returns the lane whose turn it is: the due lane that has waited longest.
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
	if l.lost != nil && s.engine.sealing.Load() != l {
		l.finalize(b.First, b.Last, l.unchanged)
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

// replace moves l to the list where it belongs after its first batch was taken. A lane that is kept
// back remains so while any of its batches wait.
func (s *shard) replace(l *Lane, now time.Time) {
	switch {
	case l.isEmpty():
		l.dueTail = nil
		l.keptSince, l.filled = time.Time{}, false
		s.unlist(l)
	case l.isKeptBack():
		return
	case l.sealed.head != nil || l.dueTail != nil:
		s.unlist(l) // a lane that never runs empty takes turns with the others
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

// shrinkFactor is how many times too large a batch's memory must be before it is replaced.
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
	if b.state == stateEnded { // ended by Close, which has released its memory
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

func (s *shard) id() uint64 {
	s.nextID++
	return s.index<<54 | s.nextID
}

// unlock releases the lock and wakes the worker if that is needed.
func (s *shard) unlock() {
	wake := s.wake
	s.wake = false
	s.mu.Unlock()
	if wake {
		s.engine.wake()
	}
}

// fly records in the account that a batch has its permit.
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

// settle counts the end of a batch that was taken from the queue and whose events all ended alike.
func (s *shard) settle(b *Batch, outcome Outcome, reason Reason) {
	s.settleVerdict(b, verdict{outcome: outcome, reason: reason})
}

// settleVerdict counts the end of a batch that was taken from the queue. Events that the verdict
// does not apply to were delivered.
func (s *shard) settleVerdict(b *Batch, v verdict) {
	c := &s.counts[b.Kind]
	s.leave(b, v.outcome == Delivered)
	lost, g := b.Events, b.gap(b.Messages)
	if v.outcome == Delivered {
		lost = 0
	} else if v.events > 0 && v.events < b.Events {
		lost = v.events
		if first, last := max(v.first, b.First), min(v.last, b.Last); first <= last {
			g.First, g.Last = first, last // otherwise the Sender does not say where they are
		}
		g.Count = min(uint64(lost), g.Last-g.First+1)
	}
	if lost < b.Events {
		c.delivered += uint64(b.Events - lost)
		c.messages += uint64(max(b.Messages-lost, 0))
	}
	if lost == 0 {
		s.flows.sent += uint64(len(b.Value))
		return
	}
	s.engine.losses.heard(v.err)
	switch v.outcome {
	case Dropped:
		s.lose(b.lane, b.Kind, g, lost, v.reason, true)
	default:
		c.unacknowledged += uint64(lost)
		s.engine.losses.note(s.engine, lost, v.outcome.String())
		g.Kind, g.Events, g.Unacknowledged = b.Kind, uint64(lost), true
		s.record(b.lane, g, true)
	}
	c.failed += uint64(lost)
	b.lane.broken = true
}

// leave removes a batch that the worker or the Sender has from the counts of events held.
func (s *shard) leave(b *Batch, acknowledged bool) {
	if b.state == stateInFlight {
		s.counts[b.Kind].ended += uint64(b.Events)
		s.landed(b.lane, acknowledged)
	} else {
		s.counts[b.Kind].leftQueue += uint64(b.Events)
	}
	b.state = stateEnded
	s.live.remove(b)
}

// landed widens or resets the window of a lane after one of its batches has ended.
func (s *shard) landed(l *Lane, acknowledged bool) {
	l.inFlight--
	switch {
	case !acknowledged || l.inFlight == 0 && l.isEmpty():
		l.window, l.filled = s.engine.cfg.window, false
	case l.filled:
		l.window += windowGrowth
	}
	if l.list == &s.kept.byWindow && l.inFlight < l.window {
		s.resume(l)
	}
}

// keepBack moves a lane that is due from its list to the list of what keeps it back. g counts the
// lanes there; it is nil if that is the lane's own window.
func (s *shard) keepBack(l *Lane, by *laneList, g *gate, now time.Time) {
	s.unlist(l)
	by.push(l)
	if g != nil {
		l.gate = g
		g.waiting.Add(1)
	}
	if l.keptSince.IsZero() {
		l.keptSince = now
	}
	s.sealLater(l)
	s.noteBusy()
}

// unlist removes a lane from the list that it is in.
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

// resume makes a lane ready that was kept back.
func (s *shard) resume(l *Lane) {
	s.unlist(l)
	s.ready.push(l)
	s.noteBusy()
	if s.engine.rest.Load() != awake {
		s.wake = true
	}
}

// sealLater remembers a kept-back lane with messages that are worth sealing before it may send
// them, because sealing makes them smaller.
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
