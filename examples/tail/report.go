package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// report reads a producer's report on itself, whose metrics have the names of Prometheus's samples.
type report struct {
	metrics map[string]*pb.MetricValue
}

func (r report) value(name string) float64 {
	switch v := r.metrics[name].GetValue().(type) {
	case *pb.MetricValue_IntValue:
		return float64(v.IntValue)
	case *pb.MetricValue_FloatValue:
		return v.FloatValue
	}
	return 0
}

func (r report) count(name string) string { return grouped(int64(r.value(name))) }

// sums adds the samples of a metric up by the values of a label.
func (r report) sums(name, label string) map[string]int64 {
	sums := map[string]int64{}
	for sample := range r.metrics {
		labels, ok := strings.CutPrefix(sample, name+"{")
		if ok {
			sums[labelValue(labels, label)] += int64(r.value(sample))
		}
	}
	return sums
}

// labelValue finds a label in the rest of a sample's name, name="value",…}. Values that matter here
// have nothing that is escaped.
func labelValue(labels, name string) string {
	for pair := range strings.SplitSeq(strings.TrimSuffix(labels, "}"), ",") {
		if value, ok := strings.CutPrefix(pair, name+`="`); ok {
			return strings.TrimSuffix(value, `"`)
		}
	}
	return ""
}

func (r report) total(name string) int64 {
	var n int64
	for _, v := range r.sums(name, "message_type") {
		n += v
	}
	return n
}

// dropped says how many events were lost, by reason.
func (r report) dropped() string {
	sums := r.sums("dashstream_telemetry_dropped_total", "reason")
	var total int64
	var reasons []string
	for _, reason := range slices.Sorted(maps.Keys(sums)) {
		if n := sums[reason]; n > 0 {
			total += n
			reasons = append(reasons, clean(reason)+" "+grouped(n))
		}
	}
	if reasons == nil {
		return "0"
	}
	return grouped(total) + " (" + strings.Join(reasons, ", ") + ")"
}

// oldest is the age of the oldest event that is held, by the producer's own clock.
func (r report) oldest() string {
	since := r.value("dashstream_queue_oldest_event_timestamp_seconds")
	if since == 0 {
		return "none"
	}
	return duration(time.Duration((r.value("dashstream_snapshot_timestamp_seconds") -
		since) * float64(time.Second)))
}

// pressure says how close the first loss is and, when one is in sight, what is reached then and
// why.
func (r report) pressure() string {
	level := selfmetrics.PressureLevel(min(max(r.value("dashstream_pressure_level"), 0),
		float64(selfmetrics.NumPressureLevels-1))).String()
	if _, ok := r.metrics["dashstream_seconds_to_first_loss"]; !ok {
		return level + ", no forecast"
	}
	seconds := r.value("dashstream_seconds_to_first_loss")
	if math.IsInf(seconds, 1) {
		return level + ", nothing fills"
	}
	return fmt.Sprintf("%s, first loss in %.0f s (%s, driven by %s)", level, seconds,
		r.where("dashstream_forecast_seconds_to_loss", "limit", seconds),
		r.where("dashstream_pressure_driver", "driver", 1))
}

// where returns the label's value of the sample that has a value.
func (r report) where(name, label string, value float64) string {
	for _, sample := range slices.Sorted(maps.Keys(r.metrics)) {
		if labels, ok := strings.CutPrefix(sample, name+"{"); ok && r.value(sample) == value {
			return clean(labelValue(labels, label))
		}
	}
	return "?"
}

// reportText says how full a producer is, and what became of its events.
func reportText(m *pb.Metrics) string {
	r := report{m.GetMetrics()}
	tags := m.GetTags()
	bytes := func(name string) string { return size(int64(r.value(name))) }
	return fmt.Sprintf("%s: %s of %s events and %s of %s held, the oldest for %s; %s of %s "+
		"permits; pressure %s; emitted %s, delivered %s, unacknowledged %s, dropped %s; most in "+
		"60 s: %s events, %s, %s permits; %s on %s, pid %s, version %s, every %s s",
		cut(tags["reason"]),
		r.count("dashstream_telemetry_queue_depth"), r.count("dashstream_queue_capacity_events"),
		bytes("dashstream_queue_bytes"), bytes("dashstream_queue_capacity_bytes"), r.oldest(),
		r.count("dashstream_telemetry_inflight_permits"),
		r.count("dashstream_telemetry_max_permits"), r.pressure(),
		grouped(r.total("dashstream_events_emitted_total")),
		grouped(r.total("dashstream_events_delivered_total")),
		grouped(r.total("dashstream_events_unacknowledged_total")), r.dropped(),
		r.count("dashstream_queue_high_water_events"), bytes("dashstream_queue_high_water_bytes"),
		r.count("dashstream_permits_high_water"),
		cut(tags["service"]), cut(tags["host"]), cut(tags["pid"]), cut(tags["version"]),
		cut(tags["interval_seconds"]))
}

// grouped writes a number with commas between thousands.
func grouped(n int64) string {
	s := strconv.FormatInt(n, 10)
	for at := len(s) - 3; at > 0 && s[at-1] != '-'; at -= 3 {
		s = s[:at] + "," + s[at:]
	}
	return s
}
