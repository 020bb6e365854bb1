// Quickstart is an agent graph on CloudWeGo Eino that answers questions about Go's standard library
// from its documentation and sources. One line instruments it. The program reads the stream of its
// runs back from Kafka and prints one of them as it happens. It exits with an error if what it read
// differs from what was emitted.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/components/model"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/dasheino"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/examples/internal/terminal"
	"github.com/dashstream/dashstream-go/examples/quickstart/gopher"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

func main() {
	ctx, stop := terminal.Interruptible()
	defer stop()
	os.Exit(program(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// program runs the quickstart and returns its exit code: 0, 1 if what was read back differs from
// what was emitted, a run failed, or what it prints could not be written, 2 if it could not start.
func program(ctx context.Context, args []string, out, stderr io.Writer) int {
	stdout := &terminal.Output{W: out}
	code := runProgram(ctx, args, stdout, stderr)
	if err := stdout.Err(); err != nil {
		fmt.Fprintln(stderr, "quickstart: what it prints cannot be written:", err)
		return max(code, 1)
	}
	return code
}

func runProgram(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	o, err := parseOptions(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err == nil {
		var q *quickstart
		if q, err = newQuickstart(ctx, o, stdout, stderr); err == nil {
			defer q.close()
			return q.exit(ctx)
		}
		if ctx.Err() != nil {
			err = errors.New("ended before the first run; no events were emitted")
		}
	}
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintln(stderr, "quickstart:", strings.TrimSuffix(line, "\n"))
	}
	return 2
}

// exit runs the quickstart that has started, and returns the program's exit code.
func (q *quickstart) exit(ctx context.Context) int {
	if err := q.run(ctx); err != nil {
		fmt.Fprintln(q.stderr, "quickstart:", err)
		return 1
	}
	return 0
}

// quickstart is everything that the program holds.
type quickstart struct {
	options
	stdout, stderr io.Writer
	colored        bool
	client         *callback.Client
	handler        *dasheino.Handler
	stream         *stream
	tree           *tree
	recording      *recording
	corpus         *gopher.Corpus
	agent          gopher.Agent
	writer         interface {
		model.BaseChatModel
		fmt.Stringer
	}
	cleanup []func()
}

func newQuickstart(ctx context.Context, o options, stdout, stderr io.Writer) (*quickstart, error) {
	cfg, err := callback.ConfigFromEnv()
	if err != nil {
		return nil, err
	}
	if cfg.LinesFile != "" {
		return nil, errors.New("DASHSTREAM_LINES_FILE is set, and the quickstart reads back from " +
			"Kafka what it sends: unset it")
	}
	if o.topic != "" {
		cfg.Topic = o.topic
	}
	cfg.CreateTopic = cfg.CreateTopic || o.createTopic
	if cfg.Service == "" {
		cfg.Service = "quickstart"
	}
	cfg.Logger = logger(stderr)
	if err := cfg.Validate(); err != nil {
		return nil, err
	}
	q := &quickstart{options: o, stdout: stdout, stderr: stderr, colored: terminal.Colored(stdout),
		writer: gopher.Extractive{}}
	if m := openAIFromEnv(); m != nil {
		q.writer = m
	}
	if err := q.start(ctx, cfg); err != nil {
		q.close()
		return nil, err
	}
	return q, nil
}

// start reads what the agent knows, and connects.
func (q *quickstart) start(ctx context.Context, cfg callback.Config) (err error) {
	begin := time.Now()
	if q.corpus, err = gopher.Load(ctx); err != nil {
		return err
	}
	docs, examples, sources := q.corpus.Sizes()
	fmt.Fprintf(q.stdout, "Read %d entries of documentation, %d examples and %d functions of the "+
		"standard library in %s.\n",
		docs, examples, sources, human(time.Since(begin)))
	what, stop, err := useBroker(&cfg)
	if err != nil {
		return err
	}
	q.cleanup = append(q.cleanup, stop)
	return q.connect(ctx, cfg, what)
}

// connect makes the client, instruments the agent by one line, and begins to read back.
func (q *quickstart) connect(ctx context.Context, cfg callback.Config, what string) (err error) {
	if q.client, err = callback.New(cfg); err != nil {
		return err
	}
	// of one that has not run; otherwise it was shut down long ago
	q.cleanup = append(q.cleanup, func() {
		now, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, _ = q.client.Shutdown(now) // nothing was sent
	})
	q.handler = dasheino.NewHandler(q.client)
	callbacks.AppendGlobalHandlers(q.handler)
	// Behind it: the handler learns of a graph when that is compiled.
	if q.agent, err = gopher.New(ctx, q.corpus, q.writer); err != nil {
		return err
	}

	q.tree, q.recording = newTree(q.stdout, q.colored, q.thread(0)), newRecording()
	bounded, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	if q.stream, err = openStream(bounded, cfg, q.read); err != nil {
		return err
	}
	q.stream.start(q.client.InstanceID())
	q.cleanup = append(q.cleanup, q.stream.close)
	fmt.Fprintf(q.stdout, "The stream goes to %s.\nThe answers are written by %s.\n", what,
		q.writer)
	return q.serveMetrics()
}

// read takes a message that was read back.
func (q *quickstart) read(m *pb.DashStreamMessage) {
	q.tree.add(m)
	if q.record != "" {
		q.recording.add(m)
	}
}

func (q *quickstart) serveMetrics() error {
	registry := prometheus.NewRegistry()
	registry.MustRegister(q.client.Metrics())
	l, err := net.Listen("tcp", q.metricsAddr)
	if err != nil {
		return fmt.Errorf("--metrics-addr: %w", err)
	}
	mux := http.NewServeMux()
	mux.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	mux.Handle("/dashstream/", selfmetrics.Handler(q.client))
	server := &http.Server{Handler: mux, ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = server.Serve(l) }() // ends when it is closed
	q.cleanup = append(q.cleanup, func() { _ = server.Close() })
	fmt.Fprintf(q.stdout, "Metrics are at http://%s/metrics while it runs, a page about the "+
		"client at http://%[1]s/dashstream/.\n\n", l.Addr())
	return nil
}

func (q *quickstart) close() {
	for i := len(q.cleanup) - 1; i >= 0; i-- {
		q.cleanup[i]()
	}
	q.cleanup = nil
}

// run answers the questions and accounts for what was sent.
func (q *quickstart) run(ctx context.Context) error {
	answers, failed := q.answerAll(ctx, q.agent)
	most := 30 * time.Second
	if ctx.Err() != nil {
		most = 10 * time.Second // somebody waits for the program to end
	}
	bounded, cancel := context.WithTimeout(context.WithoutCancel(ctx), most)
	defer cancel()
	_ = q.handler.Wait(bounded)
	report, shutdownErr := q.client.Shutdown(bounded)
	stats := q.client.Stats()
	q.awaitStream(bounded, stats)
	q.summary(answers, failed, report, stats)
	if q.record != "" {
		if err := q.recording.write(q.record); err != nil {
			return err
		}
	}
	if failed > 0 {
		shutdownErr = errors.Join(shutdownErr, fmt.Errorf("%d runs failed", failed))
	}
	return errors.Join(shutdownErr, q.stream.compare(stats))
}

// awaitStream waits until all that was sent has been read back.
func (q *quickstart) awaitStream(ctx context.Context, stats callback.Stats) {
	tick := time.NewTicker(20 * time.Millisecond)
	defer tick.Stop()
	for q.stream.messages.Load() < stats.Total.Messages {
		select {
		case <-tick.C:
		case <-ctx.Done():
			return
		}
	}
}
