package callbacktest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// ExplainedGap is a gap of which numbers are stated as lost.
type ExplainedGap struct {
	// Gap is the range with all missing numbers. Those that no statement explains are in
	// Report.Gaps as well.
	Gap
	// Explained is how many numbers are stated as lost.
	Explained uint64
	// Causes says why, one entry for each type of message and reason.
	Causes []reduce.Cause
}

// String returns the gap as one line, thread first.
func (g ExplainedGap) String() string {
	var why []string
	for _, c := range g.Causes {
		why = append(why, fmt.Sprintf("%s %s %d", pb.LossType(c.Type), c.Reason, c.Count))
	}
	return fmt.Sprintf("%v, %d explained: %s", g.Gap, g.Explained, strings.Join(why, ", "))
}

// Lost adds up what is stated as lost in the explained gaps, by type of message and reason, in
// their order.
func (r Report) Lost() []reduce.Cause {
	type key struct {
		kind   pb.MessageType
		reason string
	}
	sums := map[key]reduce.Cause{}
	for _, g := range r.Explained {
		for _, c := range g.Causes {
			k := key{c.Type, c.Reason}
			sums[k] = reduce.Cause{Type: c.Type, Reason: c.Reason, Count: sums[k].Count + c.Count,
				Events: sums[k].Events + c.Events}
		}
	}
	return slices.SortedFunc(maps.Values(sums), func(a, b reduce.Cause) int {
		return cmp.Or(cmp.Compare(a.Type, b.Type), cmp.Compare(a.Reason, b.Reason))
	})
}

var lossTags = []string{"instance", "epoch", "service", "host", "pid", "version", pb.LossNumberTag}

// checkLosses checks a statement of losses, and notes what it states.
func (c *Checker) checkLosses(at item, m *pb.Metrics) {
	if id := m.GetScopeId(); at.header.GetThreadId() != pb.ReportThreadPrefix+id {
		c.violate(at, RuleLoss, "a statement of instance %q", id)
		return
	}
	tags := m.GetTags()
	c.checkSender(at, m.GetScopeId(), tags)
	for _, tag := range lossTags {
		if _, ok := tags[tag]; !ok {
			c.violate(at, RuleLoss, "the statement has no tag %s", tag)
		}
	}
	if number, err := strconv.ParseUint(tags[pb.LossNumberTag], 10, 64); err != nil || number == 0 {
		c.violate(at, RuleLoss, "the statement's number is %q", tags[pb.LossNumberTag])
	}
	losses, err := pb.Losses(m)
	if err != nil {
		c.violate(at, RuleLoss, "%v", err)
	} else if len(losses) == 0 {
		c.violate(at, RuleLoss, "the statement is empty")
	}
	for key, v := range m.GetMetrics() {
		if v.GetUnit() != pb.LossUnit {
			c.violate(at, RuleLoss, "the unit of loss %s is %q", key, v.GetUnit())
		}
	}
	for _, l := range losses {
		if !slices.Contains(pb.LossReasons(), l.Reason) {
			c.violate(at, RuleLoss, "the reason %q", l.Reason)
		}
		if c.lost == nil {
			c.lost = map[string][]pb.Loss{}
		}
		c.lost[l.Thread] = append(c.lost[l.Thread], l)
	}
}

// checkSender checks that a statement is that of the producer that sent the record.
func (c *Checker) checkSender(at item, instance string, tags map[string]string) {
	if tags["instance"] != instance {
		c.violate(at, RuleLoss, "a statement of instance %q with the tag %q", instance,
			tags["instance"])
	}
	for _, h := range at.record.Headers {
		if h.Key == pb.HeaderProducer && string(h.Value) != instance {
			c.violate(at, RuleLoss, "the statement of instance %q sent by %q", instance, h.Value)
		}
		if h.Key == pb.HeaderEpoch && string(h.Value) != tags["epoch"] {
			c.violate(at, RuleLoss, "the statement of epoch %q in a record of epoch %q",
				tags["epoch"], h.Value)
		}
	}
}

// explain adds to a report what is missing in the threads, explained or not.
func (c *Checker) explain(r *Report) {
	ids := map[string]bool{}
	for id := range c.lost {
		ids[id] = true
	}
	for id := range c.threads {
		ids[id] = true
	}
	for _, id := range slices.Sorted(maps.Keys(ids)) {
		t := c.threads[id]
		if t == nil {
			t = newThread(id, 0)
		}
		losses := c.lost[id]
		missing := t.lacks(losses, c.FromMiddle)
		explained, rest := reduce.Explain(missing, losses)
		var atEnd uint64
		for _, g := range explained {
			r.Explained = append(r.Explained, ExplainedGap{Gap{id, g.From, g.To}, g.Explained,
				g.Causes})
			if g.From > t.last {
				atEnd += g.Explained
			}
		}
		for _, g := range rest {
			r.Gaps = append(r.Gaps, Gap{id, g.From, g.To})
		}
		r.Unended = append(r.Unended, t.unended(atEnd)...)
		c.checkLost(r, t, missing, losses)
	}
}

// lacks returns the ranges of numbers that are missing, also those at the end that follow from what
// is stated.
func (t *thread) lacks(losses []pb.Loss, fromMiddle bool) []reduce.Range {
	missing := make([]reduce.Range, 0, len(t.gaps)+1)
	for _, s := range t.gaps {
		missing = append(missing, reduce.Range{From: s.from, To: s.to})
	}
	last := t.last
	for _, l := range losses {
		last = max(last, l.Last)
	}
	if last == t.last {
		return missing
	}
	end := reduce.Range{From: t.last + 1, To: last}
	if !t.begun && fromMiddle {
		end.From = last
		for _, l := range losses {
			end.From = min(end.From, l.First)
		}
	}
	return append(missing, end)
}

// checkLost checks that what is stated as lost for certain did not arrive.
func (c *Checker) checkLost(r *Report, t *thread, missing []reduce.Range, losses []pb.Loss) {
	for _, l := range losses {
		if l.Reason == pb.LossUnacknowledged || t.late && l.First < t.first {
			continue
		}
		i, _ := slices.BinarySearchFunc(missing, l.First, func(g reduce.Range, n uint64) int {
			return cmp.Compare(g.To, n)
		})
		var lacks uint64
		for ; i < len(missing) && missing[i].From <= l.Last && lacks < l.Count; i++ {
			lacks += min(missing[i].To, l.Last) - max(missing[i].From, l.First) + 1
		}
		if lacks < l.Count {
			r.violate(c.limit(), Violation{RuleLoss, t.id, l.First,
				fmt.Sprintf("%v, and only %d of them are missing", l, lacks)})
		}
	}
}
