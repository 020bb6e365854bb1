package callback

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/guard"
	"github.com/dashstream/dashstream-go/internal/kafka"
	"github.com/dashstream/dashstream-go/internal/redact"
	"github.com/dashstream/dashstream-go/internal/seal"
	"github.com/dashstream/dashstream-go/internal/settings"
	"github.com/dashstream/dashstream-go/internal/wire"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// Client streams the events of all runs of a process. Make one with [New], share it, and end it
// with [Client.Shutdown]. A nil Client does nothing. All methods are safe for concurrent use.
type Client struct {
	cfg           Config
	log           *slog.Logger
	tenant        string
	idPrefix      wire.ID // random, in the form of a UUID; its second half is replaced by a counter
	epoch         uint64
	recordHeaders []batching.Header
	clock         clock
	runs          atomic.Uint64 // number of runs started
	requests      atomic.Uint64 // number of language-model calls, to tell their tokens apart
	sealer        *seal.Sealer
	redactor      *redact.Redactor // nil when redaction is disabled
	answers       keptAnswers
	shown         errorRules

	sender    batching.Sender
	engine    *batching.Engine // nil when the client is disabled
	threads   *threads
	collector *selfmetrics.Collector
	reporter  *selfmetrics.Reporter
	watch     *selfmetrics.Watch
	reports   reports
	losses    *lossStatements

	unsent                    atomic.Uint64 // ids of messages that were not sent
	sampledOut, keptForErrors atomic.Uint64 // runs

	valuePanics, invalidUTF8, renamedAttributes atomic.Uint64
	correctedTimes, unended                     atomic.Uint64

	ending       atomic.Bool
	shutdownDone chan struct{}
	report       Report
	shutdownErr  error
}

// New creates a client: the queue, the worker and the connection to Kafka. Its error joins
// everything that is wrong with cfg, or says why the cluster rejects this client (password,
// certificate, topic, authorization). If the cluster can't be reached within cfg.StartTimeout, New
// logs a warning and returns a client: events queue until the cluster is reachable.
func New(cfg Config) (*Client, error) {
	cfg = cfg.withDefaults()
	if cfg.Disabled {
		cfg.Logger.Info("dashstream: disabled, no events are sent")
		return &Client{cfg: cfg, log: cfg.Logger}, nil
	}
	if err := cfg.validate(); err != nil {
		return nil, err
	}
	cfg.environment.log(&cfg)
	cfg.checkMemory()
	c := newClient(cfg)
	cfg = c.cfg
	var err error
	switch {
	case cfg.Sender != nil:
		c.sender = guardSender(cfg.Sender, cfg.Logger)
	case cfg.LinesFile != "":
		var to batching.Sender // a pipe that nobody reads must not hold up shutdown
		if to, err = openLines(cfg.LinesFile); err == nil {
			c.sender = guardSender(to, cfg.Logger)
		}
	default:
		c.sender, err = kafka.Open(context.Background(), cfg.kafka())
	}
	if err != nil {
		return nil, err
	}
	c.losses = newLossStatements(c)
	engine := cfg.engine(c.sealer.Seal, c.sender)
	engine.Lost = c.losses.lost
	if c.engine, err = batching.New(engine); err != nil {
		return nil, errors.Join(err, c.sender.Close(context.Background()))
	}
	c.clock.start(c.engine.Started())
	c.observe()
	c.log.Info("dashstream: started", c.limits()...)
	return c, nil
}

func newClient(cfg Config) *Client {
	shown := newErrorRules(&cfg)
	cfg.Logger = hideErrors(cfg.Logger, shown)
	c := &Client{cfg: cfg, log: cfg.Logger, shown: shown, tenant: cfg.TenantID,
		epoch: uint64(time.Now().UnixMicro()), shutdownDone: make(chan struct{})}
	if c.cfg.InstanceID == "" {
		c.cfg.InstanceID = newUUID()
	}
	_, _ = rand.Read(c.idPrefix[:8]) // never fails, see crypto/rand
	c.idPrefix[6] = c.idPrefix[6]&0x0f | 0x80
	c.idPrefix[8] = 0x80
	c.recordHeaders = []batching.Header{
		{Key: pb.HeaderProducer, Value: []byte(c.cfg.InstanceID)},
		{Key: pb.HeaderEpoch, Value: strconv.AppendUint(nil, c.epoch, 10)},
	}
	c.redactor, _ = cfg.redactor() // validated
	c.redactor.OnUnsearched(c.warnUnsearched)
	c.answers.limit = cfg.QueueBytes / answersShare
	c.sealer = seal.New(seal.Config{
		MaxMessageBytes: cfg.MaxMessageBytes, StateBytes: cfg.StateBytes,
		CheckpointPatches: cfg.CheckpointPatches, CheckpointBytes: cfg.CheckpointBytes,
		Redactor: c.redactor, Headers: c.recordHeaders, MessageID: c.messageID, Logger: c.log,
		ShortenSchema: shortenSchema,
		Micros:        func(t time.Time) int64 { return c.clock.micros(c.clock.at(t)) },
	})
	c.threads = &threads{client: c, limit: cfg.RememberedThreads, byID: map[string]*thread{}}
	return c
}

// observe sets up the observers: the collector, the watch with its forecast, and the in-band
// report.
func (c *Client) observe() {
	eng := c.cfg.engine(nil, nil)
	c.collector = selfmetrics.New(selfmetrics.Info{
		Instance: c.cfg.InstanceID, Epoch: c.epoch, Service: c.cfg.Service, Version: Version(),
		Topic: c.cfg.Topic, Compression: string(c.cfg.Compression),
		Overflow: eng.Overflow, BlockTimeout: eng.BlockTimeout,
		DeliveryTimeout: eng.DeliveryTimeout, Linger: eng.Linger,
		BatchBytes: eng.BatchBytes, BatchEvents: eng.BatchEvents,
		MaxMessageBytes: eng.MaxMessageBytes, SampleRate: c.cfg.SampleRate,
		HideSecrets: c.shown.shown,
	}, c.Stats)
	var mode selfmetrics.Mode
	_ = mode.UnmarshalText([]byte(c.cfg.SelfMetrics)) // validated
	c.reports = newReports(c)
	c.reporter = selfmetrics.NewReporter(c.collector, selfmetrics.ReporterConfig{
		Mode: mode, Interval: c.cfg.SelfMetricsInterval, Send: c.reports.send, Logger: c.log,
	})
	c.watch = selfmetrics.NewWatch(selfmetrics.WatchConfig{
		Engine: c.engine, Sender: c.sender.Stats, DeliveryTimeout: eng.DeliveryTimeout,
		OnPressure: c.cfg.OnPressure, LevelChanged: c.reporter.LevelChanged, Logger: c.log,
		Shed: c.cfg.Shed == ShedAuto,
	})
	c.watch.Start()
	c.reporter.Start()
}

// limits explains the settings in words.
func (c *Client) limits() []any {
	const rate, eventBytes = 10_000, 500
	held := min(c.cfg.QueueBytes/eventBytes, c.cfg.QueueEvents) / rate
	return []any{
		"instance", c.cfg.InstanceID, "topic", c.cfg.Topic,
		"queue", fmt.Sprintf("%s or %d events, whichever is reached first: about %d s of %d "+
			"events a second of %d bytes each",
			settings.FormatSize(c.cfg.QueueBytes), c.cfg.QueueEvents, held, rate, eventBytes),
		"when_full", c.cfg.Overflow, "linger", max(c.cfg.Linger, 0), "permits", c.cfg.MaxPermits,
		"max_message", settings.FormatSize(int64(c.cfg.MaxMessageBytes)),
		"given_up_after", c.cfg.DeliveryTimeout,
	}
}

func (c *Client) on() bool { return c != nil && c.engine != nil }

// InstanceID returns the id that tells this client apart from all others. It is "" for a nil or
// disabled Client.
func (c *Client) InstanceID() string {
	if !c.on() {
		return ""
	}
	return c.cfg.InstanceID
}

// Metrics returns the collector of the client's own metrics, to be registered with Prometheus. The
// collector of a nil or disabled Client publishes nothing, and any number of those can be
// registered.
func (c *Client) Metrics() prometheus.Collector {
	if c == nil {
		return (*selfmetrics.Collector)(nil)
	}
	return c.collector
}

// Flush sends what is queued and returns when every event accepted before the call has been
// delivered or given up; [Client.Stats] tells which. If ctx ends first, it returns the error of
// ctx, wrapped.
func (c *Client) Flush(ctx context.Context) error {
	if !c.on() {
		return nil
	}
	ctx, cancel := guard.Context(ctx)
	defer cancel()
	if err := c.engine.Flush(ctx); err != nil {
		return fmt.Errorf("callback: flush: %w", err)
	}
	return nil
}

// Report is the final account of a client's events: Delivered + Unacknowledged + Unchanged + the
// sum of Dropped = Emitted.
type Report struct {
	// Emitted counts the events that the application emitted, Accepted those of them that were
	// enqueued.
	Emitted, Accepted uint64
	// Delivered counts acknowledged events, Unacknowledged those given up that may still have
	// arrived.
	Delivered, Unacknowledged uint64
	// Unchanged counts states that did not have to be sent, because they equal the previous one.
	Unchanged uint64
	// Dropped counts lost events by reason. It has no entry for a reason without losses.
	Dropped map[string]uint64
	// Unstated is what is missing in the stream, or may be, and could not be stated there any more.
	// Readers see it as gaps without an explanation.
	Unstated []pb.Loss
	// Left counts events that neither came to an end nor could be given up. It is 0 unless the SDK
	// has a defect.
	Left uint64
}

// Complete reports whether every event was acknowledged or did not have to be sent.
func (r Report) Complete() bool { return r.Delivered+r.Unchanged == r.Emitted }

const (
	// finalReport is how long Shutdown waits for the last in-band report when its time is up.
	finalReport = 50 * time.Millisecond
	// finalStatement is the same for the last statement of losses.
	finalStatement = 20 * time.Millisecond
	// closing is how long closing may take beyond the deadline.
	closing = 100 * time.Millisecond
)

// Shutdown stops accepting events, sends what is queued, sends a last in-band report and closes the
// connection. It returns the final account of all events, soon after ctx ends at the latest
// ([Config.ShutdownTimeout] from now if ctx is nil or has no deadline). Its error says that time
// ran out, and how many events were not delivered; [Report.Complete] tells whether all were. A
// second call waits for the first and returns the same, or the error of its own ctx if that ends
// before.
func (c *Client) Shutdown(ctx context.Context) (Report, error) {
	if !c.on() {
		return Report{}, nil
	}
	ctx, cancel := guard.Context(ctx)
	defer cancel()
	if c.ending.CompareAndSwap(false, true) {
		c.shutdown(ctx)
		close(c.shutdownDone)
	}
	select {
	case <-c.shutdownDone:
		return c.report, c.shutdownErr
	default:
	}
	select {
	case <-c.shutdownDone:
		return c.report, c.shutdownErr
	case <-ctx.Done():
		return Report{}, fmt.Errorf("callback: shutdown is under way: %w", context.Cause(ctx))
	}
}

func (c *Client) shutdown(ctx context.Context) {
	if _, ok := ctx.Deadline(); !ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, c.cfg.ShutdownTimeout)
		defer cancel()
	}
	// Who waits for room holds its answer's lock, which endKept takes; and endKept emits.
	c.engine.EndWaiting()
	c.answers.endKept()
	drainErr := c.engine.Drain(ctx)
	c.watch.Stop()
	last, cancel := atLeast(ctx, finalStatement)
	c.losses.finish(last)
	cancel()
	last, cancel = atLeast(ctx, finalReport)
	_ = c.reporter.Stop(last) // if it fails, only the in-band report is missing
	c.reports.awaitLast(last)
	cancel()
	end, cancel := atLeast(ctx, closing)
	closeErr := c.engine.Close(end)
	cancel()
	c.watch.Ended()
	c.collector.End()

	t := c.engine.Stats().Total
	c.report = Report{Emitted: t.Emitted, Accepted: t.Accepted, Delivered: t.Delivered,
		Unacknowledged: t.Unacknowledged, Unchanged: t.Unchanged, Unstated: c.losses.rest(),
		Dropped: map[string]uint64{}, Left: t.Queued + t.InFlight}
	for i, n := range t.Dropped {
		if n > 0 {
			c.report.Dropped[batching.Reason(i).String()] = n
		}
	}
	if drainErr != nil {
		drainErr = fmt.Errorf("callback: shutdown: %d of %d events were not delivered: %w",
			t.Emitted-t.Delivered-t.Unchanged, t.Emitted, drainErr)
	}
	c.shutdownErr = errors.Join(drainErr, closeErr)
	c.log.Info("dashstream: ended", "emitted", t.Emitted, "delivered", t.Delivered,
		"unacknowledged", t.Unacknowledged, "dropped", c.report.Dropped)
}

// atLeast returns ctx, or a context that lasts for d if ctx would end earlier.
func atLeast(ctx context.Context, d time.Duration) (context.Context, context.CancelFunc) {
	if deadline, ok := ctx.Deadline(); ctx.Err() == nil && (!ok || time.Until(deadline) > d) {
		return context.WithCancel(ctx)
	}
	return context.WithTimeout(context.WithoutCancel(ctx), d)
}

// newUUID returns a random UUID (version 4, RFC 9562) as text.
func newUUID() string {
	var b [16]byte
	_, _ = rand.Read(b[:]) // never fails, see crypto/rand
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	var s [36]byte
	hex.Encode(s[:], b[:4])
	hex.Encode(s[9:], b[4:6])
	hex.Encode(s[14:], b[6:8])
	hex.Encode(s[19:], b[8:10])
	hex.Encode(s[24:], b[10:])
	s[8], s[13], s[18], s[23] = '-', '-', '-', '-'
	return string(s[:])
}

const modulePath = "github.com/dashstream/dashstream-go"

// Version returns the version of this SDK in the running program, or "devel" if the build does not
// record it.
func Version() string { return version() }

var version = sync.OnceValue(func() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	for _, m := range append(info.Deps, &info.Main) {
		if m.Path == modulePath && m.Version != "" && m.Version != "(devel)" {
			return m.Version
		}
	}
	return "devel"
})
