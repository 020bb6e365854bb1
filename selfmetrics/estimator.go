package selfmetrics

import (
	"math"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// rateWindow is the time over which rates are averaged, in seconds.
const rateWindow = 5.0

// estimator makes forecasts from successive levels; FORECAST.md says how. One goroutine at a time
// may use it.
type estimator struct {
	deadline time.Duration // after which an event is given up

	ring    sampleRing
	started time.Time
	// limits are what the levels are compared with, trends what was made of them last.
	limits [NumLimits]float64
	trends [NumLimits]trend
	tracks [NumLimits]track
	flows  [queueLimits]struct{ in, out track }

	still standstill
	// stands says that the future is known, since standsFor seconds; alone, that others are
	// acknowledged.
	stands, alone bool
	standsFor     float64
	// what holds up a part of what is sent, as the Sender says; "" if nothing does
	where string

	lost     uint64
	lastLoss time.Time
}

// queueLimits is the number of limits of the queue itself, which come first among the limits.
const queueLimits = int(LimitQueueEvents) + 1

func newEstimator(deadline time.Duration) *estimator {
	e := &estimator{deadline: deadline}
	for i := range e.tracks {
		// the oldest event is another one now and then
		e.tracks[i] = newTrack(Limit(i) == LimitDeliveryDeadline)
	}
	for i := range e.flows {
		e.flows[i].in, e.flows[i].out = newTrack(false), newTrack(false)
	}
	return e
}

// add takes in what was seen and returns the forecast.
func (e *estimator) add(l *batching.Levels, sender *batching.SenderStats) Forecast {
	e.ring.add(e.sample(l, sender))
	e.limits = [NumLimits]float64{float64(l.MaxBytes), float64(l.MaxEvents), e.deadline.Seconds()}
	now := e.ring.get(0)
	for i, x := range [queueLimits][2]float64{{now.bytesIn, now.bytesOut},
		{now.eventsIn, now.eventsOut}} {
		e.flows[i].in.add(now.t, x[0])
		e.flows[i].out.add(now.t, x[1])
	}
	if e.still.add(l) { // what was before a recovery says nothing about what is after it
		for i := range e.tracks {
			e.tracks[i].restart()
		}
	}
	since, stands := e.still.began(l)
	e.stands, e.standsFor = stands, l.At.Sub(since).Seconds()
	e.where = ""
	if sender.StalledPartitions > 0 {
		e.where = sender.Stalled
	}
	e.alone = e.still.unanswered(l) < standsStill
	f := Forecast{At: l.At}
	for i := range f.Limits {
		limit := e.limits[i]
		f.Limits[i].Level, f.Limits[i].Full = min(now.level[i]/limit, 1), limit
		e.tracks[i].add(now.t, now.level[i])
		if Limit(i) != LimitDeliveryDeadline {
			e.tracks[i].forget(fallEnds * limit)
		}
		e.trends[i] = e.trend(Limit(i))
		f.Limits[i].SecondsToLoss = e.trends[i].secondsTo(now.level[i], limit)
		if !math.IsInf(f.Limits[i].SecondsToLoss, 1) {
			f.Limits[i].Judgement = JudgementTrend
		}
		e.reckon(Limit(i), now.level[i], &f.Limits[i])
	}
	e.reached(&f, l)
	e.rates(&f)
	if l.MaxPermits > 0 {
		f.Permits = float64(l.Permits) / float64(l.MaxPermits)
	}
	f.Driver = e.driver(&f, l)
	return f
}

const (
	// fallEnds is the share of a limit by which a queue has to fall until what was before is over.
	fallEnds = 0.05
	// lossFor is how long after a loss events count as being lost.
	lossFor = time.Second
	// brim is the share of a limit from which it may be what a loss is due to: what does not fit
	// may be large.
	brim = 0.9
)

// reached says 0 for the limits at which events are being lost. Where things stand at a limit no
// trend is to be seen.
func (e *estimator) reached(f *Forecast, l *batching.Levels) {
	if e.ring.n > 1 && l.Lost > e.lost {
		e.lastLoss = l.At
	}
	e.lost = l.Lost
	if !e.losing(l.At) {
		return
	}
	for i := range f.Limits {
		if f.Limits[i].Level >= brim {
			f.Limits[i].SecondsToLoss, f.Limits[i].Judgement = 0, JudgementArithmetic
		}
	}
}

// losing says whether events are being lost because a limit was reached.
func (e *estimator) losing(now time.Time) bool {
	return !e.lastLoss.IsZero() && now.Sub(e.lastLoss) < lossFor
}

// trend finds out how a level rises, with what is known about that limit beside the level.
func (e *estimator) trend(limit Limit) trend {
	t := e.tracks[limit].trend(e.limits[limit])
	if t.slope == 0 {
		return t
	}
	if limit == LimitDeliveryDeadline {
		if t.slope >= 1 { // nothing ages faster than time passes
			t.slope, t.growth = 1, 0
		}
		t.growth = min(t.growth, 0)
		return t
	}
	// That a rise will end by itself is not taken from the flows.
	if growth := e.flowsGrowth(limit, t.lasted); growth > 0 {
		t.growth = max(t.growth, growth)
	}
	return t
}

// flowsGrowth returns the growth that is plain in what comes in and goes out: it may be hidden in
// the level's noise, or the level rises for a shorter time than what comes in has grown. It is 0 if
// there is none, or if one of them has not lasted as long as the level's trend.
func (e *estimator) flowsGrowth(limit Limit, lasted float64) float64 {
	in, out := e.flows[limit].in.trend(e.limits[limit]), e.flows[limit].out.trend(e.limits[limit])
	if in.lasted < lasted || out.lasted < lasted {
		return 0
	}
	return in.growth - out.growth
}

func (e *estimator) sample(l *batching.Levels, sender *batching.SenderStats) sample {
	if e.started.IsZero() {
		e.started = l.At
	}
	s := sample{
		t: l.At.Sub(e.started).Seconds(), bytesIn: float64(l.BytesIn),
		bytesOut: float64(l.BytesOut), eventsIn: float64(l.EventsIn),
		eventsOut: float64(l.EventsOut), emitted: float64(l.Emitted), lost: float64(l.Lost),
		delivered: float64(l.Delivered), throttled: sender.Throttled.Seconds(),
		unpacked:   float64(sender.UncompressedBytes),
		compressed: float64(sender.CompressedBytes),
	}
	s.level[LimitQueueBytes], s.level[LimitQueueEvents] = float64(l.Bytes), float64(l.Events)
	if !l.Oldest.IsZero() {
		s.level[LimitDeliveryDeadline] = max(l.At.Sub(l.Oldest).Seconds(), 0)
	}
	return s
}

// rates fills in what went in and out in the last seconds.
func (e *estimator) rates(f *Forecast) {
	now, then := e.ring.get(0), e.ring.get(e.ring.since(rateWindow))
	span := now.t - then.t
	if span <= 0 {
		return
	}
	f.BytesIn, f.BytesOut = (now.bytesIn-then.bytesIn)/span, (now.bytesOut-then.bytesOut)/span
	f.EventsIn, f.EventsOut = (now.eventsIn-then.eventsIn)/span, (now.eventsOut-then.eventsOut)/span
	f.EventsEmitted, f.EventsDelivered = (now.emitted-then.emitted)/span,
		(now.delivered-then.delivered)/span
	f.EventsLost = (now.lost - then.lost) / span
	f.Throttled = (now.throttled - then.throttled) / span
	if unpacked := now.unpacked - then.unpacked; unpacked > 0 {
		f.Compression = (now.compressed - then.compressed) / unpacked
	}
}

const (
	// stalled is how old the worker's heartbeat is when the worker counts as standing still. It
	// beats every second.
	stalled = 3 * time.Second
	// throttledShare is the share of the time under a quota from which that counts as what holds
	// things up.
	throttledShare = 0.1
	// permitsShare is the share of the permits from which they count as used up.
	permitsShare = 0.95
	// fallen is the share of the earlier outflow below which it counts as fallen.
	fallen = 0.8
)

// driver says why the limit that is reached first comes closer.
func (e *estimator) driver(f *Forecast, l *batching.Levels) Driver {
	limit, seconds := f.First()
	if math.IsInf(seconds, 1) {
		return DriverNone
	}
	return e.drives(limit, f, l)
}

// drives says what drives a limit. What goes out is compared with what went out before the rise
// began. What was given up has not gone out: once no broker answers, it is the broker until one
// does.
func (e *estimator) drives(limit Limit, f *Forecast, l *batching.Levels) Driver {
	began := e.ring.since(e.trends[limit].lasted)
	end := e.ring.get(began)
	start := e.ring.get(min(began+int(4*rateWindow), e.ring.n-1))
	before := 0.0
	if span := end.t - start.t; span > 0 {
		before = (end.eventsOut - start.eventsOut) / span
	}
	silent := e.still.unanswered(l)
	slower := f.EventsOut < fallen*before || f.EventsOut == 0
	switch {
	case l.At.Sub(l.Heartbeat) > stalled:
		return DriverWorker
	case silent >= noneAnswers:
		return DriverBroker
	case f.Throttled > throttledShare:
		return DriverThrottling
	case silent >= standsStill || e.still.local(l) && limit == LimitDeliveryDeadline:
		return DriverBroker
	case slower || limit == LimitDeliveryDeadline && f.EventsIn <= f.EventsOut:
		return DriverBroker
	case f.Permits >= permitsShare:
		return DriverPermits
	default:
		return DriverInflow
	}
}
