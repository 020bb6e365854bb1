package batching

import (
	"sync"
	"sync/atomic"
	"time"
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
	wake    bool      // the holder of the lock has to ring the worker once it has let go
	waiting laneList  // lanes whose batches linger, oldest first
	ready   laneList  // lanes that are due
	live    batchList // every batch that has not ended, oldest first
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
	stateQueued = iota
	stateInFlight
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
	gen          *generation
	sentAt       time.Time // when it got its permit
	next         *Batch    // in the lane
	older, newer *Batch    // in shard.live
	headers      [4]Header
}

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

// Resize gives a batch that is being sealed memory for a body of so many bytes, and returns all of it (see [Batch.Buffer]). What was
// written before stays only if the memory is the same, which it is unless that is too small or several times too large. Other memory
// leaves the batch without a value, and what Body and Buffer returned before is not the batch's any more. When a body that is too large
// finds no room in the queue beside the memory that the batch has, or the batch has been given up, Resize returns nil and changes nothing.
func (b *Batch) Resize(body int) []byte { return b.lane.shard.resize(b, b.lane.headroom+body) }

// Trace returns the trace context of the batch's first message if all of its messages were made inside one trace, else nil.
func (b *Batch) Trace() *Trace { return b.trace }

// HeaderSpace returns an empty slice with room for four headers, for use as Headers without an allocation.
func (b *Batch) HeaderSpace() []Header { return b.headers[:0] }

// isWritten says whether no slot of the batch is being written. It holds for good once no slot is reserved any more.
func (b *Batch) isWritten() bool { return b.written.Load() == b.slots }

func (b *Batch) fits(size int, cfg *Config) bool {
	whole := b.used + size // headroom and all: what the record will hold
	if b.oneMessage {
		whole = b.message + size
	}
	if whole > cfg.MaxMessageBytes {
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
	need := l.headroom + e.Size
	want := need
	if e.Join != 0 {
		want = max(need, min(l.hint, s.engine.cfg.BatchBytes))
	}
	at := s.engine.at(e)
	segment := s.engine.acquire(want, at)
	if segment == nil && want > need {
		segment = s.engine.acquire(need, at)
	}
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
	l.push(b)
	if l.list == nil {
		if s.waiting.head == nil && s.ready.head == nil {
			s.engine.busy.Or(1 << s.index)
		}
		s.waiting.push(l)
		if s.engine.napping.Load() == parked || s.engine.awaited.Load() {
			s.wake = true
		}
	}
	if s.engine.cfg.Linger < 0 {
		s.ripen(l, ByLinger, at)
	}
	return b
}

// ripen makes all that waits in l due.
func (s *shard) ripen(l *Lane, t Trigger, now time.Time) {
	if l.head == nil {
		return
	}
	if l.list != &s.ready {
		l.list.remove(l)
		s.ready.push(l)
		l.trigger, l.due = t, now
	}
	l.ripeTail = l.tail
	if s.engine.napping.Load() != awake {
		s.wake = true
	}
}

// ripest returns the lane whose turn it is: of those that are due, the one that has waited longest.
func (s *shard) ripest(now time.Time) *Lane {
	l := s.ready.head
	w := s.waiting.head
	if w == nil || s.lingerEnd(w).After(now) || l != nil && !w.head.Opened.Before(l.head.Opened) {
		return l
	}
	s.waiting.remove(w)
	s.ready.pushFront(w)
	w.trigger, w.due, w.ripeTail = ByLinger, s.lingerEnd(w), w.tail
	return w
}

func (s *shard) lingerEnd(l *Lane) time.Time { return l.head.Opened.Add(max(s.engine.cfg.Linger, 0)) }

// detach takes the oldest batch from l and puts l where it belongs then.
func (s *shard) detach(l *Lane, now time.Time) *Batch {
	b := l.pop()
	b.close(l.trigger)
	s.sealed[b.trigger]++
	if b.trigger != ByBytes && b.join != 0 {
		l.hint = max(b.used-l.headroom, l.hint/2, minSegment)
	}
	if l.head == nil {
		l.list.remove(l)
		l.ripeTail = nil
		if s.waiting.head == nil && s.ready.head == nil {
			s.engine.busy.And(^(1 << s.index))
		}
		return b
	}
	switch l.ripeTail {
	case nil: // l lingers: b was taken to be dropped
	case b:
		l.ripeTail = nil
		l.list.remove(l)
		s.waiting.push(l)
		if !s.lingerEnd(l).After(now) {
			s.ripen(l, ByLinger, now)
		}
	default: // a lane that never runs out takes turns with the others
		s.ready.remove(l)
		s.ready.push(l)
	}
	return b
}

// shrinkFactor is by how much smaller a batch's memory can become before it is worth other memory.
const shrinkFactor = 4

func (s *shard) resize(b *Batch, size int) []byte {
	held := b.segment
	if size <= len(held) && segmentSize(size)*shrinkFactor > len(held) {
		b.used = size
		return held
	}
	segment := s.engine.acquire(size, time.Now())
	if segment == nil {
		if size > len(held) {
			return nil
		}
		b.used = size
		return held
	}
	s.mu.Lock()
	alive := b.state == stateInFlight
	if alive {
		b.segment, b.used, b.Value = segment, size, nil
	}
	s.mu.Unlock()
	if !alive { // given up by Close, which has given its memory back
		s.engine.memory.release(segment, true)
		return nil
	}
	s.engine.memory.release(held, true)
	s.engine.room.freed()
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
