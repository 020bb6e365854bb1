package seal

import "sync/atomic"

// degradation says in which way a state, or a message that was too large, went out as less than it
// could have been.
type degradation uint8

const (
	degradedFirst degradation = iota // not counted: a state that has to go out whole
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
	// cut inside, because it is larger than a message may be
	degradedTruncated:    "state_truncated",
	degradedUnreadable:   "unreadable",    // replaced by a note, because it is no JSON
	degradedManifestShed: "manifest_shed", // GRAPH_START without its manifest
	// GRAPH_START without its initial state, which follows as a message of its own
	degradedInitialStateMoved: "initial_state_moved",
	// GRAPH_START with a schema that was cut inside
	degradedSchemaTruncated:  "schema_truncated",
	degradedMessageTruncated: "message_truncated", // another message with texts that were cut
}

// Stats counts what became of states. Counters are cumulative.
type Stats struct {
	// Whole, Patches and Checkpoints count states by the form in which they went out, Bytes the
	// bytes of all of them, Added those that [Sealer.CountAdded] counted.
	Whole, Patches, Checkpoints, Bytes, Added uint64
	// Degraded counts messages that went out as less than they could have been. The list is closed
	// and complete from the start.
	Degraded []Count
	// Baselines is the number of threads whose last state is kept, BaselineBytes the memory that
	// they take, in bytes, MaxBaselineBytes its limit, and Evicted how many were evicted because of
	// it.
	Baselines, BaselineBytes, MaxBaselineBytes int64
	Evicted                                    uint64
}

// Count is how many messages went out as less than they could have been for a reason.
type Count struct {
	// Reason is the reason as metrics show it.
	Reason string
	// Messages is cumulative.
	Messages uint64
}

// stateCounters count what became of states. They can be read at any time.
type stateCounters struct {
	whole, patches, checkpoints, bytes, added atomic.Uint64
	degraded                                  [degradations]atomic.Uint64
}

// degrade counts messages that go out as less than they could be.
func (c *stateCounters) degrade(d degradation, n int) {
	if n > 0 {
		c.degraded[d].Add(uint64(n))
	}
}

// CountUnreadable counts a state that is not as the application gave it, because it could not be
// written as JSON.
func (s *Sealer) CountUnreadable() { s.states.stats.degrade(degradedUnreadable, 1) }

// CountAdded counts a state that is sent beside the application's own events.
func (s *Sealer) CountAdded() { s.states.stats.added.Add(1) }

// State returns what became of states. The list of degradations is complete from the start.
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
