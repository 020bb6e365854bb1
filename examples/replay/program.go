package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
)

// program is one execution of the program.
type program struct {
	stdout io.Writer
	screen *screen // stderr
	config func() (callback.Config, error)
}

func (p *program) run(ctx context.Context, args []string) int {
	o, err := parseOptions(args, p.stdout)
	if errors.Is(err, flag.ErrHelp) {
		return exitDone
	}
	if err != nil {
		return p.fail(exitUsage, errors.Join(err, errors.New("see replay --help")))
	}
	cfg, err := p.configure(&o)
	if err != nil {
		return p.fail(exitUsage, err)
	}
	recordings, err := readFiles(o.files)
	if err != nil {
		return p.fail(exitFile, err)
	}
	client, err := callback.New(cfg)
	if err != nil {
		return p.fail(exitStart, err)
	}
	served, err := serveMetrics(o.metricsAddr, client)
	if err != nil {
		_, shutdownErr := client.Shutdown(ctx)
		return p.fail(exitStart, errors.Join(err, shutdownErr))
	}
	defer served.close()
	if served.url != "" {
		fmt.Fprintf(p.screen, "metrics: %s/metrics, page: %[1]s/dashstream/\n", served.url)
	}
	return p.replay(ctx, &o, cfg.DeliveryTimeout, &driver{
		client: client, recordings: recordings, flow: flowOf(recordings),
		runs: o.limit(len(recordings)), concurrency: o.concurrency,
		pacer: o.pacer(), traced: cfg.ExecutionTrace, states: o.state, session: "replay-" +
			randomHex(),
	})
}

func (p *program) fail(code int, err error) int {
	for line := range strings.Lines(err.Error()) {
		fmt.Fprintf(p.screen, "replay: %s\n", strings.TrimSuffix(line, "\n"))
	}
	return code
}

// maxBlockTimeout is the most that a client's BlockTimeout can be.
const maxBlockTimeout = 10 * time.Minute

// configure puts what the command line says over what the environment says.
func (p *program) configure(o *options) (callback.Config, error) {
	cfg, err := p.config()
	if err != nil {
		return cfg, err
	}
	if o.brokers != "" {
		cfg.Brokers = strings.Split(o.brokers, ",")
	}
	if o.topic != "" {
		cfg.Topic = o.topic
	}
	cfg.CreateTopic = cfg.CreateTopic || o.createTopic
	if cfg.DeliveryTimeout == 0 {
		cfg.DeliveryTimeout = batching.DefaultDeliveryTimeout
	}
	if o.rate == 0 && cfg.Overflow == "" {
		cfg.Overflow = callback.OverflowBlock
		// an event that waited for so long would be given up anyway
		cfg.BlockTimeout = min(cfg.DeliveryTimeout, maxBlockTimeout)
	}
	cfg.Logger = slog.New(slog.NewTextHandler(p.screen, nil))
	return cfg, nil
}

func readFiles(paths []string) ([]recording, error) {
	var all []recording
	var errs []error
	for _, path := range paths {
		recordings, err := readFile(path)
		all, errs = append(all, recordings...), append(errs, err)
	}
	return all, errors.Join(errs...)
}

// limit returns how many runs are to be replayed, 0 for no limit.
func (o *options) limit(recorded int) int64 {
	if o.runs == 0 && o.duration == 0 {
		return int64(recorded)
	}
	return o.runs
}

func (o *options) pacer() *pacer {
	if o.rate == 0 {
		return nil
	}
	return newPacer(o.rate)
}

func randomHex() string {
	var b [4]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	return hex.EncodeToString(b[:])
}

// patience is how long runs that are to end may take before the client is shut down without them:
// one that waits for room in a full queue does not see that ctx has ended. It is also what the last
// flush has beyond the deadline that every event has anyway.
const patience = 2 * time.Second

// replay drives the replay to its end, shuts the client down and reports.
func (p *program) replay(
	ctx context.Context, o *options, deliveryTimeout time.Duration, d *driver,
) int {
	began, cpu := time.Now(), cpuTime()
	m := watch(d, p.screen, o.duration)

	work, cancel := ctx, context.CancelFunc(func() {})
	if o.duration > 0 {
		work, cancel = context.WithTimeout(ctx, o.duration)
	}
	driven := make(chan struct{})
	go func() { defer close(driven); d.drive(work) }()
	waitFor(driven, work, patience)
	cancel()

	m.say("sending what waits")
	// every event has come to an end by then
	flush, cancel := context.WithTimeout(ctx, deliveryTimeout+patience)
	// what is left then is in Shutdown's report
	_ = d.client.Flush(flush)
	cancel()
	report, err := d.client.Shutdown(context.WithoutCancel(ctx))
	<-driven
	m.stop()
	if err != nil {
		p.fail(exitIncomplete, err)
	}

	stats := d.client.Stats()
	r := account(&stats, m.highWater, time.Since(began), cpuTime()-cpu)
	r.summarize(p.screen, &stats, d)
	if writeErr := r.write(p.stdout); writeErr != nil {
		return p.fail(exitIncomplete, writeErr)
	}
	switch {
	case err != nil || report.Left > 0 || !r.closes():
		return exitIncomplete
	case r.Unacknowledged > 0 || len(r.Dropped) > 0:
		return exitLost
	}
	return exitDone
}

// waitFor waits until done is closed, and once ctx has ended no longer than patience.
func waitFor(done <-chan struct{}, ctx context.Context, patience time.Duration) {
	select {
	case <-done:
		return
	case <-ctx.Done():
	}
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
	}
}
