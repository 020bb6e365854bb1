package selfmetrics

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	dto "github.com/prometheus/client_model/go"
)

// Sample is one number of the in-band report.
type Sample struct {
	// Name is the sample's name as Prometheus's text exposition writes it, labels included:
	// dashstream_telemetry_dropped_total{message_type="event",reason="queue_full"}. The label
	// client is left out.
	Name string
	// Value is the number. Counters and histograms are cumulative since the start of the producer.
	Value float64
	// Type and Unit are those of the metric that the sample belongs to: a histogram's buckets and
	// count have its unit too.
	Type Type
	Unit string
}

// Samples returns all that Collect would send now, in the order of the text exposition and under
// the names that it would have there: a histogram becomes its cumulative buckets
// (name_bucket{le="…"}, up to le="+Inf"), name_sum and name_count. The label client is left out,
// for a report says by itself whose it is. It does not count as a scrape.
//
// With an error, Samples returns what could be read nevertheless. A nil Collector has no samples.
func (c *Collector) Samples() ([]Sample, error) {
	if c == nil {
		return nil, nil
	}
	gathered, err := c.inBand.Gather()
	if err != nil {
		err = fmt.Errorf("selfmetrics: gather: %w", err)
	}
	var samples []Sample
	for _, f := range gathered {
		d := definitions[f.GetName()]
		for _, m := range f.GetMetric() {
			samples = appendSamples(samples, d, m)
		}
	}
	return samples, err
}

var definitions = func() map[string]*Definition {
	byName := make(map[string]*Definition, len(families))
	for i := range families {
		byName[families[i].Name] = &families[i].Definition
	}
	return byName
}()

func appendSamples(samples []Sample, d *Definition, m *dto.Metric) []Sample {
	labels := labelText(m.GetLabel())
	add := func(suffix, labels string, v float64) {
		if labels != "" {
			labels = "{" + labels + "}"
		}
		samples = append(samples, Sample{Name: d.Name + suffix + labels, Value: v, Type: d.Type,
			Unit: d.Unit})
	}
	switch d.Type {
	case Counter:
		add("", labels, m.GetCounter().GetValue())
	case Gauge:
		add("", labels, m.GetGauge().GetValue())
	case Histogram:
		h := m.GetHistogram()
		bucket := func(le float64, n uint64) {
			add("_bucket", joinLabels(labels, `le="`+strconv.FormatFloat(le, 'g', -1, 64)+`"`),
				float64(n))
		}
		for _, b := range h.GetBucket() {
			if math.IsInf(b.GetUpperBound(), 1) {
				continue // it is there for its exemplar
			}
			bucket(b.GetUpperBound(), b.GetCumulativeCount())
		}
		bucket(math.Inf(1), h.GetSampleCount())
		add("_sum", labels, h.GetSampleSum())
		add("_count", labels, float64(h.GetSampleCount()))
	}
	return samples
}

var escaper = strings.NewReplacer(`\`, `\\`, "\n", `\n`, `"`, `\"`)

// labelText writes labels as the exposition does, in their order, without the braces.
func labelText(pairs []*dto.LabelPair) string {
	var text string
	for _, p := range pairs {
		text = joinLabels(text, p.GetName()+`="`+escaper.Replace(p.GetValue())+`"`)
	}
	return text
}

func joinLabels(a, b string) string {
	if a == "" {
		return b
	}
	return a + "," + b
}
