package selfmetrics

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/dashstream/dashstream-go/batching"
)

// observed returns a snapshot that holds the observations.
func observed(seconds ...float64) batching.Histogram {
	var h batching.Histogram
	native := map[int]uint64{}
	for _, s := range seconds {
		h.Count++
		h.Sum += s
		h.Max = max(h.Max, s)
		classic, _ := slices.BinarySearch(batching.HistogramBounds[:], s)
		h.Classic[classic]++
		native[int(math.Ceil(math.Log2(s)*(1<<batching.HistogramSchema)))]++
	}
	if len(native) > 0 {
		indexes := slices.Sorted(func(yield func(int) bool) {
			for i := range native {
				if !yield(i) {
					return
				}
			}
		})
		first, last := indexes[0], indexes[len(indexes)-1]
		h.NativeFirst, h.Native = first, make([]uint64, last-first+1)
		for i, n := range native {
			h.Native[i-first] = n
		}
	}
	return h
}

func TestHistogramIsEncodedAsClientGolangWould(t *testing.T) {
	for name, seconds := range map[string][]float64{
		"empty":                   nil,
		"one":                     {0.013},
		"one second":              {1},
		"neighbours":              {0.010, 0.011, 0.012, 0.012, 0.012, 0.013},
		"gap of two":              {0.010, 0.0125},
		"gap of three":            {0.010, 0.0140},
		"small and large gaps":    {0.010, 0.0112, 0.0125, 0.0145, 0.5, 0.51, 0.52, 90, 1000},
		"from below to above 1 s": {0.9, 0.97, 1.05, 1.3},
		"far below 1 s":           {0.000_002, 0.000_003},
	} {
		t.Run(name, func(t *testing.T) {
			reference := prometheus.NewHistogram(prometheus.HistogramOpts{
				Name: "x", Buckets: batching.HistogramBounds[:], NativeHistogramBucketFactor: 1.1,
			})
			for _, s := range seconds {
				reference.Observe(s)
			}
			var got, want dto.Metric
			if err := reference.Write(&want); err != nil {
				t.Fatal(err)
			}
			h := observed(seconds...)
			if err := (&histogram{value: &h, bounds: batching.HistogramBounds[:]}).
				Write(&got); err != nil {
				t.Fatal(err)
			}
			want.Histogram.CreatedTimestamp = nil
			if got.String() != want.String() {
				t.Errorf("got  %s\nwant %s", got.String(), want.String())
			}
		})
	}
}

func TestExemplarsStandOnTheirBuckets(t *testing.T) {
	h := observed(0.0004, 0.3, 1000)
	h.Exemplars = make([]batching.Exemplar, len(h.Classic))
	at := time.Unix(1_700_000_000, 0)
	h.Exemplars[0] = batching.Exemplar{TraceID: "first", Value: 0.0004, At: at}
	h.Exemplars[len(h.Classic)-1] = batching.Exemplar{TraceID: "last", Value: 1000, At: at}
	stats := idle()
	stats.EmitToAck = h
	collector := New(Info{Client: "p-1", Instance: "id-1"}, fixed(stats))
	got := map[string]float64{}
	for _, f := range gather(t, collector) {
		for _, b := range f.GetMetric()[0].GetHistogram().GetBucket() {
			if x := b.GetExemplar(); x != nil {
				got[f.GetName()+" "+x.GetLabel()[0].GetName()+"="+
					x.GetLabel()[0].GetValue()] = b.GetUpperBound()
				if !x.GetTimestamp().AsTime().Equal(at) {
					t.Errorf("%v is not of %v", x, at)
				}
			}
		}
	}
	want := map[string]float64{
		"dashstream_emit_to_ack_seconds trace_id=first": 0.0005,
		"dashstream_emit_to_ack_seconds trace_id=last":  math.Inf(1),
	}
	if !maps.Equal(got, want) {
		t.Errorf("the exemplars are %v, want %v", got, want)
	}
	buckets := 0
	list, err := collector.Samples()
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range list {
		if strings.HasPrefix(s.Name, "dashstream_emit_to_ack_seconds_bucket") {
			buckets++
		}
	}
	if buckets != len(h.Classic) {
		t.Errorf("the report has %d buckets, want %d", buckets, len(h.Classic))
	}
}
