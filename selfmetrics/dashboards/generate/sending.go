package main

// kafka is what happens between a permit and the acknowledgement.
func kafka() []panel {
	return []panel{
		{
			title: "4 Kafka: events acknowledged", unit: "cps", stacked: true,
			question: "How much does Kafka acknowledge, by kind of message?",
			advice: "It should follow the first column. While it lags, the queue fills; at 0 " +
				"while events are held, brokers do not respond.",
			queries: []query{{expr: sumRate("dashstream_events_delivered_total", "message_type"),
				legend: "{{message_type}}"}},
		}, {
			title: "Time of sending", unit: "s",
			question: "How long does Kafka take to acknowledge a batch?",
			advice: "When it grows, look at the brokers' own request latencies, their disks and " +
				"the network, in this order. Permits needed are batches per second times this.",
			queries: []query{
				{expr: quantile(0.5, "dashstream_send_duration_seconds", "outcome"),
					legend: "p50 {{outcome}}"},
				{expr: quantile(0.99, "dashstream_send_duration_seconds", "outcome"),
					legend: "p99 {{outcome}}"},
				{expr: "max by (outcome) (dashstream_send_duration_max_seconds) > 0",
					legend: "longest {{outcome}}"},
			},
		}, {
			title: "Connections", unit: "short",
			question: "Are there connections to brokers, and do they last?",
			advice: "0 while events are held: no broker can be reached. Failures: look at " +
				"addresses, certificates and credentials. Idle connections are closed, so 0 " +
				"without events is normal.",
			queries: []query{
				{expr: "sum(dashstream_connections)", legend: "open"},
				{expr: "sum(increase(dashstream_connects_total[1m]))",
					legend: "opened in a minute"},
				{expr: "sum(increase(dashstream_disconnects_total[1m]))",
					legend: "ended in a minute"},
				{expr: "sum(increase(dashstream_connect_failures_total[1m]))",
					legend: "failed in a minute"},
				{expr: "sum(dashstream_stalled_partitions)", legend: "stalled partitions"},
				{expr: "sum(dashstream_stalled_since_timestamp_seconds > bool 0)",
					legend: "producers with a stalled partition"},
			},
		}, {
			title: "Retries, errors and throttling", unit: "short",
			question: "Do brokers have problems, or is a quota reached?",
			advice: "transient errors are tried again; permanent ones lose events: the log has " +
				"their text. Throttled seconds near 1 per producer: raise its quota, or send less.",
			queries: []query{
				{expr: sumRate("dashstream_send_retries_total"), legend: "retries/s"},
				{expr: sumRate("dashstream_send_errors_total", "class"),
					legend: "{{class}} errors/s"},
				{expr: sumRate("dashstream_send_throttles_total"), legend: "throttles/s"},
				{expr: sumRate("dashstream_send_throttled_seconds_total"),
					legend: "throttled seconds/s"},
			},
		}, {
			title: "Bytes per second", unit: "Bps",
			question: "How much is sent, and what does compression leave of it?",
			advice: "Compare the wire's bytes with the network and the quota. If compressed is " +
				"nearly uncompressed, DASHSTREAM_COMPRESSION is none, or the payloads are " +
				"compressed or encrypted already.",
			queries: []query{
				{expr: sumRate("dashstream_send_uncompressed_bytes_total"), legend: "uncompressed"},
				{expr: sumRate("dashstream_send_compressed_bytes_total"), legend: "compressed"},
				{expr: sumRate("dashstream_send_wire_bytes_total"), legend: "on the wire"},
			},
		}, {
			title: "Requests and records", unit: "short",
			question: "How many requests does the load take, and how many records does the Kafka " +
				"client hold?",
			advice: "About one record for each permit in use is normal. Records that stay while " +
				"no requests go: no broker takes them.",
			queries: []query{
				{expr: sumRate("dashstream_send_requests_total"), legend: "requests/s"},
				{expr: "sum(dashstream_send_buffered_records)", legend: "records held"},
			},
		}, {
			title: "Time since the last acknowledgement", unit: "s",
			question: "When did Kafka last acknowledge anything, and when did a try last fail?",
			advice: "An acknowledgement that is old while events are held: Kafka does not " +
				"respond. A failure that is always young: something keeps failing; the log says " +
				"what.",
			queries: []query{
				{expr: age("dashstream_last_ack_timestamp_seconds"), legend: "acknowledgement"},
				{expr: age("dashstream_send_last_error_timestamp_seconds"), legend: "failure"},
			},
		},
	}
}

// lost is what did not get through, and whether the figures can be trusted.
func lost() []panel {
	return []panel{
		{
			title: "5 Lost, by reason", unit: "cps", stacked: true,
			question: "Is anything lost now, and for which reason?",
			advice: "queue_full: more room or a faster Kafka. timeout: brokers. too_large, " +
				"rejected: limits and rights. unacknowledged may have arrived. The runbook has a " +
				"section for each.",
			queries: []query{
				{expr: sumRate("dashstream_telemetry_dropped_total", "reason"),
					legend: "{{reason}}"},
				{expr: sumRate("dashstream_events_unacknowledged_total"), legend: "unacknowledged"},
			},
		}, {
			title: "Events whose sending failed", unit: "cps", stacked: true,
			question: "Which kinds of message are lost after the queue?",
			advice: "What is lost here was sent and not acknowledged; the rest of the losses " +
				"happened before a permit. Errors by class are in Kafka's column.",
			queries: []query{{expr: sumRate("dashstream_telemetry_send_failures_total",
				"message_type"), legend: "{{message_type}}"}},
		}, {
			title: "Size of a message", unit: "bytes",
			question: "How large is an average message, compared with the limit for one?",
			advice: "Messages above the limit are lost as too_large. Keep " +
				"DASHSTREAM_MAX_MESSAGE_BYTES below the broker's message.max.bytes.",
			queries: []query{
				{expr: sumRate("dashstream_send_uncompressed_bytes_total") + " / " +
					sumRate("dashstream_messages_sent_total"), legend: "average"},
				{expr: "min(dashstream_config_max_message_bytes)", legend: "limit", limit: true},
			},
		}, {
			title: "Does the account balance?", unit: "short",
			question: "Is every event that was emitted delivered, unacknowledged, unchanged, " +
				"dropped, queued or in flight?",
			advice: "Anything but 0 is a defect of the SDK: report it with the metrics of that " +
				"moment.",
			queries: []query{{
				expr: "sum(dashstream_events_emitted_total) - " +
					"sum(dashstream_events_delivered_total) - " +
					"sum(dashstream_events_unacknowledged_total) - " +
					"sum(dashstream_events_unchanged_total) - " +
					"sum(dashstream_telemetry_dropped_total) - sum(dashstream_events_queued) - " +
					"sum(dashstream_events_in_flight)",
				legend: "events without an account",
			}},
		}, {
			title: "Given up under pressure", unit: "cps", stacked: true,
			question: "What is shed so that the rest gets through?",
			advice: "Details alone: as configured. States and calls: Kafka takes less than half " +
				"of what is emitted. The skeleton: whole runs are given up; more room, a faster " +
				"Kafka, or DASHSTREAM_SAMPLE_RATE.",
			queries: []query{{expr: sumRate("dashstream_shed_total", "class"),
				legend: "{{class}}"}},
		}, {
			title: "Losses that readers are told of", unit: "short",
			question: "Can a reader of the topic explain every gap?",
			advice: "Unstated losses are gaps without an explanation: more than 65,536 ranges " +
				"were lost at once. Failed statements are sent again.",
			queries: []query{
				{expr: "sum(increase(dashstream_losses_stated_total[5m]))", legend: "events stated"},
				{expr: "sum(increase(dashstream_losses_unstated_total[5m]))",
					legend: "events unstated"},
				{expr: "sum(increase(dashstream_loss_statements_sent_total[5m]))",
					legend: "statements"},
				{expr: "sum(increase(dashstream_loss_statements_failed_total[5m]))",
					legend: "failed statements"},
			},
		}, {
			title: "Sampling", unit: "short",
			question: "How many runs are left out, and how many of them are sent for an error?",
			advice: "Divide counts of runs by the rate. Runs that are sent for an error begin " +
				"without their details.",
			queries: []query{
				{expr: sumRate("dashstream_runs_not_sampled_total"), legend: "left out"},
				{expr: sumRate("dashstream_runs_kept_for_errors_total"),
					legend: "sent for an error"},
				{expr: "min(dashstream_config_sample_rate)", legend: "rate"},
			},
		}, {
			title: "In-band reports", unit: "short",
			question: "Do those who read the topic alone get the producers' reports?",
			advice: "Failed ones while none is sent: readers of the topic see old figures. A " +
				"report every minute and producer is normal while Prometheus scrapes.",
			queries: []query{
				{expr: "sum(increase(dashstream_reports_sent_total[5m]))",
					legend: "sent in 5 minutes"},
				{expr: "sum(increase(dashstream_reports_failed_total[5m]))",
					legend: "failed in 5 minutes"},
			},
		},
	}
}
