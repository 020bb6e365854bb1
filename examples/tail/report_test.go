package main

import (
	"context"
	"log/slog"
	"math"
	"regexp"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// stalled is a Sender that acknowledges reports and nothing else.
type stalled struct {
	mu      sync.Mutex
	reports []*kgo.Record
	held    []func()
}

func (s *stalled) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !strings.HasPrefix(string(b.Key), "dashstream-callback/") {
		s.held = append(s.held,
			func() {
				done(b, &batching.SendError{Outcome: batching.Unacknowledged,
					Err: context.Canceled})
			})
		return
	}
	s.reports = append(s.reports, &kgo.Record{Key: b.Key, Value: append([]byte(nil), b.Value...),
		Timestamp: time.Now()})
	go done(b, nil)
}

func (s *stalled) Stats() batching.SenderStats { return batching.SenderStats{} }

func (s *stalled) Close(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, done := range s.held {
		done()
	}
	s.held = nil
	return nil
}

func TestReportInBandIsReadable(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sender := new(stalled)
		client, err := callback.New(callback.Config{
			Sender: sender, QueueEvents: 5, MaxPermits: 2, Service: "demo", InstanceID: "i-1",
			SelfMetrics: "always", Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		synctest.Wait() // for the first report
		run := client.StartRun(callback.RunInfo{ThreadID: "t"})
		time.Sleep(time.Second) // on the bubble's clock: a batch of its own for what follows
		for range 6 {
			run.StartNode("n")
		}
		time.Sleep(10 * time.Second)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if _, err := client.Shutdown(ctx); err == nil {
			t.Error("shutdown was complete")
		}
		sender.mu.Lock()
		defer sender.mu.Unlock()
		lines := withoutPassing(strings.Split(strings.TrimSpace(printed(t, utcLines(), "",
			"metrics", 0, sender.reports)), "\n"))
		if len(lines) != 5 {
			t.Fatalf("%d lines:\n%s", len(lines), strings.Join(lines, "\n"))
		}
		for i, want := range []string{
			`dashstream-callback/i-1      1  metrics             dashstream_callback  start: 0 of 5 events and 0 bytes of 128\.0 MiB held, the oldest for none; ` +
				`0 of 2 permits; pressure ok, nothing fills; emitted 0, delivered 0, unacknowledged 0, dropped 0; most in 60 s: 0 events, 0 bytes, 0 permits; ` +
				`demo on \S+, pid \d+, version \S+, every 10 s$`,
			` \d  metrics             dashstream_callback  level: 5 of 5 events and \d\.\d KiB of 128\.0 MiB held, the oldest for 1(\.1)?s; ` +
				`\d of 2 permits; pressure dropping, first loss in 0 s \(queue_events, driven by \w+\); emitted [67], delivered 0, unacknowledged 0, dropped [12] \(queue_full [12]\); most in 60 s: 5 events, \d\.\d KiB, \d permits;`,
			` \d  metrics             dashstream_loss  demo: 2 lost in 1 range of 1 thread$`,
			` \d  metrics             dashstream_callback  interval: .* 2 of 2 permits;.* emitted 7, delivered 0, unacknowledged 0, dropped 2 \(queue_full 2\);`,
			` \d  metrics             dashstream_callback  final: .* emitted 7, delivered 0, unacknowledged \d, dropped \d`,
		} {
			if !regexp.MustCompile(want).MatchString(lines[i]) {
				t.Errorf("line %d is\n%s\nwant\n%s", i+1, lines[i], want)
			}
		}
	})
}

// withoutPassing leaves out each change of level that the next line supersedes. One is reported on
// its own if the client happens to look between two of a burst's events, or to find that the loss
// is over before it ends.
func withoutPassing(lines []string) []string {
	var kept []string
	for i, line := range lines {
		if i+1 < len(lines) && strings.Contains(line, " level: ") &&
			(strings.Contains(lines[i+1], " level: ") || strings.Contains(lines[i+1], " final: ")) {
			continue
		}
		kept = append(kept, line)
	}
	return kept
}

func TestLossesAreAddedUpByReason(t *testing.T) {
	metrics := map[string]*pb.MetricValue{}
	for name, n := range map[string]int64{
		`dashstream_telemetry_dropped_total{message_type="event",reason="queue_full"}`:       1200,
		`dashstream_telemetry_dropped_total{message_type="token_chunk",reason="queue_full"}`: 34,
		`dashstream_telemetry_dropped_total{message_type="event",reason="timeout"}`:          5,
		`dashstream_telemetry_dropped_total{message_type="event",reason="closed"}`:           0,
		`dashstream_telemetry_dropped_totally{message_type="event",reason="no"}`:             7,
	} {
		metrics[name] = &pb.MetricValue{Value: &pb.MetricValue_IntValue{IntValue: n}}
	}
	if got := (report{metrics}).dropped(); got != "1,239 (queue_full 1,234, timeout 5)" {
		t.Errorf("dropped %s", got)
	}
}

func TestAReportSaysHowLongUntilTheFirstLoss(t *testing.T) {
	metrics := map[string]*pb.MetricValue{
		"dashstream_pressure_level": {
			Value: &pb.MetricValue_IntValue{IntValue: 1}},
		`dashstream_pressure_driver{driver="broker"}`: {
			Value: &pb.MetricValue_IntValue{IntValue: 1}},
		`dashstream_pressure_driver{driver="inflow"}`: {
			Value: &pb.MetricValue_IntValue{}},
		"dashstream_seconds_to_first_loss": {
			Value: &pb.MetricValue_FloatValue{FloatValue: 42.2}},
		`dashstream_forecast_seconds_to_loss{limit="delivery_deadline"}`: {
			Value: &pb.MetricValue_FloatValue{FloatValue: 42.2}},
		`dashstream_forecast_seconds_to_loss{limit="queue_bytes"}`: {
			Value: &pb.MetricValue_FloatValue{FloatValue: math.Inf(1)}},
	}
	if got := (report{metrics}).pressure(); got != "elevated, first loss in 42 s "+
		"(delivery_deadline, driven by broker)" {
		t.Errorf("got %q", got)
	}
	metrics["dashstream_seconds_to_first_loss"] = &pb.MetricValue{Value: &pb.MetricValue_FloatValue{
		FloatValue: math.Inf(1)}}
	if got := (report{metrics}).pressure(); got != "elevated, nothing fills" {
		t.Errorf("got %q", got)
	}
	if got := (report{}).pressure(); got != "ok, no forecast" {
		t.Errorf("a producer without a forecast: %q", got)
	}
}
