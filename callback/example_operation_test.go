package callback_test

import (
	"context"
	"fmt"
	"log"
	"log/slog"
	"net"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// By default an event is dropped and counted when the queue is full. With OverflowBlock its caller
// waits, for a bounded time.
func ExampleConfig_overflow() {
	cfg := callback.Config{
		QueueBytes: 256 << 20, // 256 MiB for all events held, including those in flight
		Overflow:   callback.OverflowBlock, BlockTimeout: 100 * time.Millisecond,
		Sender: callbacktest.NewRecorder(), Logger: slog.New(slog.DiscardHandler),
	}
	client, err := callback.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	client.StartRun(callback.RunInfo{}).End(nil)
	report, err := client.Shutdown(context.Background())
	fmt.Println(report.Complete(), err)
	// Output: true <nil>
}

// Options of the Kafka client cover what has no setting.
func ExampleConfig_kafkaOptions() {
	cfg, err := callback.ConfigFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	cfg.KafkaOptions = []kgo.Opt{kgo.Rack("eu-central-1a"), kgo.ConnIdleTimeout(time.Minute)}
	client, err := callback.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Shutdown(context.Background()) //nolint:errcheck // the process ends
}

// Connections can take another way, such as through a proxy. Deadlines apply as they do without.
func ExampleConfig_dialer() {
	cfg, err := callback.ConfigFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	cfg.Dialer = func(ctx context.Context, network, broker string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, network, "proxy:1080")
	}
	client, err := callback.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Shutdown(context.Background()) //nolint:errcheck // the process ends
}

// Tokens come from code: a cloud's SDK, a vault, a sidecar.
func ExampleConfig_sASLToken() {
	cfg, err := callback.ConfigFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	cfg.SecurityProtocol = callback.ProtocolSASLSSL
	cfg.SASLMechanism = callback.MechanismOAuthBearer
	cfg.SASLToken = func(ctx context.Context) (token string, expires time.Time, err error) {
		return "a token of the identity provider's", time.Now().Add(15 * time.Minute), nil
	}
	client, err := callback.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	defer client.Shutdown(context.Background()) //nolint:errcheck // the process ends
}

// The hook returns the trace context of a context. With OpenTelemetry, or another library, it is
// three lines. Records whose messages belong to one trace carry its headers.
func ExampleConfig_traceparent() {
	type span struct{}
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{
		Sender: rec, Logger: slog.New(slog.DiscardHandler), SelfMetrics: callback.SelfMetricsOff,
		Traceparent: func(ctx context.Context) (traceparent, tracestate string) {
			traceparent, _ = ctx.Value(span{}).(string)
			return traceparent, ""
		},
	})
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.WithValue(context.Background(), span{},
		"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	_, run := client.StartRunContext(ctx, callback.RunInfo{})
	run.End(nil)
	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
	for _, h := range rec.Records()[0].Headers {
		if h.Key == "traceparent" {
			fmt.Println(string(h.Value))
		}
	}
	// Output: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01
}

// Stats is one consistent snapshot: every emitted event is accounted for at every moment.
func ExampleClient_Stats() {
	rec := callbacktest.NewRecorder()
	client, err := callback.New(callback.Config{Sender: rec, MaxMessageBytes: 100_000,
		Logger: slog.New(slog.DiscardHandler), SelfMetrics: callback.SelfMetricsOff})
	if err != nil {
		log.Fatal(err)
	}
	run := client.StartRun(callback.RunInfo{})
	run.StartNode(strings.Repeat("a name that is far too long ", 10_000))
	run.End(nil)
	if err := client.Flush(context.Background()); err != nil {
		log.Fatal(err)
	}

	s := client.Stats()
	fmt.Println("emitted", s.Total.Emitted, "delivered", s.Total.Delivered, "too large",
		s.Total.Dropped[batching.TooLarge])
	fmt.Println("held", s.Queue.Events, "of", s.Queue.MaxEvents, "permits", s.Permits.InUse,
		"of", s.Permits.Limit)
	client.Shutdown(context.Background()) //nolint:errcheck // nothing is left
	// Output:
	// emitted 3 delivered 2 too large 1
	// held 0 of 1048576 permits 0 of 8192
}

// Prometheus gets the same numbers.
func ExampleClient_Metrics() {
	client, err := callback.New(callback.Config{Sender: callbacktest.NewRecorder(),
		Logger: slog.New(slog.DiscardHandler), SelfMetrics: callback.SelfMetricsOff})
	if err != nil {
		log.Fatal(err)
	}
	registry := prometheus.NewRegistry() // or prometheus.DefaultRegisterer
	registry.MustRegister(client.Metrics())
	client.StartRun(callback.RunInfo{}).End(nil)
	client.Shutdown(context.Background()) //nolint:errcheck // nothing is lost

	families, err := registry.Gather()
	if err != nil {
		log.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == "dashstream_events_delivered_total" {
			sum := 0.
			for _, m := range f.GetMetric() {
				sum += m.GetCounter().GetValue()
			}
			fmt.Println(f.GetName(), sum)
		}
	}
	// Output: dashstream_events_delivered_total 2
}

// Shutdown stops accepting events, sends what is queued until its context ends, and returns the
// final account.
func ExampleClient_Shutdown() {
	client, err := callback.New(callback.Config{Sender: callbacktest.NewRecorder(),
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		log.Fatal(err)
	}
	run := client.StartRun(callback.RunInfo{})
	run.StartNode("work").End(nil)
	run.End(nil)

	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	report, err := client.Shutdown(ctx)
	fmt.Printf("emitted %d, delivered %d, unacknowledged %d, dropped %v, %v\n", report.Emitted,
		report.Delivered, report.Unacknowledged, report.Dropped, err)
	// Output: emitted 4, delivered 4, unacknowledged 0, dropped map[], <nil>
}

// Settings is the table behind ConfigFromEnv.
func ExampleSettings() {
	rows := callback.Settings()
	i := slices.IndexFunc(rows, func(s callback.Setting) bool { return s.Field == "Linger" })
	fmt.Printf("%s sets Config.%s: %s (default %s)\n", rows[i].Env, rows[i].Field, rows[i].Allowed,
		rows[i].Default)
	// Output: DASHSTREAM_LINGER sets Config.Linger: a duration such as 250ms, at most 1m, or 0 for none (default 250ms)
}
