// Package measure takes the figures of the benchmarks: latencies, processor time, memory,
// allocations, and costs that are only compared with each other.
package measure

import (
	"math/bits"
	"time"
)

const (
	subBits = 5 // 32 buckets for each doubling: a quantile is off by 3 % at most
	buckets = (64 - subBits) << subBits
)

// Latencies is a histogram of durations. Adding to it costs a few instructions and allocates
// nothing. The zero value is empty; it serves one goroutine.
type Latencies struct {
	counts [buckets]uint32
	n      uint64
	max    time.Duration
}

// Add counts one duration.
func (l *Latencies) Add(d time.Duration) {
	l.counts[bucketOf(uint64(max(d, 0)))]++
	l.n++
	l.max = max(l.max, d)
}

// Merge adds all that o holds.
func (l *Latencies) Merge(o *Latencies) {
	for i, c := range o.counts {
		l.counts[i] += c
	}
	l.n += o.n
	l.max = max(l.max, o.max)
}

func bucketOf(v uint64) int {
	if v < 1<<subBits {
		return int(v)
	}
	shift := bits.Len64(v) - subBits - 1
	return (shift+1)<<subBits + int(v>>shift)&(1<<subBits-1)
}

// upperBound is the largest value of a bucket.
func upperBound(bucket int) uint64 {
	if bucket < 1<<subBits {
		return uint64(bucket)
	}
	shift := bucket>>subBits - 1
	return (uint64(bucket&(1<<subBits-1)|1<<subBits)+1)<<shift - 1
}

// Quantiles are what a table shows of a histogram.
type Quantiles struct {
	N    uint64        `json:"n"`
	P50  time.Duration `json:"p50_ns"`
	P99  time.Duration `json:"p99_ns"`
	P999 time.Duration `json:"p999_ns"`
	Max  time.Duration `json:"max_ns"`
}

// Quantiles returns what the table shows; zeros if nothing was added.
func (l *Latencies) Quantiles() Quantiles {
	return Quantiles{N: l.n, P50: l.quantile(.5), P99: l.quantile(.99), P999: l.quantile(.999),
		Max: l.max}
}

func (l *Latencies) quantile(q float64) time.Duration {
	rank := uint64(q * float64(l.n))
	var seen uint64
	for i, c := range l.counts {
		if seen += uint64(c); seen > rank {
			return min(time.Duration(upperBound(i)), l.max)
		}
	}
	return l.max
}
