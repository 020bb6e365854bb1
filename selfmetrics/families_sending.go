package selfmetrics

import (
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// sending is what the Sender knows about its own work.
var sending = []family{
	counter("dashstream_send_requests_total", "requests",
		"Requests to brokers that carried batches. Few batches to a request is a light load or "+
			"many partitions.",
		func(s *snapshot) uint64 { return s.Sender.Requests }),
	counter("dashstream_send_retries_total", "requests",
		"Requests that tried again what was sent before. A steady rate means that brokers or "+
			"network have problems.",
		func(s *snapshot) uint64 { return s.Sender.Retries }),
	{Definition{
		Name: "dashstream_send_errors_total", Type: Counter,
		Unit: "tries", Labels: []string{labelClass},
		Help: "Tries that failed, by class. Transient ones are tried again; permanent ones lose " +
			"events: look at the log.",
	}, func(s *snapshot, out sink) {
		out.value(float64(s.Sender.Transient), "transient")
		out.value(float64(s.Sender.Permanent), "permanent")
	}},
	timestamp("dashstream_send_last_error_timestamp_seconds",
		"When a try to send last failed; 0 before the first. The log and the client's statistics "+
			"have its text.",
		func(s *snapshot) time.Time { return s.Sender.LastErrorAt }),
	counter("dashstream_send_uncompressed_bytes_total", "bytes",
		"Bytes that went out, before compression. Its rate tells how many seconds of traffic the "+
			"queue holds.",
		func(s *snapshot) uint64 { return s.Sender.UncompressedBytes }),
	counter("dashstream_send_compressed_bytes_total", "bytes",
		"Bytes that went out, after compression. Their share of the uncompressed ones is what "+
			"compression leaves.",
		func(s *snapshot) uint64 { return s.Sender.CompressedBytes }),
	counter("dashstream_send_wire_bytes_total", "bytes",
		"All bytes written to brokers, protocol overhead included. Compare its rate with the "+
			"network's.",
		func(s *snapshot) uint64 { return s.Sender.WireBytes }),
	counter("dashstream_send_throttles_total", "throttles",
		"How often a broker asked to wait. Any means that a quota is reached: raise it, or send "+
			"less.",
		func(s *snapshot) uint64 { return s.Sender.Throttles }),
	counter("dashstream_send_throttled_seconds_total", "seconds",
		"Time for which brokers asked to wait. Its rate is the share of time under a quota.",
		func(s *snapshot) float64 { return s.Sender.Throttled.Seconds() }),
	gauge("dashstream_connections", "connections",
		"Open connections to brokers. 0 while events are held: no broker can be reached.",
		func(s *snapshot) int64 { return s.Sender.Connections }),
	counter("dashstream_connects_total", "connections",
		"Connections to brokers that were opened. A steady rate means that they do not last: see "+
			"disconnects and failures.",
		func(s *snapshot) uint64 { return s.Sender.Connects }),
	counter("dashstream_disconnects_total", "connections",
		"Connections to brokers that ended. A steady rate means that brokers or network cut them.",
		func(s *snapshot) uint64 { return s.Sender.Disconnects }),
	counter("dashstream_connect_failures_total", "connections",
		"Connections that could not be opened. Look at addresses, certificates and credentials.",
		func(s *snapshot) uint64 { return s.Sender.ConnectFailures }),
	gauge("dashstream_stalled_partitions", "partitions",
		"Partitions that have batches and have acknowledged none for some seconds. The log and "+
			"the page name the broker.",
		func(s *snapshot) int64 { return s.Sender.StalledPartitions }),
	timestamp("dashstream_stalled_since_timestamp_seconds",
		"Since when the first of the stalled partitions has acknowledged nothing; 0 if none is "+
			"stalled.",
		func(s *snapshot) time.Time { return s.Sender.StalledSince }),
	gauge("dashstream_send_buffered_records", "records",
		"Records that the Kafka client itself holds, about one for each permit in use. If none "+
			"leave, no broker takes them.",
		func(s *snapshot) int64 { return s.Sender.BufferedRecords }),
}

// latencies is how long events take from stage to stage.
var latencies = []family{
	latency("dashstream_queue_wait_seconds",
		"Time from emit until a batch had its permit, per batch, for its first event. About "+
			"the linger is normal.",
		func(s *snapshot) *batching.Histogram { return &s.QueueWait }),
	latency("dashstream_permit_wait_seconds",
		"The part of the queue wait that a batch that was due waited for a permit. If it is not "+
			"near 0, permits are the bottleneck.",
		func(s *snapshot) *batching.Histogram { return &s.PermitWait }),
	{Definition{
		Name: "dashstream_send_duration_seconds", Type: Histogram,
		Unit: "seconds", Labels: []string{labelOutcome},
		Help: "Time from the permit until the end of sending, per batch, by outcome. When it " +
			"grows, look at brokers and network.",
	}, func(s *snapshot, out sink) {
		for outcome := range s.Send {
			out.histogram(&s.Send[outcome], batching.HistogramBounds[:],
				batching.Outcome(outcome).String())
		}
	}},
	latency("dashstream_emit_to_ack_seconds",
		"Time from emit until the acknowledgement, per delivered batch, for its first event: "+
			"how late a reader sees events.",
		func(s *snapshot) *batching.Histogram { return &s.EmitToAck }),
	gauge("dashstream_queue_wait_max_seconds", "seconds",
		"The longest queue wait since the start; quantiles do not show it.",
		func(s *snapshot) float64 { return s.QueueWait.Max }),
	gauge("dashstream_permit_wait_max_seconds", "seconds",
		"The longest wait for a permit since the start; quantiles do not show it.",
		func(s *snapshot) float64 { return s.PermitWait.Max }),
	{Definition{
		Name: "dashstream_send_duration_max_seconds", Type: Gauge,
		Unit: "seconds", Labels: []string{labelOutcome},
		Help: "The longest sending since the start, by outcome; quantiles do not show it.",
	}, func(s *snapshot, out sink) {
		for outcome := range s.Send {
			out.value(s.Send[outcome].Max, batching.Outcome(outcome).String())
		}
	}},
	gauge("dashstream_emit_to_ack_max_seconds", "seconds",
		"The longest time from emit to the acknowledgement since the start; quantiles do not "+
			"show it.",
		func(s *snapshot) float64 { return s.EmitToAck.Max }),
	timestamp("dashstream_last_ack_timestamp_seconds",
		"When a batch was last acknowledged; 0 before the first. Old while events are held, Kafka "+
			"does not respond.",
		func(s *snapshot) time.Time { return s.LastAck }),
}

// outcomes is what became of the events.
var outcomes = []family{
	byKind(Counter, "dashstream_events_delivered_total", "events",
		"Events that Kafka acknowledged. Its rate should follow that of accepted; while it lags, "+
			"the queue fills.",
		func(k *batching.KindStats) uint64 { return k.Delivered }),
	byKind(Counter, "dashstream_events_unacknowledged_total", "events",
		"Events that were given up after they may have reached Kafka, which never said so. Look "+
			"for brokers that do not respond.",
		func(k *batching.KindStats) uint64 { return k.Unacknowledged }),
	{Definition{
		Name: "dashstream_telemetry_dropped_total", Type: Counter,
		Unit: "events", Labels: []string{labelKind, labelReason},
		Help: "Events that were lost, by reason. Alert on any increase; the reason says which " +
			"limit or which failure it was.",
	}, func(s *snapshot, out sink) {
		for kind := range s.usedKinds {
			for reason, n := range kind.Dropped {
				out.value(float64(n), kind.Name, batching.Reason(reason).String())
			}
		}
	}},
	byKind(Counter, "dashstream_telemetry_send_failures_total", "events",
		"Events whose sending ended in anything but an acknowledgement. Compare with "+
			"dashstream_send_errors_total for the class.",
		func(k *batching.KindStats) uint64 { return k.SendFailures }),
	byKind(Counter, "dashstream_messages_sent_total", "messages",
		"Acknowledged messages on the wire; fewer than events delivered where chunks of tokens "+
			"were sent as one.",
		func(k *batching.KindStats) uint64 { return k.Messages }),
}
