package serve

import (
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
)

// The ways in which a send can be made, and fail.
const (
	pathBroadcast = "broadcast" // snapshots and updates
	pathControl   = "control"   // everything that is about the connection
	pathResume    = "resume"    // what a client missed

	sendFailed  = "send_failed"
	sendTimeout = "send_timeout"
)

// The reasons for which a client is turned away.
const (
	rejectOrigin  = "origin"
	rejectHost    = "host"
	rejectToken   = "token"
	rejectAddress = "address_limit"
	rejectClients = "client_limit"
	rejectRate    = "rate"
	rejectMessage = "bad_message"
)

var rejectReasons = []string{rejectOrigin, rejectHost, rejectToken, rejectAddress, rejectClients,
	rejectRate, rejectMessage}

// counters are what the server counts. What the view counts it is asked for.
type counters struct {
	clients     atomic.Int64
	panics      atomic.Uint64
	slow        atomic.Uint64
	failures    *prometheus.CounterVec // by reason and path
	rejected    *prometheus.CounterVec // by reason
	controlSend prometheus.Histogram
}

func newCounters() *counters {
	c := &counters{
		failures: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "websocket_ws_send_failures_total",
			Help: "Sends to clients that failed, by reason and path."}, []string{"reason", "path"}),
		rejected: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "websocket_rejected_clients_total",
			Help: "Requests and connections that were turned away, by reason."},
			[]string{"reason"}),
		controlSend: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name:    "websocket_ws_control_send_seconds",
			Help:    "What a send on the control path took.",
			Buckets: []float64{.0001, .001, .005, .025, .1, .5, 1, 2.5, 5, 10, 30, 60}}),
	}
	for _, path := range []string{pathBroadcast, pathControl, pathResume} {
		for _, reason := range []string{sendFailed, sendTimeout} {
			c.failures.WithLabelValues(reason, path)
		}
	}
	for _, reason := range rejectReasons {
		c.rejected.WithLabelValues(reason)
	}
	return c
}

// collector shows the numbers of the server and of the view to Prometheus.
type collector struct {
	counters *counters
	view     *view.View
	now      func() time.Time
}

type family struct {
	desc *prometheus.Desc
	kind prometheus.ValueType
	of   func(*view.Health, time.Time) float64
}

func gauge(name, help string, of func(*view.Health, time.Time) float64) family {
	return family{prometheus.NewDesc(name, help, nil, nil), prometheus.GaugeValue, of}
}

func counter(name, help string, of func(*view.Health, time.Time) float64) family {
	return family{prometheus.NewDesc(name, help, nil, nil), prometheus.CounterValue, of}
}

// age returns the seconds since a time in µs, -1 for never.
func age(us int64, now time.Time) float64 {
	if us == 0 {
		return -1
	}
	return max(0, now.Sub(time.UnixMicro(us)).Seconds())
}

var families = []family{
	gauge("websocket_connected_clients", "Clients that are connected now.",
		func(h *view.Health, _ time.Time) float64 { return float64(h.Clients) }),
	counter("websocket_kafka_records_total", "Records that were read.",
		func(h *view.Health, _ time.Time) float64 { return float64(h.Records) }),
	counter("websocket_kafka_messages_total", "Messages in the records; a batch counts by its "+
		"events.",
		func(h *view.Health, _ time.Time) float64 { return float64(h.Messages) }),
	counter("websocket_refused_messages_total", "Messages that the reducer refused.",
		func(h *view.Health, _ time.Time) float64 { return float64(h.Refused) }),
	gauge("websocket_kafka_lag_records", "Records of the topic that are not read yet.",
		func(h *view.Health, _ time.Time) float64 { return float64(h.LagRecords) }),
	gauge("websocket_kafka_lag_seconds", "Age of the newest record that was read, while others "+
		"are not read yet; 0 otherwise.",
		func(h *view.Health, _ time.Time) float64 { return h.LagSeconds }),
	gauge("websocket_last_kafka_message_age_seconds", "Time since a record was last read; -1: "+
		"none ever was. An idle topic is not an error.",
		func(h *view.Health, now time.Time) float64 { return age(h.LastKafka, now) }),
	gauge("websocket_last_infrastructure_error_age_seconds", "Time since the last error of the "+
		"cluster or the connection to it; -1: there never was one.",
		func(h *view.Health, now time.Time) float64 { return age(h.LastError, now) }),
	gauge("websocket_last_kafka_message_timestamp_seconds", "When a record was last read; 0: "+
		"never.", func(h *view.Health, _ time.Time) float64 { return float64(h.LastKafka) / 1e6 }),
	gauge("websocket_last_infrastructure_error_timestamp_seconds", "When the last error of the "+
		"cluster or the connection to it came; 0: never.",
		func(h *view.Health, _ time.Time) float64 { return float64(h.LastError) / 1e6 }),
	gauge("websocket_stale", "1 while the cluster does not answer, 0 otherwise.",
		func(h *view.Health, _ time.Time) float64 {
			if h.Status == "stale" {
				return 1
			}
			return 0
		}),
	gauge("websocket_threads", "Threads that are listed.",
		func(h *view.Health, _ time.Time) float64 { return float64(h.Threads) }),
	gauge("websocket_kept_bytes", "Memory of the messages that are kept.",
		func(h *view.Health, _ time.Time) float64 { return float64(h.Kept) }),
	gauge("websocket_kept_limit_bytes", "The most memory that messages may take.",
		func(h *view.Health, _ time.Time) float64 { return float64(h.KeptMax) }),
}

var (
	panicsDesc = prometheus.NewDesc("websocket_handler_panics_total",
		"Panics in the handler of a client. Should always be 0; the log has the stack.", nil, nil)
	slowDesc = prometheus.NewDesc("websocket_slow_clients_total",
		"Times that a client was too slow and got a snapshot instead of its queue.", nil, nil)
	decodeDesc = prometheus.NewDesc("websocket_decode_failures_total",
		"Records that did not decode, by reason.", []string{"reason"}, nil)
)

func (c *collector) Describe(ch chan<- *prometheus.Desc) {
	for _, f := range families {
		ch <- f.desc
	}
	ch <- panicsDesc
	ch <- slowDesc
	ch <- decodeDesc
	c.counters.failures.Describe(ch)
	c.counters.rejected.Describe(ch)
	c.counters.controlSend.Describe(ch)
}

func (c *collector) Collect(ch chan<- prometheus.Metric) {
	h, now := c.view.Health(), c.now()
	for _, f := range families {
		ch <- prometheus.MustNewConstMetric(f.desc, f.kind, f.of(&h, now))
	}
	ch <- prometheus.MustNewConstMetric(panicsDesc, prometheus.CounterValue,
		float64(c.counters.panics.Load()))
	ch <- prometheus.MustNewConstMetric(slowDesc, prometheus.CounterValue,
		float64(c.counters.slow.Load()))
	for _, r := range c.view.Undecoded() {
		ch <- prometheus.MustNewConstMetric(decodeDesc, prometheus.CounterValue,
			float64(r.Count), r.Reason)
	}
	c.counters.failures.Collect(ch)
	c.counters.rejected.Collect(ch)
	c.counters.controlSend.Collect(ch)
}
