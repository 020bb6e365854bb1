package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"
)

// account is what became of the events of one client.
type account struct {
	*party
	emitted, arrived, missing int
	stated, left              int
	unexplained               uint64         // numbers
	reasons                   map[string]int // events stated, by reason
}

// accounts returns the accounts of the clients.
func (a *audit) accounts(parties []*party) (accounts []account) {
	of := make(map[string][]statement)
	for _, s := range a.statements {
		of[s.Thread] = append(of[s.Thread], s)
	}
	for _, p := range parties {
		x := account{party: p, reasons: make(map[string]int)}
		for _, player := range p.players {
			t := a.threads[player.thread]
			e := t.explain(of[player.thread])
			x.emitted, x.arrived = x.emitted+int(t.emitted), x.arrived+t.arrived
			x.missing += t.missing()
			x.stated, x.left = x.stated+e.stated, x.left+e.left
			x.unexplained += e.unexplained
			for _, s := range of[player.thread] {
				x.reasons[s.Reason] += int(s.Events)
			}
		}
		accounts = append(accounts, x)
	}
	return accounts
}

// dropped returns how many events the client knows to have dropped.
func (x *account) dropped() (n int) {
	for _, d := range x.report.Dropped {
		n += int(d)
	}
	return n
}

// check holds the shutdown report against the topic.
func (x *account) check(t *testing.T) {
	t.Helper()
	if dropped, may := x.dropped(), int(x.report.Unacknowledged); x.missing < dropped ||
		x.missing > dropped+may {
		t.Errorf("%s: %d events are missing, want from %d dropped to %d more unacknowledged: %+v",
			x.name, x.missing, dropped, may, x.report)
	}
	if x.unexplained > 0 {
		t.Errorf("%s: %d missing numbers are not explained", x.name, x.unexplained)
	}
}

// table prints the figures of a run.
func table(a *audit, accounts []account, made []done, silences []silence) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	row := func(name string, cell func(x *account) any) {
		_, _ = fmt.Fprintf(w, "%s\t", name)
		for i := range accounts {
			_, _ = fmt.Fprintf(w, "%v\t", cell(&accounts[i]))
		}
		_, _ = fmt.Fprintln(w)
	}
	row("client", func(x *account) any { return x.name })
	row("emitted", func(x *account) any { return x.emitted })
	row("in the topic", func(x *account) any { return x.arrived })
	row("acknowledged", func(x *account) any { return x.report.Delivered })
	row("missing", func(x *account) any { return x.missing })
	reasons, stated := make(map[string]bool), make(map[string]bool)
	for _, x := range accounts {
		for reason := range x.report.Dropped {
			reasons[reason] = true
		}
		for reason := range x.reasons {
			stated[reason] = true
		}
	}
	for _, reason := range slices.Sorted(maps.Keys(reasons)) {
		row("reported: "+reason, func(x *account) any { return x.report.Dropped[reason] })
	}
	row("reported: unacknowledged", func(x *account) any { return x.report.Unacknowledged })
	for _, reason := range slices.Sorted(maps.Keys(stated)) {
		row("stated: "+reason, func(x *account) any { return x.reasons[reason] })
	}
	row("missing, stated in the topic", func(x *account) any { return x.stated })
	row("missing at the end, in the report", func(x *account) any { return x.left })
	row("missing numbers unexplained", func(x *account) any { return x.unexplained })
	_ = w.Flush()
	fmt.Fprintf(&out, "%d records, %d messages, %d duplicates removed, %d statements, "+
		"%d out of order\n", a.records, a.messages, a.duplicates, len(a.statements),
		a.counts["out of order"])
	out.WriteString(tableOfFaults(made, silences))
	return out.String()
}

// tableOfFaults prints for each kind of fault how often it was made, and for how long the
// partitions of its broker, and those of the others, were silent meanwhile. Faults that overlap
// with another one count for the number alone.
func tableOfFaults(made []done, silences []silence) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "fault\tmade\talone\tlongest silence of its broker\tof the others\t")
	for _, k := range kinds {
		count, alone := 0, 0
		var its, others time.Duration
		for _, f := range made {
			if f.kind != k {
				continue
			}
			count++
			if f.led == nil || overlaps(f, made) {
				continue
			}
			alone++
			for _, s := range silences {
				if s.end.Before(f.began) || s.began.After(f.ended) {
					continue
				}
				if f.led[s.partition] {
					its = max(its, s.end.Sub(s.began))
				} else {
					others = max(others, s.end.Sub(s.began))
				}
			}
		}
		_, _ = fmt.Fprintf(w, "%s\t%d\t%d\t%.1f s\t%.1f s\t\n", k, count, alone, its.Seconds(),
			others.Seconds())
	}
	_ = w.Flush()
	return out.String()
}

func overlaps(f done, made []done) bool {
	return slices.ContainsFunc(made, func(g done) bool {
		return g.began != f.began && g.began.Before(f.ended) && f.began.Before(g.ended)
	})
}
