package integration

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	dto "github.com/prometheus/client_model/go"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// account is the numbers that every source must agree on: by sample name, as in the in-band report.
func account(s callback.Stats) map[string]uint64 {
	numbers := map[string]uint64{}
	for _, k := range s.Kinds {
		if k.Name == "" {
			continue
		}
		label := fmt.Sprintf("{message_type=%q}", k.Name)
		numbers["dashstream_events_emitted_total"+label] = k.Emitted
		numbers["dashstream_events_accepted_total"+label] = k.Accepted
		numbers["dashstream_events_delivered_total"+label] = k.Delivered
		numbers["dashstream_events_unacknowledged_total"+label] = k.Unacknowledged
		for r, n := range k.Dropped {
			numbers[fmt.Sprintf("dashstream_telemetry_dropped_total{message_type=%q,reason=%q}",
				k.Name, batching.Reason(r))] = n
		}
	}
	return numbers
}

func scraped(t *testing.T, client *callback.Client) map[string]uint64 {
	t.Helper()
	registry := prometheus.NewRegistry()
	registry.MustRegister(client.Metrics())
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	numbers := map[string]uint64{}
	for _, f := range families {
		for _, m := range f.GetMetric() {
			if f.GetType() == dto.MetricType_COUNTER {
				numbers[sampleName(f.GetName(), m.GetLabel())] = uint64(m.GetCounter().GetValue())
			}
		}
	}
	return numbers
}

func sampleName(name string, labels []*dto.LabelPair) string {
	var parts []string
	for _, l := range labels {
		if l.GetName() != "client" {
			parts = append(parts, fmt.Sprintf("%s=%q", l.GetName(), l.GetValue()))
		}
	}
	if len(parts) == 0 {
		return name
	}
	return name + "{" + strings.Join(parts, ",") + "}"
}

func reported(m *pb.Metrics) map[string]uint64 {
	numbers := map[string]uint64{}
	for name, v := range m.GetMetrics() {
		switch x := v.GetValue().(type) {
		case *pb.MetricValue_IntValue:
			numbers[name] = uint64(x.IntValue)
		case *pb.MetricValue_FloatValue:
			if x.FloatValue == math.Trunc(x.FloatValue) {
				numbers[name] = uint64(x.FloatValue)
			}
		}
	}
	return numbers
}

func TestAllSourcesTellTheSameNumbers(t *testing.T) {
	c := newCluster(t)
	cfg := c.config()
	cfg.SelfMetrics, cfg.SelfMetricsInterval = "always", 500*time.Millisecond
	cfg.QueueBytes, cfg.MaxMessageBytes, cfg.BatchBytes = 256<<10, 64<<10, 16<<10
	client := newClient(t, cfg)
	during(client, 20, 4_000, strings.Repeat("text ", 20), func() {
		oneRun(client, "all-kinds", 3)
		thaw := c.freeze(t)
		after(3 * time.Second)
		thaw()
		after(time.Second)
	})
	if _, err := client.Shutdown(deadline(t, time.Minute)); err != nil {
		t.Fatal(err)
	}
	stats := client.Stats()
	want := account(stats)
	found := c.readTopic(t)
	reports := found.reports()
	last := reports[len(reports)-1]
	if last.Tags["reason"] != "final" {
		t.Errorf("the last report's reason is %q", last.Tags["reason"])
	}
	sources := map[string]map[string]uint64{"/metrics": scraped(t, client),
		"the in-band report": reported(last)}
	for source, numbers := range sources {
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if got, ok := numbers[name]; !ok || got != want[name] {
				t.Errorf("%s has %d for %s (there: %t), Stats %d", source, got, name, ok,
					want[name])
			}
		}
	}
	if got := found.ofThreads(); got != stats.Total.Messages {
		t.Errorf("%d messages in the topic, Stats says %d", got, stats.Total.Messages)
	}
	if stats.Total.DroppedTotal() == 0 {
		t.Error("the test was to have losses")
	}
}

func TestTheReportInBandGoesWhileTheQueueIsFullAndEveryPermitIsTaken(t *testing.T) {
	c := newCluster(t)
	cfg := c.config()
	cfg.SelfMetrics, cfg.SelfMetricsInterval = "always", 200*time.Millisecond
	cfg.MaxPermits, cfg.QueueEvents = 1, 50
	slow := &slowLink{delay: 300 * time.Millisecond}
	cfg.Dialer = slow.dial
	client := newClient(t, cfg)
	during(client, 10, 2_000, "text", func() {
		wait(t, "a report of a full queue", func() bool {
			for _, r := range c.readTopic(t).reports() {
				n := reported(r)
				if n["dashstream_telemetry_inflight_permits"] == 1 &&
					n["dashstream_telemetry_queue_depth"] == 50 &&
					n[`dashstream_telemetry_dropped_total{message_type="event",reason="queue_full"}`] > 0 {
					return true
				}
			}
			return false
		})
	})
}

// wait polls for an event in the real world, for at most half a minute.
func wait(t *testing.T, what string, happened func() bool) {
	t.Helper()
	for range 150 {
		if happened() {
			return
		}
		after(200 * time.Millisecond)
	}
	t.Fatalf("waited in vain for %s", what)
}
