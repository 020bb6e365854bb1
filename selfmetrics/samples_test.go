package selfmetrics

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"
	"github.com/prometheus/common/expfmt"

	"github.com/dashstream/dashstream-go/batching"
)

// exposition returns the text exposition's lines without those of comment.
func exposition(t *testing.T, families []*dto.MetricFamily) []string {
	t.Helper()
	var text bytes.Buffer
	for _, f := range families {
		if _, err := expfmt.MetricFamilyToText(&text, f); err != nil {
			t.Fatal(err)
		}
	}
	var lines []string
	for line := range strings.Lines(text.String()) {
		if !strings.HasPrefix(line, "#") {
			lines = append(lines, strings.TrimSuffix(line, "\n"))
		}
	}
	return lines
}

var clientLabel = regexp.MustCompile(`\{client="p-1"\}|client="p-1",|,client="p-1"`)

func TestSamplesAreThoseOfTheExpositionWithoutTheProducer(t *testing.T) {
	stats := idle()
	fill(t, &stats)
	stats.Kinds[0].Name, stats.Kinds[1].Name, stats.Kinds[2].Name = "", `ev"en\t`, "err\nor"
	stats.QueueWait = observed(0.0004, 0.02, 0.02, 3, 500)
	stats.Send[batching.Dropped] = observed(0.00025)
	c := New(Info{Client: "p-1", Instance: "id-1", Service: "a{b}=c,d", Topic: `C:\new "topic"` +
		"\n"}, fixed(stats))

	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	gathered, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	list, err := c.Samples()
	if err != nil {
		t.Fatal(err)
	}
	lines := exposition(t, gathered)
	if len(lines) != len(list) {
		t.Fatalf("%d samples, the exposition has %d", len(list), len(lines))
	}
	for i, line := range lines {
		got := list[i].Name + " " + strconv.FormatFloat(list[i].Value, 'g', -1, 64)
		if want := clientLabel.ReplaceAllString(line, ""); got != want {
			t.Errorf("sample %d is %s, want %s", i, got, want)
		}
	}
}

func TestSamplesCarryTypeAndUnitOfTheirMetric(t *testing.T) {
	got := samples(t, New(Info{Client: "p-1", Instance: "id-1"}, fixed(idle())))
	for _, want := range []Sample{
		{Name: `dashstream_telemetry_dropped_total{message_type="event",reason="queue_full"}`,
			Type: Counter, Unit: "events"},
		{Name: `dashstream_queue_bytes`, Type: Gauge, Unit: "bytes"},
		{Name: `dashstream_emit_to_ack_seconds_bucket{le="0.0005"}`, Type: Histogram,
			Unit: "seconds"},
		{Name: `dashstream_send_duration_seconds_bucket{outcome="delivered",le="+Inf"}`,
			Type: Histogram, Unit: "seconds"},
		{Name: `dashstream_emit_to_ack_seconds_sum`, Type: Histogram, Unit: "seconds"},
		{Name: `dashstream_emit_to_ack_seconds_count`, Type: Histogram, Unit: "seconds"},
	} {
		if got[want.Name] != want {
			t.Errorf("got %+v, want %+v", got[want.Name], want)
		}
	}
}
