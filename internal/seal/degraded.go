package seal

import "sync/atomic"

// degradation says why a state, or a message that was too large, was sent in a lesser form than
// possible.
type degradation uint8

const (
	degradedFirst degradation = iota // not counted: a state that has to be sent whole
	degradedResync
	degradedRunChanged
	degradedTooDifferent
	degradedTruncated
	degradedUnreadable
	degradedManifestShed
	degradedInitialStateMoved
	degradedSchemaTruncated
	degradedMessageTruncated
	degradations
	notDegraded
)

var degradationNames = [degradations]string{
	// whole, because a message of the thread was lost, or the baseline was evicted
	degradedResync: "resync",
	// whole, because another run of the thread has written
	degradedRunChanged: "run_changed",
	// whole, because a patch would be larger or too much work
	degradedTooDifferent: "too_different",
	// shortened, because it is larger than a message may be
	degradedTruncated:    "state_truncated",
	degradedUnreadable:   "unreadable",    // replaced by a note, because it is not JSON
	degradedManifestShed: "manifest_shed", // GRAPH_START without its manifest
	// GRAPH_START without its initial state, which follows in a message of its own
	degradedInitialStateMoved: "initial_state_moved",
	// GRAPH_START with a shortened schema
	degradedSchemaTruncated:  "schema_truncated",
	degradedMessageTruncated: "message_truncated", // another message with shortened texts
}

// Stats counts states by what happened to them. Counters are cumulative.
type Stats struct {
	// Whole, Patches and Checkpoints count states by the form in which they were sent; Bytes is
	// their total size. Added counts those that [Sealer.CountAdded] counted.
	Whole, Patches, Checkpoints, Bytes, Added uint64
	// Degraded counts messages that were sent in a lesser form than possible, by reason. It has an
	// entry for every reason from the start.
	Degraded []Count
	// Baselines is the number of threads whose last state is kept. BaselineBytes is the memory of
	// those states, MaxBaselineBytes its limit. Evicted counts those evicted because of the limit.
	Baselines, BaselineBytes, MaxBaselineBytes int64
	Evicted                                    uint64
}

// Count is the number of messages sent in a lesser form for one reason.
type Count struct {
	// Reason is the reason's name in metrics.
	Reason string
	// Messages is cumulative.
	Messages uint64
}

// stateCounters are the counters of states. They can be read at any time.
type stateCounters struct {
	whole, patches, checkpoints, bytes, added atomic.Uint64
	degraded                                  [degradations]atomic.Uint64
}

// degrade counts messages that are sent in a lesser form.
func (c *stateCounters) degrade(d degradation, n int) {
	if n > 0 {
		c.degraded[d].Add(uint64(n))
	}
}

// CountUnreadable counts a state that differs from what the application passed, because it could
// not be encoded as JSON.
func (s *Sealer) CountUnreadable() { s.states.stats.degrade(degradedUnreadable, 1) }

// CountAdded counts a state sent in addition to the application's own events.
func (s *Sealer) CountAdded() { s.states.stats.added.Add(1) }

// State returns the counts of states, with an entry for every reason of degradation.
func (s *Sealer) State() Stats {
	return s.states.state()
}

func (s *stateSealer) state() Stats {
	st := Stats{
		Whole: s.stats.whole.Load(), Patches: s.stats.patches.Load(),
		Checkpoints: s.stats.checkpoints.Load(), Bytes: s.stats.bytes.Load(),
		Added: s.stats.added.Load(), Baselines: s.baselines.count.Load(),
		BaselineBytes: s.baselines.bytes.Load(), MaxBaselineBytes: s.baselines.limit,
		Evicted: s.baselines.evicted.Load(),
	}
	for d := degradedFirst + 1; d < degradations; d++ {
		st.Degraded = append(st.Degraded, Count{Reason: degradationNames[d],
			Messages: s.stats.degraded[d].Load()})
	}
	return st
}
