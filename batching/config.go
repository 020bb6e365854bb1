package batching

import (
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// Kind is a kind of message: an index into [Config.Kinds].
type Kind uint8

// Overflow says what emitting does when the queue is full.
type Overflow uint8

// The overflow policies.
const (
	// DropNewest drops the event being emitted. It is the default: emitting never blocks.
	DropNewest Overflow = iota
	// Block waits until the queue has room, for at most [Config.BlockTimeout], and then drops the
	// event.
	Block
	// DropOldest makes room by dropping the oldest queued batches that matter no more than the
	// event. If there are none, the event is dropped.
	DropOldest
)

// String returns "drop", "block" or "drop_oldest".
func (o Overflow) String() string {
	switch o {
	case DropNewest:
		return "drop"
	case Block:
		return "block"
	case DropOldest:
		return "drop_oldest"
	}
	return fmt.Sprintf("overflow(%d)", uint8(o))
}

// The defaults of [Config]. ARCHITECTURE.md explains how they were chosen.
const (
	DefaultQueueBytes      = 128 << 20
	DefaultQueueEvents     = 1 << 20
	DefaultBatchBytes      = 64 << 10
	DefaultBatchEvents     = 1000
	DefaultLinger          = 250 * time.Millisecond
	DefaultPermits         = 8192
	DefaultMaxMessageBytes = 900 << 10
	DefaultBlockTimeout    = time.Second
	DefaultDeliveryTimeout = 2 * time.Minute
)

// Config configures an engine. A zero field stands for its default, if it has one.
type Config struct {
	// Sender carries the batches. It is required.
	Sender Sender
	// Seal turns the messages of a batch into its Value and Headers. It is required. The worker
	// calls it once per batch, before it passes the batch to the Sender. [ErrUnchanged] ends the
	// batch without sending it. Any other error drops it: for the reason of a *[SendError] whose
	// outcome is Dropped, else as [Internal]. A panic counts as an error.
	Seal func(*Sealing) error
	// Kinds names the kinds of message for metrics. It is required. An empty name marks a kind that
	// is not used.
	Kinds []string

	// QueueBytes bounds the memory of all events held, including those in flight. Default 128 MiB.
	QueueBytes int64
	// QueueEvents bounds their number. Default 1,048,576.
	QueueEvents int64
	// BatchBytes is the size at which a batch is sealed, in bytes. Default 64 KiB.
	BatchBytes int
	// BatchEvents is the number of events at which a batch is sealed. Default 1000.
	BatchEvents int
	// Linger is how long a batch waits for more events. It must be less than DeliveryTimeout.
	// Default 250 ms; a negative value means no wait.
	Linger time.Duration
	// Permits is the number of batches that may be in flight. Default 8192.
	Permits int
	// MaxMessageBytes bounds one message. Default 900 KiB.
	MaxMessageBytes int
	// Overflow says what happens when the queue is full, BlockTimeout how long [Block] waits.
	// Default 1 s.
	Overflow     Overflow
	BlockTimeout time.Duration
	// Overflows has the policy of each class that has another one than Overflow.
	Overflows map[Class]Overflow
	// Shed gives up messages before the queue is full, the least important ones first, and those of
	// some runs rather than of all. The messages of a class whose policy is Block are not given up.
	// See [Class] and [Engine.Press].
	Shed bool
	// DeliveryTimeout is how long after emit an event may still be handed to the Sender. The Sender
	// applies the same deadline to the batches it holds. Default 2 minutes.
	DeliveryTimeout time.Duration

	// Logger receives the engine's own messages: one when losses begin, one when they have ended.
	// Default [slog.Default].
	Logger *slog.Logger

	// Lost is called when a loss was recorded that [Engine.Gaps] can tell of, once until Gaps is
	// called. It is called under a lock and must only wake something up. nil: no call.
	Lost func()

	overflows [NumClasses]Overflow // the policy of each class

	window int // initial window of a lane; default firstWindow
	// charged for a batch besides its segment; default batchCost, negative: nothing
	batchCost int64
}

func (c *Config) withDefaults() Config {
	d := *c
	setDefault(&d.QueueBytes, DefaultQueueBytes)
	setDefault(&d.QueueEvents, DefaultQueueEvents)
	setDefault(&d.BatchBytes, DefaultBatchBytes)
	setDefault(&d.BatchEvents, DefaultBatchEvents)
	setDefault(&d.Linger, DefaultLinger)
	setDefault(&d.Permits, DefaultPermits)
	setDefault(&d.MaxMessageBytes, DefaultMaxMessageBytes)
	setDefault(&d.BlockTimeout, DefaultBlockTimeout)
	setDefault(&d.window, firstWindow)
	setDefault(&d.batchCost, batchCost)
	setDefault(&d.DeliveryTimeout, DefaultDeliveryTimeout)
	for c := range d.overflows {
		d.overflows[c] = d.Overflow
		if o, ok := d.Overflows[Class(c)]; ok {
			d.overflows[c] = o
		}
	}
	d.Logger = guard.Logger(d.Logger)
	return d
}

func setDefault[T comparable](field *T, value T) {
	var zero T
	if *field == zero {
		*field = value
	}
}

func (c *Config) validate() error {
	var errs []error
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("batching: "+format, args...))
		}
	}
	check(c.Sender != nil, "Config.Sender is required")
	check(c.Seal != nil, "Config.Seal is required")
	check(len(c.Kinds) > 0 && len(c.Kinds) <= 64, "Config.Kinds holds %d names, want 1 to 64",
		len(c.Kinds))
	check(c.QueueBytes >= minSegment+max(c.batchCost, 0),
		"Config.QueueBytes is %d, want at least %d",
		c.QueueBytes, minSegment+max(c.batchCost, 0))
	check(c.QueueEvents > 0, "Config.QueueEvents is %d, want at least 1", c.QueueEvents)
	check(c.BatchBytes >= minSegment, "Config.BatchBytes is %d, want at least %d", c.BatchBytes,
		minSegment)
	check(c.BatchEvents > 0, "Config.BatchEvents is %d, want at least 1", c.BatchEvents)
	check(c.Permits > 0, "Config.Permits is %d, want at least 1", c.Permits)
	check(c.MaxMessageBytes > 0, "Config.MaxMessageBytes is %d, want at least 1", c.MaxMessageBytes)
	check(c.Overflow <= DropOldest, "Config.Overflow is %d, want DropNewest, Block or DropOldest",
		c.Overflow)
	for class, o := range c.Overflows {
		check(int(class) < NumClasses && o <= DropOldest,
			"Config.Overflows has %v for %v, want DropNewest, Block or DropOldest for a class", o,
			class)
	}
	check(c.BlockTimeout > 0, "Config.BlockTimeout is %v, want more than 0", c.BlockTimeout)
	check(c.DeliveryTimeout > 0, "Config.DeliveryTimeout is %v, want more than 0",
		c.DeliveryTimeout)
	check(c.DeliveryTimeout <= 0 || c.Linger < c.DeliveryTimeout,
		"Config.Linger is %v, want less than Config.DeliveryTimeout, which is %v", c.Linger,
		c.DeliveryTimeout)
	return errors.Join(errs...)
}
