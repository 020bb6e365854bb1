package callback

import (
	"github.com/dashstream/dashstream-go/internal/redact"
	"github.com/dashstream/dashstream-go/internal/seal"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// Stats is one snapshot of the client's account, levels and latencies. See [selfmetrics.Stats] for
// its fields.
type Stats = selfmetrics.Stats

// Stats returns a snapshot. It is zero for a nil or disabled Client.
func (c *Client) Stats() Stats {
	if !c.on() {
		return Stats{}
	}
	s := Stats{Stats: c.engine.Stats()}
	s.Input.ValuePanics, s.Input.InvalidUTF8 = c.valuePanics.Load(), c.invalidUTF8.Load()
	s.Input.RenamedAttributes = c.renamedAttributes.Load()
	s.Input.CorrectedTimes, s.Input.Unended = c.correctedTimes.Load(), c.unended.Load()
	s.Input.Runs, s.Input.Threads, s.Input.Remembered = c.threads.stats()
	s.Input.Redactions = redactions(c.redactor)
	s.State = states(c.sealer.State())
	s.Report = c.reports.stats()
	c.watch.Fill(&s)
	s.Sender.LastError, s.Sender.Stalled = c.shown.shown(s.Sender.LastError),
		c.shown.shown(s.Sender.Stalled)
	return s
}

// redactions returns how much each rule has hidden; none for nil.
func redactions(r *redact.Redactor) []selfmetrics.NamedCount {
	counts := r.Counts()
	out := make([]selfmetrics.NamedCount, len(counts))
	for i, c := range counts {
		out[i] = selfmetrics.NamedCount{Name: c.Rule, Count: c.Hidden}
	}
	return out
}

// states returns the counts of states.
func states(s seal.Stats) selfmetrics.StateStats {
	out := selfmetrics.StateStats{
		Whole: s.Whole, Patches: s.Patches, Checkpoints: s.Checkpoints, Bytes: s.Bytes,
		Added:     s.Added,
		Baselines: s.Baselines, BaselineBytes: s.BaselineBytes,
		MaxBaselineBytes: s.MaxBaselineBytes,
		Evicted:          s.Evicted, Degraded: make([]selfmetrics.NamedCount, len(s.Degraded)),
	}
	for i, d := range s.Degraded {
		out.Degraded[i] = selfmetrics.NamedCount{Name: d.Reason, Count: d.Messages}
	}
	return out
}
