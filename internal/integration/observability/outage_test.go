package observability

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/internal/kafkatest"
	"github.com/dashstream/dashstream-go/selfmetrics/dashboards"
)

// The load of the outage: with 16 recorded runs under way, 600 events a second take about 190 KiB a
// second, so the queue lasts for nearly two minutes. Prometheus scrapes and evaluates every 15 s,
// as in the committed configuration.
var load = []string{"--rate=600", "--duration=20m", "--create-topic", "--topic=observability-test",
	"../testdata/quickstart.json"}

const (
	queue = "20MiB"
	// permits are enough for the whole outage. Once they are exhausted, states wait whole instead
	// of as patches, and the queue fills faster than forecast.
	permits = "30000"
	// notice is how long before the first loss the alert has to fire. The forecast announces a loss
	// one minute ahead; a scrape and an evaluation that are both as late as possible leave this
	// much.
	notice = 30 * time.Second
	// bound is how long the test waits for anything.
	bound = 4 * time.Minute
)

// Debian's Prometheus, with the committed configuration and rules, watches a producer that writes
// to real Kafka. The broker is stopped, and the alert appears in Prometheus's own API before the
// producer loses its first event.
func TestPrometheusAnnouncesTheFirstLoss(t *testing.T) {
	if testing.Short() {
		t.Skip("the outage takes two minutes")
	}
	cluster := kafkatest.FromEnv(t)
	if cluster == nil {
		t.Skip("there is no Kafka that could be stopped: go run ./internal/kafkatest/cmd/kafka " +
			"run -- go test ./internal/integration/observability")
	}
	if _, err := exec.LookPath("prometheus"); err != nil {
		t.Skip("there is no Prometheus: install the package prometheus")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	producer := startProducer(t, ctx)
	prometheus := startPrometheus(t, ctx, producer.address)

	await(t, ctx, "Prometheus scrapes the producer", func() bool {
		return prometheus.value(
			"min(dashstream_events_delivered_total{message_type='event'}) > 0") > 0
	})
	if firing := prometheus.firing(); len(firing) > 0 {
		t.Errorf("before the outage these alerts fire: %v", firing)
	}

	if err := cluster.Freeze(1); err != nil {
		t.Fatal(err)
	}
	thawed := false
	thaw := func() {
		if !thawed {
			thawed = true
			if err := cluster.Thaw(1); err != nil {
				t.Error(err)
			}
		}
	}
	t.Cleanup(thaw)
	stopped := time.Now()
	var fired, lost time.Duration
	await(t, ctx, "the producer loses an event", func() bool {
		if fired == 0 && slices.Contains(prometheus.firing(), "DashstreamFillingUp") {
			fired = time.Since(stopped)
			t.Logf("%v after the broker stopped, Prometheus says: %s", fired.Round(time.Second/10),
				prometheus.description("DashstreamFillingUp"))
		}
		if producer.losses() > 0 {
			lost = time.Since(stopped)
		}
		return lost > 0
	})
	t.Logf("the first event was lost %v after the broker stopped", lost.Round(time.Second/10))
	if fired == 0 || lost-fired < notice {
		t.Errorf("DashstreamFillingUp fired after %v, the first event was lost after %v: want %v "+
			"between them", fired, lost, notice)
	}
	await(t, ctx, "DashstreamDropping fires",
		func() bool { return slices.Contains(prometheus.firing(), "DashstreamDropping") })
	if firing := prometheus.firing(); slices.Contains(firing, "DashstreamAccountsDoNotBalance") ||
		slices.Contains(firing, "DashstreamWorkerStalled") {
		t.Errorf("firing are %v", firing)
	}
	t.Logf("firing in the end: %v", prometheus.firing())
	thaw()
	await(t, ctx, "DashstreamFillingUp and DashstreamBrokerUnreachable are over", func() bool {
		f := prometheus.firing()
		return !slices.Contains(f, "DashstreamFillingUp") &&
			!slices.Contains(f, "DashstreamBrokerUnreachable")
	})
	if problems := prometheus.ruleProblems(); len(problems) > 0 {
		t.Errorf("rules cannot be evaluated: %v", problems)
	}
	askEveryPanel(t, prometheus)
}

func await(t *testing.T, ctx context.Context, what string, done func() bool) {
	t.Helper()
	ctx, cancel := context.WithTimeout(ctx, bound)
	defer cancel()
	ticker := time.NewTicker(500 * time.Millisecond)
	defer ticker.Stop()
	for !done() {
		select {
		case <-ctx.Done():
			t.Fatalf("waited in vain until %s", what)
		case <-ticker.C:
		}
	}
}

// askEveryPanel sends Prometheus the queries of Grafana. After an outage with losses, no panel is
// empty.
func askEveryPanel(t *testing.T, p *prometheus) {
	t.Helper()
	var d struct {
		Panels []struct {
			Title   string
			Targets []struct{ Expr string }
		}
	}
	if err := json.Unmarshal(dashboards.Dashboard(), &d); err != nil {
		t.Fatal(err)
	}
	variables := strings.NewReplacer("$__rate_interval", "1m", "$job", ".*", "$producer", ".*")
	asked := 0
	for _, panel := range d.Panels {
		for _, target := range panel.Targets {
			asked++
			series, err := p.query(variables.Replace(target.Expr))
			if err != nil {
				t.Errorf("panel %q: %v", panel.Title, err)
			} else if len(series) == 0 {
				t.Errorf("panel %q shows nothing for %s", panel.Title, target.Expr)
			}
		}
	}
	t.Logf("%d queries of the dashboard were asked", asked)
}

// producer is a running examples/replay.
type producer struct {
	t       *testing.T
	address string
}

func startProducer(t *testing.T, ctx context.Context) *producer {
	t.Helper()
	binary := t.TempDir() + "/replay"
	if out, err := exec.CommandContext(ctx, "go", "build", "-C", "../..", "-o", binary,
		"./examples/replay").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	p := &producer{t: t, address: freeAddress(t)}
	start(t, exec.Command(binary, append([]string{"--metrics-addr=" + p.address}, load...)...),
		"DASHSTREAM_QUEUE_BYTES="+queue, "DASHSTREAM_MAX_PERMITS="+permits,
		"DASHSTREAM_OVERFLOW=drop", "DASHSTREAM_SHUTDOWN_TIMEOUT=2s")
	return p
}

// losses is how many events the producer has lost, according to its own page.
func (p *producer) losses() uint64 {
	p.t.Helper()
	var page struct {
		Lost struct{ Dropped, Unacknowledged uint64 }
	}
	if err := getJSON("http://"+p.address+"/dashstream/json", &page); err != nil {
		p.t.Fatal(err)
	}
	return page.Lost.Dropped + page.Lost.Unacknowledged
}

// start starts a program that ends with the test: it is asked to, and killed if it does not.
func start(t *testing.T, cmd *exec.Cmd, env ...string) {
	t.Helper()
	log, err := os.CreateTemp(t.TempDir(), "log")
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stdout, cmd.Stderr, cmd.Env = log, log, append(os.Environ(), env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	t.Cleanup(func() {
		_ = cmd.Process.Signal(os.Interrupt) // it may have ended
		select {
		case <-ended:
		case <-time.After(10 * time.Second):
			_ = cmd.Process.Kill()
			<-ended
		}
		if text, _ := os.ReadFile(log.Name()); t.Failed() {
			t.Logf("%s said:\n%s", cmd.Path, tail(string(text)))
		}
		_ = log.Close()
	})
}

func tail(text string) string {
	const most = 4000
	if len(text) > most {
		return fmt.Sprintf("(%d bytes before)\n%s", len(text)-most, text[len(text)-most:])
	}
	return text
}
