package selfmetrics

import (
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// BenchmarkEstimator measures what the estimator takes for one look of ten in a second, with all
// that it can remember.
func BenchmarkEstimator(b *testing.B) {
	e := newEstimator(testDeadline)
	at := time.Unix(1_000_000, 0)
	l := batching.Levels{MaxBytes: 1 << 27, MaxEvents: 1 << 20, MaxPermits: 8192}
	look := func() {
		at = at.Add(lookEvery)
		l.At, l.Heartbeat = at, at
		l.Bytes += 10_000
		l.BytesIn += 110_000
		l.BytesOut += 100_000
		e.add(&l, &batching.SenderStats{})
	}
	for range 3000 {
		look()
	}
	b.ReportAllocs()
	for b.Loop() {
		look()
	}
}
