package selfmetrics

import (
	"runtime"
	"time"
)

// producer is who publishes all this, and the settings to compare it with.
var producer = []family{
	counter("dashstream_reports_sent_total", "reports",
		"In-band reports that were acknowledged. They are not among the events counted here.",
		func(s *snapshot) uint64 { return s.Report.Sent }),
	counter("dashstream_reports_failed_total", "reports",
		"In-band reports that were not acknowledged. While it grows, readers of the topic see old "+
			"figures.",
		func(s *snapshot) uint64 { return s.Report.Failed }),
	timestamp("dashstream_snapshot_timestamp_seconds",
		"When these figures were read, by the producer's clock. Subtract other time stamps from "+
			"it to get ages free of clock skew.",
		func(s *snapshot) time.Time { return s.At }),
	timestamp("dashstream_start_time_seconds",
		"When the producer was started. A change is a restart: counters began again at 0.",
		func(s *snapshot) time.Time { return s.Started }),
	gauge("dashstream_producer_epoch", "1",
		"The epoch of this start, as in the record header ds-epoch (exact up to 2^53). It grows "+
			"with every start of an instance.",
		func(s *snapshot) uint64 { return s.info.Epoch }),
	{Definition{
		Name: "dashstream_build_info", Type: Gauge, Unit: "1",
		Labels: []string{"goversion", "producer", "service", "version"},
		Help: "Always 1; the labels say what runs, producer is the id of this start. Join it on " +
			"client to compare versions.",
	}, func(s *snapshot, out sink) {
		out.value(1, runtime.Version(), s.info.Instance, s.info.Service, s.info.Version)
	}},
	{Definition{
		Name: "dashstream_config_info", Type: Gauge, Unit: "1",
		Labels: []string{"compression", "overflow", "topic"},
		Help: "Always 1; the labels are settings that are not numbers. With overflow=block watch " +
			"the blocked callers.",
	}, func(s *snapshot, out sink) {
		out.value(1, s.info.Compression, s.info.Overflow.String(), s.info.Topic)
	}},
	gauge("dashstream_config_batch_bytes", "bytes",
		"The size from which a batch is sealed. Raise it if batches are mostly sealed by bytes "+
			"and brokers are busy.",
		func(s *snapshot) int { return s.info.BatchBytes }),
	gauge("dashstream_config_batch_events", "events",
		"The number of events at which a batch is sealed. Raise it if batches are mostly sealed "+
			"by count and brokers are busy.",
		func(s *snapshot) int { return s.info.BatchEvents }),
	gauge("dashstream_config_max_message_bytes", "bytes",
		"The limit of one message; larger ones are dropped as too_large. Keep it below the "+
			"broker's own limit.",
		func(s *snapshot) int { return s.info.MaxMessageBytes }),
	gauge("dashstream_config_linger_seconds", "seconds",
		"How long a batch waits for more events; the least that emit-to-ack takes for most of "+
			"them.",
		func(s *snapshot) float64 { return max(s.info.Linger, 0).Seconds() }),
	gauge("dashstream_config_block_timeout_seconds", "seconds",
		"How long a caller waits for room before its event is dropped (overflow policy block).",
		func(s *snapshot) float64 { return s.info.BlockTimeout.Seconds() }),
	gauge("dashstream_config_delivery_timeout_seconds", "seconds",
		"How long an event may wait before it is dropped with reason timeout. Compare with the "+
			"age of the oldest event.",
		func(s *snapshot) float64 { return s.info.DeliveryTimeout.Seconds() }),
}
