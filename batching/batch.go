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

// Batch is one sealed unit on its way: one record, one permit, one observation of latency. Senders
// read its exported fields and change none of them. It is complete in itself: its bytes can be
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
	// Headers go beside the value.
	Headers []Header
	// ID is unique among all batches and messages of this engine.
	ID uint64
	// Opened is when its first event was emitted, on the monotonic clock. Its time of day goes
	// by what the clock showed when the engine was started: [Batch.TimeOfDay] goes by what it shows
	// now.
	Opened time.Time

	batchState
}

// The states of a batch.
const (
	stateQueued   = iota
	stateSealing  // the worker seals it ahead of its permit
	stateSealed   // waits for its permit
	stateInFlight // has its permit
	stateEnded
)

// batchRoom is what taking room in an open batch looks at and changes. It stands in front of all
// else, so that it takes two cache lines: of a hundred thousand quiet threads' batches none is in
// the cache. The lane's shard guards it, except where noted.
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
	// Messages is the number of messages in the batch; unlike Events it counts what was joined as
	// one.
	Messages int
}

// batchState is the rest of the engine's side of a batch. The lane's shard guards it, except where
// noted.
type batchState struct {
	lane      *Lane
	messageID uint64
	// the account's, and the worker's while it hands the batch over: done may be called meanwhile
	claims       atomic.Int32
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

// batchCost is what a Batch takes beside its segment, in bytes. Memory of this size comes in steps
// of 32.
const batchCost = (int64(unsafe.Sizeof(Batch{})) + 31) &^ 31

// Lane returns the lane that the batch belongs to.
func (b *Batch) Lane() *Lane { return b.lane }

// Trace returns the trace context of the batch's first message if all of its messages were made
// inside one trace, else nil.
func (b *Batch) Trace() *Trace { return b.trace }

// isWritten says whether no slot of the batch is being written. It holds for good once no slot is
// reserved any more.
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
