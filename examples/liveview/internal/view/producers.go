package view

import (
	"cmp"
	"encoding/json"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

const (
	maxProducers = 200
	// maxSeries bounds what is looked at of one report.
	maxSeries = 2000
	// silentFactor is after how many intervals without a report a producer counts as dead. One
	// report may be lost, and another may be late.
	silentFactor = 3
	// leastSilence is the least time for it.
	leastSilence = 15 * time.Second
	// unknownInterval is taken for a report that does not say when the next one comes.
	unknownInterval = time.Minute
)

// producers is the instances of the SDK that report in band.
type producers struct {
	byID map[string]*producer
}

type producer struct {
	Producer
	epoch, number uint64
	time          int64
	arrived       time.Time
	ended         bool
	interval      time.Duration
}

// report takes an in-band report. It reports whether it is the newest of its producer.
func (p *producers) report(m *pb.Metrics, now time.Time) bool {
	id := name(m.GetScopeId())
	tags := m.GetTags()
	epoch, _ := strconv.ParseUint(tags["epoch"], 10, 64)
	number, _ := strconv.ParseUint(tags[pb.ReportNumberTag], 10, 64)
	at := m.GetHeader().GetTimestampUs()
	x := p.byID[id]
	if x != nil && cmp.Or(cmp.Compare(epoch, x.epoch), cmp.Compare(at, x.time),
		cmp.Compare(number, x.number)) <= 0 {
		return false
	}
	if x == nil {
		p.bound()
		x = &producer{}
		p.byID[id] = x
	}
	x.epoch, x.number, x.time, x.arrived = epoch, number, at, now
	x.ended = tags["reason"] == "final"
	x.interval = unknownInterval
	if s, err := strconv.ParseFloat(tags["interval_seconds"], 64); err == nil && s > 0 && s < 1e6 {
		x.interval = time.Duration(s * float64(time.Second))
	}
	started, _ := time.Parse(time.RFC3339Nano, tags["start_time"])
	x.Producer = Producer{ID: id, Service: name(tags["service"]), Host: name(tags["host"]),
		PID: name(tags["pid"]), Version: name(tags["version"]), Reported: at,
		Started: micros(started), Interval: x.interval.Microseconds(), Lost: map[string]float64{}}
	x.read(m.GetMetrics())
	return true
}

// bound removes the producer that reported longest ago if there are too many.
func (p *producers) bound() {
	if len(p.byID) < maxProducers {
		return
	}
	var oldest string
	for id, x := range p.byID {
		if oldest == "" || x.arrived.Before(p.byID[oldest].arrived) {
			oldest = id
		}
	}
	delete(p.byID, oldest)
}

// status returns live, ended, died, or unknown for one that does not report.
func (p *producers) status(id string, now time.Time) string {
	x := p.byID[name(id)]
	switch {
	case x == nil:
		return "unknown"
	case x.ended:
		return "ended"
	case now.Sub(x.arrived) > max(silentFactor*x.interval, leastSilence):
		return "died"
	}
	return "live"
}

var levels = []string{"ok", "elevated", "critical", "dropping"}

// read takes what is shown of a report's samples.
func (x *producer) read(samples map[string]*pb.MetricValue) {
	var buckets []bucket
	looked := 0
	for series, v := range samples {
		if looked++; looked > maxSeries {
			break
		}
		metric, labels, _ := strings.Cut(series, "{")
		n, is := number(v)
		if !is {
			continue
		}
		switch metric {
		case "dashstream_pressure_level":
			if n >= 0 && n < float64(len(levels)) {
				x.Level = levels[int(n)]
			}
		case "dashstream_seconds_to_first_loss":
			x.SecondsToLoss = &n
		case "dashstream_telemetry_queue_depth":
			x.QueueDepth = n
		case "dashstream_queue_capacity_events":
			x.QueueMax = n
		case "dashstream_telemetry_inflight_permits":
			x.Permits = n
		case "dashstream_telemetry_max_permits":
			x.PermitsMax = n
		case "dashstream_events_emitted_total":
			x.Emitted += n
		case "dashstream_events_delivered_total":
			x.Delivered += n
		case "dashstream_telemetry_dropped_total":
			if n > 0 && len(x.Lost) < 50 {
				x.Lost[name(label(labels, "reason"))] += n
			}
		case "dashstream_events_unacknowledged_total":
			if n > 0 {
				x.Lost["unacknowledged"] += n
			}
		case "dashstream_emit_to_ack_seconds_bucket":
			le, err := strconv.ParseFloat(label(labels, "le"), 64)
			if err == nil {
				buckets = append(buckets, bucket{le, n})
			}
		}
	}
	slices.SortFunc(buckets, func(a, b bucket) int { return cmp.Compare(a.le, b.le) })
	x.LatencyP50, x.LatencyP99 = quantile(buckets, .5), quantile(buckets, .99)
}

// number returns a sample's value; false for none, or one that JSON does not have. Infinite seconds
// to a loss mean that none is in sight.
func number(v *pb.MetricValue) (float64, bool) {
	n := v.GetFloatValue()
	switch x := v.GetValue().(type) {
	case *pb.MetricValue_IntValue:
		n = float64(x.IntValue)
	case *pb.MetricValue_FloatValue:
	default:
		return 0, false
	}
	return n, math.Abs(n) < 1e18 // not for NaN
}

// label returns the value of a label in the text between the braces of a series.
func label(labels, name string) string {
	_, rest, found := strings.Cut(labels, name+`="`)
	if !found {
		return ""
	}
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

type bucket struct{ le, count float64 }

// quantile returns a quantile of a histogram with cumulative buckets, nil if it is empty. What is
// beyond the last limit is given as that limit.
func quantile(buckets []bucket, q float64) *float64 {
	if len(buckets) == 0 || buckets[len(buckets)-1].count <= 0 {
		return nil
	}
	rank := q * buckets[len(buckets)-1].count
	lower, below := 0.0, 0.0
	for _, b := range buckets {
		if b.count >= rank {
			if math.IsInf(b.le, 1) {
				return &lower
			}
			if width := b.count - below; width > 0 {
				lower += (b.le - lower) * (rank - below) / width
			}
			return &lower
		}
		lower, below = b.le, b.count
	}
	return &lower
}

// producerList is the source of the producers' channel.
type producerList struct{ view *View }

func (l producerList) changes(now time.Time) data {
	out := map[string]json.RawMessage{}
	active := map[string]int{}
	for e := l.view.rows.Front(); e != nil; e = e.Next() {
		if r := e.Value.(*row); r.Status == "running" || r.Status == "waiting" {
			active[name(r.thread.info.source.Producer)]++
		}
	}
	for id, x := range l.view.producers.byID {
		shown := x.Producer
		shown.Status, shown.Running = l.view.producers.status(id, now), active[id]
		out[id] = encoded(&shown)
	}
	for id := range l.view.producerChannel.data["producers"] {
		if out[id] == nil {
			out[id] = nil
		}
	}
	return data{"producers": out}
}
