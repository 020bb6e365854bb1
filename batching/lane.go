package batching

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Lane keeps the order of one thread: its messages are numbered, batched and sent in the order in
// which they were reserved. An idle lane costs a few hundred bytes and nothing else. All methods
// are safe for concurrent use.
type Lane struct {
	shard *shard
	width atomic.Uint32 // of next, encoded as a varint

	// The shard's lock guards the fields that follow. Those that are read when a message joins a
	// batch come first.
	gap bool // a message was rejected since the last dependent one
	// a message was lost after it was accepted, since the last dependent one was taken from the
	// queue
	broken bool
	next   uint64 // the next sequence number
	open   *Batch // the first of the batches at the tail that can still be joined
	// numbers that were assigned and are not used on the wire, see ErrUnchanged
	unchanged uint64
	list      *laneList
	sealed    batchQueue // batches that wait for their permit
	waits     batchQueue // batches behind those, not sealed, oldest first
	hint      int        // expected size of the next batch, in bytes
	pending   int        // memory of the waiting batches, in bytes

	headroom   int // headroom, key and data never change
	key        []byte
	data       any
	prev, succ *Lane
	dueTail    *Batch // all batches up to this one are due
	trigger    Trigger
	due        time.Time
	dependents int  // number of dependent messages in waits
	ahead      bool // in the shard's list ahead

	// The batches in flight, and what keeps the lane back; see gates.go.
	inFlight, window int
	filled           bool // the window was reached since the lane last ran empty
	gate             *gate
	keptSince        time.Time // since when the lane may not send; zero while it may

	// Numbers that are missing and were not told yet; see gaps.go.
	lost    []lostRange
	isLossy bool // in the shard's list lossy
	// Which of the lane's present run is given up, and whether it is among the first to be.
	given  depth
	chosen bool // to be whole, although others are given up
	rank   float32

	// Only the worker accesses the fields that follow.
	route    *gate
	routeGen uint32
	cost     time.Duration // time that sealing its last batch took
}

// Trace is the trace context of a message, as defined by W3C Trace Context.
type Trace struct {
	// ID is the trace id. Parent and State are the values of traceparent and tracestate.
	ID, Parent, State string
}

// Entry describes a message for which a place in a lane is requested.
type Entry struct {
	// Kind is the kind of message, Class how much it matters.
	Kind  Kind
	Class Class
	// Join groups messages: consecutive messages of one kind with the same Join may share a batch.
	// A message with Join 0 shares with none.
	Join uint64
	// OneMessage makes all events that join each other one message with one sequence number.
	OneMessage bool
	// Urgent sends the lane's batches at once.
	Urgent bool
	// Dependent marks a message that builds on those before it in its lane. Its batch can tell
	// whether one of them was lost, see [Sealing.AfterLoss]. It must not join others.
	Dependent bool
	// At is when the message was emitted, as the time since [Engine.Started] on the monotonic
	// clock.
	At time.Duration
	// Size is the number of bytes that will be written if the sequence number takes Width bytes as
	// a varint. JoinedSize is the same for a message that joins another one (see OneMessage).
	// MessageSize counts against the limit for one message.
	Size, JoinedSize, MessageSize int
	// Width is the result of [Lane.Width].
	Width int
	// Trace is the message's trace context; nil for none.
	Trace *Trace
}

// Status is the outcome of a reservation.
type Status uint8

// The outcomes of [Lane.Reserve].
const (
	// Reserved: the slot must be written and committed.
	Reserved Status = iota
	// Refused: the event was counted as dropped. The slot has no memory, only an ID and the
	// sequence number that is left out.
	Refused
	// WidthChanged: the sequence number now has another width. Nothing was counted; compute the
	// size again.
	WidthChanged

	noRoom
)

// Data returns the data that the lane was created with.
func (l *Lane) Data() any { return l.data }

// Width returns the number of bytes that the next sequence number takes as a varint.
func (l *Lane) Width() int { return int(l.width.Load()) }

// Last returns the lane's last sequence number on the wire, 0 if there is none. It also reports
// whether the lane is idle: none of its messages is queued or being sealed. While the lane is not
// idle, the number can still decrease (see [ErrUnchanged]).
func (l *Lane) Last() (seq uint64, idle bool) {
	l.shard.mu.Lock()
	defer l.shard.mu.Unlock()
	return l.next - 1 - l.unchanged, l.isEmpty() && l.shard.engine.sealing.Load() != l
}

// isEmpty reports whether no batch of the lane waits.
func (l *Lane) isEmpty() bool { return l.sealed.head == nil && l.waits.head == nil }

// first returns the oldest waiting batch.
func (l *Lane) first() *Batch {
	if l.sealed.head != nil {
		return l.sealed.head
	}
	return l.waits.head
}

// Reserve accepts or rejects a message. An accepted one gets its number and its place in the queue;
// a rejected one is counted as dropped and leaves its number out. Reserve fills slot, which must be
// zero. It blocks only if the overflow policy says so.
func (l *Lane) Reserve(e *Entry, slot *Slot) Status {
	switch l.shard.engine.cfg.overflows[e.Class] {
	case Block:
		if status := l.reserve(e, slot, behind); status != noRoom {
			return status
		}
		return l.reserveBlocking(e, slot)
	case DropOldest:
		return l.reserveEvicting(e, slot)
	}
	return l.reserve(e, slot, refused)
}

// patience says what happens to a message when the queue is full.
type patience uint8

const (
	refused patience = iota // it is dropped
	behind                  // its caller waits, and takes no room that earlier callers wait for
	first                   // its caller waits, and it is its turn
	ended                   // it is dropped, for nobody waits any more
)

func (l *Lane) reserve(e *Entry, slot *Slot, p patience) Status {
	l.shard.mu.Lock()
	status := l.place(e, p, slot)
	l.shard.unlock()
	return status
}

// reserveBlocking waits for its turn and then for room. Turns are in order of arrival.
func (l *Lane) reserveBlocking(e *Entry, slot *Slot) Status {
	eng := l.shard.engine
	timer := time.NewTimer(eng.cfg.BlockTimeout)
	defer timer.Stop()
	turn := eng.room.join()
	defer eng.room.leave(turn)
	for {
		select {
		case <-turn.wake:
			if status := l.reserve(e, slot, first); status != noRoom {
				return status
			}
		case <-eng.stop:
			return l.reserve(e, slot, ended)
		case <-timer.C:
			return l.reserve(e, slot, refused)
		}
	}
}

// place holds the shard's lock and runs no code but the engine's own.
func (l *Lane) place(e *Entry, p patience, slot *Slot) Status {
	s := l.shard
	eng := s.engine
	switch {
	case s.closed:
		return l.refuse(e, Closed, slot)
	case e.MessageSize > eng.cfg.MaxMessageBytes:
		return l.refuse(e, TooLarge, slot)
	}
	if eng.cfg.Shed && l.isShed(e) {
		return l.refuse(e, Shed, slot)
	}
	b := l.joinable(e)
	joined := b != nil && e.OneMessage
	size := e.Size
	if joined {
		size = e.JoinedSize
	}
	if b != nil && !b.fits(size, &eng.cfg) {
		b.close(ByBytes)
		l.hint = min(4*len(b.segment), eng.cfg.BatchBytes)
		if l.pending >= eng.cfg.BatchBytes {
			s.makeDue(l, ByBytes, eng.at(e))
		}
		b, joined, size = nil, false, e.Size
	}
	if !joined && e.Width != int(l.width.Load()) {
		return WidthChanged
	}
	if p == behind && eng.isAwaited(b == nil) || !eng.hold() {
		return l.noRoom(e, p, slot)
	}
	if b == nil {
		if b = s.openBatch(l, e); b == nil {
			eng.held.Add(-1)
			return l.noRoom(e, p, slot)
		}
	} else if b.trace != nil && (e.Trace == nil || e.Trace.ID != b.trace.ID) {
		b.trace = nil
	}
	l.take(b, e, size, joined, slot)
	return Reserved
}

func (l *Lane) take(b *Batch, e *Entry, size int, joined bool, slot *Slot) {
	s := l.shard
	slot.Buf, slot.Joined, slot.batch = b.segment[b.used:b.used+size:b.used+size], joined, b
	b.used += size
	b.message += e.MessageSize
	b.Events++
	b.slots++
	c := &s.counts[e.Kind]
	c.emitted++
	c.accepted++
	s.flows.emit(e)
	b.class = min(b.class, e.Class)
	if e.Dependent {
		b.dependent, b.afterLoss, l.gap = true, l.gap, false
		if l.dependents++; l.isKeptBack() {
			s.sealLater(l)
			s.wake = true
		}
	}
	if joined {
		slot.Seq, slot.ID = b.First, b.messageID
	} else {
		slot.Seq, slot.ID = l.number(), s.id()
		b.Last = slot.Seq
		if b.Messages++; b.Messages == 1 {
			b.First, b.messageID = slot.Seq, slot.ID
		}
	}
	if b.Events >= s.engine.cfg.BatchEvents {
		b.close(ByCount)
		s.makeDue(l, ByCount, s.engine.at(e))
	}
	if e.Urgent {
		s.makeDue(l, ByUrgency, s.engine.at(e))
	}
}

// number assigns the next sequence number.
func (l *Lane) number() uint64 {
	n := l.next
	l.next++
	if n&(n+1) == 0 { // a varint grows only after 2^7k-1
		l.width.Store(uint32(varintLen(l.next)))
	}
	return n
}

func (l *Lane) noRoom(e *Entry, p patience, slot *Slot) Status {
	switch p {
	case refused:
		return l.refuse(e, QueueFull, slot)
	case ended:
		return l.refuse(e, Closed, slot)
	}
	return noRoom
}

// refuse counts a message that was emitted and is not enqueued.
func (l *Lane) refuse(e *Entry, reason Reason, slot *Slot) Status {
	s := l.shard
	s.counts[e.Kind].emitted++
	s.flows.emit(e)
	if reason == Shed {
		s.shed[e.Class]++
	}
	if l.open != nil && l.open.oneMessage {
		l.closeOpen(ByKind) // what follows the loss must not join what precedes it
	}
	seq := l.number()
	if reason != Shed || e.Class < Calls {
		// Otherwise nothing depends on it: states sent whole after each shed token would be more
		// than what is shed.
		l.gap = true
	}
	final := l.isEmpty() && s.engine.sealing.Load() != l
	g := Gap{First: seq, Last: seq, Count: 1}
	if final {
		g.First, g.Last = seq-l.unchanged, seq-l.unchanged
	}
	s.lose(l, e.Kind, g, 1, reason, final)
	slot.Seq, slot.ID, slot.Reason = seq, s.id(), reason
	return Refused
}

// joinable returns the open batch that e may join. It first closes those that e's kind ends.
func (l *Lane) joinable(e *Entry) *Batch {
	if l.open == nil {
		return nil
	}
	if e.Join == 0 || l.open.Kind != e.Kind {
		l.closeOpen(ByKind)
		return nil
	}
	for b := l.open; b != nil; b = b.next {
		if b.join == e.Join && b.oneMessage == e.OneMessage && !b.closed {
			return b
		}
	}
	return nil
}

func (l *Lane) closeOpen(t Trigger) {
	for b := l.open; b != nil; b = b.next {
		b.close(t)
	}
	l.open = nil
}

// push appends a batch to those that wait. Several batches stay open side by side only if each
// collects the pieces of one message.
func (l *Lane) push(b *Batch) {
	if l.open != nil && !(b.oneMessage && l.open.oneMessage) {
		l.closeOpen(ByKind)
	}
	l.waits.push(b)
	l.pending += len(b.segment)
	if l.open == nil {
		l.open = b
	}
}

// pop takes the oldest batch that is not sealed.
func (l *Lane) pop() *Batch {
	b := l.waits.head
	if l.open == b {
		l.open = b.next
	}
	l.waits.pop()
	l.pending -= len(b.segment)
	if b.dependent {
		l.dependents--
	}
	return b
}

func varintLen(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }
