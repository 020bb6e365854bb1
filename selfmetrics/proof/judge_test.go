package proof

import (
	"fmt"
	"math"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/selfmetrics"
)

// class is what became of a run, by the ledger and the peaks.
type class uint8

const (
	// no limit at which events are lost was used to a half, the deadline included
	healthy class = iota
	between       // one was, and nothing was lost
	lossy
)

var classNames = [...]string{"healthy", "in between", "lossy"}

// verdict is what is to be said of a run.
type verdict struct {
	class class
	turns bool
	onset time.Duration
	loss  time.Duration
	// since when the level has not been ok, at the loss or else at its first; negative: never
	signal   time.Duration
	full     float64 // the share of a limit that was used then
	atLoss   selfmetrics.PressureLevel
	worst    selfmetrics.PressureLevel
	alert    time.Duration // since when DashstreamFillingUp has fired, likewise
	others   []string      // alerts that fired in a healthy run
	peak     float64
	errors   []float64 // of the forecasts, as a share of what is allowed
	relative []float64 // as a share of the time left
	calm     bool      // the level was ok in one of the last looks
	driver   selfmetrics.Driver
	disagree string // what contradicts itself in a verdict, "" if nothing does
	needless string // when a healthy run was elevated without a reason, "" if it never was
	// of the level, at most, in ten minutes from the third period on; -1: nothing repeats
	changes   int
	mayChange int           // as often
	halfFor   time.Duration // how long before the loss half of a limit was used
}

const (
	// settled is how long after the onset forecasts have to be right, allowed by what share of the
	// time left they may be off, and by how many seconds at least.
	settled        = 10 * time.Second
	allowed        = 0.20
	allowedSeconds = 1.0
	// fast is how long before its loss an onset is at least, or the run is counted apart: nobody
	// can announce it.
	fast = 250 * time.Millisecond
	// long is the time from the onset to the loss from which the alert has to come notice before
	// the loss, and brief that from which it has to come before it.
	long, brief, notice = 2 * time.Minute, time.Minute, 30 * time.Second
	// half is how much of a limit may be used when the signal comes; what is above a half is one
	// look.
	half = 0.55
	// mostChanges is how often the level of what repeats may change in ten minutes.
	mostChanges = 6
	// mostGrowing is the same where what repeats grows to a loss. It was seen at 5 to 8 with the
	// same seed: goroutines take turns as they like, on a fake clock too.
	mostGrowing = 9
	// lastLooks are the looks at the end of a run of which one has to find no pressure.
	lastLooks = 5
)

func judge(t *testing.T, s *scenario, seed uint64, scale float64) verdict {
	x, o := s.make(seed, scale), run(t, s, seed, scale)
	tr := &o.truth
	if lost := int(o.stats.Total.Lost()); tr.missing > lost ||
		tr.missing < lost-int(o.stats.Total.Unacknowledged) {
		t.Errorf("%s: %d events are missing at the broker, the client says that it lost %d", s.name,
			tr.missing, lost)
	}
	v := verdict{onset: x.onset(tr.firstLoss), loss: tr.firstLoss, peak: tr.peak, signal: -1,
		alert: -1, changes: -1}
	switch {
	case tr.firstLoss >= 0:
		v.class = lossy
	case tr.peak >= 0.5 || tr.oldest >= 0.5:
		v.class = between
	}
	v.turns = s.turns
	v.levels(o)
	for _, k := range o.looks[max(len(o.looks)-lastLooks, 0):] {
		over := max(k.level, k.age) < 0.5 && math.IsInf(k.until, 1) // and the level is held
		v.calm = v.calm || k.pressure == selfmetrics.PressureOK || over
	}
	v.alerts(t, o, seed)
	v.forecasts(o)
	v.disagree = disagreement(o)
	if v.class == healthy {
		v.needless = needless(o, x.period)
	}
	if x.period > 0 && x.period <= 2*minute {
		v.changes, v.mayChange = changes(o, x.onsets[0]+2*x.period), mostChanges
		if x.grows {
			v.mayChange = mostGrowing
		}
	}
	return v
}

// levels finds the signal: the change from ok after which the level was not ok until the loss, or
// the first one.
func (v *verdict) levels(o *observation) {
	for _, c := range o.changes {
		v.worst = max(v.worst, c.level)
		if v.loss >= 0 && c.at > v.loss {
			continue
		}
		pressed := c.level > selfmetrics.PressureOK
		switch {
		case pressed && v.signal < 0:
			v.signal, v.full = c.at, max(c.full, c.age)
		case !pressed && v.loss >= 0:
			v.signal = -1
		}
		v.atLoss = c.level
	}
	for _, k := range o.looks {
		if k.at < v.loss && max(k.level, k.age) < 0.5 {
			v.halfFor = v.loss - k.at
		}
	}
}

// disagreement returns what is wrong with the first verdict that contradicts itself, "" if none
// does.
func disagreement(o *observation) string {
	for _, k := range o.looks {
		p := &k.verdict
		pressed := p.Level > selfmetrics.PressureOK
		silent := p.Unanswered >= 10500*time.Millisecond
		until := math.Inf(1)
		if !p.Loss.IsZero() {
			until = p.Loss.Sub(o.began.Add(k.at)).Seconds()
		}
		switch {
		case pressed && (p.Driver == selfmetrics.DriverNone ||
			p.Judgement == selfmetrics.JudgementNone):
			return fmt.Sprintf("at %v the level is %v, by %v and %v", k.at, p.Level, p.Judgement,
				p.Driver)
		case silent && p.Driver != selfmetrics.DriverBroker && p.Driver != selfmetrics.DriverWorker:
			return fmt.Sprintf("at %v nothing has been acknowledged for %v, driver %v", k.at,
				p.Unanswered, p.Driver)
		case k.driver != p.Driver:
			return fmt.Sprintf("at %v the drivers are %v and %v", k.at, k.driver, p.Driver)
		case math.IsInf(until, 1) != math.IsInf(k.until, 1) &&
			p.Level < selfmetrics.PressureDropping,
			!math.IsInf(until, 1) && !math.IsInf(k.until, 1) && math.Abs(until-k.until) > 1:
			return fmt.Sprintf("at %v the loss at %v is in %.1f s and in %.1f s", k.at, p.Limit,
				until, k.until)
		}
	}
	return ""
}

// changes returns how often the level changed at most in ten minutes from a time on.
func changes(o *observation, from time.Duration) (most int) {
	for i, c := range o.changes {
		n := 0
		for _, d := range o.changes[i:] {
			if c.at >= from && d.at < c.at+10*minute {
				n++
			}
		}
		most = max(most, n)
	}
	return most
}

// needless says when a healthy run was elevated although nothing was the matter: something was
// acknowledged in the last ten seconds, and at the rate of that moment a loss was more than a
// minute away; nor was it within a period after such a moment.
func needless(o *observation, period time.Duration) string {
	const rateOver = 6 // looks
	excused := time.Duration(-1)
	for i, k := range o.looks {
		rate := 0.0
		for _, over := range []int{rateOver, 2 * rateOver, 4 * rateOver} {
			if before := i - over; before >= 0 {
				rate = max(rate,
					(k.level-o.looks[before].level)/(k.at-o.looks[before].at).Seconds())
			}
		}
		if k.verdict.Unanswered >= 10*time.Second || rate > 0 && (1-k.level)/rate < 60 {
			excused = k.at
		}
		if k.pressure > selfmetrics.PressureOK &&
			(excused < 0 || k.at-excused > max(period, 10*time.Second)) {
			return fmt.Sprintf("elevated at %v, %.0f %% full", k.at, 100*k.level)
		}
	}
	return ""
}

// alerts finds the alert that stood when the loss came, or the first one, and all that fired
// although nothing was wrong.
func (v *verdict) alerts(t *testing.T, o *observation, seed uint64) {
	end := o.scrapes[len(o.scrapes)-1].at
	s := newServer(t, o.scrapes)
	defer s.close()
	fired := s.alerts(t, o.began.Add(time.Duration(seed*7919%15000)*time.Millisecond), end)
	for _, s := range fired["DashstreamFillingUp"] {
		from, to := s.from.Sub(o.began), s.to.Sub(o.began)
		if v.alert < 0 || v.loss >= 0 && from <= v.loss && to >= v.loss-scrapeEvery {
			v.alert = from
		}
	}
	if v.class == healthy {
		for name := range fired {
			v.others = append(v.others, name)
		}
	}
}

// forecasts compares what was foretold with what came, and takes the driver that was named most
// often.
func (v *verdict) forecasts(o *observation) {
	var named [selfmetrics.NumDrivers]int
	for _, k := range o.looks {
		if v.loss < 0 || k.at < v.onset+settled || k.at >= v.loss {
			continue
		}
		left := (v.loss - k.at).Seconds()
		off := math.Abs(k.seconds - left)
		v.errors = append(v.errors, off/max(allowed*left, allowedSeconds))
		v.relative = append(v.relative, off/left)
		if named[k.driver]++; k.driver != selfmetrics.DriverNone &&
			named[k.driver] > named[v.driver] {
			v.driver = k.driver
		}
	}
}

// takes is the time from the onset to the loss.
func (v *verdict) takes() time.Duration { return v.loss - v.onset }

// late says whether an alert was due before the loss and came too late, and how long before it was
// due.
func (v *verdict) late() (due time.Duration, late bool) {
	if v.class != lossy || v.takes() < brief {
		return 0, false
	}
	if v.takes() >= long {
		due = notice
	}
	return due, v.alert < 0 || v.loss-v.alert < due
}

// faults says what a run did not keep of what is promised. An alert that is late is not among it:
// those are counted.
func (v *verdict) faults() (faults []string) {
	switch v.class {
	case healthy:
		if v.worst > selfmetrics.PressureElevated {
			faults = append(faults, v.worst.String()+" in a healthy run")
		}
		if v.turns {
			break
		}
		for _, name := range v.others {
			faults = append(faults, "alert "+name)
		}
		if v.needless != "" {
			faults = append(faults, v.needless)
		}
	case lossy:
		switch {
		case v.takes() < fast:
		case v.signal < 0:
			faults = append(faults, "no signal")
		case v.full > half:
			faults = append(faults, fmt.Sprintf("signal at %.0f %% of a limit", 100*v.full))
		case v.atLoss < selfmetrics.PressureCritical:
			faults = append(faults, fmt.Sprintf("the level is %v at the loss", v.atLoss))
		}
	}
	if v.disagree != "" {
		faults = append(faults, v.disagree)
	}
	if v.changes > v.mayChange {
		faults = append(faults, fmt.Sprintf("%d changes of the level in ten minutes", v.changes))
	}
	if !v.calm {
		faults = append(faults, "no recovery")
	}
	return faults
}
