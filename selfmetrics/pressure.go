package selfmetrics

import (
	"math"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

const (
	// enterElevated and enterCritical are the ratios from which pressure is called so,
	// leaveElevated and leaveCritical those below which it no longer is once it has been for
	// relief.
	enterElevated, leaveElevated = 0.5, 0.4
	enterCritical, leaveCritical = 0.8, 0.7
	relief                       = 10 * time.Second

	// sightFull, sightGrowing and sightDeadline are the seconds to a loss from which it is in
	// sight. The first leaves 30 s of notice when a scrape and an evaluation come 15 s late each.
	// What plainly fills faster and faster does so sooner than is foretold. A deadline comes closer
	// with certainty, so it may come closer.
	sightFull, sightGrowing, sightDeadline = 66.0, 120.0, 55.0
	// nearLoss is from how many seconds to a loss it is near.
	nearLoss = 10.0
	// burstFor is how long a rise has to last until it is no burst, and burstFill the time in which
	// a burst would fill the queue from empty: what rises faster is a burst until the queue is half
	// full.
	burstFor, burstFill = 10.0, 45.0
	burstRise           = 0.05
	// steady is how long a loss has to stay in sight until it counts, below half.
	steady = 2 * time.Second
	// pause is how long, in seconds, a rise may stand still before it does not count, below half:
	// whether it goes on is not known then.
	pause = 1.5
)

// pressureGauge turns forecasts into a level with hysteresis. One goroutine at a time may use it.
type pressureGauge struct {
	now     Pressure
	calm    time.Time // since when the ratio is below what the level needs; zero if it is not
	calmest float64   // the highest ratio since then
	sighted time.Time // since when a loss is in sight; zero if none is
}

// update returns the pressure and whether its level has changed.
func (g *pressureGauge) update(f *Forecast, e *estimator, l *batching.Levels) (changed bool) {
	g.now.Ratio = g.ratio(f, e, l.At)
	if e.losing(l.At) {
		g.now.Ratio = 1
	}
	limit, seconds := f.First()
	g.now.Limit, g.now.Driver, g.now.Loss = limit, f.Driver, time.Time{}
	if !math.IsInf(seconds, 1) {
		g.now.Loss = l.At.Add(time.Duration(seconds * float64(time.Second)))
	}
	return g.setLevel(l.At)
}

func (g *pressureGauge) ratio(f *Forecast, e *estimator, now time.Time) float64 {
	ratio := urgency(f.Limits[LimitDeliveryDeadline].SecondsToLoss,
		min(sightDeadline, 0.46*e.deadline.Seconds()))
	sighted := false
	for _, i := range [...]Limit{LimitQueueBytes, LimitQueueEvents} {
		x, t := &f.Limits[i], &e.trends[i]
		sight := sightFull
		if t.growth > 0 {
			sight = sightGrowing
		}
		urgent := urgency(x.SecondsToLoss, sight)
		sighted = sighted || urgent >= enterElevated && t.lasted >= burstFor &&
			t.rose >= burstRise*e.limits[i] && e.limits[i]/t.slope >= burstFill
		if x.Level < enterElevated && g.now.Level == PressureOK && (g.sighted.IsZero() ||
			now.Sub(g.sighted) < steady || e.tracks[i].pauses(pause, t.slope)) {
			urgent = min(urgent, leaveElevated) // it may be a burst
		}
		ratio = max(ratio, min(x.Level, 0.99), urgent)
	}
	if !sighted {
		g.sighted = time.Time{}
	} else if g.sighted.IsZero() {
		g.sighted = now
	}
	return ratio
}

// urgency is 0.5 when a loss comes in sight, 0.8 when it is near, and close to 1 when it is due.
func urgency(seconds, sight float64) float64 {
	near := min(nearLoss, sight/5)
	switch {
	case seconds > sight:
		return enterElevated * sight / seconds
	case seconds >= near:
		return enterElevated + (enterCritical-enterElevated)*(sight-seconds)/(sight-near)
	default:
		return enterCritical + (0.99-enterCritical)*(near-seconds)/near
	}
}

func levelOf(ratio, elevated, critical float64) PressureLevel {
	switch {
	case ratio >= 1:
		return PressureDropping
	case ratio >= critical:
		return PressureCritical
	case ratio >= elevated:
		return PressureElevated
	}
	return PressureOK
}

// setLevel raises the level at once and lowers it when the ratio has been low for long enough.
func (g *pressureGauge) setLevel(now time.Time) (changed bool) {
	if up := levelOf(g.now.Ratio, enterElevated, enterCritical); up > g.now.Level {
		g.enter(up, now)
		return true
	}
	if levelOf(g.now.Ratio, leaveElevated, leaveCritical) >= g.now.Level {
		g.calm = time.Time{}
		return false
	}
	if g.calm.IsZero() {
		g.calm, g.calmest = now, 0
	}
	g.calmest = max(g.calmest, g.now.Ratio)
	if now.Sub(g.calm) < relief {
		return false
	}
	g.enter(levelOf(g.calmest, leaveElevated, leaveCritical), now)
	return true
}

func (g *pressureGauge) enter(level PressureLevel, now time.Time) {
	g.now.Level, g.now.Since, g.calm = level, now, time.Time{}
	g.now.Entered[level]++
}

// end says that there is no pressure any more.
func (g *pressureGauge) end(now time.Time) {
	if g.now.Level != PressureOK {
		g.enter(PressureOK, now)
	}
	g.now = Pressure{Since: g.now.Since, Entered: g.now.Entered}
}
