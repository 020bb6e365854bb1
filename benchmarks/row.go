package main

import (
	"time"

	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
)

// row is one line of a table. A field that is zero was not measured, and a column in which all are
// zero is left out.
type row struct {
	Scenario  string `json:"scenario"`
	Case      string `json:"case,omitempty"`
	Contender string `json:"contender"`
	// Values, Compression and EventsPerRecord say under which conditions.
	Values          string  `json:"values,omitempty"`
	Compression     string  `json:"compression,omitempty"`
	EventsPerRecord float64 `json:"events_per_record,omitempty"`
	// Operations is how many were measured, PerSecond how many that made.
	Operations uint64  `json:"operations,omitempty"`
	PerSecond  float64 `json:"per_second,omitempty"`
	// NsPerOp is the caller's time, CPUPerOp the process's processor time, CompressionPerOp the
	// part of it that compressing took.
	NsPerOp          float64 `json:"ns_per_op,omitempty"`
	CPUPerOp         float64 `json:"cpu_ns_per_op,omitempty"`
	CompressionPerOp float64 `json:"compression_ns_per_op,omitempty"`
	BytesPerOp       float64 `json:"bytes_per_op"`
	AllocsPerOp      float64 `json:"allocs_per_op"`
	// Call are latencies of one call, EmitToAck from the call to the acknowledgement, Work those of
	// the application's own work.
	Call      measure.Quantiles `json:"call,omitzero"`
	EmitToAck measure.Quantiles `json:"door_to_ack,omitzero"`
	Work      measure.Quantiles `json:"work,omitzero"`
	// WirePerOp is what an event took on the wire, PeakHeap the most memory that heap objects took,
	// both in bytes.
	WirePerOp float64 `json:"wire_bytes_per_op,omitempty"`
	PeakHeap  uint64  `json:"peak_heap_bytes,omitempty"`
	// BytesPerRun is what an idle run takes.
	BytesPerRun float64 `json:"bytes_per_run,omitempty"`
	// Multiple says how much it is of something that Note names.
	Multiple  float64        `json:"multiple,omitempty"`
	Delivered float64        `json:"delivered_percent"`
	Note      string         `json:"note,omitempty"`
	Shares    measure.Shares `json:"shares,omitempty"`

	hasAllocs bool
}

// setCost fills in what a number of operations cost.
func (r *row) setCost(c measure.Cost, operations uint64) {
	n := float64(max(operations, 1))
	r.Operations = operations
	r.PerSecond = n / c.Wall.Seconds()
	r.CPUPerOp = float64(c.CPU) / n
	r.BytesPerOp, r.AllocsPerOp, r.hasAllocs = float64(c.Bytes)/n, float64(c.Allocs)/n, true
	r.PeakHeap = c.PeakHeap
}

// setDelivered fills in the share that was delivered.
func (r *row) setDelivered(delivered, emitted uint64) {
	if emitted > 0 {
		r.Delivered = 100 * float64(delivered) / float64(emitted)
	}
}

// perOp is the time of one operation in ns.
func perOp(d time.Duration, n uint64) float64 { return float64(d) / float64(max(n, 1)) }
