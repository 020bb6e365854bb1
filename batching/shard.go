package batching

import (
	"sync"
	"sync/atomic"
	"time"
	"unsafe"
)

const firstHint = 2 << 10

// shard is a part of the queue under one lock. Lanes are dealt out to shards in turn, so that goroutines on different lanes seldom
// meet; a snapshot that must agree with itself locks all shards. The lock is held for a few instructions and never while code
// that is not this package's runs.
type shard struct {
	engine *Engine
	index  uint64

	mu      sync.Mutex
	closed  bool
	isBusy  bool      // whether lanes wait or are ready, as the engine's busy says
	wake    bool      // the holder of the lock has to ring the worker once it has let go
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

// counts are one kind's monotonic counters; levels are their differences, so that they cannot drift.
type counts struct {
	emitted, accepted         uint64
	leftQueue                 uint64 // taken under a permit or lost while waiting
	taken, ended              uint64 // under a permit, and those of them that have come to an end
	delivered, unacknowledged uint64
	failed, messages          uint64
	unchanged                 uint64
	dropped                   [NumReasons]uint64
}

// The states of a batch.
const (
	stateQueued   = iota
	stateSealing  // the worker seals it ahead of its permit
	stateSealed   // waits for its permit
	stateInFlight // has its permit
	stateEnded
)

// batchRoom is what taking room in an open batch looks at and changes. It stands in front of all else, so that it takes two cache lines: of
// a hundred thousand quiet threads' batches none is in the cache. The lane's shard guards it, except where noted.
type batchRoom struct {
	segment    []byte
	used       int // end of what is written or reserved
	join       uint64
	trace      *Trace
	message    int          // bytes of the one message that it holds, if oneMessage
	slots      int32        // that were reserved
	written    atomic.Int32 // those of them that were committed or abandoned; see awaitWriters
	closed     bool
	oneMessage bool
	trigger    Trigger
	state      uint8
	// Messages is the number of messages in the batch; unlike Events it counts what was joined as one.
	Messages int
}

// batchState is the rest of the engine's side of a batch. The lane's shard guards it, except where noted.
type batchState struct {
	lane         *Lane
	messageID    uint64
	claims       atomic.Int32 // the account's, and the worker's while it hands the batch over: done may be called meanwhile
	holes        bool
	dependent    bool
	afterLoss    bool
	shift        uint64 // Lane.unchanged when it was taken from the queue
	lowered      uint64 // by how much the numbers in its body have been lowered already, see Shift
	gen          *generation
	route        *gate // that it goes through, while it is in flight
	permit       bool
	sentAt       time.Time // when it got its permit, or was taken to be sealed ahead
	next         *Batch    // in the lane, or in rest
	rest         *Batch    // what was split off it while it was sealed
	refused      error     // why it cannot be sent
	cramped      bool      // it found no room to be sealed in while nothing was in flight
	older, newer *Batch    // in shard.live
	before, then *Batch    // in shard.queued
	headers      [4]Header
}

// batchCost is what a Batch takes beside its segment, in bytes. Memory of this size comes in steps of 32.
const batchCost = (int64(unsafe.Sizeof(Batch{})) + 31) &^ 31

// Lane returns the lane that the batch belongs to.
func (b *Batch) Lane() *Lane { return b.lane }

// Body returns what was written into the batch. Room for the lane's headroom lies in front of it; see [Batch.SetValue].
func (b *Batch) Body() []byte { return b.segment[b.lane.headroom:b.used] }

// SetValue makes the bytes [from, to) of the batch its value; Body begins at Headroom.
func (b *Batch) SetValue(from, to int) { b.Value = b.segment[from:to:to] }

// Buffer returns the whole memory of the batch: headroom, body, and what was not used.
func (b *Batch) Buffer() []byte { return b.segment }

// Headroom is the offset of Body in Buffer.
func (b *Batch) Headroom() int { return b.lane.headroom }

// Holes says that slots in Body were abandoned.
func (b *Batch) Holes() bool { return b.holes }

// AfterLoss says, of a message that is dependent (see [Entry]), whether a message of its lane was lost, or may have been, since the
// dependent one before it. What is lost on its way is known only once its Sender has said so.
func (b *Batch) AfterLoss() bool { return b.afterLoss }

// Shift is by how much the numbers of the batch's messages on the wire are below those that [Slot.Seq] gave them: the number of messages
// before them that were not sent, see [ErrUnchanged].
func (b *Batch) Shift() uint64 { return b.shift }

// Lower returns by how much the numbers that stand in Body are still above those on the wire, and notes that they will have been
// lowered by that much: a batch for which Seal found no room is sealed again.
func (b *Batch) Lower() uint64 {
	by := b.shift - b.lowered
	b.lowered = b.shift
	return by
}

// CloseHoles notes that what was abandoned has been taken out of Body, which ends size bytes from its beginning now.
func (b *Batch) CloseHoles(size int) { b.used, b.holes = b.lane.headroom+size, false }

// Resize gives a batch that is being sealed memory for a body of so many bytes, and returns all of it (see [Batch.Buffer]). What was
// written before stays only if the memory is the same, which it is unless that is too small or several times too large. Other memory
// leaves the batch without a value, and what Body and Buffer returned before is not the batch's any more. When the queue has no room
// for a larger body, or the batch has been given up, Resize returns nil and changes nothing; Seal then returns [ErrNoRoom].
func (b *Batch) Resize(body int) []byte { return b.lane.shard.resize(b, b.lane.headroom+body) }

// Trace returns the trace context of the batch's first message if all of its messages were made inside one trace, else nil.
func (b *Batch) Trace() *Trace { return b.trace }

// HeaderSpace returns an empty slice with room for four headers, for use as Headers without an allocation.
func (b *Batch) HeaderSpace() []Header { return b.headers[:0] }

// isWritten says whether no slot of the batch is being written. It holds for good once no slot is reserved any more.
func (b *Batch) isWritten() bool { return b.written.Load() == b.slots }

func (b *Batch) fits(size int, cfg *Config) bool {
	whole, limit := b.used+size, cfg.MaxMessageBytes // headroom and all: what the record will hold
	if b.oneMessage {
		// It cannot be split should sealing make it longer.
		whole, limit = b.message+size, limit-limit/4
	}
	if whole > limit {
		return false
	}
	return size <= len(b.segment)-b.used
}

func (b *Batch) close(t Trigger) {
	if !b.closed {
		b.closed, b.trigger = true, t
	}
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
		if s.engine.napping.Load() == parked || s.engine.awaited.Load() {
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
// A full queue must not fall to pieces: what is free in it is a remainder, and a batch that takes just that is a record with one event in
// it, whose memory is as small again when it comes back. So a lane gets what it would use, or nothing. Only for what is urgent, while
// nothing of its lane waits, the remainder will do.
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
	if s.engine.napping.Load() != awake {
		s.wake = true
	}
}

// dueFirst returns the lane whose turn it is: of those that are due, the one that has waited longest.
func (s *shard) dueFirst(now time.Time) *Lane {
	l := s.ready.head
	w := s.waiting.head
	if w == nil || s.lingerEnd(w).After(now) || l != nil && !w.first().Opened.Before(l.first().Opened) {
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

// replace puts l where it belongs after its first batch was taken. A lane that is held stays so while anything of it waits.
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

// lose accounts for events that will not get through. Every loss of the engine, wherever it happens, goes through here, under the
// lock, with what a reader would have to be told: the thread, its first and last missing number, the kind and the reason. Numbers of
// what is lost before it is sealed are above those on the wire by what turns out to be unchanged in front of it.
func (s *shard) lose(l *Lane, kind Kind, first, last uint64, events int, reason Reason) {
	s.counts[kind].dropped[reason] += uint64(events)
	s.engine.losses.note(s.engine, events, reason.String())
}

func (s *shard) id() uint64 {
	s.nextID++
	return s.index<<54 | s.nextID
}

// unlock lets go of the lock and rings the worker if it has to know.
func (s *shard) unlock() {
	wake := s.wake
	s.wake = false
	s.mu.Unlock()
	if wake {
		s.engine.ring()
	}
}
