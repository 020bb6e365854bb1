package proof

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/selfmetrics"
)

const preface = `# Scenarios

Written by ` + "`go test -run TestEveryLossIsAnnounced -full -write`" + ` in this directory.

Each row is one scenario at one capacity of the broker, with two seeds; the numbers are the worst of
them. The client is the real one, at its default limits unless the row names another, on a fake
clock. What was lost and when is what the fake broker's ledger says. Metrics are scraped and rules
evaluated every 15 s, at moments that differ from seed to seed.

- **class**: healthy when nothing was lost and no limit at which events are lost was used to a half,
  the deadline included; lossy when an event was lost, else in between, which asks nothing.
- **peak**: how full the queue was at most. **onset to loss**: from when what leads to the loss
  began until the first event was lost.
- **signal before loss** and **used then**: since when the level was at least elevated, and what
  share of a limit was used, the deadline included. **alert before loss**: since when
  DashstreamFillingUp fired. For runs without a loss: whether there was any.
- **error**: the median error of the forecast from 10 s after the onset to the loss, in percent of
  the time that was left.
- **changes**: of the level, in ten minutes at most, from the third period on, of what repeats
  within two minutes.
- **driver**: what was said most often to drive it.
- Shapes marked with * and the second seed are set apart: nothing was changed after they had been
  run.

`

// table prints a row for each scenario and scale, and the sums.
func table(jobs []job) string {
	var b strings.Builder
	b.WriteString("| scenario | MB/s | class | peak | onset to loss | signal before loss | used " +
		"then | alert before loss | error | changes | driver |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|---|\n")
	for i := 0; i < len(jobs); {
		n := i + 1
		for n < len(jobs) && jobs[n].s == jobs[i].s && jobs[n].scale == jobs[i].scale {
			n++
		}
		b.WriteString(row(jobs[i:n]))
		i = n
	}
	b.WriteString("\n" + sums(jobs))
	return b.String()
}

func row(jobs []job) string {
	name := jobs[0].s.name
	if jobs[0].s.apart {
		name += " *"
	}
	var classes []string
	peak, toLoss, full := 0.0, time.Duration(math.MaxInt64), 0.0
	signal, alert := time.Duration(math.MaxInt64), time.Duration(math.MaxInt64)
	losses, signals, alerts := 0, 0, 0
	var relative []float64
	repeated, most := "", -1
	for _, j := range jobs {
		v := &j.v
		if c := classNames[v.class]; len(classes) == 0 || classes[len(classes)-1] != c {
			classes = append(classes, c)
		}
		peak = max(peak, v.peak)
		if v.signal >= 0 {
			signals++
		}
		if v.alert >= 0 {
			alerts++
		}
		relative = append(relative, v.relative...)
		if most = max(most, v.changes); most >= 0 {
			repeated = fmt.Sprint(most)
		}
		if v.class != lossy {
			continue
		}
		losses++
		toLoss, signal, full = min(toLoss, v.loss-v.onset), min(signal, v.loss-v.signal),
			max(full, v.full)
		if v.alert >= 0 && v.alert <= v.loss {
			alert = min(alert, v.loss-v.alert)
		} else {
			alert = -1
		}
	}
	cells := []string{name, fmt.Sprintf("%.1f", jobs[0].scale*nominal/1e6),
		strings.Join(classes, ", "), fmt.Sprintf("%.0f %%", 100*peak)}
	if losses == 0 {
		return line(append(cells, "", anyOf(signals, len(jobs)), "", anyOf(alerts, len(jobs)), "",
			repeated, ""))
	}
	late := "after it"
	if alert >= 0 {
		late = inSeconds(alert)
	}
	off := ""
	if len(relative) > 0 {
		off = fmt.Sprintf("%.0f %%", 100*median(relative))
	}
	return line(append(cells, inSeconds(toLoss), inSeconds(signal),
		fmt.Sprintf("%.0f %%", 100*full), late, off, repeated,
		drivers(jobs)))
}

// drivers names what was said to drive the losses, nothing where there was no time to say it.
func drivers(jobs []job) string {
	var names []string
	for i := range jobs {
		if d := jobs[i].v.driver; d != selfmetrics.DriverNone && !slices.Contains(names,
			d.String()) {
			names = append(names, d.String())
		}
	}
	return strings.Join(names, ", ")
}

func line(cells []string) string { return "| " + strings.Join(cells, " | ") + " |\n" }

func inSeconds(d time.Duration) string { return fmt.Sprintf("%.1f s", d.Seconds()) }

func anyOf(n, of int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprintf("in %d of %d", n, of)
}

// due is how many alerts were due, and how many of them came in time.
type due struct {
	what         string
	due, alerted int
}

func alertsDue(jobs []job) []due {
	list := []due{
		{what: "Lossy, with 2 min or more from the onset: alert at least 30 s before the loss"},
		{what: "Lossy, with 1 to 2 min from the onset: alert before the loss"},
	}
	for i := range jobs {
		v := &jobs[i].v
		if v.class != lossy || v.takes() < brief {
			continue
		}
		d := &list[1]
		if v.takes() >= long {
			d = &list[0]
		}
		d.due++
		if _, late := v.late(); !late {
			d.alerted++
		}
	}
	return list
}

// sums says how many runs kept what is promised.
func sums(jobs []job) string {
	var count [3]int
	var calm, quiet, signalled, critical, fastOnes, agree, steady, repeat, turned, announced int
	for i := range jobs {
		v := &jobs[i].v
		count[v.class]++
		if v.disagree == "" {
			agree++
		}
		if v.changes >= 0 {
			repeat++
			if v.changes <= mostChanges {
				steady++
			}
		}
		switch v.class {
		case healthy:
			if v.turns {
				turned++
				if len(v.others) > 0 {
					announced++
				}
				continue
			}
			if len(v.others) == 0 && v.worst <= selfmetrics.PressureElevated {
				calm++
			}
			if v.needless == "" {
				quiet++
			}
		case lossy:
			if v.takes() < fast {
				fastOnes++
				continue
			}
			if v.signal >= 0 && v.full <= half {
				signalled++
			}
			if v.atLoss >= selfmetrics.PressureCritical {
				critical++
			}
		}
	}
	slow := count[lossy] - fastOnes
	count[healthy] -= turned
	var b strings.Builder
	fmt.Fprintf(&b, "%d runs: %d healthy, %d in between, %d lossy, of which %d faster than %v.\n\n",
		len(jobs), count[healthy], count[between], count[lossy], fastOnes, fast)
	fmt.Fprintf(&b, "- Healthy: no alert, and never critical, in %d of %d.\n", calm, count[healthy])
	fmt.Fprintf(&b, "- Healthy: elevated only where that is right (nothing acknowledged for 10 "+
		"s, a loss a minute\n  away at the rate of that moment, or a period after either) in "+
		"%d of %d.\n", quiet, count[healthy])
	fmt.Fprintf(&b, "- Lossy: signal by half of the limit in %d of %d, critical at the loss in %d "+
		"of %d.\n",
		signalled, slow, critical, slow)
	for _, d := range alertsDue(jobs) {
		fmt.Fprintf(&b, "- %s in %d of %d.\n", d.what, d.alerted, d.due)
	}
	fmt.Fprintf(&b, "- What repeats: at most %d changes of the level in ten minutes in %d of %d.\n",
		mostChanges, steady, repeat)
	fmt.Fprintf(&b, "- Limit, loss, judgement and driver agree in every look of %d of %d.\n", agree,
		len(jobs))
	fmt.Fprintf(&b, "- What fills faster and faster and turns round below half, which is healthy\n"+
		"  too and is what loses events a minute later until it does: alert in %d of %d.\n",
		announced, turned)
	b.WriteString(forecastSums(jobs))
	b.WriteString(lateAlerts(jobs))
	return b.String()
}

func forecastSums(jobs []job) string {
	var b strings.Builder
	for _, apart := range []bool{false, true} {
		errors := pool(jobs, func(j *job) bool { return j.s.apart == apart })
		name := "that it was made with"
		if apart {
			name = "that were set apart"
		}
		within := 0
		for _, e := range errors {
			if e <= 1 {
				within++
			}
		}
		fmt.Fprintf(&b, "- Forecasts on shapes %s: the median error is %.2f of what is allowed\n"+
			"  (20 %% of the time left, 1 s at least); %.0f %% of %d are within it.\n",
			name, median(errors), 100*float64(within)/float64(max(len(errors), 1)), len(errors))
	}
	return b.String()
}

// lateAlerts lists the alerts that came too late, and why.
func lateAlerts(jobs []job) string {
	var b strings.Builder
	for i := range jobs {
		j := &jobs[i]
		v := &j.v
		due, late := v.late()
		if !late {
			continue
		}
		if b.Len() == 0 {
			b.WriteString("\n| alert too late | MB/s | seed | onset to loss | due | came | why " +
				"|\n|---|---|---|---|---|---|---|\n")
		}
		came := "after it"
		if v.alert >= 0 && v.alert <= v.loss {
			came = inSeconds(v.loss-v.alert) + " before"
		}
		why := fmt.Sprintf("half of a limit was used only %s before the loss", inSeconds(v.halfFor))
		if v.signal >= 0 && v.loss-v.signal > v.halfFor {
			why += fmt.Sprintf(", in sight %s before", inSeconds(v.loss-v.signal))
		}
		b.WriteString(line([]string{j.s.name, fmt.Sprintf("%.1f", j.scale*nominal/1e6),
			fmt.Sprint(j.seed), inSeconds(v.takes()),
			inSeconds(due) + " before", came, why}))
	}
	return b.String()
}
