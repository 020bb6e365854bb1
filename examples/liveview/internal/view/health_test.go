package view

import (
	"fmt"
	"slices"
	"testing"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func TestWarningsAreAboutTheRecentPast(t *testing.T) {
	causes := map[string]func(*topic, string){
		warnUndecoded: func(tp *topic, _ string) { tp.records("x", []byte{7}) },
		warnRejected: func(tp *topic, n string) {
			tp.messages(event("a"+n, 1, graphStart, "", 0,
				map[string]any{"graph_schema_json": string(make([]byte, 300<<10))}))
		},
		warnRefused: func(tp *topic, n string) { tp.messages(patch("b"+n, 1, "/x", "1")) },
		warnMissing: func(tp *topic, n string) {
			tp.messages(event("c"+n, 1, graphStart, "", 0, nil),
				event("c"+n, 9, nodeStart, "n", 1, nil))
		},
		warnInfrastructure: func(tp *topic, _ string) { tp.Trouble("connection refused") },
		warnBehind:         func(tp *topic, _ string) { tp.Lag(100, 2*time.Second) },
		warnSends:          func(tp *topic, _ string) { tp.FailedSends(1) },
		warnSlow: func(tp *topic, _ string) {
			p := newPage(tp.t)
			if err := tp.Subscribe(p, Want{Kind: "health"}, func(string) {}); err != nil {
				tp.t.Fatal(err)
			}
			p.deaf = true
			tp.clock.now = tp.clock.now.Add(time.Minute)
			tp.Trouble("x") // so that there is something to publish
			tp.Tick()
			tp.Unsubscribe(p, "health")
		},
		warnRejectedClients: func(tp *topic, _ string) { tp.Rejected() },
		warnForgotten: func(tp *topic, n string) {
			for i := range 40 {
				tp.messages(state(fmt.Sprint("f", n, i), 1,
					`{"x":"`+string(slices.Repeat([]byte{'x'}, 100<<10))+`"}`))
			}
		},
	}
	for name := range warningTexts {
		if causes[name] == nil {
			t.Errorf("nothing here causes %s", name)
		}
	}
	for name, cause := range causes {
		tp := newTopicOf(t, 1<<20)
		find := func() *Warning {
			for _, w := range tp.health.warnings.active(tp.clock.now) {
				if w.Name == name {
					return &w
				}
			}
			return nil
		}
		if find() != nil {
			t.Errorf("%s is there before its cause", name)
		}
		cause(tp, "1")
		began := tp.clock.now
		first := find()
		if first == nil || first.Count < 1 || first.Total < 1 || first.Since != micros(began) {
			t.Errorf("%s: %+v, want it to begin at %d", name, first, micros(began))
			continue
		}
		tp.clock.now = began.Add(warningWindow - time.Second)
		if find() == nil {
			t.Errorf("%s is gone within its window", name)
		}
		tp.clock.now = began.Add(warningWindow + warningBucket + time.Second)
		if w := find(); w != nil {
			t.Errorf("%s stays when its cause has been gone for the window: %+v", name, w)
		}
		cause(tp, "2")
		if w := find(); w == nil || w.Since <= micros(began) || w.Total <= first.Total-1 {
			t.Errorf("%s again: %+v, want it to begin anew, and to count all", name, w)
		}
	}
}

func TestIdleTopicIsWaitingAndASilentClusterIsStale(t *testing.T) {
	tp := newTopic(t)
	want := func(status string) {
		t.Helper()
		if h := tp.Health(); h.Status != status {
			t.Errorf("status %q (%s), want %q", h.Status, h.Reason, status)
		}
	}
	if h := tp.Health(); h.LastKafka != 0 || h.LastError != 0 {
		t.Errorf("%+v, want 0 for never", h)
	}
	want("connecting")
	tp.Contact()
	want("waiting")
	tp.messages(event("t", 1, graphStart, "", 0, nil))
	want("live")
	for range 720 { // two hours in which the cluster answers and nothing comes
		tp.clock.now = tp.clock.now.Add(10 * time.Second)
		tp.Contact()
		want("waiting")
	}
	tp.Lag(5, 3*time.Second)
	want("behind")
	tp.Lag(0, 0)
	tp.clock.now = tp.clock.now.Add(16 * time.Second)
	want("stale")
	tp.Trouble("connection refused")
	if h := tp.Health(); h.Status != "stale" || h.Reason != "connection refused" {
		t.Errorf("%+v", h)
	}
	tp.Contact()
	want("waiting")
}

// report is an in-band report.
func report(producer string, n int, at time.Time, reason string) *pb.DashStreamMessage {
	value := func(v float64) *pb.MetricValue {
		return &pb.MetricValue{Value: &pb.MetricValue_FloatValue{FloatValue: v}}
	}
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: &pb.Metrics{
		Header: &pb.Header{ThreadId: pb.ReportThreadPrefix + producer, SchemaVersion: 1,
			MessageId: id(uint64(n)), TimestampUs: at.UnixMicro()},
		Scope: pb.ReportScope, ScopeId: producer,
		Tags: map[string]string{"service": "shop", "epoch": "5", "number": fmt.Sprint(n),
			"interval_seconds": "10", "reason": reason, "own": "secret"},
		Metrics: map[string]*pb.MetricValue{
			"dashstream_pressure_level":                               value(1),
			"dashstream_seconds_to_first_loss":                        value(42),
			"dashstream_telemetry_inflight_permits":                   value(7),
			`dashstream_events_emitted_total{message_type="event"}`:   value(100),
			`dashstream_emit_to_ack_seconds_bucket{le="0.1"}`:         value(50),
			`dashstream_emit_to_ack_seconds_bucket{le="1"}`:           value(100),
			`dashstream_emit_to_ack_seconds_bucket{le="+Inf"}`:        value(100),
			`dashstream_telemetry_dropped_total{reason="queue_full"}`: value(3),
		}}}}
}

func TestProducersAreLiveUntilTheyEndOrDie(t *testing.T) {
	tp := newTopic(t)
	tp.messages(event("t", 1, graphStart, "", 0, nil))
	tp.messages(report("p1", 2, tp.clock.now, "interval"),
		report("p2", 1, tp.clock.now, "interval"))
	tp.messages(report("p1", 1, tp.clock.now, "start")) // late
	x := tp.producers.byID["p1"]
	if x.number != 2 || x.Level != "elevated" || *x.SecondsToLoss != 42 || x.Permits != 7 ||
		x.Emitted != 100 || x.Lost["queue_full"] != 3 || *x.LatencyP50 != .1 {
		t.Errorf("%+v", x)
	}
	tp.messages(report("p2", 2, tp.clock.now.Add(1), "final"))
	tp.clock.now = tp.clock.now.Add(29 * time.Second)
	want := func(id, status string) {
		t.Helper()
		if got := tp.producers.status(id, tp.clock.now); got != status {
			t.Errorf("%s is %q, want %q", id, got, status)
		}
	}
	want("p1", "live")
	want("p2", "ended")
	want("p3", "unknown")
	p := newPage(t)
	tp.follow(p, "t")
	tp.clock.now = tp.clock.now.Add(32 * time.Second)
	want("p1", "died")
	want("p2", "ended")
	tp.Tick()
	var shown []string
	for _, b := range p.channels[Want{Kind: "runs", Limit: 100}.keyOf()]["runs"] {
		shown = append(shown, string(b))
	}
	if len(shown) != 1 || !contains(shown[0], FlagProducerDied) || !contains(shown[0], FlagStale) {
		t.Errorf("rows %v, want one that says that its producer died, and that it is stale", shown)
	}
	if b := string(p.channels["run/t"]["meta"]["thread"]); !contains(b, FlagProducerDied) ||
		!contains(b, `"producer_status":"died"`) {
		t.Errorf("thread %s", b)
	}
}

func TestHistoryIsAsOldAsItIs(t *testing.T) {
	for name, tt := range map[string]struct {
		ago      time.Duration
		producer string
		stale    bool
	}{
		"an hour ago":           {time.Hour, "died", true},
		"just before":           {time.Second, "live", false},
		"a clock that is ahead": {-time.Hour, "live", false},
	} {
		tp := newTopic(t)
		tp.written = tp.clock.now.Add(-tt.ago)
		tp.messages(event("t", 1, graphStart, "", 0, nil),
			report("p1", 1, tp.written, "interval"))
		if got := tp.producers.status("p1", tp.clock.now); got != tt.producer {
			t.Errorf("%s: the producer is %q, want %q", name, got, tt.producer)
		}
		row := tp.rows.Front().Value.(*row)
		if got := slices.Contains(tp.flagsNow(row, tp.clock.now), FlagStale); got != tt.stale {
			t.Errorf("%s: stale is %v", name, got)
		}
		tp.written = time.Time{}
		tp.messages(event("t", 2, nodeStart, "n", 1, nil))
		if slices.Contains(tp.flagsNow(row, tp.clock.now), FlagStale) {
			t.Errorf("%s: it is stale when something has come", name)
		}
	}
}
