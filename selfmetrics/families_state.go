package selfmetrics

import "github.com/dashstream/dashstream-go/batching"

// state is what becomes of the states that the application sets.
var state = []family{
	byKind(Counter, "dashstream_events_unchanged_total", "events",
		"Events that did not have to be sent, because readers have what they say: states that are "+
			"what they were. They are no loss.",
		func(k *batching.KindStats) uint64 { return k.Unchanged }),
	{Definition{
		Name: "dashstream_state_messages_total", Type: Counter,
		Unit: "messages", Labels: []string{"form"},
		Help: "States by the form in which they went out: a patch, whole (full), or a " +
			"checkpoint. Mostly full is costly: see degraded by reason.",
	}, func(s *snapshot, out sink) {
		out.value(float64(s.State.Checkpoints), "checkpoint")
		out.value(float64(s.State.Whole), "full")
		out.value(float64(s.State.Patches), "patch")
	}},
	counter("dashstream_state_bytes_total", "bytes",
		"Bytes of the messages that carry states, before compression.",
		func(s *snapshot) uint64 { return s.State.Bytes }),
	counter("dashstream_state_added_total", "messages",
		"Messages that the SDK added: initial states that did not fit into their GRAPH_START. "+
			"They are counted as emitted.",
		func(s *snapshot) uint64 { return s.State.Added }),
	{Definition{
		Name: "dashstream_state_diff_degraded_total", Type: Counter,
		Unit: "messages", Labels: []string{labelReason},
		Help: "States and messages that went out as less than they could have been, by reason: " +
			"whole instead of as a patch, or cut to the limit.",
	}, func(s *snapshot, out sink) {
		for _, d := range s.State.Degraded {
			out.value(float64(d.Count), d.Name)
		}
	}},
	gauge("dashstream_state_baselines", "threads",
		"Threads whose last state is kept to make patches from.",
		func(s *snapshot) int64 { return s.State.Baselines }),
	gauge("dashstream_state_baseline_bytes", "bytes",
		"Memory of the states that are kept. At dashstream_state_baseline_capacity_bytes the "+
			"least recently used are evicted.",
		func(s *snapshot) int64 { return s.State.BaselineBytes }),
	gauge("dashstream_state_baseline_capacity_bytes", "bytes",
		"The most memory that kept states may take. Raise it if many are evicted.",
		func(s *snapshot) int64 { return s.State.MaxBaselineBytes }),
	counter("dashstream_state_baselines_evicted_total", "threads",
		"Threads whose kept state was evicted for lack of memory. Their next state went out whole.",
		func(s *snapshot) uint64 { return s.State.Evicted }),
}
