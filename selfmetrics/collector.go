package selfmetrics

import (
	"fmt"
	"runtime"
	"strings"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/guard"
)

// Info is what is fixed for one producer: who it is, and the settings that its figures are to be
// compared with. Bytes of a string that are not valid UTF-8 are replaced.
type Info struct {
	// Client becomes the label client of every series, and must differ between collectors that are
	// registered in one registry. "" takes the lowest number that no other collector of this
	// process has: see [Collector.End].
	Client string
	// Instance is the producer instance's id, as in the record header ds-producer. It is a label of
	// dashstream_build_info alone, for it is another one at each start.
	Instance string
	// Epoch grows with every start of the instance, as in the record header ds-epoch.
	Epoch uint64
	// Service is the name of the application, Version that of this SDK.
	Service, Version string

	// Topic is where events go, Compression the codec that they are compressed with.
	Topic, Compression string
	// Overflow is the policy for a full queue, BlockTimeout how long a caller waits under
	// [batching.Block].
	Overflow     batching.Overflow
	BlockTimeout time.Duration
	// DeliveryTimeout is how long an event may wait until it is given up.
	DeliveryTimeout time.Duration
	// Linger is how long a batch waits for more events; negative counts as 0.
	Linger time.Duration
	// BatchBytes and BatchEvents are what seals a batch, MaxMessageBytes bounds one message.
	BatchBytes, BatchEvents, MaxMessageBytes int
	// SampleRate is the share of the threads whose runs are sent.
	SampleRate float64
	// HideSecrets returns what may be shown of an error's text, beside what the built-in rules
	// hide; nil hides nothing more.
	HideSecrets func(text string) string
}

// Collector publishes a producer's statistics. It is a [prometheus.Collector]: register it where
// the application's other metrics are. It keeps nothing itself: each time it is asked it takes one
// snapshot, and everything that it then says comes from that.
//
// A Collector is safe for concurrent use. A nil Collector publishes nothing.
type Collector struct {
	labelled *source
	inBand   *prometheus.Registry // over the same source without the label client
	scraped  atomic.Pointer[time.Time]
	client   string
	seat     *seat
}

// New returns a Collector of what stats returns. stats is called once for each collection, possibly
// from several goroutines at once, and must not block; [Stats.Kinds] has to name all kinds from the
// start, so that each series exists before its first event. If stats panics, collecting fails with
// an error.
func New(info Info, stats func() Stats) *Collector {
	for _, s := range []*string{&info.Client, &info.Instance, &info.Service, &info.Version,
		&info.Topic, &info.Compression} {
		*s = strings.ToValidUTF8(*s, "\uFFFD")
	}
	c := &Collector{inBand: prometheus.NewRegistry(), client: info.Client, seat: new(seat)}
	if c.client == "" {
		c.client = clients.take(c.seat)
		runtime.AddCleanup(c, func(s *seat) { s.gone.Store(true) }, c.seat)
	}
	c.labelled = newSource(info, stats, prometheus.Labels{"client": c.client})
	c.inBand.MustRegister(newSource(info, stats, nil))
	return c
}

// Describe sends the description of each metric. It implements [prometheus.Collector].
func (c *Collector) Describe(ch chan<- *prometheus.Desc) {
	if c != nil {
		c.seat.described.Add(1)
		c.labelled.Describe(ch)
	}
}

// End says that what is described has ended. Its number, if it was given one, is free for another
// client once the collector is unregistered. It goes on to publish what it is asked for.
func (c *Collector) End() {
	if c != nil {
		c.seat.ended.Store(true)
	}
}

// Collect sends all metrics, read from one snapshot. It implements [prometheus.Collector] and
// counts as a scrape: see [Collector.LastScrape].
func (c *Collector) Collect(ch chan<- prometheus.Metric) {
	if c == nil {
		return
	}
	now := time.Now()
	c.scraped.Store(&now)
	c.labelled.Collect(ch)
}

// LastScrape returns when Collect was last called. It is zero if it never was, and if c is nil.
func (c *Collector) LastScrape() time.Time {
	if c == nil {
		return time.Time{}
	}
	if t := c.scraped.Load(); t != nil {
		return *t
	}
	return time.Time{}
}

// source reads the families from a snapshot.
type source struct {
	info  Info
	stats func() Stats
	descs []*prometheus.Desc // by index into families
}

func newSource(info Info, stats func() Stats, constant prometheus.Labels) *source {
	s := &source{info: info, stats: stats}
	for _, f := range families {
		s.descs = append(s.descs, prometheus.V2.NewDesc(
			f.Name, f.Help, prometheus.UnconstrainedLabels(f.Labels), constant,
			prometheus.WithUnit(exposedUnit(&f.Definition)),
		))
	}
	return s
}

// exposedUnit returns the unit for the exposition's own metadata, where OpenMetrics allows only one
// that the name ends in.
func exposedUnit(d *Definition) string {
	if strings.HasSuffix(strings.TrimSuffix(d.Name, "_total"), "_"+d.Unit) {
		return d.Unit
	}
	return ""
}

func (s *source) Describe(ch chan<- *prometheus.Desc) {
	for _, desc := range s.descs {
		ch <- desc
	}
}

func (s *source) Collect(ch chan<- prometheus.Metric) {
	stats, err := s.read()
	if err != nil {
		ch <- prometheus.NewInvalidMetric(s.descs[0], err)
		return
	}
	snap := &snapshot{Stats: &stats, info: &s.info}
	for i, f := range families {
		f.read(snap, &emitter{ch: ch, desc: s.descs[i], counter: f.Type == Counter})
	}
}

// read turns a panic into an error, for Collect may run in a goroutine in which a panic would end
// the application.
func (s *source) read() (stats Stats, err error) {
	defer guard.Recover(func(panicked string) {
		err = fmt.Errorf("selfmetrics: reading the statistics panicked: %s", panicked)
	})
	return s.stats(), nil
}

// emitter turns what one family reads into metrics.
type emitter struct {
	ch      chan<- prometheus.Metric
	desc    *prometheus.Desc
	counter bool
}

func (e *emitter) value(v float64, labels ...string) {
	valueType := prometheus.GaugeValue
	if e.counter {
		valueType = prometheus.CounterValue
	}
	m, err := prometheus.NewConstMetric(e.desc, valueType, v, labels...)
	if err != nil {
		m = prometheus.NewInvalidMetric(e.desc, err)
	}
	e.ch <- m
}

func (e *emitter) histogram(h *batching.Histogram, bounds []float64, labels ...string) {
	e.ch <- &histogram{desc: e.desc, labels: prometheus.MakeLabelPairs(e.desc, labels), value: h,
		bounds: bounds}
}
