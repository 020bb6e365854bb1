package batching

import (
	"math"
	"slices"
	"sync"
	"time"
)

// HistogramSchema is the resolution of [Histogram.Native], as defined for Prometheus's native
// histograms: bucket i holds observations in (2^((i-1)/2^schema), 2^(i/2^schema)] seconds.
// Neighbouring bounds differ by 2^(1/8), about 9 %.
const HistogramSchema = 3

const (
	nativeMin     = -216 // 2^-27 s, about 7 ns; shorter durations are counted here
	nativeMax     = 96   // 2^12 s, over an hour; longer durations are counted here
	nativeBuckets = nativeMax - nativeMin + 1
)

// HistogramBounds are the upper bounds of [Histogram.Classic], in seconds. A last bucket for +Inf
// follows them.
var HistogramBounds = [...]float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5,
	10, 30, 60, 120}

// EmitBounds are the upper bounds of [Stats.Emit].
var EmitBounds = [len(HistogramBounds)]float64{
	100e-9, 250e-9, 500e-9, 1e-6, 2.5e-6, 5e-6, 10e-6, 25e-6, 50e-6, 100e-6, 250e-6, .001, .01, .1,
	1, 10, 60,
}

// Exemplar is one observation that belongs to a trace.
type Exemplar struct {
	// TraceID is the trace's id, Value the observed value in seconds, and At the time of the
	// observation.
	TraceID string
	Value   float64
	At      time.Time
}

// Histogram is a snapshot of observed durations, in seconds. The zero value is an empty one.
type Histogram struct {
	// Count is the number of observations, Sum their sum and Max the largest, both in seconds.
	Count    uint64
	Sum, Max float64
	// Classic counts observations by [HistogramBounds], not cumulated. Its last element counts
	// those above the last bound.
	Classic [len(HistogramBounds) + 1]uint64
	// Native counts observations by bucket of schema [HistogramSchema]; Native[0] is bucket
	// NativeFirst. It is nil when empty.
	Native      []uint64
	NativeFirst int
	// Exemplars holds the last observation with a trace for each classic bucket; TraceID is ""
	// where there was none. It is nil if no observation had a trace.
	Exemplars []Exemplar
}

// Quantile estimates the q-quantile, 0 ≤ q ≤ 1, with an error of at most 9 %. It is 0 when nothing
// was observed.
func (h *Histogram) Quantile(q float64) time.Duration {
	rank := uint64(math.Ceil(min(max(q, 0), 1) * float64(h.Count)))
	var seen uint64
	for i, n := range h.Native {
		if seen += n; n > 0 && seen >= rank {
			upper := math.Exp2(float64(h.NativeFirst+i) / (1 << HistogramSchema))
			return seconds(min(upper, h.Max))
		}
	}
	return seconds(h.Max)
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// recorder is a histogram being filled. It is safe for concurrent use.
type recorder struct {
	mu      sync.Mutex
	count   uint64
	sum     float64
	max     float64
	classic [len(HistogramBounds) + 1]uint64
	native  [nativeBuckets]uint64
	traced  *[len(HistogramBounds) + 1]traced // nil until there is one
	fine    bool                              // bounds are EmitBounds
}

// traced is an exemplar with its own copy of the id, so that it does not keep alive the text that
// the id was cut from.
type traced struct {
	id    [32]byte
	n     uint8
	value float64
	at    time.Time
}

func (r *recorder) observe(d time.Duration) { r.observeTraced(d, time.Time{}, nil) }

// observeTraced also stores the trace, if there is one, as the bucket's exemplar.
func (r *recorder) observeTraced(d time.Duration, at time.Time, trace *Trace) {
	s := max(d.Seconds(), 0)
	bounds := &HistogramBounds
	if r.fine {
		bounds = &EmitBounds
	}
	classic, _ := slices.BinarySearch(bounds[:], s)
	native := nativeIndex(s) - nativeMin
	r.mu.Lock()
	r.count++
	r.sum += s
	r.max = max(r.max, s)
	r.classic[classic]++
	r.native[native]++
	if trace != nil {
		r.trace(classic, traced{value: s, at: at}, trace.ID)
	}
	r.mu.Unlock()
}

func (r *recorder) trace(bucket int, x traced, id string) {
	if id == "" || len(id) > len(x.id) {
		return
	}
	x.n = uint8(copy(x.id[:], id))
	if r.traced == nil {
		r.traced = new([len(HistogramBounds) + 1]traced)
	}
	r.traced[bucket] = x
}

// nativeIndex returns the bucket of a duration: the smallest i with s ≤ 2^(i/8). It reads it from
// the bits of the number, which takes a tenth of the time of a logarithm.
func nativeIndex(s float64) int {
	if s <= 0 {
		return nativeMin
	}
	const fractionBits = 52
	b := math.Float64bits(s)
	exponent, fraction := int(b>>fractionBits)-1023, b&(1<<fractionBits-1)
	i := 0
	for i < len(nativeFractions) && fraction > nativeFractions[i] {
		i++
	}
	return min(max(exponent<<HistogramSchema+i, nativeMin), nativeMax)
}

// nativeFractions are the fraction bits of 2^(i/8) as a float64.
var nativeFractions = func() (f [1 << HistogramSchema]uint64) {
	for i := range f {
		f[i] = math.Float64bits(math.Exp2(float64(i)/(1<<HistogramSchema))) & (1<<52 - 1)
	}
	return f
}()

func (r *recorder) snapshot() Histogram {
	r.mu.Lock()
	defer r.mu.Unlock()
	h := Histogram{Count: r.count, Sum: r.sum, Max: r.max, Classic: r.classic}
	first, last := 0, len(r.native)-1
	for first <= last && r.native[first] == 0 {
		first++
	}
	for last >= first && r.native[last] == 0 {
		last--
	}
	if first <= last {
		h.Native, h.NativeFirst = slices.Clone(r.native[first:last+1]), first+nativeMin
	}
	if r.traced != nil {
		h.Exemplars = make([]Exemplar, len(r.traced))
		for i := range r.traced {
			x := &r.traced[i]
			h.Exemplars[i] = Exemplar{TraceID: string(x.id[:x.n]), Value: x.value, At: x.at}
		}
	}
	return h
}
