package main

// input is what the application does.
func input() []panel {
	return []panel{
		{
			title: "1 Emitted: events", unit: "cps", stacked: true,
			question: "How much does the application emit, by kind of message?",
			advice: "Compare with Kafka's column: what it acknowledges should be as much. What " +
				"the dashed line lacks was rejected; the last column says why.",
			queries: []query{
				{expr: sumRate("dashstream_events_emitted_total", "message_type"),
					legend: "{{message_type}}"},
				{expr: sumRate("dashstream_events_accepted_total"),
					legend: "accepted", limit: true},
			},
		}, {
			title: "Cost of one emit", unit: "s",
			question: "How long does emitting one event take its caller (sampled)?",
			advice: "Microseconds are normal. Milliseconds are callers that wait for room " +
				"(overflow policy block) or a processor that is overloaded.",
			queries: []query{
				{expr: quantile(0.5, "dashstream_emit_duration_seconds"), legend: "p50"},
				{expr: quantile(0.99, "dashstream_emit_duration_seconds"), legend: "p99"},
			},
		}, {
			title: "Blocked callers", unit: "short",
			question: "Does the application itself wait for room in the queue?",
			advice: "Only with the overflow policy block. While it is above 0 the application " +
				"is slowed down: make room as for DashstreamFillingUp, or set " +
				"DASHSTREAM_OVERFLOW=drop.",
			queries: []query{{expr: "sum(dashstream_queue_blocked_callers)", legend: "blocked"}},
		}, {
			title: "Runs and threads", unit: "short",
			question: "How many runs are open, and how many threads are kept for them?",
			advice: "Runs that only ever grow are runs that nobody ends: look for paths without " +
				"run.End. Remembered threads stop growing at DASHSTREAM_REMEMBERED_THREADS.",
			queries: []query{
				{expr: "sum(dashstream_runs_active)", legend: "runs"},
				{expr: "sum(dashstream_threads_active)", legend: "threads"},
				{expr: "sum(dashstream_threads_remembered)", legend: "remembered"},
			},
		}, {
			title: "Values that were mended", unit: "cps",
			question: "Does the application pass values that cannot be sent as they are?",
			advice: "panics: a type's own LogValue, MarshalJSON or Error panicked: look for " +
				"!PANIC in the events. invalid UTF-8: bytes that are cut or passed as text. " +
				"renamed: attributes named like the SDK's own, now app.NAME. times: given by the " +
				"caller, and impossible: compare clocks. unended: starts without an end.",
			queries: []query{
				{expr: sumRate("dashstream_attribute_panics_total"), legend: "panics"},
				{expr: sumRate("dashstream_invalid_utf8_strings_total"), legend: "invalid UTF-8"},
				{expr: sumRate("dashstream_renamed_attributes_total"), legend: "renamed"},
				{expr: sumRate("dashstream_corrected_times_total"), legend: "times"},
				{expr: sumRate("dashstream_unended_total"), legend: "unended"},
			},
		}, {
			title: "Secrets that were hidden", unit: "cps", stacked: true,
			question: "Does the application emit secrets, and which rule found them?",
			advice: "They did not leave the process. Look for who puts them into attributes, " +
				"states or errors. What is no secret and is hidden nevertheless: " +
				"DASHSTREAM_REDACT_ALLOW, DASHSTREAM_REDACT_OFF.",
			queries: []query{{expr: "topk(8, " + sumRate("dashstream_redactions_total", "rule") +
				")", legend: "{{rule}}"}},
		},
	}
}

// queue is what is held, and how full that is.
func queue() []panel {
	return []panel{
		{
			title: "2 Queue: how full", unit: "percentunit", share: true,
			question: "How full is the fullest queue, in bytes and in events, now and at its " +
				"peak of the last minute?",
			advice: "At 100 % events are dropped or callers wait. A level that stands is a " +
				"buffer; one that climbs is a loss to come: see the forecast above.",
			queries: []query{
				{expr: "max(dashstream_queue_bytes / dashstream_queue_capacity_bytes)",
					legend: "bytes"},
				{expr: "max(dashstream_telemetry_queue_depth / dashstream_queue_capacity_events)",
					legend: "events"},
				{expr: "max(dashstream_queue_high_water_bytes / dashstream_queue_capacity_bytes)",
					legend: "bytes, peak"},
				{expr: "max(dashstream_queue_high_water_events / dashstream_queue_capacity_events)",
					legend: "events, peak"},
			},
		}, {
			title: "Bytes held", unit: "bytes",
			question: "How much memory do the events take, and how much may they?",
			advice: "Capacity divided by what comes in per second is how many seconds of outage " +
				"fit: raise DASHSTREAM_QUEUE_BYTES if that is too little.",
			queries: []query{
				{expr: "sum(dashstream_queue_bytes)", legend: "held"},
				{expr: "sum(dashstream_queue_high_water_bytes)", legend: "peak"},
				{expr: "sum(dashstream_queue_capacity_bytes)", legend: "capacity", limit: true},
			},
		}, {
			title: "Events held", unit: "short",
			question: "What are the events that are held waiting for?",
			advice: "Mostly queued: permits or the worker hold them up. Mostly in flight: " +
				"brokers or network are slow. Near the capacity while bytes have room: raise " +
				"DASHSTREAM_QUEUE_EVENTS.",
			queries: []query{
				{expr: "sum(dashstream_telemetry_queue_depth)", legend: "held"},
				{expr: "sum(dashstream_events_queued)", legend: "queued"},
				{expr: "sum(dashstream_events_in_flight)", legend: "in flight"},
				{expr: "sum(dashstream_queue_high_water_events)", legend: "peak"},
				{expr: "sum(dashstream_queue_capacity_events)", legend: "capacity", limit: true},
			},
		}, {
			title: "Age of the oldest event", unit: "s",
			question: "How long has the oldest event waited, and when will it be given up?",
			advice: "A little above the linger is normal. If it climbs by a second each second " +
				"something is stuck: one partition, if the rest flows. At the dashed line events " +
				"are lost with reason timeout.",
			queries: []query{
				{expr: age("dashstream_queue_oldest_event_timestamp_seconds"), legend: "oldest"},
				{expr: "min(dashstream_config_delivery_timeout_seconds)",
					legend: "delivery timeout", limit: true},
			},
		}, {
			title: "Events in and out", unit: "cps",
			question: "Do more events come into the queue than leave it?",
			advice: "As with bytes above; a gap here and none there means that events get " +
				"smaller.",
			queries: []query{
				{expr: "sum(dashstream_queue_inflow_events_per_second)", legend: "in"},
				{expr: "sum(dashstream_queue_outflow_events_per_second)", legend: "out"},
			},
		}, {
			title: "Wait in the queue", unit: "s",
			question: "How long does a batch wait from its first event to its permit?",
			advice: "About the linger is normal. More is a wait for permits (next column) or a " +
				"worker that cannot keep up.",
			queries: []query{
				{expr: quantile(0.5, "dashstream_queue_wait_seconds"), legend: "p50"},
				{expr: quantile(0.99, "dashstream_queue_wait_seconds"), legend: "p99"},
				{expr: "max(dashstream_queue_wait_max_seconds)", legend: "longest since start"},
				{expr: "max(dashstream_config_linger_seconds)", legend: "linger", limit: true},
			},
		},
	}
}

// permits is what bounds the batches on their way, and the worker that sends them.
func permits() []panel {
	return []panel{
		{
			title: "3 Permits: how many are held", unit: "percentunit", share: true,
			question: "Do batches wait because too many are on their way already?",
			advice: "At 100 % with brokers that answer quickly: raise DASHSTREAM_MAX_PERMITS to " +
				"(batches per second) × (p99 of sending) × 2. With brokers that do not answer, " +
				"more permits help nothing.",
			queries: []query{
				{expr: "max(dashstream_telemetry_inflight_permits / " +
					"dashstream_telemetry_max_permits)", legend: "held"},
				{expr: "max(dashstream_permits_high_water / dashstream_telemetry_max_permits)",
					legend: "peak"},
			},
		}, {
			title: "Batches and permits", unit: "short",
			question: "How many batches are held, and how many of them are on their way?",
			advice: "Batches far above the permits in use while all permits are held wait for " +
				"permits.",
			queries: []query{
				{expr: "sum(dashstream_telemetry_pending_tasks)", legend: "batches held"},
				{expr: "sum(dashstream_telemetry_inflight_permits)", legend: "permits held"},
				{expr: "sum(dashstream_permits_high_water)", legend: "peak"},
				{expr: "sum(dashstream_telemetry_max_permits)", legend: "permits", limit: true},
			},
		}, {
			title: "Wait for a permit", unit: "s",
			question: "How long do batches that are due wait for a permit?",
			advice: "Near 0 is normal; anything else means that permits are the bottleneck, or " +
				"that brokers are.",
			queries: []query{
				{expr: quantile(0.5, "dashstream_permit_wait_seconds"), legend: "p50"},
				{expr: quantile(0.99, "dashstream_permit_wait_seconds"), legend: "p99"},
				{expr: "max(dashstream_permit_wait_max_seconds)",
					legend: "longest since start"},
			},
		}, {
			title: "What seals batches", unit: "cps", stacked: true,
			question: "Are batches sealed because time is up, or because they are full?",
			advice: "Mostly linger is a light load. Mostly bytes or count is a heavy one: " +
				"larger batches (DASHSTREAM_BATCH_BYTES, DASHSTREAM_BATCH_EVENTS) relieve busy " +
				"brokers.",
			queries: []query{{expr: sumRate("dashstream_batches_sealed_total", "trigger"),
				legend: "{{trigger}}"}},
		}, {
			title: "How full batches are", unit: "percentunit",
			question: "How much of a full batch is an average one?",
			advice: "Small batches cost brokers more for each event: a longer DASHSTREAM_LINGER " +
				"fills them, and makes readers wait longer.",
			queries: []query{
				{expr: sumRate("dashstream_events_delivered_total") + " / " +
					sumRate("dashstream_batches_sealed_total") +
					" / max(dashstream_config_batch_events)", legend: "events"},
				{expr: sumRate("dashstream_send_uncompressed_bytes_total") + " / " +
					sumRate("dashstream_batches_sealed_total") +
					" / max(dashstream_config_batch_bytes)", legend: "bytes"},
			},
		}, {
			title: "Worker", unit: "short",
			question: "Does the worker run, and did it ever panic?",
			advice: "It looks at every lane at least once a second, also while it waits for " +
				"permits. More than seconds: take a goroutine dump. Any restart is a defect: the " +
				"log has its stack.",
			queries: []query{
				{expr: age("dashstream_worker_heartbeat_timestamp_seconds"),
					legend: "seconds since it last ran"},
				{expr: "sum(increase(dashstream_worker_restarts_total[5m]))",
					legend: "restarts in 5 minutes"},
			},
		},
	}
}
