package batching

import (
	"sync/atomic"
	"time"
	"unsafe"
)

// Header is one header of a record.
type Header struct {
	Key   string
	Value []byte
}

// Batch is one sealed batch on its way: one record, one permit, one observation of latency. Senders
// read its exported fields and change none of them. A batch is self-contained: its bytes can be
// stored and sent by another process.
type Batch struct {
	batchRoom

	// Kind is the kind of message that the batch holds.
	Kind Kind
	// Events is the number of events in it, at least 1.
	Events int
	// First and Last are the sequence numbers of its first and last message.
	First, Last uint64
	// Key orders the batch: batches of one key arrive in the order in which they were sent.
	Key []byte
	// Value is the encoded record.
	Value []byte
	// Headers are the record's headers.
	Headers []Header
	// ID is unique among all batches and messages of this engine.
	ID uint64
	// Opened is when its first event was emitted, on the monotonic clock. Its wall-clock part goes
	// by the clock as it was when the engine started; [Batch.TimeOfDay] goes by the clock as it is
	// now.
	Opened time.Time

	batchState
}

// The states of a batch.
const (
	stateQueued   = iota
	stateSealing  // being sealed by the worker, ahead of its permit
	stateSealed   // waits for its permit
	stateInFlight // has its permit
	stateEnded
)

// batchRoom is what reserving room in an open batch reads and writes. It comes first in Batch so
// that it spans only two cache lines: with a hundred thousand quiet threads, none of their batches
// is in the cache. The lane's shard guards it, except where noted.
type batchRoom struct {
	segment    []byte
	used       int // end of what is written or reserved
	join       uint64
	trace      *Trace
	message    int          // bytes of its single message, if oneMessage
	slots      int32        // reserved
	written    atomic.Int32 // slots that were committed or abandoned; see awaitWriters
	closed     bool
	oneMessage bool
	trigger    Trigger
	state      uint8
	class      Class // of the message in it that matters most
	// Messages is the number of messages in the batch. Unlike Events, it counts joined events as
	// one.
	Messages int
}

// batchState is the engine's remaining state of a batch. The lane's shard guards it, except where
// noted.
type batchState struct {
	lane      *Lane
	messageID uint64
	// one for the account, one for the worker while it hands the batch over: done may run meanwhile
	claims       atomic.Int32
	holes        bool
	dependent    bool
	afterLoss    bool
	shift        uint64 // Lane.unchanged at the time it was taken from the queue
	lowered      uint64 // by how much the numbers in its body are lowered already, see Shift
	gen          *generation
	route        *gate // the gate it passes through while it is in flight
	permit       bool
	sentAt       time.Time // when it got its permit, or was taken to be sealed ahead
	next         *Batch    // in the lane, or in rest
	rest         *Batch    // what was split off it during sealing
	refused      error     // why it cannot be sent
	cramped      bool      // sealing found no memory although nothing was in flight
	older, newer *Batch    // in shard.live
	before, then *Batch    // in shard.queued
	headers      [4]Header
}

// batchCost is the memory of a Batch without its segment, in bytes. The allocator rounds memory of
// this size up to a multiple of 32.
const batchCost = (int64(unsafe.Sizeof(Batch{})) + 31) &^ 31

// Lane returns the lane that the batch belongs to.
func (b *Batch) Lane() *Lane { return b.lane }

// Trace returns the trace context of the batch's first message if all of its messages belong to one
// trace, else nil.
func (b *Batch) Trace() *Trace { return b.trace }

// isWritten reports whether no slot of the batch is being written. Once it is true and no more
// slots are reserved, it stays true.
func (b *Batch) isWritten() bool { return b.written.Load() == b.slots }

func (b *Batch) fits(size int, cfg *Config) bool {
	whole, limit := b.used+size, cfg.MaxMessageBytes // with headroom: the size of the record
	if b.oneMessage {
		// The message cannot be split if sealing makes it longer.
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
