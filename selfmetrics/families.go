package selfmetrics

import (
	"slices"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// families is the one table of all metrics.
var families = slices.Concat(input, state, queue, forecast, permits, sending, latencies, outcomes,
	producer)

// input is what the application does.
var input = []family{
	byKind(Counter, "dashstream_events_emitted_total", "events",
		"Events that the application emitted. At every moment it equals delivered + "+
			"unacknowledged + unchanged + dropped + queued + in flight.",
		func(k *batching.KindStats) uint64 { return k.Emitted }),
	byKind(Counter, "dashstream_events_accepted_total", "events",
		"Events that were enqueued. Emitted minus accepted were rejected: see "+
			"dropped by reason.",
		func(k *batching.KindStats) uint64 { return k.Accepted }),
	gauge("dashstream_queue_blocked_callers", "callers",
		"Callers that wait for room now (overflow policy block). Above 0 the application itself "+
			"is slowed down.",
		func(s *snapshot) int64 { return s.Queue.Blocked }),
	counter("dashstream_attribute_panics_total", "values",
		"Attribute values whose own code panicked; their events went out with the panic's text in "+
			"their place: look for !PANIC and fix the type.",
		func(s *snapshot) uint64 { return s.Input.ValuePanics }),
	counter("dashstream_invalid_utf8_strings_total", "strings",
		"Strings that were not valid UTF-8 and went out repaired. If it grows, look for bytes "+
			"that are cut or passed as text.",
		func(s *snapshot) uint64 { return s.Input.InvalidUTF8 }),
	counter("dashstream_renamed_attributes_total", "attributes",
		"Attributes of the application's with the name of one of the SDK's own in the same event; "+
			"they went out with app. in front of it: rename them.",
		func(s *snapshot) uint64 { return s.Input.RenamedAttributes }),
	counter("dashstream_corrected_times_total", "events",
		"Events with a time given by the caller that could not be: in the future, before 2000, or "+
			"before the start of what they belong to. If it grows, compare clocks.",
		func(s *snapshot) uint64 { return s.Input.CorrectedTimes }),
	counter("dashstream_unended_total", "starts",
		"Nodes, calls and the like that were ended with the error \"did not end\": their runtime "+
			"reported a start and no end.",
		func(s *snapshot) uint64 { return s.Input.Unended }),
	fineLatency("dashstream_emit_duration_seconds",
		"What one call took, for a sample of the calls. It is the application's time: "+
			"above some microseconds, look at its values.",
		func(s *snapshot) *batching.Histogram { return &s.Emit }),
	{Definition{
		Name: "dashstream_redactions_total", Type: Counter,
		Unit: "values", Labels: []string{labelRule},
		Help: "Values that were hidden before they were published, by the rule that found them. " +
			"If it grows, look for who logs secrets.",
	}, func(s *snapshot, out sink) {
		for _, r := range s.Input.Redactions {
			out.value(float64(r.Count), r.Name)
		}
	}},
	gauge("dashstream_runs_active", "runs",
		"Runs that have started and not ended. If it only ever grows, runs are not ended.",
		func(s *snapshot) int64 { return s.Input.Runs }),
	gauge("dashstream_threads_active", "threads",
		"Threads that are kept for active runs. Their number is what memory per run is multiplied "+
			"with.",
		func(s *snapshot) int64 { return s.Input.Threads }),
	gauge("dashstream_threads_remembered", "threads",
		"Ended threads whose last sequence number is kept. A thread that is resumed after it was "+
			"forgotten starts at 1 again.",
		func(s *snapshot) int64 { return s.Input.Remembered }),
}

// queue is what is held, and how full that is.
var queue = []family{
	gauge("dashstream_telemetry_queue_depth", "events",
		"Events that are held, waiting or in flight. At dashstream_queue_capacity_events new ones "+
			"are dropped or wait.",
		func(s *snapshot) int64 { return s.Queue.Events }),
	byKind(Gauge, "dashstream_events_queued", "events",
		"Events that wait for linger or a permit. If it grows while in flight stays level, "+
			"permits or the worker hold them up.",
		func(k *batching.KindStats) uint64 { return k.Queued }),
	byKind(Gauge, "dashstream_events_in_flight", "events",
		"Events on their way under a permit. If this is the larger part of the queue's depth, "+
			"brokers or network are slow.",
		func(k *batching.KindStats) uint64 { return k.InFlight }),
	gauge("dashstream_queue_capacity_events", "events",
		"The most events that may be held. Raise it if the queue is full of small events while "+
			"its bytes have room.",
		func(s *snapshot) int64 { return s.Queue.MaxEvents }),
	gauge("dashstream_queue_high_water_events", "events",
		"The most events that were held at once in the last 60 s. It shows peaks that fall "+
			"between two scrapes.",
		func(s *snapshot) int64 { return s.Queue.HighWaterEvents }),
	gauge("dashstream_queue_bytes", "bytes",
		"Memory of the events that are held, waiting or in flight. At "+
			"dashstream_queue_capacity_bytes new ones are dropped or wait.",
		func(s *snapshot) int64 { return s.Queue.Bytes }),
	gauge("dashstream_queue_capacity_bytes", "bytes",
		"The most memory that events may take. Divided by the rate of uncompressed bytes: about "+
			"the seconds of outage that fit.",
		func(s *snapshot) int64 { return s.Queue.MaxBytes }),
	gauge("dashstream_queue_high_water_bytes", "bytes",
		"The most memory that was taken at once in the last 60 s. It shows peaks that fall "+
			"between two scrapes.",
		func(s *snapshot) int64 { return s.Queue.HighWaterBytes }),
	timestamp("dashstream_queue_oldest_event_timestamp_seconds",
		"When the oldest event that is held was emitted; 0: none is. Its age nears the "+
			"delivery timeout before any times out.",
		func(s *snapshot) time.Time { return s.Queue.Oldest }),
	{Definition{
		Name: "dashstream_batches_sealed_total", Type: Counter,
		Unit: "batches", Labels: []string{labelTrigger},
		Help: "Batches that were sealed, by what sealed them. Mostly linger is a light load, " +
			"mostly bytes or count a heavy one.",
	}, func(s *snapshot, out sink) {
		for trigger, n := range s.Batches.Sealed {
			out.value(float64(n), batching.Trigger(trigger).String())
		}
	}},
	gauge("dashstream_telemetry_pending_tasks", "batches",
		"Batches that are held: open, sealed or in flight. Far above the permits in use, batches "+
			"wait for permits.",
		func(s *snapshot) int64 { return s.Batches.Pending }),
}

// permits is what the worker is busy with.
var permits = []family{
	gauge("dashstream_telemetry_inflight_permits", "permits",
		"Permits that are held, one for each batch between its sending and its end. At the limit "+
			"batches wait.",
		func(s *snapshot) int64 { return s.Permits.InUse }),
	gauge("dashstream_telemetry_max_permits", "permits",
		"How many permits there are. Raise it if they are all held while brokers have capacity "+
			"left.",
		func(s *snapshot) int64 { return s.Permits.Limit }),
	gauge("dashstream_permits_high_water", "permits",
		"The most permits that were held at once in the last 60 s. It shows peaks that fall "+
			"between two scrapes.",
		func(s *snapshot) int64 { return s.Permits.HighWater }),
	timestamp("dashstream_worker_heartbeat_timestamp_seconds",
		"When the worker last ran. If that is seconds ago, nothing is sent: take a "+
			"goroutine dump.",
		func(s *snapshot) time.Time { return s.Worker.Heartbeat }),
	counter("dashstream_worker_restarts_total", "restarts",
		"How often the worker was started again after a panic. Should always be 0; the log "+
			"has the stack trace.",
		func(s *snapshot) uint64 { return s.Worker.Restarts }),
}
