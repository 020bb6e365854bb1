package selfmetrics

import (
	"math"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// judgedAs returns a forecast, and what an estimator knows, of a queue whose share is used, at a
// time.
func judgedAs(share float64, at time.Time) (*Forecast, *estimator, *batching.Levels) {
	l := &batching.Levels{At: at, MaxBytes: 1000, MaxEvents: 1e9, Bytes: int64(1000 * share),
		Heartbeat: at}
	e := newEstimator(testDeadline)
	f := e.add(l, &batching.SenderStats{})
	return &f, e, l
}

func TestPressureRisesAtOnceAndFallsAfterRelief(t *testing.T) {
	ok, elevated, critical := PressureOK, PressureElevated, PressureCritical
	var g pressureGauge
	at := time.Unix(1_000_000, 0)
	for i, step := range []struct {
		after time.Duration
		share float64
		want  PressureLevel
	}{
		{0, 0.49, ok},
		{0, 0.5, elevated},
		{time.Second, 0.41, elevated},
		{8 * time.Second, 0.41, elevated},
		{time.Second, 0.41, ok},
		{time.Hour, 0.8, critical},
		{time.Second, 0.75, critical},
		{9 * time.Second, 0.6, elevated},
		{time.Second, 0.9, critical},
		{time.Second, 0, critical},
		{longest, 0, ok}, // it had come again
	} {
		at = at.Add(step.after)
		before := g.now.Level
		changed := g.update(judgedAs(step.share, at))
		if changed != (before != g.now.Level) || g.now.Level != step.want {
			t.Fatalf("step %d: %v at %v (changed: %t), want %v", i, g.now.Level, step.share,
				changed, step.want)
		}
		if before != g.now.Level && !g.now.Since.Equal(at) {
			t.Errorf("step %d: entered at %v", i, g.now.Since)
		}
	}
	if g.now.Entered != [NumPressureLevels]uint64{2, 2, 2, 0} {
		t.Errorf("the levels were entered %v times", g.now.Entered)
	}
}

func TestWhatRepeatsChangesTheLevelOnce(t *testing.T) {
	for _, period := range []float64{5, 15, 30, 60, 120} {
		for _, duty := range []float64{0.1, 0.5, 0.9} {
			var g pressureGauge
			began, changes := time.Unix(1_000_000, 0), 0
			for x := 0.0; x < 1200; x += lookEvery.Seconds() {
				share := 0.3
				if math.Mod(x, period) < duty*period {
					share = 0.6
				}
				changed := g.update(judgedAs(share,
					began.Add(time.Duration(x*float64(time.Second)))))
				if changed && x > 2*period {
					changes++
				}
			}
			if changes > 0 {
				t.Errorf("period %v s, of which %v above half: %d changes from the third period on",
					period, duty, changes)
			}
		}
	}
}

func TestTheVerdictSpeaksOfOneLimit(t *testing.T) {
	at := time.Unix(1_000_000, 0)
	var g pressureGauge
	g.update(judgedAs(0.6, at))
	if p := g.now; p.Limit != LimitQueueBytes || p.Judgement != JudgementFloor ||
		p.Driver == DriverNone || !p.Loss.IsZero() {
		t.Errorf("steady at 60 %%: %+v", p)
	}
	f, e, l := judgedAs(0.6, at.Add(time.Second))
	f.Limits[LimitDeliveryDeadline] = LimitForecast{Level: 0.45, SecondsToLoss: 40,
		Judgement: JudgementArithmetic}
	g.update(f, e, l)
	if p := g.now; p.Level != PressureElevated || p.Limit != LimitDeliveryDeadline ||
		p.Judgement != JudgementArithmetic ||
		p.Loss.Sub(l.At) != 40*time.Second {
		t.Errorf("a deadline comes before the queue's: %+v", p)
	}
	g.update(judgedAs(0.1, at.Add(2*time.Second)))
	if p := g.now; p.Level != PressureElevated || p.Limit != LimitDeliveryDeadline ||
		p.Driver == DriverNone || !p.Loss.IsZero() {
		t.Errorf("while the level is held: %+v", p)
	}
	if g.now.Ratio != 0.1 {
		t.Errorf("the ratio is %v at a tenth", g.now.Ratio)
	}
}

// pressed takes an estimator and a gauge through a course and says when the level was not ok.
func (c *course) pressed(until float64) (first, last float64) {
	first, last = -1, -1
	e, g := newEstimator(testDeadline), &pressureGauge{}
	began := time.Unix(1_000_000, 0)
	for t := 0.0; t <= until; t += lookEvery.Seconds() {
		at := began.Add(time.Duration(t * float64(time.Second)))
		level := min(c.level(t), 1000)
		l := batching.Levels{At: at, Bytes: int64(level), MaxBytes: 1000, MaxEvents: 1e9,
			Heartbeat: at, BytesIn: uint64(100*t + level), BytesOut: uint64(100 * t)}
		if c.age != nil {
			l.Oldest = at.Add(-time.Duration(c.age(t) * float64(time.Second)))
		}
		f := e.add(&l, &batching.SenderStats{})
		g.update(&f, e, &l)
		if g.now.Level > PressureOK {
			if last = t; first < 0 {
				first = t
			}
		}
	}
	return first, last
}

func TestWhatPressureMeansTime(t *testing.T) {
	rise := func(perSecond, lasts float64) func(float64) float64 {
		return func(t float64) float64 { return 10 + perSecond*min(max(t-60, 0), lasts) }
	}
	stall := func(lasts float64) func(float64) float64 {
		return func(t float64) float64 {
			if t < 60 || t > 60+lasts {
				return 0.1
			}
			return t - 60
		}
	}
	for name, tt := range map[string]struct {
		course
		from, to float64 // when it has to begin, in seconds; 0: never
	}{
		"a burst to 45 % in 5 s":  {course{level: rise(88, 5)}, 0, 0},
		"a burst to 45 % in 11 s": {course{level: rise(40, 11)}, 0, 0},
		"a jump to 20 % in 10 s":  {course{level: rise(19, 10)}, 0, 0},
		"a burst past half":       {course{level: rise(88, 10)}, 65, 66},
		"filling in 75 s":         {course{level: rise(13.3, 75)}, 96, 98},
		"filling in 300 s":        {course{level: rise(3.3, 300)}, 205, 212},
		"a ramp that fills in 120 s": {course{level: func(t float64) float64 {
			return math.Pow(max(t-130, 0), 2) / 14.4
		}}, 190, 130 + 72},
		"a stall of 59 s at a tenth": {course{level: rise(1, 60), age: stall(59)}, 0, 0},
		"a stall that goes on":       {course{level: rise(1, 60), age: stall(120)}, 120, 120.2},
		"steady below half":          {course{level: func(float64) float64 { return 480 }}, 0, 0},
		"a stall of 10 s in 30, again and again": {course{level: func(t float64) float64 {
			return 15 * min(math.Mod(t, 30), 10) * math.Round(max(1-math.Mod(t, 30)/30, 0))
		}}, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			first, _ := tt.pressed(400)
			if tt.from == 0 && first >= 0 || tt.from > 0 && (first < tt.from || first > tt.to) {
				t.Errorf("pressure begins at %.1f s, want from %.1f to %.1f (0: never)", first,
					tt.from, tt.to)
			}
		})
	}
}
