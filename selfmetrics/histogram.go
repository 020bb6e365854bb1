package selfmetrics

import (
	"math"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"google.golang.org/protobuf/types/known/timestamppb"

	"github.com/dashstream/dashstream-go/batching"
)

// histogram is a metric with classic and native buckets at once, which the constant metrics of
// client_golang cannot be.
type histogram struct {
	desc   *prometheus.Desc
	labels []*dto.LabelPair
	value  *batching.Histogram
	bounds []float64 // of the classic buckets
}

func (h *histogram) Desc() *prometheus.Desc { return h.desc }

func (h *histogram) Write(out *dto.Metric) error {
	spans, deltas := nativeBuckets(h.value)
	out.Label = h.labels
	out.Histogram = &dto.Histogram{
		SampleCount: new(h.value.Count),
		SampleSum:   new(h.value.Sum),
		Bucket:      classicBuckets(h.value, h.bounds),
		Schema:      new(int32(batching.HistogramSchema)),
		// A threshold above 0 marks the histogram as native even while it is empty.
		ZeroThreshold: new(prometheus.DefNativeHistogramZeroThreshold),
		ZeroCount:     new(uint64(0)),
		PositiveSpan:  spans,
		PositiveDelta: deltas,
	}
	return nil
}

// classicBuckets returns the cumulative buckets with their exemplars. The one for +Inf is the
// count, and left out unless it has one.
func classicBuckets(h *batching.Histogram, bounds []float64) []*dto.Bucket {
	buckets := make([]*dto.Bucket, len(bounds))
	var cumulative uint64
	for i, bound := range bounds {
		cumulative += h.Classic[i]
		buckets[i] = &dto.Bucket{UpperBound: new(bound), CumulativeCount: new(cumulative),
			Exemplar: exemplar(h, i)}
	}
	if last := exemplar(h, len(bounds)); last != nil {
		buckets = append(buckets, &dto.Bucket{UpperBound: new(math.Inf(1)),
			CumulativeCount: new(h.Count), Exemplar: last})
	}
	return buckets
}

// exemplar returns that of a classic bucket, nil if it has none.
func exemplar(h *batching.Histogram, bucket int) *dto.Exemplar {
	if bucket >= len(h.Exemplars) || h.Exemplars[bucket].TraceID == "" {
		return nil
	}
	x := &h.Exemplars[bucket]
	return &dto.Exemplar{
		Label: []*dto.LabelPair{{Name: new("trace_id"), Value: new(x.TraceID)}},
		Value: new(x.Value), Timestamp: timestamppb.New(x.At),
	}
}

// maxGap is the most empty buckets in a row that are written out as part of a span. A new span
// costs more than they do.
const maxGap = 2

// nativeBuckets encodes the native buckets as spans of neighbouring buckets, each with its distance
// from the end of the one before, and as the differences between the counts of successive buckets
// in them.
func nativeBuckets(h *batching.Histogram) (spans []*dto.BucketSpan, deltas []int64) {
	var end int32 // the index after the last span
	var last int64
	add := func(count uint64) {
		deltas = append(deltas, int64(count)-last)
		last = int64(count)
		*spans[len(spans)-1].Length++
		end++
	}
	for i, count := range h.Native {
		if count == 0 {
			continue
		}
		gap := int32(h.NativeFirst+i) - end
		if len(spans) == 0 || gap > maxGap {
			spans = append(spans, &dto.BucketSpan{Offset: new(gap), Length: new(uint32(0))})
			end += gap
		} else {
			for range gap {
				add(0)
			}
		}
		add(count)
	}
	return spans, deltas
}
