package observability

import (
	"context"
	"net"
	"net/http"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus/promhttp"

	promclient "github.com/prometheus/client_golang/prometheus"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
)

// A real Prometheus scrapes a producer that is started again and again at the same address: each
// start adds the series of the info metric, which has the random id, and no other.
func TestRestartsAddNoSeries(t *testing.T) {
	long(t)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	binary := t.TempDir() + "/replay"
	build := exec.CommandContext(ctx, "go", "build", "-C", "../..", "-o", binary,
		"./examples/replay")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	address := freeAddress(t)
	p := startPrometheus(t, ctx, address)
	const restarts = 20
	series := func() float64 {
		return p.value(`count(count by (__name__, client, message_type, reason, ` +
			`limit, driver, judgement, level, outcome, trigger, form, rule, class, le, producer) ` +
			`(last_over_time({__name__=~"dashstream_.+"}[30m])))`)
	}
	var first float64
	for i := range restarts + 1 {
		before := p.value("max(dashstream_start_time_seconds)")
		producer := exec.Command(binary, "--metrics-addr="+address, "--rate=50", "--duration=1h",
			"../testdata/quickstart.json")
		// Nobody listens there: the events are held, and everything is published.
		producer.Env = append(os.Environ(), "KAFKA_BROKERS=127.0.0.1:1",
			"DASHSTREAM_SHUTDOWN_TIMEOUT=1s")
		if err := producer.Start(); err != nil {
			t.Fatal(err)
		}
		await(t, ctx, "the producer is scraped twice", func() bool {
			return p.value("max(dashstream_start_time_seconds)") > before &&
				p.value("count_over_time(max(dashstream_start_time_seconds)[3s:1s])") >= 2
		})
		time.Sleep(2 * time.Second) // a scrape after it has emitted
		if i == 0 {
			first = series()
		}
		if err := producer.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = producer.Wait() // it was killed
		await(t, ctx, "the producer is gone", func() bool {
			return p.value("count(dashstream_start_time_seconds)") == 0
		})
	}
	last := series()
	t.Logf("%v series at first, %v after %d restarts", first, last, restarts)
	if last-first != restarts {
		t.Errorf("%v series were added by %d restarts", last-first, restarts)
	}
}

// ackSender acknowledges at once.
type ackSender struct{}

func (ackSender) Send(b *batching.Batch, done func(*batching.Batch, error)) { go done(b, nil) }
func (ackSender) Stats() batching.SenderStats {
	return batching.SenderStats{}
}
func (ackSender) Close(context.Context) error { return nil }

// Two clients of one process are one target, and two sets of series.
func TestTwoClientsOfAProcessAreToldApart(t *testing.T) {
	long(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	t.Cleanup(cancel)
	registry := promclient.NewRegistry()
	for i := range 2 {
		client, err := callback.New(callback.Config{Sender: ackSender{}, Service: "two"})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _, _ = client.Shutdown(context.Background()) }) // nothing is held
		registry.MustRegister(client.Metrics())
		run := client.StartRun(callback.RunInfo{ThreadID: "t"})
		for range i + 1 {
			run.Root().Warning("w")
		}
		run.End(nil)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: promhttp.HandlerFor(registry, promhttp.HandlerOpts{})}
	go func() { _ = server.Serve(listener) }() // until it is closed
	t.Cleanup(func() { _ = server.Close() })
	p := startPrometheus(t, ctx, listener.Addr().String())
	await(t, ctx, "both clients are seen", func() bool {
		return p.value("count(sum by (client) (dashstream_events_emitted_total))") == 2
	})
	if n := p.value("count(dashstream_build_info)"); n != 2 {
		t.Errorf("%v clients have an id", n)
	}
	one, two := p.value(`sum(dashstream_events_emitted_total{client="1"})`),
		p.value(`sum(dashstream_events_emitted_total{client="2"})`)
	if two-one != 1 {
		t.Errorf("the first client emitted %v, the second %v", one, two)
	}
}
