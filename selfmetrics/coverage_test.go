package selfmetrics

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// leaves calls visit for each number, text and time in v.
func leaves(v reflect.Value, path string, visit func(path string, leaf reflect.Value)) {
	switch {
	case v.Type() == reflect.TypeFor[time.Time]():
		visit(path, v)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			at := path // that of the fields of an embedded struct, too
			if f := v.Type().Field(i); !f.Anonymous {
				at = strings.TrimPrefix(path+"."+f.Name, ".")
			}
			leaves(v.Field(i), at, visit)
		}
	case v.Kind() == reflect.Slice || v.Kind() == reflect.Array:
		for i := range v.Len() {
			leaves(v.Index(i), fmt.Sprintf("%s[%d]", path, i), visit)
		}
	case v.Kind() == reflect.Func: // no value to publish
	default:
		visit(path, v)
	}
}

// change adds n to a leaf.
func change(t *testing.T, path string, leaf reflect.Value, n int64) {
	switch v := leaf.Addr().Interface().(type) {
	case *time.Time:
		*v = v.Add(time.Duration(n) * time.Second)
	case *time.Duration:
		*v += time.Duration(n) * time.Second
	case *batching.Overflow:
		*v ^= batching.Block
	case *Driver:
		*v = (*v + Driver(n)) % Driver(NumDrivers)
	case *Judgement:
		*v = (*v + Judgement(n)) % Judgement(NumJudgements)
	case *Limit:
		*v = (*v + Limit(n)) % Limit(NumLimits)
	case *PressureLevel:
		*v = (*v + PressureLevel(n)) % PressureLevel(NumPressureLevels)
	case *string:
		*v += fmt.Sprint(n)
	default:
		switch {
		case leaf.CanInt():
			leaf.SetInt(leaf.Int() + n)
		case leaf.CanUint():
			leaf.SetUint(leaf.Uint() + uint64(n))
		case leaf.CanFloat():
			leaf.SetFloat(leaf.Float() + float64(n))
		default:
			t.Fatalf("%s is a %s, which this test knows no way to change", path, leaf.Type())
		}
	}
}

// fill gives each leaf of what p points at a value of its own, from 1 on, and each histogram some
// native buckets.
func fill[T any](t *testing.T, p *T) {
	if s, ok := any(p).(*Stats); ok {
		histograms := []*batching.Histogram{&s.Emit, &s.QueueWait, &s.PermitWait, &s.EmitToAck}
		for i := range s.Send {
			histograms = append(histograms, &s.Send[i])
		}
		for _, h := range histograms {
			h.Native = make([]uint64, 3)
		}
	}
	n := int64(1)
	leaves(reflect.ValueOf(p).Elem(), "", func(path string, leaf reflect.Value) {
		change(t, path, leaf, n)
		n++
	})
}

// notPublished says of each part of Stats that no metric shows why that is right.
var notPublished = map[string]string{
	"Total":            "is the sum of Kinds, all of which are published",
	"Kinds[0]":         "has no name: the kind is not in use",
	"Sender.LastError": "is free text, which would be an unbounded label",
	"Sender.Stalled":   "is a name, which the log and the page have",
	"Emit.Max":         "is the slowest of a sample, which says nothing",
	"Pressure.Since":   "is when pressure_changes changed",
	"Pressure.Where":   "is Sender.Stalled",
	"Forecast.Driver":  "is Pressure.Driver",
	"Forecast.At":      "is when Limits are as they are published, if it is not zero",
	// All that these are made of is published.
	"Forecast.Limits[0].Judgement": "is shown for the limit that decides",
	"Forecast.Limits[1].Judgement": "is shown for the limit that decides",
	"Forecast.Limits[2].Judgement": "is shown for the limit that decides",
	"Forecast.Limits[0].Full":      "is the capacity, less what sealing needs",
	"Forecast.Limits[1].Full":      "is the capacity",
	"Forecast.Limits[2].Full":      "is the delivery timeout",
	"Forecast.EventsEmitted":       "is the rate of a counter",
	"Forecast.EventsDelivered":     "is the rate of a counter",
	"Forecast.EventsLost":          "is the rate of counters",
	"Forecast.Permits":             "is the share of the permits in use",
	"Forecast.Throttled":           "is the rate of Sender.Throttled",
	"Forecast.Compression":         "is the ratio of two rates of Sender",
	// The bucket for +Inf is the count.
	"Emit.Classic[17]":       "is the rest of Count",
	"QueueWait.Classic[17]":  "is the rest of Count",
	"PermitWait.Classic[17]": "is the rest of Count",
	"EmitToAck.Classic[17]":  "is the rest of Count",
	"Send[0].Classic[17]":    "is the rest of Count",
	"Send[1].Classic[17]":    "is the rest of Count",
	"Send[2].Classic[17]":    "is the rest of Count",
}

func exempt(path string) (part string, ok bool) {
	for part := range maps.Keys(notPublished) {
		if rest, ok := strings.CutPrefix(path, part); ok && (rest == "" || rest[0] == '.' ||
			rest[0] == '[') {
			return part, true
		}
	}
	return "", false
}

func TestEveryFieldOfStatsIsPublished(t *testing.T) {
	stats := idle()
	fill(t, &stats)
	stats.Kinds[0].Name = ""
	c := New(Info{Client: "p-1", Instance: "id-1"}, func() Stats { return stats })
	before := fmt.Sprint(gather(t, c))
	unused := slices.Collect(maps.Keys(notPublished))
	leaves(reflect.ValueOf(&stats).Elem(), "", func(path string, leaf reflect.Value) {
		if part, ok := exempt(path); ok {
			unused = slices.DeleteFunc(unused, func(s string) bool { return s == part })
			return
		}
		old := reflect.New(leaf.Type()).Elem()
		old.Set(leaf)
		change(t, path, leaf, 1)
		if fmt.Sprint(gather(t, c)) == before {
			t.Errorf("Stats.%s changes and no metric does", path)
		}
		leaf.Set(old)
	})
	for _, part := range unused {
		t.Errorf("Stats has no field %s that could be exempt", part)
	}
}

func TestEveryFieldOfInfoIsPublished(t *testing.T) {
	var info Info
	fill(t, &info)
	before := fmt.Sprint(gather(t, New(info, fixed(idle()))))
	leaves(reflect.ValueOf(&info).Elem(), "", func(path string, leaf reflect.Value) {
		old := reflect.New(leaf.Type()).Elem()
		old.Set(leaf)
		change(t, path, leaf, 1)
		if fmt.Sprint(gather(t, New(info, fixed(idle())))) == before {
			t.Errorf("Info.%s changes and no metric does", path)
		}
		leaf.Set(old)
	})
}

// Each field has a value of its own, so that a metric that reads the wrong one shows the wrong
// number.
func TestMetricsShowTheFieldTheyAreNamedAfter(t *testing.T) {
	stats := idle()
	fill(t, &stats)
	stats.Kinds[0].Name, stats.Kinds[1].Name, stats.Kinds[2].Name = "", "event", "error"
	stats.At = time.Unix(1_700_000_000, 250_000_000)
	info := Info{Epoch: 7, Linger: 250 * time.Millisecond, BatchBytes: 65536, BatchEvents: 1000,
		MaxMessageBytes: 921600,
		BlockTimeout:    time.Second, DeliveryTimeout: 2 * time.Minute, Overflow: batching.Block}
	event, sender, queue := &stats.Kinds[1], &stats.Sender, &stats.Queue
	got := samples(t, New(info, fixed(stats)))
	for name, want := range map[string]float64{
		`dashstream_events_emitted_total{message_type="event"}`: float64(
			event.Emitted),
		`dashstream_events_accepted_total{message_type="event"}`: float64(
			event.Accepted),
		`dashstream_events_delivered_total{message_type="event"}`: float64(
			event.Delivered),
		`dashstream_events_unacknowledged_total{message_type="event"}`: float64(
			event.Unacknowledged),
		`dashstream_events_queued{message_type="event"}`: float64(
			event.Queued),
		`dashstream_events_in_flight{message_type="event"}`: float64(
			event.InFlight),
		`dashstream_messages_sent_total{message_type="event"}`: float64(
			event.Messages),
		`dashstream_telemetry_send_failures_total{message_type="event"}`: float64(
			event.SendFailures),
		`dashstream_telemetry_dropped_total{message_type="event",reason="timeout"}`: float64(
			event.Dropped[batching.Timeout]),
		`dashstream_telemetry_dropped_total{message_type="error",reason="queue_full"}`: float64(
			stats.Kinds[2].Dropped[batching.QueueFull]),
		`dashstream_telemetry_queue_depth`: float64(
			queue.Events),
		`dashstream_queue_capacity_events`: float64(
			queue.MaxEvents),
		`dashstream_queue_high_water_events`: float64(
			queue.HighWaterEvents),
		`dashstream_queue_bytes`: float64(
			queue.Bytes),
		`dashstream_queue_capacity_bytes`: float64(
			queue.MaxBytes),
		`dashstream_queue_high_water_bytes`: float64(
			queue.HighWaterBytes),
		`dashstream_queue_blocked_callers`: float64(
			queue.Blocked),
		`dashstream_telemetry_inflight_permits`: float64(
			stats.Permits.InUse),
		`dashstream_telemetry_max_permits`: float64(
			stats.Permits.Limit),
		`dashstream_permits_high_water`: float64(
			stats.Permits.HighWater),
		`dashstream_telemetry_pending_tasks`: float64(
			stats.Batches.Pending),
		`dashstream_batches_sealed_total{trigger="urgent"}`: float64(
			stats.Batches.Sealed[batching.ByUrgency]),
		`dashstream_worker_restarts_total`: float64(
			stats.Worker.Restarts),
		`dashstream_send_requests_total`: float64(
			sender.Requests),
		`dashstream_send_retries_total`: float64(
			sender.Retries),
		`dashstream_send_errors_total{class="transient"}`: float64(
			sender.Transient),
		`dashstream_send_errors_total{class="permanent"}`: float64(
			sender.Permanent),
		`dashstream_send_uncompressed_bytes_total`: float64(
			sender.UncompressedBytes),
		`dashstream_send_compressed_bytes_total`: float64(
			sender.CompressedBytes),
		`dashstream_send_wire_bytes_total`: float64(
			sender.WireBytes),
		`dashstream_send_throttled_seconds_total`: sender.Throttled.Seconds(),
		`dashstream_send_throttles_total`: float64(
			sender.Throttles),
		`dashstream_send_buffered_records`: float64(
			sender.BufferedRecords),
		`dashstream_connections`: float64(
			sender.Connections),
		`dashstream_connects_total`: float64(
			sender.Connects),
		`dashstream_disconnects_total`: float64(
			sender.Disconnects),
		`dashstream_stalled_partitions`: float64(
			sender.StalledPartitions),
		`dashstream_connect_failures_total`: float64(
			sender.ConnectFailures),
		`dashstream_attribute_panics_total`: float64(
			stats.Input.ValuePanics),
		`dashstream_invalid_utf8_strings_total`: float64(
			stats.Input.InvalidUTF8),
		`dashstream_renamed_attributes_total`: float64(
			stats.Input.RenamedAttributes),
		`dashstream_corrected_times_total`: float64(
			stats.Input.CorrectedTimes),
		`dashstream_unended_total`: float64(
			stats.Input.Unended),
		`dashstream_redactions_total{rule="` + stats.Input.Redactions[1].Name +
			`"}`: float64(stats.Input.Redactions[1].Count),
		`dashstream_runs_active`: float64(
			stats.Input.Runs),
		`dashstream_threads_active`: float64(
			stats.Input.Threads),
		`dashstream_threads_remembered`: float64(
			stats.Input.Remembered),
		`dashstream_reports_sent_total`: float64(
			stats.Report.Sent),
		`dashstream_reports_failed_total`: float64(
			stats.Report.Failed),
		`dashstream_snapshot_timestamp_seconds`: 1_700_000_000.25,
		`dashstream_queue_wait_seconds_count`: float64(
			stats.QueueWait.Count),
		`dashstream_queue_wait_seconds_bucket{le="+Inf"}`: float64(
			stats.QueueWait.Count),
		`dashstream_queue_wait_seconds_bucket{le="0.001"}`: float64(
			stats.QueueWait.Classic[0] + stats.QueueWait.Classic[1]),
		`dashstream_permit_wait_seconds_sum`: stats.PermitWait.Sum,
		`dashstream_send_duration_seconds_count{outcome="unacknowledged"}`: float64(
			stats.Send[batching.Unacknowledged].Count),
		`dashstream_send_duration_max_seconds{outcome="dropped"}`:          stats.Send[batching.Dropped].Max,
		`dashstream_emit_to_ack_seconds_sum`:                               stats.EmitToAck.Sum,
		`dashstream_emit_to_ack_max_seconds`:                               stats.EmitToAck.Max,
		`dashstream_queue_wait_max_seconds`:                                stats.QueueWait.Max,
		`dashstream_permit_wait_max_seconds`:                               stats.PermitWait.Max,
		`dashstream_producer_epoch`:                                        7,
		`dashstream_config_linger_seconds`:                                 0.25,
		`dashstream_config_batch_bytes`:                                    65536,
		`dashstream_config_batch_events`:                                   1000,
		`dashstream_config_max_message_bytes`:                              921600,
		`dashstream_config_block_timeout_seconds`:                          1,
		`dashstream_config_delivery_timeout_seconds`:                       120,
		`dashstream_config_info{compression="",overflow="block",topic=""}`: 1,
	} {
		if s, ok := got[name]; !ok || s.Value != want {
			t.Errorf("%s is %v (exists: %t), want %v", name, s.Value, ok, want)
		}
	}
}

func TestANegativeLingerIsPublishedAsNone(t *testing.T) {
	got := samples(t, New(Info{Linger: -time.Second},
		fixed(idle())))["dashstream_config_linger_seconds"]
	if got.Value != 0 {
		t.Errorf("linger is %v", got.Value)
	}
}
