package measure

import (
	"testing"
	"time"
)

func TestBucketsHoldTheirValues(t *testing.T) {
	previous := -1
	for _, v := range []uint64{0, 1, 31, 32, 33, 63, 64, 1000, 1 << 20, 1<<40 + 12345, 1 << 62} {
		b := bucketOf(v)
		if b < previous || b >= buckets {
			t.Fatalf("bucketOf(%d) = %d behind %d, of %d", v, b, previous, buckets)
		}
		if u := upperBound(b); u < v || float64(u) > float64(v)*(1+1.0/(1<<subBits))+1 {
			t.Errorf("upperBound(bucketOf(%d)) = %d", v, u)
		}
		previous = b
	}
}

func TestQuantilesOfAKnownDistribution(t *testing.T) {
	var a, b Latencies
	for i := range 1000 {
		l := &a
		if i%2 == 0 {
			l = &b
		}
		l.Add(time.Duration(i+1) * time.Microsecond)
	}
	a.Merge(&b)
	q := a.Quantiles()
	near := func(got, want time.Duration) bool {
		return got >= want &&
			float64(got) <= 1.04*float64(want)
	}
	if q.N != 1000 || !near(q.P50, 500*time.Microsecond) || !near(q.P99, 990*time.Microsecond) ||
		q.Max != time.Millisecond {
		t.Errorf("Quantiles = %+v", q)
	}
}
