package selfmetrics

import (
	"math"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

const (
	// enterElevated and enterCritical are the shares of a limit, and the ratios, from which
	// pressure is called so. At half, what fills in a minute or more still leaves the 30 s that a
	// scrape and an evaluation every 15 s may take. Below half, an outage that ends in time cannot
	// be told from one that does not.
	enterElevated, enterCritical = 0.5, 0.8
	// nearLoss is from how many seconds to a loss it is near, once half of the limit is used.
	nearLoss = 10.0
	// sight is how many seconds before it a loss is in sight for what fills faster and faster: from
	// half on that leaves too little time. How full the queue has to be then depends on for how
	// many seconds it has grown: sightBrief of it from lineFor on, for what swings rises as fast,
	// and sightLong from longFor on. steady is for how long the loss has to stay in sight.
	sight, sightBrief, sightLong = 62.0, 0.35, 0.28
	lineFor, longFor             = 10.0, 45.0
	steady                       = 2 * time.Second
	// fuller is how many times as full as in the swings before a queue has to be.
	fuller = 1.3
	// further is how many seconds away a loss counts for Ratio alone.
	further = 60.0
)

// pressureGauge turns forecasts into a verdict. One goroutine at a time may use it.
type pressureGauge struct {
	now      Pressure
	holds    [NumPressureLevels]hold
	silences hold                 // in which nothing is acknowledged
	sighted  [NumLimits]time.Time // since when a loss is in sight; zero if none is
	highs    [NumLimits]highs
}

// judged is the verdict on one limit.
type judged struct {
	level     PressureLevel
	judgement Judgement
	seconds   float64 // to the loss
	share     float64 // of the limit that is used
}

// update makes a verdict of a forecast and reports whether the level has changed. It writes the
// driver into the forecast, so that both say the same.
func (g *pressureGauge) update(f *Forecast, e *estimator, l *batching.Levels) (changed bool) {
	limit, v := g.worst(f, e, l.At)
	if e.losing(l.At) {
		v.level, v.judgement, v.seconds = PressureDropping, JudgementFloor, 0
	}
	g.now.Ratio = v.ratio(f)
	before := g.now.Level
	g.now.Unanswered = e.still.unanswered(l)
	if held := g.hold(v.level, v.share >= enterElevated, g.now.Unanswered >= standsStill,
		l.At); held > v.level {
		g.keep(held, f, e, l)
	} else {
		g.take(limit, &v, f, e, l)
	}
	f.Driver = g.now.Driver
	return g.now.Level != before
}

// worst returns the limit that decides, and the verdict on it: of those at the worst level the one
// that is reached first, or an earlier one that is reached before it.
func (g *pressureGauge) worst(f *Forecast, e *estimator, now time.Time) (Limit, judged) {
	var all [NumLimits]judged
	first := Limit(0)
	for i := range all {
		all[i] = g.judge(Limit(i), f, e, now)
		a, b := &all[i], &all[first]
		switch {
		case a.level != b.level:
			if a.level > b.level {
				first = Limit(i)
			}
		case a.seconds != b.seconds:
			if a.seconds < b.seconds {
				first = Limit(i)
			}
		case a.share > b.share:
			first = Limit(i)
		}
	}
	v := all[first]
	sooner, seconds := f.First()
	if seconds < min(v.seconds, further) && all[sooner].level < v.level {
		// What is lost before something that is at this level is at this level itself.
		first, v = sooner, judged{v.level, f.Limits[sooner].Judgement, seconds, all[sooner].share}
	}
	return first, v
}

// judge judges one limit by itself: the floor, and what is in sight before that.
func (g *pressureGauge) judge(i Limit, f *Forecast, e *estimator, now time.Time) judged {
	x := &f.Limits[i]
	v := judged{seconds: x.SecondsToLoss, judgement: x.Judgement, share: x.Level}
	inSight := g.inSight(i, f, e, now)
	switch near := min(nearLoss, e.deadline.Seconds()/12); {
	case x.Level >= enterCritical:
		v.level, v.judgement = PressureCritical, JudgementFloor
	case x.Level >= enterElevated && x.SecondsToLoss < near:
		v.level = PressureCritical
	case x.Level >= enterElevated:
		v.level, v.judgement = PressureElevated, JudgementFloor
	case inSight:
		v.level = PressureElevated
	}
	return v
}

// inSight says whether a queue plainly fills faster and faster, will be full soon, and is fuller
// than in what came before: half of the limit would announce that too late. What came before has to
// be known for as long as what repeats itself may take.
func (g *pressureGauge) inSight(i Limit, f *Forecast, e *estimator, now time.Time) bool {
	x, t := &f.Limits[i], &e.trends[i]
	if i == LimitDeliveryDeadline {
		return false // it comes closer by a second a second at most
	}
	before := g.highs[i].before(x.Level, now)
	least := sightBrief
	if t.lasted >= longFor {
		least = sightLong
	}
	if x.Level < max(least, fuller*before) || x.SecondsToLoss >= sight || t.growth <= 0 ||
		x.Judgement != JudgementTrend || t.lasted < lineFor || now.Sub(e.started) < longest {
		g.sighted[i] = time.Time{}
		return false
	}
	if g.sighted[i].IsZero() {
		g.sighted[i] = now
	}
	return now.Sub(g.sighted[i]) >= steady
}

// ratio returns a number within the bounds of the level.
func (v *judged) ratio(f *Forecast) float64 {
	used := 0.0
	for i := range f.Limits {
		used = max(used, f.Limits[i].Level)
	}
	switch v.level {
	case PressureDropping:
		return 1
	case PressureCritical:
		return min(max(used, enterCritical), 0.99)
	case PressureElevated:
		return min(max(used, enterElevated), 0.79)
	}
	if !math.IsInf(v.seconds, 1) {
		used = max(used, 0.5*min(further/max(v.seconds, 1), 0.8))
	}
	return min(used, 0.49)
}

// take makes a verdict the present one.
func (g *pressureGauge) take(
	limit Limit, v *judged, f *Forecast, e *estimator, l *batching.Levels,
) {
	g.enter(v.level, l.At)
	g.now.Limit, g.now.Judgement = limit, v.judgement
	g.now.Driver, g.now.Where = DriverNone, ""
	if v.level > PressureOK || !math.IsInf(v.seconds, 1) {
		g.now.Driver = e.drives(limit, f, l)
	}
	g.tell(v.seconds, e, l.At)
}

// keep leaves a verdict as it is, for its level is held, and says when its limit will be reached
// now.
func (g *pressureGauge) keep(level PressureLevel, f *Forecast, e *estimator, l *batching.Levels) {
	g.enter(level, l.At)
	if g.now.Unanswered >= noneAnswers {
		g.now.Driver = e.drives(g.now.Limit, f, l)
	}
	g.tell(f.Limits[g.now.Limit].SecondsToLoss, e, l.At)
}

func (g *pressureGauge) tell(seconds float64, e *estimator, now time.Time) {
	g.now.Loss = time.Time{}
	if !math.IsInf(seconds, 1) {
		g.now.Loss = now.Add(time.Duration(seconds * float64(time.Second)))
	}
	g.now.Where = ""
	if g.now.Driver == DriverBroker {
		g.now.Where = e.where
	}
}

func (g *pressureGauge) enter(level PressureLevel, now time.Time) {
	if level != g.now.Level {
		g.now.Level, g.now.Since = level, now
		g.now.Entered[level]++
	}
}

// end says that there is no pressure any more.
func (g *pressureGauge) end(now time.Time) {
	g.enter(PressureOK, now)
	g.now = Pressure{Since: g.now.Since, Entered: g.now.Entered}
}
