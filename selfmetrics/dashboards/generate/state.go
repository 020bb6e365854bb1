package main

// state is what becomes of the states that the application sets.
func state() []panel {
	return []panel{
		{
			title: "States by form", width: 5, unit: "cps", stacked: true,
			question: "Do states go out as patches, or whole?",
			advice: "Mostly patch is cheap. Mostly full is costly: the panel at the right " +
				"says why.",
			queries: []query{{expr: sumRate("dashstream_state_messages_total", "form"),
				legend: "{{form}}"}},
		}, {
			title: "Why states were not sent as patches", width: 5, unit: "cps", stacked: true,
			question: "Why did states and messages go out as less than they could have been?",
			advice: "After losses and restarts a whole state is right. If kept states were " +
				"evicted, raise DASHSTREAM_STATE_BYTES. If messages are cut to the limit, emit " +
				"smaller ones or raise DASHSTREAM_MAX_MESSAGE_BYTES.",
			queries: []query{{expr: sumRate("dashstream_state_diff_degraded_total", "reason"),
				legend: "{{reason}}"}},
		}, {
			title: "Bytes of states", width: 5, unit: "Bps",
			question: "How much of what is sent are states?",
			advice: "If it is the larger part, look at what the application keeps in its state: " +
				"patches grow with what changes, whole states with all of it.",
			queries: []query{
				{expr: sumRate("dashstream_state_bytes_total"), legend: "states"},
				{expr: sumRate("dashstream_send_uncompressed_bytes_total"), legend: "all"},
			},
		}, {
			title: "Memory of kept states", width: 5, unit: "bytes",
			question: "Is there room for the states that patches are made from?",
			advice: "At the capacity the least recently used are evicted, and the next state of " +
				"their thread goes out whole: DASHSTREAM_STATE_BYTES = active threads × size " +
				"of a state.",
			queries: []query{
				{expr: "sum(dashstream_state_baseline_bytes)", legend: "kept"},
				{expr: "sum(dashstream_state_baseline_capacity_bytes)",
					legend: "capacity", limit: true},
			},
		}, {
			title: "Kept, evicted, saved, added", width: 4, unit: "short",
			question: "For how many threads is a state kept, how many were evicted, and how many " +
				"messages were saved or added?",
			advice: "Many evictions: as at the left. Saved are states that did not change; added " +
				"are initial states that did not fit into the start of their run.",
			queries: []query{
				{expr: "sum(dashstream_state_baselines)", legend: "threads kept"},
				{expr: "sum(increase(dashstream_state_baselines_evicted_total[5m]))",
					legend: "evicted in 5 minutes"},
				{expr: "sum(increase(dashstream_events_unchanged_total[5m]))",
					legend: "saved in 5 minutes"},
				{expr: "sum(increase(dashstream_state_added_total[5m]))",
					legend: "added in 5 minutes"},
			},
		},
	}
}
