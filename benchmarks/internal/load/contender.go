package load

import (
	"context"
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
)

// Setup is what a contender is opened with.
type Setup struct {
	// Address is where events go: a broker as host:port, or the URL of an OTLP receiver. "" is a
	// sink inside the process that takes everything at once and keeps nothing.
	Address string
	// Topic is where events go in Kafka.
	Topic string
	// Compression is "none", or zstd for Kafka and gzip for OTLP.
	Compression string
	// Lossless has the caller wait where a queue is full; without it the contender does what it
	// does by default.
	Lossless bool
}

// Contender is one way to get events out of a process.
type Contender interface {
	// Emitter returns what goroutine i emits with: a run, a logger, a tracer, a key of its own.
	Emitter(i int) Emitter
	// Finish sends what waits, ends the contender and returns what became of the events. It returns
	// when ctx ends at the latest.
	Finish(ctx context.Context) (Outcome, error)
}

// Emitter emits the events of one goroutine.
type Emitter interface {
	// One and Ten emit an event with the first attribute, or all of them.
	One(v *Values)
	Ten(v *Values)
	// Text emits an event whose one attribute is a text.
	Text(text string)
	// Node emits the start and the end of a piece of work with five attributes: two events, or one
	// span.
	Node(v *Values)
}

// Outcome is what became of the events that a contender took.
type Outcome struct {
	// Emitted counts all that was emitted, what a contender adds to it included (such as the start
	// of a run), and Delivered what of it was acknowledged. Emitted is 0 where a contender keeps no
	// account; then the calls count.
	Emitted, Delivered uint64
	// EmitToAck is the time from emitting to the acknowledgement.
	EmitToAck measure.Quantiles
	// EventsPerRecord is how many events shared a record, a span batch counting as one; 0 if it is
	// not known.
	EventsPerRecord float64
	// Note is said beside the row.
	Note string
}

// Taken returns what Delivered is to be compared with, after so many calls.
func (o *Outcome) Taken(calls uint64) uint64 {
	if o.Emitted > 0 {
		return o.Emitted
	}
	return calls
}

// Open opens a contender.
type Open func(Setup) (Contender, error)

// FinishTimeout bounds how long a row waits for its last acknowledgement.
const FinishTimeout = 2 * time.Minute
