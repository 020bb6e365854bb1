package batching

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestQuantileIsOffByNinePercentAtMost(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 2))
	distributions := map[string]func() float64{
		"uniform":     func() float64 { return r.Float64() },
		"exponential": func() float64 { return r.ExpFloat64() * .02 },
		"log-normal":  func() float64 { return math.Exp(r.NormFloat64()*2 - 5) },
		"two peaks":   func() float64 { return pick(r, .001, 5) * (1 + r.Float64()/10) },
		"constant":    func() float64 { return .25 },
		"minutes":     func() float64 { return 60 + 4000*r.Float64() },
	}
	for name, draw := range distributions {
		for _, n := range []int{1, 2, 10, 1000, 20_000} {
			var rec recorder
			all := make([]time.Duration, n)
			for i := range all {
				all[i] = max(seconds(draw()), time.Microsecond)
				rec.observe(all[i])
			}
			slices.Sort(all)
			h := rec.snapshot()
			for _, q := range []float64{0, .01, .5, .9, .99, .999, 1} {
				want := all[max(int(math.Ceil(q*float64(n))), 1)-1]
				got := h.Quantile(q)
				if off := math.Abs(float64(got-want)) / float64(want); off > .0906 {
					t.Errorf("%s, %d values: the %v-quantile is %v, not %v: off by %.1f %%", name,
						n, q, want, got, 100*off)
				}
			}
		}
	}
}

func TestHistogramFormsAgree(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 3))
	var rec recorder
	var sum, longest time.Duration
	all := []time.Duration{0, -time.Second, 1, time.Microsecond, 1000 * time.Hour}
	for _, b := range HistogramBounds {
		all = append(all, seconds(b), seconds(b)+1)
	}
	for range 5000 {
		all = append(all, time.Duration(math.Exp(r.Float64()*28)))
	}
	for _, d := range all {
		rec.observe(d)
		sum += max(d, 0)
		longest = max(longest, d)
	}
	h := rec.snapshot()
	var classic, native uint64
	for i, n := range h.Classic {
		classic += n
		var want uint64
		for _, d := range all {
			s := max(d.Seconds(), 0)
			if (i == 0 || s > HistogramBounds[i-1]) && (i == len(HistogramBounds) ||
				s <= HistogramBounds[i]) {
				want++
			}
		}
		if n != want {
			t.Errorf("classic bucket %d holds %d, want %d", i, n, want)
		}
	}
	for i, n := range h.Native {
		native += n
		bucket := h.NativeFirst + i
		var want uint64
		for _, d := range all {
			if s := d.Seconds(); s <= math.Exp2(float64(min(max(bucket, nativeMin),
				nativeMax))/8) || bucket == nativeMax {
				want++
			}
		}
		if native != want {
			t.Errorf("native buckets up to %d hold %d, want %d", bucket, native, want)
		}
	}
	if n := uint64(len(all)); h.Count != n || classic != n || native != n {
		t.Errorf("count %d, classic %d, native %d, want %d", h.Count, classic, native, n)
	}
	if math.Abs(h.Sum-sum.Seconds()) > 1e-6*sum.Seconds() || h.Max != longest.Seconds() {
		t.Errorf("sum %v s, longest %v s, want %v and %v", h.Sum, h.Max, sum, longest)
	}
	if h.Native[0] == 0 || h.Native[len(h.Native)-1] == 0 {
		t.Error("the native buckets are not cut to those in use")
	}
}

func TestEmptyHistogram(t *testing.T) {
	var rec recorder
	if h := rec.snapshot(); h.Native != nil || h.Count != 0 || h.Quantile(.5) != 0 {
		t.Errorf("nothing was observed: %+v", h)
	}
	if (&Histogram{}).Quantile(.99) != 0 {
		t.Error("the zero value has a quantile")
	}
}

func TestSnapshotDoesNotChange(t *testing.T) {
	var rec recorder
	rec.observe(time.Second)
	h := rec.snapshot()
	rec.observe(time.Second)
	if h.Count != 1 || h.Native[0] != 1 {
		t.Errorf("a snapshot changed afterwards: %+v", h)
	}
}
