package selfmetrics

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/testutil/promlint"
	dto "github.com/prometheus/client_model/go"

	"github.com/dashstream/dashstream-go/batching"
)

// fixed returns a function that always returns s.
func fixed(s Stats) func() Stats {
	return func() Stats { return s }
}

// idle is the snapshot of an engine that has done nothing yet. Its first kind is not in use.
func idle() Stats {
	return Stats{
		Stats: batching.Stats{Kinds: []batching.KindStats{{}, {Name: "event"}, {Name: "error"}}},
		State: StateStats{Degraded: []NamedCount{{Name: "resync"}}},
		Input: InputStats{Redactions: []NamedCount{{Name: "password"}, {Name: "jwt"}}},
	}
}

func gather(t *testing.T, collectors ...prometheus.Collector) []*dto.MetricFamily {
	t.Helper()
	registry := prometheus.NewPedanticRegistry()
	for _, c := range collectors {
		if err := registry.Register(c); err != nil {
			t.Fatal(err)
		}
	}
	gathered, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	return gathered
}

func samples(t *testing.T, c *Collector) map[string]Sample {
	t.Helper()
	list, err := c.Samples()
	if err != nil {
		t.Fatal(err)
	}
	byName := make(map[string]Sample, len(list))
	for _, s := range list {
		byName[s.Name] = s
	}
	return byName
}

func TestEverySeriesExistsAtZeroFromTheStart(t *testing.T) {
	start := samples(t, New(Info{Client: "p-1", Instance: "id-1"}, fixed(idle())))

	var want []string
	for _, kind := range []string{"event", "error"} {
		for _, reason := range []string{"queue_full", "too_large", "timeout", "rejected", "closed",
			"shutdown", "internal"} {
			want = append(want,
				fmt.Sprintf(`dashstream_telemetry_dropped_total{message_type=%q,reason=%q}`, kind,
					reason))
		}
		want = append(want, fmt.Sprintf(`dashstream_events_delivered_total{message_type=%q}`, kind))
	}
	for _, trigger := range []string{"linger", "bytes", "count", "urgent", "kind", "flush"} {
		want = append(want, fmt.Sprintf(`dashstream_batches_sealed_total{trigger=%q}`, trigger))
	}
	for _, outcome := range []string{"delivered", "unacknowledged", "dropped"} {
		want = append(want, fmt.Sprintf(`dashstream_send_duration_seconds_count{outcome=%q}`,
			outcome))
	}
	for _, class := range []string{"transient", "permanent"} {
		want = append(want, fmt.Sprintf(`dashstream_send_errors_total{class=%q}`, class))
	}
	want = append(want, `dashstream_redactions_total{rule="password"}`,
		"dashstream_queue_oldest_event_timestamp_seconds", "dashstream_last_ack_timestamp_seconds",
		`dashstream_emit_to_ack_seconds_bucket{le="+Inf"}`)
	for _, name := range want {
		if _, ok := start[name]; !ok {
			t.Errorf("no series %s", name)
		}
	}
	for name, s := range start {
		var first float64
		switch {
		case strings.Contains(name, "_info{"), strings.Contains(name, `{driver="none"}`),
			strings.Contains(name, `{judgement="none"}`):
			first = 1
		case strings.Contains(name, "seconds_to_"):
			first = math.Inf(1) // no loss is in sight
		}
		if s.Value != first {
			t.Errorf("%s is %v at the start, want %v", name, s.Value, first)
		}
		if strings.Contains(name, `message_type=""`) {
			t.Errorf("%s is of a kind that is not in use", name)
		}
	}

	busy := idle()
	fill(t, &busy)
	for i, kind := range idle().Kinds {
		busy.Kinds[i].Name = kind.Name
	}
	for i, reason := range idle().State.Degraded {
		busy.State.Degraded[i].Name = reason.Name
	}
	for i, r := range idle().Input.Redactions {
		busy.Input.Redactions[i].Name = r.Name
	}
	later := samples(t, New(Info{Client: "p-1", Instance: "id-1"}, fixed(busy)))
	for name := range later {
		if _, ok := start[name]; !ok {
			t.Errorf("%s exists later, but not at the start", name)
		}
	}
	if len(later) != len(start) {
		t.Errorf("%d samples later, %d at the start", len(later), len(start))
	}
}

func TestEveryDefinitionIsCollected(t *testing.T) {
	byName := map[string]*dto.MetricFamily{}
	for _, f := range gather(t, New(Info{Client: "p-1", Instance: "id-1"}, fixed(idle()))) {
		byName[f.GetName()] = f
	}
	list := Definitions()
	if len(byName) != len(list) {
		t.Errorf("%d families are collected, %d are defined", len(byName), len(list))
	}
	for _, d := range list {
		f, ok := byName[d.Name]
		if !ok {
			t.Errorf("%s is not collected", d.Name)
			continue
		}
		if got := strings.ToLower(f.GetType().String()); got != d.Type.String() {
			t.Errorf("%s is a %s, defined as a %s", d.Name, got, d.Type)
		}
		if !strings.HasPrefix(d.Name, "dashstream_") || d.Unit == "" ||
			!strings.HasSuffix(d.Help, ".") {
			t.Errorf("%+v lacks the prefix dashstream_, a unit or a help of whole sentences", d)
		}
		var labels []string
		for _, l := range f.GetMetric()[0].GetLabel() {
			labels = append(labels, l.GetName())
		}
		want := append(slices.Clone(d.Labels), "client")
		if slices.Sort(want); !slices.Equal(labels, want) || !slices.IsSorted(d.Labels) {
			t.Errorf("%s has labels %q, defined with %q", d.Name, labels, d.Labels)
		}
	}
}

func TestMetricsOfEarlierProducersKeepNameTypeAndLabels(t *testing.T) {
	want := map[string]string{
		"dashstream_telemetry_queue_depth":         "gauge []",
		"dashstream_telemetry_inflight_permits":    "gauge []",
		"dashstream_telemetry_max_permits":         "gauge []",
		"dashstream_telemetry_pending_tasks":       "gauge []",
		"dashstream_telemetry_dropped_total":       "counter [message_type reason]",
		"dashstream_telemetry_send_failures_total": "counter [message_type]",
		"dashstream_messages_sent_total":           "counter [message_type]",
		"dashstream_send_retries_total":            "counter []",
	}
	for _, d := range Definitions() {
		if w, ok := want[d.Name]; ok {
			if got := fmt.Sprintf("%s %s", d.Type, d.Labels); got != w {
				t.Errorf("%s is %s, want %s", d.Name, got, w)
			}
			delete(want, d.Name)
		}
	}
	for name := range want {
		t.Errorf("%s is not defined", name)
	}
}

func TestDefinitionsBelongToTheCaller(t *testing.T) {
	list := Definitions()
	for i := range list {
		list[i].Name = "x"
		for j := range list[i].Labels {
			list[i].Labels[j] = "x"
		}
	}
	for _, d := range Definitions() {
		if d.Name == "x" || slices.Contains(d.Labels, "x") {
			t.Fatalf("%+v was changed through the list that an earlier call returned", d)
		}
	}
}

func TestMetricsFollowThePrometheusConventions(t *testing.T) {
	problems, err := promlint.NewWithMetricFamilies(gather(t,
		New(Info{Client: "p-1", Instance: "id-1"}, fixed(idle())))).Lint()
	if err != nil {
		t.Fatal(err)
	}
	for _, p := range problems {
		t.Errorf("%s: %s", p.Metric, p.Text)
	}
}

func TestTwoProducersShareARegistry(t *testing.T) {
	first, second := idle(), idle()
	first.Queue.Events, second.Queue.Events = 1, 2
	got := map[string]float64{}
	for _, f := range gather(t, New(Info{Client: "p-1", Instance: "id-1"}, fixed(first)),
		New(Info{Client: "p-2", Instance: "id-2"}, fixed(second))) {
		if f.GetName() == "dashstream_telemetry_queue_depth" {
			for _, m := range f.GetMetric() {
				got[m.GetLabel()[0].GetValue()] = m.GetGauge().GetValue()
			}
		}
	}
	if got["p-1"] != 1 || got["p-2"] != 2 {
		t.Errorf("queue depth by producer is %v, want 1 and 2", got)
	}

	registry := prometheus.NewRegistry()
	registry.MustRegister(New(Info{Client: "p-1", Instance: "id-1"}, fixed(first)))
	if err := registry.Register(New(Info{Client: "p-1", Instance: "id-1"}, fixed(second))); err ==
		nil {
		t.Error("a second producer of the same name was registered")
	}
}

func TestInvalidUTF8InInfoIsReplaced(t *testing.T) {
	bad := "a\xffb"
	c := New(Info{Client: bad, Instance: bad, Service: bad, Version: bad, Topic: bad,
		Compression: bad}, fixed(idle()))
	for _, f := range gather(t, c) {
		if l := f.GetMetric()[0].GetLabel(); f.GetName() == "dashstream_queue_bytes" &&
			l[0].GetValue() != "a\uFFFDb" {
			t.Errorf("label client is %q", l[0].GetValue())
		}
	}
}

func TestAPanicWhileReadingFailsTheCollectionAlone(t *testing.T) {
	c := New(Info{}, func() Stats { panic("broken") })
	registry := prometheus.NewRegistry()
	// collects in a goroutine of its own
	registry.MustRegister(prometheus.WrapCollectorWithPrefix("x_", c))
	if _, err := registry.Gather(); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("Gather returned %v, want the panic", err)
	}
	if _, err := c.Samples(); err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("Samples returned %v, want the panic", err)
	}
}

func TestOneCollectionTakesOneSnapshot(t *testing.T) {
	calls := 0
	c := New(Info{}, func() Stats { calls++; return idle() })
	gather(t, c)
	if calls != 1 {
		t.Errorf("a scrape took %d snapshots", calls)
	}
	samples(t, c)
	if calls != 2 {
		t.Errorf("a report took %d snapshots", calls-1)
	}
}

func TestOnlyScrapesCountAsScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := New(Info{Client: "p-1", Instance: "id-1"}, fixed(idle()))
		registry := prometheus.NewRegistry()
		registry.MustRegister(c)
		samples(t, c)
		if last := c.LastScrape(); !last.IsZero() {
			t.Errorf("registering or Samples counted as a scrape at %v", last)
		}
		time.Sleep(time.Second)
		scraped := time.Now()
		if _, err := registry.Gather(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Second)
		if last := c.LastScrape(); !last.Equal(scraped) {
			t.Errorf("LastScrape is %v, want %v", last, scraped)
		}
	})
}

func TestANilCollectorPublishesNothing(t *testing.T) {
	var c *Collector
	if gathered := gather(t, c); len(gathered) != 0 {
		t.Errorf("it collected %v", gathered)
	}
	if s := samples(t, c); len(s) != 0 {
		t.Errorf("it has samples %v", s)
	}
	if !c.LastScrape().IsZero() {
		t.Error("it was scraped")
	}
}

func TestACollectorIsSafeForConcurrentUse(t *testing.T) {
	c := New(Info{Client: "p-1", Instance: "id-1"}, fixed(idle()))
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range 20 {
				if _, err := registry.Gather(); err != nil {
					t.Error(err)
				}
				if _, err := c.Samples(); err != nil {
					t.Error(err)
				}
				c.LastScrape()
			}
		})
	}
	wg.Wait()
}
