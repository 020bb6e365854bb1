package selfmetrics

import "github.com/dashstream/dashstream-go/batching"

// Stats is one snapshot of all that a client knows about itself: the engine's, and what stands
// around it.
type Stats struct {
	batching.Stats

	Input    InputStats
	State    StateStats
	Report   ReportStats
	Forecast Forecast
	Pressure Pressure
}

// InputStats is what the client API counts beside the account of events.
type InputStats struct {
	// ValuePanics counts attribute values whose own code (LogValue, MarshalJSON, Error) panicked;
	// the event went out with the panic's text in their place.
	ValuePanics uint64
	// InvalidUTF8 counts strings that were not valid UTF-8 and went out repaired.
	InvalidUTF8 uint64
	// RenamedAttributes counts attributes of the application's that had the name of one of the
	// SDK's own in the same event. They went out with "app." in front of their names.
	RenamedAttributes uint64
	// CorrectedTimes counts times that the application gave for events and that could not be: in
	// the future, before 2000, or before the start of what the event belongs to.
	CorrectedTimes uint64
	// Unended counts nodes, calls and the like that were ended because they did not end by
	// themselves.
	Unended uint64
	// Runs is the number of runs that have started and not ended. Threads is the number of threads
	// that are kept for them, Remembered the number of ended threads whose last sequence number is
	// kept.
	Runs, Threads, Remembered int64
	// Redactions counts the values that were hidden, for each rule, those that have hidden nothing
	// included: always the same rules in the same order. Empty if redaction is disabled.
	Redactions []NamedCount
}

// StateStats counts what became of the states that the application set. Each is an event of the
// kind state_diff in the account; this says in which form it went out.
type StateStats struct {
	// Whole, Patches and Checkpoints count states by the form in which they went out, Bytes the
	// bytes of all of them before compression.
	Whole, Patches, Checkpoints, Bytes uint64
	// Added counts states that the SDK sent beside the application's own events: initial states
	// that did not fit into their GRAPH_START.
	Added uint64
	// Degraded counts, by reason, what went out as less than it could have been: a state whole
	// instead of as a patch, a message cut to the limit. The list is closed and complete from the
	// start.
	Degraded []NamedCount
	// Baselines is the number of threads whose last state is kept to make patches from,
	// BaselineBytes the memory that they take, in bytes, MaxBaselineBytes its limit, and Evicted
	// how many were evicted because of it.
	Baselines, BaselineBytes, MaxBaselineBytes int64
	Evicted                                    uint64
}

// NamedCount is one counter of a closed list.
type NamedCount struct {
	// Name is its name in metrics.
	Name string
	// Count is cumulative.
	Count uint64
}

// ReportStats counts the reports that the SDK sends about itself in band. They are not part of the
// account of events.
type ReportStats struct {
	// Sent counts reports that were acknowledged, Failed those that were not.
	Sent, Failed uint64
}
