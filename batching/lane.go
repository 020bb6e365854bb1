package batching

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// Lane keeps the order of one thread: its messages are numbered, batched and sent in the order in
// which they were reserved. A lane costs a few hundred bytes and nothing else while nothing of it
// waits. All methods are safe for concurrent use.
type Lane struct {
	shard *shard
	width atomic.Uint32 // of next, as a varint

	// The shard's lock guards what follows. What a message looks at that joins a batch stands in
	// front.
	gap bool // a message was rejected since the last dependent one
	// a message was lost after it was accepted since the last dependent one was taken from the
	// queue
	broken bool
	next   uint64 // the next sequence number
	open   *Batch // the first of the batches at the tail that may still be joined
	// numbers that were given out and stand for nothing on the wire, see ErrUnchanged
	unchanged uint64
	list      *laneList
	sealed    batchQueue // what waits for its permit
	waits     batchQueue // what waits behind it and is not sealed, oldest first
	hint      int        // bytes that the next batch will probably hold
	pending   int        // memory that waits takes, in bytes

	headroom   int // this, key and data never change
	key        []byte
	data       any
	prev, succ *Lane
	dueTail    *Batch // all batches up to this one are due
	trigger    Trigger
	due        time.Time
	dependents int  // messages in waits that are dependent
	ahead      bool // in the shard's list of these

	// What is in flight, and what holds the lane back; see gates.go.
	inFlight, window int
	filled           bool // the window, since when the lane has not run out
	gate             *gate
	heldSince        time.Time // since when the lane may not send; zero while it may

	// Only the worker looks at these.
	route    *gate
	routeGen uint32
	cost     time.Duration // of sealing its last batch
}

// Trace is the trace context in which a message was made, as W3C Trace Context writes it.
type Trace struct {
	// ID is the trace id. Parent and State are the values of traceparent and tracestate.
	ID, Parent, State string
}

// Entry describes a message that asks for its place in a lane.
type Entry struct {
	// Kind is the kind of message.
	Kind Kind
	// Join lets messages share a batch: those of one kind with the same Join that follow each
	// other. 0 shares with none.
	Join uint64
	// OneMessage says that all messages that join make one message together: they share one
	// sequence number.
	OneMessage bool
	// Urgent sends the lane's batches at once.
	Urgent bool
	// Dependent says that the message builds on those before it in its lane: its batch can tell
	// whether one of them was lost, see [Sealing.AfterLoss]. It must not join others.
	Dependent bool
	// At is when the message was emitted: the time since [Engine.Started], on the monotonic
	// clock.
	At time.Duration
	// Size is the number of bytes that will be written, given that the sequence number takes Width
	// bytes as a varint; JoinedSize is the same for a message that joins another one (see
	// OneMessage). MessageSize is what counts against the limit for one message.
	Size, JoinedSize, MessageSize int
	// Width is what [Lane.Width] said.
	Width int
	// Trace is the context in which the message was made; nil for none.
	Trace *Trace
}

// Status is what became of a reservation.
type Status uint8

// The answers of [Lane.Reserve].
const (
	// Reserved: the slot is to be written and committed.
	Reserved Status = iota
	// Refused: the event was counted as dropped. The slot has no room, only the number that it
	// leaves out and an ID.
	Refused
	// WidthChanged: the sequence number takes another width by now. Nothing was counted; size the
	// message again.
	WidthChanged

	noRoom
)

// Slot is room for one message. It must be committed, once and soon: its batch cannot leave before.
type Slot struct {
	// Buf is to be written from its first to its last byte.
	Buf []byte
	// Seq is the message's sequence number in its lane.
	Seq uint64
	// ID is unique among all messages and batches of the engine.
	ID uint64
	// Joined says that the message continues another one, whose number and ID it shares.
	Joined bool

	batch *Batch
}

// Commit says that so many bytes have been written for the slot. One of which not exactly all was
// written must not corrupt its neighbours: it is given up. Its event is counted as dropped
// ([Internal]) and its number is left out.
func (s *Slot) Commit(written int) {
	if written != len(s.Buf) {
		s.abandon()
		return
	}
	s.batch.wrote()
}

// abandon gives the slot up. It marks the slot as a hole, a zero byte with the slot's length in
// four bytes behind it, which Seal has to leave out (see [Sealing.Holes]).
func (s *Slot) abandon() {
	b := s.batch
	clear(s.Buf)
	if n := len(s.Buf); n >= 5 {
		s.Buf[1], s.Buf[2], s.Buf[3], s.Buf[4] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
	}
	sh := b.lane.shard
	sh.mu.Lock()
	if b.state != stateEnded { // else it was lost with its batch
		c := &sh.counts[b.Kind]
		if b.state == stateInFlight {
			c.ended++
		} else {
			c.leftQueue++
		}
		b.Events--
		if !b.oneMessage {
			b.Messages--
		}
		// a queued batch breaks its lane when it is taken: the loss is behind what waits in front
		// of it
		b.holes = true
		b.lane.broken = b.lane.broken || b.state != stateQueued
		sh.engine.held.Add(-1)
		sh.lose(b.lane, b.Kind, s.Seq-b.shift, s.Seq-b.shift, 1, Internal)
	}
	sh.unlock()
	sh.engine.roomFreed()
	b.wrote()
}

// Data returns what the lane was made with.
func (l *Lane) Data() any { return l.data }

// Width returns the number of bytes that the next sequence number takes as a varint.
func (l *Lane) Width() int { return int(l.width.Load()) }

// Last returns the lane's last sequence number on the wire, 0 if there is none, and whether the
// lane is idle: nothing of it waits in the queue or is being sealed. The number of a lane that is
// not idle can still become smaller (see [ErrUnchanged]).
func (l *Lane) Last() (seq uint64, idle bool) {
	l.shard.mu.Lock()
	defer l.shard.mu.Unlock()
	return l.next - 1 - l.unchanged, l.isEmpty() && l.shard.engine.sealing.Load() != l
}

// isEmpty says whether nothing of the lane waits.
func (l *Lane) isEmpty() bool { return l.sealed.head == nil && l.waits.head == nil }

// first returns the oldest batch that waits.
func (l *Lane) first() *Batch {
	if l.sealed.head != nil {
		return l.sealed.head
	}
	return l.waits.head
}

// Reserve decides what becomes of a message: it gets its number and its place in the queue, or it
// is counted as dropped and its number stays missing. It fills slot, which must be zero, and waits
// only when the overflow policy says so.
func (l *Lane) Reserve(e *Entry, slot *Slot) Status {
	if l.shard.engine.cfg.Overflow != Block {
		return l.reserve(e, slot, refused)
	}
	if status := l.reserve(e, slot, behind); status != noRoom {
		return status
	}
	return l.reserveBlocking(e, slot)
}

// patience is what happens to a message for which there is no room.
type patience uint8

const (
	refused patience = iota // it is dropped
	behind                  // its caller waits, and takes no room that others wait for
	first                   // its caller waits, and has its turn
)

func (l *Lane) reserve(e *Entry, slot *Slot, p patience) Status {
	l.shard.mu.Lock()
	status := l.place(e, p, slot)
	l.shard.unlock()
	return status
}

// reserveBlocking waits for its turn and for room. It takes turns in the order of arrival.
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
			return l.reserve(e, slot, refused)
		case <-timer.C:
			return l.reserve(e, slot, refused)
		}
	}
}

// place runs under the shard's lock and runs no code but the engine's own.
func (l *Lane) place(e *Entry, p patience, slot *Slot) Status {
	s := l.shard
	eng := s.engine
	switch {
	case s.closed:
		return l.refuse(e, Closed, slot)
	case e.MessageSize > eng.cfg.MaxMessageBytes:
		return l.refuse(e, TooLarge, slot)
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
	if e.Dependent {
		b.dependent, b.afterLoss, l.gap = true, l.gap, false
		if l.dependents++; l.isHeld() {
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

// number takes the next sequence number.
func (l *Lane) number() uint64 {
	n := l.next
	l.next++
	if n&(n+1) == 0 { // a varint grows only behind 2^7k-1
		l.width.Store(uint32(varintLen(l.next)))
	}
	return n
}

func (l *Lane) noRoom(e *Entry, p patience, slot *Slot) Status {
	if p != refused {
		return noRoom
	}
	return l.refuse(e, QueueFull, slot)
}

// refuse counts a message that was emitted and is not enqueued.
func (l *Lane) refuse(e *Entry, reason Reason, slot *Slot) Status {
	s := l.shard
	s.counts[e.Kind].emitted++
	if l.open != nil && l.open.oneMessage {
		l.closeOpen(ByKind) // what follows the loss must not join what preceded it
	}
	seq := l.number()
	l.gap = true
	s.lose(l, e.Kind, seq, seq, 1, reason)
	slot.Seq, slot.ID = seq, s.id()
	return Refused
}

// joinable returns the open batch that e may join, having closed those that its kind ends.
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

// push appends a batch to what waits. Only pieces of several messages may be joined side by side.
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
