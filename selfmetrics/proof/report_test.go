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

Each row is one scenario at one capacity of the broker, with two seeds other than those with which the estimator was made; the numbers are the worst of
them. The client is the real one at its default limits, on a fake clock. What was lost and when is what the fake broker's ledger says. Metrics are
scraped and rules evaluated every 15 s, at moments that differ from seed to seed.

- **class**: healthy when nothing was lost and no limit at which events are lost was used to a half, the deadline included; lossy when an event was lost, else in between, which asks nothing.
- **peak**: how full the queue was at most. **onset to loss**: from when what leads to the loss began until the first event was lost.
- **signal before loss** and **full then**: since when the pressure was at least elevated, and how full the queue was. **alert before loss**: since
  when DashstreamFillingUp fired. For runs without a loss: whether there was any.
- **error**: the median error of the forecast from 10 s after the onset to the loss, in percent of the time that was left.
- **driver**: what was said most often to drive it.
- Shapes marked with * were written when the estimator and the thresholds were done, and nothing was changed in those after they had been run.

`

// table prints a row for each scenario and scale, and the sums.
func table(jobs []job) string {
	var b strings.Builder
	b.WriteString("| scenario | MB/s | class | peak | onset to loss | signal before loss | full " +
		"then | alert before loss | error | driver |\n")
	b.WriteString("|---|---|---|---|---|---|---|---|---|---|\n")
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
			""))
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
		fmt.Sprintf("%.0f %%", 100*full), late, off, drivers(jobs)))
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

// alerts counts the runs in which there was time for the alert, and those of them in which it came
// in time.
func alerts(jobs []job) (due, alerted int) {
	for i := range jobs {
		v := &jobs[i].v
		if v.class != lossy || v.loss-v.onset < enough {
			continue
		}
		due++
		if v.alert >= 0 && v.loss-v.alert >= notice {
			alerted++
		}
	}
	return due, alerted
}

// sums says how many runs kept what is promised.
func sums(jobs []job) string {
	var count [3]int
	var silent, signalled int
	for i := range jobs {
		v := &jobs[i].v
		count[v.class]++
		switch v.class {
		case healthy:
			if v.signal < 0 && len(v.others) == 0 {
				silent++
			}
		case lossy:
			if v.signal >= 0 && v.full <= latest && v.loss-v.signal >= linger {
				signalled++
			}
		}
	}
	due, alerted := alerts(jobs)
	var b strings.Builder
	fmt.Fprintf(&b, "%d runs: %d healthy, %d in between, %d lossy.\n\n", len(jobs), count[healthy],
		count[between], count[lossy])
	fmt.Fprintf(&b, "- Healthy: no signal and no alert at all in %d of %d.\n", silent,
		count[healthy])
	fmt.Fprintf(&b, "- Lossy: signal by 80 %% full and at least %v before the loss in %d of %d.\n",
		linger, signalled, count[lossy])
	fmt.Fprintf(&b, "- Lossy, and at least %v from onset to loss: alert at least %v before the "+
		"loss in %d of %d.\n", enough, notice, alerted, due)
	for _, apart := range []bool{false, true} {
		errors := pool(jobs, func(j *job) bool { return j.s.apart == apart })
		name := "that it was made with, with other seeds"
		if apart {
			name = "that it had not seen"
		}
		within := 0
		for _, e := range errors {
			if e <= 1 {
				within++
			}
		}
		fmt.Fprintf(&b, "- Forecasts on shapes %s: the median error is %.2f of what is allowed "+
			"(20 %% of the time left, 1 s at least); %.0f %% of %d are within it.\n",
			name, median(errors), 100*float64(within)/float64(max(len(errors), 1)), len(errors))
	}
	return b.String()
}
