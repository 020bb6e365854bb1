package selfmetrics

import (
	"math"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

func TestPressureRisesAtOnceAndFallsAfterRelief(t *testing.T) {
	ok, elevated, critical, dropping := PressureOK, PressureElevated, PressureCritical,
		PressureDropping
	var g pressureGauge
	at := time.Unix(1_000_000, 0)
	for i, step := range []struct {
		after time.Duration
		ratio float64
		want  PressureLevel
	}{
		{0, 0.49, ok},
		{0, 0.5, elevated},
		{time.Second, 0.41, elevated},
		{time.Hour, 0.41, elevated}, // between leaving and entering nothing changes
		{time.Second, 0.8, critical},
		{time.Second, 0.75, critical},
		{time.Second, 0.3, critical},
		{9 * time.Second, 0.6, critical},
		{time.Second, 0.3, elevated}, // 0.6 was the highest since it was below 0.7
		{time.Second, 1, dropping},
		{time.Second, 0, dropping},
		{9 * time.Second, 0, dropping},
		{time.Second, 0, ok},
		{time.Second, 0.9, critical},
		{time.Second, 0, critical},
		{8 * time.Second, 0.9, critical}, // no relief yet
		{3 * time.Second, 0, critical},
		{10 * time.Second, 0, ok},
	} {
		at = at.Add(step.after)
		g.now.Ratio = step.ratio
		before := g.now.Level
		if changed := g.setLevel(at); changed != (before != g.now.Level) ||
			g.now.Level != step.want {
			t.Fatalf("step %d: %v after ratio %v (changed: %t), want %v", i, g.now.Level,
				step.ratio, changed, step.want)
		}
		if before != g.now.Level && !g.now.Since.Equal(at) {
			t.Errorf("step %d: entered at %v", i, g.now.Since)
		}
	}
	if g.now.Entered != [NumPressureLevels]uint64{2, 2, 3 - 1, 1} {
		t.Errorf("the levels were entered %v times", g.now.Entered)
	}
}

func TestUrgencyGrowsSteadily(t *testing.T) {
	for _, sight := range []float64{2, 55, 75} {
		last := urgency(math.Inf(1), sight)
		if last != 0 {
			t.Errorf("it is %v when nothing fills", last)
		}
		for s := 100 * sight; s >= 0; s -= sight / 50 {
			u := urgency(s, sight)
			if u < last || u >= 1 {
				t.Fatalf("%v s before the loss it is %v, after %v", s, u, last)
			}
			last = u
		}
		if u := urgency(sight*1.001, sight); u >= enterElevated {
			t.Errorf("out of sight it is %v", u)
		}
		if u := urgency(sight, sight); u < enterElevated {
			t.Errorf("in sight it is %v", u)
		}
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
	for name, tt := range map[string]struct {
		course
		from, to float64 // when it has to begin, in seconds; 0: never
	}{
		"a burst to 45 % in 5 s":  {course{level: rise(88, 5)}, 0, 0},
		"a burst to 45 % in 11 s": {course{level: rise(40, 11)}, 0, 0},
		"a jump to 20 % in 10 s":  {course{level: rise(19, 10)}, 0, 0},
		"a burst past half":       {course{level: rise(88, 10)}, 65, 66},
		"filling in 75 s":         {course{level: rise(13.3, 75)}, 60, 60 + 15},
		"filling in 300 s": {course{level: rise(3.3, 300)}, 60 + 300/2 - 5,
			60 + 300/2 + 5},
		"a stall of 60 s at a tenth": {course{level: rise(1, 60), age: func(t float64) float64 {
			return min(max(t-60, 0.1), 60) * math.Round(min(max(120.2-t, 0), 1))
		}}, 0, 0},
		"a stall that goes on": {course{level: rise(1, 60), age: func(t float64) float64 {
			return min(max(t-60, 0.1), 120)
		}}, 60 + 64, 60 + 66},
		"steady below half": {course{level: func(float64) float64 { return 480 }}, 0, 0},
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
