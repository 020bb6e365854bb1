package selfmetrics

import (
	"fmt"
	"slices"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// Type is what kind of metric a [Definition] describes.
type Type uint8

// The types of metrics.
const (
	// Counter only grows while the process lives; look at its rate.
	Counter Type = iota
	// Gauge is a level, a limit or a time stamp of now.
	Gauge
	// Histogram counts observations by their size, cumulatively. It has classic and native buckets
	// at once.
	Histogram
)

// String returns the type as the exposition writes it: "counter", "gauge" or "histogram".
func (t Type) String() string {
	switch t {
	case Counter:
		return "counter"
	case Gauge:
		return "gauge"
	case Histogram:
		return "histogram"
	}
	return fmt.Sprintf("type(%d)", uint8(t))
}

// Definition describes one metric that a [Collector] publishes.
type Definition struct {
	// Name is the metric's name, such as "dashstream_telemetry_queue_depth".
	Name string
	// Type is its type.
	Type Type
	// Unit is what it is measured in: "seconds", "bytes", "events", "batches" and so on, and "1"
	// where there is no unit. Time stamps are seconds since the Unix epoch.
	Unit string
	// Labels are the names of its labels, in alphabetical order; the label client, which all
	// metrics have, is left out.
	Labels []string
	// Help says what it is and what to do with it.
	Help string
}

// Definitions returns the list of all metrics, in the order in which events pass what they measure.
// The caller owns it. Everything that speaks of the metrics (the collector, the in-band report, the
// tables in the documentation) follows this list.
func Definitions() []Definition {
	list := make([]Definition, len(families))
	for i := range families {
		list[i] = families[i].Definition
		list[i].Labels = slices.Clone(list[i].Labels)
	}
	return list
}

// The label names. Each takes its values from a closed list.
const (
	labelKind    = "message_type"
	labelReason  = "reason"
	labelTrigger = "trigger"
	labelOutcome = "outcome"
	labelClass   = "class"
	labelRule    = "rule"
)

// snapshot is all that a metric can be read from.
type snapshot struct {
	*Stats
	info *Info
}

// sink takes what a family reads from a snapshot: one call for each series, label values in the
// order of Definition.Labels.
type sink interface {
	value(v float64, labels ...string)
	histogram(h *batching.Histogram, bounds []float64, labels ...string)
}

// family is a Definition and how to read it.
type family struct {
	Definition
	read func(s *snapshot, out sink)
}

type number interface {
	~int | ~int64 | ~uint64 | ~float64
}

func counter[N number](name, unit, help string, read func(*snapshot) N) family {
	return single(Definition{Name: name, Type: Counter, Unit: unit, Help: help}, read)
}

func gauge[N number](name, unit, help string, read func(*snapshot) N) family {
	return single(Definition{Name: name, Type: Gauge, Unit: unit, Help: help}, read)
}

// timestamp is a gauge of a moment. It is 0 as long as the moment has not come, so that the series
// exists from the start.
func timestamp(name, help string, read func(*snapshot) time.Time) family {
	return gauge(name, "seconds", help, func(s *snapshot) float64 {
		t := read(s)
		if t.IsZero() {
			return 0
		}
		return float64(t.UnixMicro()) / 1e6
	})
}

func single[N number](d Definition, read func(*snapshot) N) family {
	return family{d, func(s *snapshot, out sink) { out.value(float64(read(s))) }}
}

// byKind has one series for each kind of message that is in use.
func byKind(t Type, name, unit, help string, read func(*batching.KindStats) uint64) family {
	d := Definition{Name: name, Type: t, Unit: unit, Labels: []string{labelKind}, Help: help}
	return family{d, func(s *snapshot, out sink) {
		for kind := range s.usedKinds {
			out.value(float64(read(kind)), kind.Name)
		}
	}}
}

// usedKinds calls yield for each kind that has a name.
func (s *snapshot) usedKinds(yield func(*batching.KindStats) bool) {
	for i := range s.Kinds {
		if s.Kinds[i].Name != "" && !yield(&s.Kinds[i]) {
			return
		}
	}
}

func latency(name, help string, read func(*snapshot) *batching.Histogram) family {
	d := Definition{Name: name, Type: Histogram, Unit: "seconds", Help: help}
	return family{d, func(s *snapshot, out sink) {
		out.histogram(read(s), batching.HistogramBounds[:])
	}}
}

// fineLatency is a latency of less than a microsecond or so.
func fineLatency(name, help string, read func(*snapshot) *batching.Histogram) family {
	d := Definition{Name: name, Type: Histogram, Unit: "seconds", Help: help}
	return family{d, func(s *snapshot, out sink) { out.histogram(read(s), batching.EmitBounds[:]) }}
}
