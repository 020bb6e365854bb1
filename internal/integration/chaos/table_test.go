package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// account is what became of the events of one client.
type account struct {
	*party
	emitted, arrived, missing int
	explanation
	reasons map[string]int // events stated in the topic, by reason
}

// accounts returns the accounts of the clients.
func (a *audit) accounts(parties []*party) (accounts []account) {
	for _, p := range parties {
		x := account{party: p, reasons: make(map[string]int)}
		reported := make(map[string][]pb.Loss)
		for _, l := range p.report.Unstated {
			reported[l.Thread] = append(reported[l.Thread], l)
		}
		for _, player := range p.players {
			id := player.thread
			t := a.threads[id]
			x.emitted, x.arrived = x.emitted+int(t.emitted), x.arrived+t.arrived
			x.missing += t.missing()
			x.explanation.add(t.explain(a.losses[id], reported[id]))
			for _, l := range a.losses[id] {
				x.reasons[l.Reason] += int(l.Events)
			}
		}
		accounts = append(accounts, x)
	}
	return accounts
}

func (x *explanation) add(y explanation) {
	x.stated, x.reported = x.stated+y.stated, x.reported+y.reported
	x.events, x.numbers = x.events+y.events, x.numbers+y.numbers
}

// sum adds up the accounts of all clients.
func sum(accounts []account) account {
	all := account{party: &party{name: "all", report: callback.Report{
		Dropped: make(map[string]uint64)}}, reasons: make(map[string]int)}
	for _, x := range accounts {
		all.emitted, all.arrived = all.emitted+x.emitted, all.arrived+x.arrived
		all.missing += x.missing
		all.explanation.add(x.explanation)
		for reason, n := range x.reasons {
			all.reasons[reason] += n
		}
		all.report.Delivered += x.report.Delivered
		all.report.Unacknowledged += x.report.Unacknowledged
		for reason, n := range x.report.Dropped {
			all.report.Dropped[reason] += n
		}
	}
	return all
}

// dropped returns how many events the client knows to have dropped.
func (x *account) dropped() (n int) {
	for _, d := range x.report.Dropped {
		n += int(d)
	}
	return n
}

// check holds the shutdown report against the topic. Of so many events the client has counted that
// it could not state them.
func (x *account) check(t *testing.T, counted uint64) {
	t.Helper()
	if dropped, may := x.dropped(), int(x.report.Unacknowledged); x.missing < dropped ||
		x.missing > dropped+may {
		t.Errorf("%s: %d events are missing, want from %d dropped to %d more unacknowledged: %+v",
			x.name, x.missing, dropped, may, x.report)
	}
	if x.numbers+uint64(x.events) > counted {
		t.Errorf("%s: %d missing numbers are not explained, and %d events at the end of threads",
			x.name, x.numbers, x.events)
	}
}

// table prints the figures of a run.
func table(a *audit, accounts []account, made []done, silences []silence) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	accounts = append(slices.Clone(accounts), sum(accounts))
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
	row("missing, in the shutdown report", func(x *account) any { return x.reported })
	row("missing numbers, unexplained", func(x *account) any { return x.numbers })
	row("missing at the end, unexplained", func(x *account) any { return x.events })
	_ = w.Flush()
	fmt.Fprintf(&out, "%d records, %d messages, %d duplicates removed, %d out of order; "+
		"%d statements, %d numbers unexplained by reduce\n", a.records, a.messages, a.duplicates,
		a.counts["out of order"], a.statements, a.reduced())
	out.WriteString(tableOfFaults(made, silences))
	return out.String()
}

// tableOfFaults prints how often each kind of fault was made, and for how long a partition was
// silent meanwhile.
func tableOfFaults(made []done, silences []silence) string {
	var out strings.Builder
	w := tabwriter.NewWriter(&out, 0, 0, 2, ' ', tabwriter.AlignRight)
	_, _ = fmt.Fprintln(w, "fault\tmade\tlongest silence of a partition meanwhile\t")
	for _, k := range kinds {
		count := 0
		var longest time.Duration
		for _, f := range made {
			if f.kind != k {
				continue
			}
			count++
			for _, s := range silences {
				if f.meets(s) {
					longest = max(longest, s.lasts())
				}
			}
		}
		_, _ = fmt.Fprintf(w, "%s\t%d\t%.1f s\t\n", k, count, longest.Seconds())
	}
	_ = w.Flush()
	fmt.Fprintf(&out, "longest silence of a partition that no fault concerned: %.1f s\n",
		unconcerned(made, silences).Seconds())
	return out.String()
}

// aftermath is how long a cluster may take to have all replicas again after a broker was away.
const aftermath = 15 * time.Second

// meets reports whether a partition was silent while the fault was there.
func (f *done) meets(s silence) bool {
	return s.began.Before(f.ended) && f.began.Before(s.end)
}

// unconcerned returns the longest silence of a partition while clients reached its leader and
// all brokers ran: others may have been cut off meanwhile.
func unconcerned(made []done, silences []silence) (longest time.Duration) {
	for _, s := range silences {
		if !slices.ContainsFunc(made, func(f done) bool {
			f.began = f.began.Add(-time.Second) // the record before may be older
			if modes[f.kind] == flows {
				f.ended = f.ended.Add(aftermath)
				return f.meets(s)
			}
			f.ended = f.ended.Add(time.Second)
			return f.meets(s) && (f.led == nil || f.led[s.partition])
		}) {
			longest = max(longest, s.lasts())
		}
	}
	return longest
}
