package selfmetrics

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// DefaultInterval is the default of [ReporterConfig.Interval].
const DefaultInterval = 10 * time.Second

// scrapedInterval is the least time between reports while somebody scrapes: they are for readers of
// the topic alone then.
const scrapedInterval = 60 * time.Second

// Reason says why a report is sent.
type Reason string

// The reasons for a report.
const (
	// ReasonStart: the producer was started.
	ReasonStart Reason = "start"
	// ReasonInterval: it was due.
	ReasonInterval Reason = "interval"
	// ReasonLevel: the level of pressure changed.
	ReasonLevel Reason = "level"
	// ReasonFinal: the producer ends. No report comes after it.
	ReasonFinal Reason = "final"
)

// Report is what the producer says about itself in band.
type Report struct {
	// Reason says why it is sent now.
	Reason Reason
	// Interval is the time within which the next report follows, unless this one is final. A reader
	// that waited much longer may take the producer for dead.
	Interval time.Duration
	// Samples is the state of all metrics: see [Collector.Samples].
	Samples []Sample
}

// ReporterConfig configures a [Reporter].
type ReporterConfig struct {
	// Mode says when reports are sent. Default [Auto].
	Mode Mode
	// Interval is the time between two reports. Default 10 seconds, also for what is not above 0.
	Interval time.Duration
	// Send takes a report on its way. It is required. It is called from one goroutine, one report
	// at a time, and should hand the report over rather than wait for its delivery: the next one
	// waits for it.
	Send func(Report)
	// Logger gets a warning when reports start to be incomplete or to fail, and a line when that
	// has ended. Default [slog.Default].
	Logger *slog.Logger
}

// Reporter decides when a report goes, and takes it from a [Collector]. One goroutine does all of
// it, and needs neither room in the queue nor a permit nor anything else that an overloaded
// producer is short of.
//
// There is a report at the start, at the end, at each [Reporter.LevelChanged], and in between as
// [Mode] says. Under [Auto] somebody counts as scraping until nobody did for two intervals. When
// that changes, a report says so with its new Interval, so that its readers are never surprised by
// a silence.
//
// A Reporter is safe for concurrent use. All methods of a nil Reporter do nothing.
type Reporter struct {
	collector *Collector
	config    ReporterConfig

	level chan struct{} // one slot: changes that come faster than reports are one
	stop  chan struct{} // closed by Stop
	done  chan struct{} // closed when no report will follow

	mu               sync.Mutex
	started, stopped bool

	// Of the goroutine alone.
	last     time.Time     // of the last report
	interval time.Duration // as the last report announced it
	failing  bool
}

// NewReporter returns a Reporter over c that is not started yet.
func NewReporter(c *Collector, config ReporterConfig) *Reporter {
	if config.Interval <= 0 {
		config.Interval = DefaultInterval
	}
	config.Logger = guard.Logger(config.Logger)
	return &Reporter{
		collector: c,
		config:    config,
		level:     make(chan struct{}, 1),
		stop:      make(chan struct{}),
		done:      make(chan struct{}),
	}
}

// Start starts to report, beginning with [ReasonStart]. It returns at once. A second call does
// nothing, nor does one after Stop or under the mode [Off].
func (r *Reporter) Start() {
	if r == nil || r.config.Mode == Off {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if !r.started && !r.stopped {
		r.started = true
		go r.run()
	}
}

// LevelChanged asks for a report with [ReasonLevel] as soon as possible. It never waits.
func (r *Reporter) LevelChanged() {
	if r == nil {
		return
	}
	select {
	case r.level <- struct{}{}:
	default:
	}
}

// Stop sends the final report and returns when [ReporterConfig.Send] has taken it, or with an error
// when ctx ends before. What was not started sends none. Each further call waits for the same end.
func (r *Reporter) Stop(ctx context.Context) error {
	if r == nil {
		return nil
	}
	r.mu.Lock()
	if !r.stopped {
		r.stopped = true
		close(r.stop)
		if !r.started {
			close(r.done)
		}
	}
	r.mu.Unlock()
	select {
	case <-r.done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("selfmetrics: stopped before the final report: %w", context.Cause(ctx))
	}
}

func (r *Reporter) run() {
	defer close(r.done)
	r.report(ReasonStart)
	timer := time.NewTimer(r.untilCheck())
	defer timer.Stop()
	for {
		select {
		case <-r.stop:
			r.report(ReasonFinal)
			return
		case <-r.level:
			r.report(ReasonLevel)
		case <-timer.C:
			if r.due() {
				r.report(ReasonInterval)
			}
		}
		timer.Reset(r.untilCheck())
	}
}

// current returns the time between reports as it is now.
func (r *Reporter) current() time.Duration {
	if r.config.Mode == Auto && time.Since(r.collector.LastScrape()) < 2*r.config.Interval {
		return max(r.config.Interval, scrapedInterval)
	}
	return r.config.Interval
}

func (r *Reporter) due() bool {
	return r.interval != r.current() || time.Since(r.last) >= r.interval
}

// untilCheck returns when to see whether a report is due: a change of who scrapes is seen within
// one configured interval.
func (r *Reporter) untilCheck() time.Duration {
	return min(r.config.Interval, r.interval-time.Since(r.last))
}

// report sends one report. A failure, a panic included, costs this report alone.
func (r *Reporter) report(reason Reason) {
	r.last, r.interval = time.Now(), r.current()
	var err error
	defer func() { r.logEdge(err) }()
	defer guard.Recover(func(panicked string) { err = errors.New(panicked) })
	samples, err := r.collector.Samples()
	r.config.Send(Report{Reason: reason, Interval: r.interval, Samples: samples})
}

// logEdge logs when failures start and when they have ended.
func (r *Reporter) logEdge(err error) {
	switch failing := err != nil; {
	case failing && !r.failing:
		r.config.Logger.Warn("dashstream: the in-band report is incomplete or was not sent",
			"error", err)
	case !failing && r.failing:
		r.config.Logger.Info("dashstream: the in-band report is complete again")
	}
	r.failing = err != nil
}
