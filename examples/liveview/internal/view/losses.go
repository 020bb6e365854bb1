package view

import (
	"slices"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// maxGaps bounds the gaps that are shown of a thread.
const maxGaps = 100

// losses remembers whether what is missing of a thread is explained, because finding out takes a
// computation, and is asked for with every message.
type losses struct {
	known                  bool
	missing                uint64 // the numbers missing when it was found out
	stated                 bool   // a producer has stated losses since
	explained, unexplained bool
}

// gaps reports whether there are gaps that the producer explains, and others.
func (in *info) gaps(th *reduce.Thread) (explained, unexplained bool) {
	if th == nil {
		return false, false
	}
	l := &in.losses
	if _, missing := th.Missing(); !l.known || l.missing != missing || l.stated {
		all := th.Losses()
		*l = losses{known: true, missing: missing, explained: all.Explained > 0,
			unexplained: all.Unexplained > 0}
	}
	return l.explained, l.unexplained
}

// gapsOf returns the latest gaps of a thread, with the reasons that its producers state.
func gapsOf(all reduce.Losses, last uint64) []Gap {
	out := []Gap{}
	for _, g := range all.Gaps {
		if g.From > last && g.Place != reduce.PlaceEnd {
			continue // after the moment that is shown
		}
		var reasons []string
		for _, c := range g.Causes {
			if reason := name(c.Reason); !slices.Contains(reasons, reason) {
				reasons = append(reasons, reason)
			}
		}
		out = append(out, Gap{From: Whole(g.From), To: Whole(g.To),
			Explained: g.Verdict == reduce.Explained, Reason: name(strings.Join(reasons, ", "))})
	}
	return out[max(0, len(out)-maxGaps):]
}

// state takes a statement of what a producer lost, and marks the threads that it is about.
func (v *View) state(source reduce.Source, m *pb.DashStreamMessage) {
	v.health.messages++
	if _, err := v.reducer.AddFrom(source, m); err != nil {
		v.health.refused++
	}
	stated, _ := pb.Losses(m.LossStatement()) // what is malformed was counted
	for _, loss := range stated {
		t, th := v.threads[loss.Thread], v.reducer.Thread(loss.Thread)
		if t == nil || th == nil {
			continue
		}
		t.info.losses.stated = true
		v.revision++
		for _, r := range t.rows {
			r.Flags = t.info.flags(th, true)
			r.revision = v.revision
		}
		if d := v.details[loss.Thread]; d != nil {
			d.pending.set(inMeta, "thread")
		}
	}
}

// lossesOf returns what is missing of a thread, and what producers state about it.
func (v *View) lossesOf(thread string) reduce.Losses {
	if th := v.reducer.Thread(thread); th != nil {
		return th.Losses()
	}
	return reduce.Losses{}
}
