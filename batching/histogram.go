package batching

import (
	"math"
	"slices"
	"sync"
	"time"
)

// HistogramSchema is the resolution of [Histogram.Native], as Prometheus's native histograms define it: bucket i holds
// observations in (2^((i-1)/2^schema), 2^(i/2^schema)] seconds, so neighbours differ by 2^(1/8), about 9 %.
const HistogramSchema = 3

const (
	nativeMin     = -160 // 2^-20 s, about 1 µs: what is shorter is counted there
	nativeMax     = 96   // 2^12 s, over an hour: what is longer is counted there
	nativeBuckets = nativeMax - nativeMin + 1
)

// HistogramBounds are the upper bounds of [Histogram.Classic], in seconds; a last bucket for +Inf follows them.
var HistogramBounds = [...]float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60, 120}

// Histogram is a snapshot of observed durations, in seconds. The zero value is an empty one.
type Histogram struct {
	// Count is the number of observations, Sum their sum and Max the largest, both in seconds.
	Count    uint64
	Sum, Max float64
	// Classic counts observations by [HistogramBounds], not cumulated; the last is for what is above the last bound.
	Classic [len(HistogramBounds) + 1]uint64
	// Native counts observations by bucket of schema [HistogramSchema]; Native[0] is bucket NativeFirst. It is nil when empty.
	Native      []uint64
	NativeFirst int
}

// Quantile returns an estimate of the q-quantile, 0 ≤ q ≤ 1, off by at most 9 %. It is 0 when nothing was observed.
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

// recorder is a histogram that is being filled. It is safe for concurrent use.
type recorder struct {
	mu      sync.Mutex
	count   uint64
	sum     float64
	max     float64
	classic [len(HistogramBounds) + 1]uint64
	native  [nativeBuckets]uint64
}

func (r *recorder) observe(d time.Duration) {
	s := max(d.Seconds(), 0)
	classic, _ := slices.BinarySearch(HistogramBounds[:], s)
	native := nativeIndex(s) - nativeMin
	r.mu.Lock()
	r.count++
	r.sum += s
	r.max = max(r.max, s)
	r.classic[classic]++
	r.native[native]++
	r.mu.Unlock()
}

func nativeIndex(s float64) int {
	if s <= 0 {
		return nativeMin
	}
	return min(max(int(math.Ceil(math.Log2(s)*(1<<HistogramSchema))), nativeMin), nativeMax)
}

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
	return h
}
