package selfmetrics

import (
	"math"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// course is a queue of 1000 bytes and as many events as one likes, at times in seconds.
type course struct {
	level func(t float64) float64 // bytes
	age   func(t float64) float64 // of the oldest event, in seconds; nil: a tenth
	noise float64                 // of the flow per second, as a standard deviation
}

const testDeadline = 2 * time.Minute

// foretell takes an estimator through a course and returns its last forecast.
func (c *course) foretell(until float64) (Forecast, *estimator) {
	e := newEstimator(testDeadline)
	r := rand.New(rand.NewPCG(1, 9))
	began := time.Unix(1_000_000, 0)
	var f Forecast
	noise := 0.0
	for i := 0; ; i++ {
		t := float64(i) * lookEvery.Seconds()
		if t > until {
			return f, e
		}
		noise += c.noise * r.NormFloat64() * math.Sqrt(lookEvery.Seconds())
		level := min(max(c.level(t)+noise, 0), 1000)
		age := 0.1
		if c.age != nil {
			age = c.age(t)
		}
		at := began.Add(time.Duration(t * float64(time.Second)))
		l := batching.Levels{
			At: at, Bytes: int64(level), MaxBytes: 1000, Events: int64(level), MaxEvents: 1e9,
			BytesIn: uint64(10_000*t + level), BytesOut: uint64(10_000 * t),
			EventsIn: uint64(100*t + level), EventsOut: uint64(100 * t),
			Oldest: at.Add(-time.Duration(age * float64(time.Second))), Heartbeat: at,
			MaxPermits: 10,
		}
		f = e.add(&l, &batching.SenderStats{})
	}
}

func TestForecasts(t *testing.T) {
	after := func(onset float64, f func(float64) float64) func(float64) float64 {
		return func(t float64) float64 { return f(max(t-onset, 0)) }
	}
	sawTooth := func(t float64) float64 { return math.Mod(t, 0.4) }
	tests := map[string]struct {
		course
		at, want, within float64 // seconds; a want of 0 stands for +Inf
		limit            Limit
	}{
		"empty": {course{level: func(float64) float64 { return 0 }}, 300, 0,
			0, 0},
		"steady at nine tenths": {course{level: func(float64) float64 { return 900 }}, 300,
			0, 0, 0},
		"steady with noise": {course{level: func(float64) float64 { return 500 },
			noise: 1}, 300, 0, 0, 0},
		"two levels in turn": {course{level: func(t float64) float64 {
			return 300 + 100*math.Round(math.Mod(t, 1))
		}}, 200, 0, 0, 0},
		"falling": {course{level: func(t float64) float64 {
			return 900 - 5*t
		}}, 100, 0, 0, 0},
		"filling from the start": {course{level: func(t float64) float64 { return 10 * t }},
			30, 70, 1, LimitQueueBytes},
		"filling after a long calm": {course{level: after(300, func(t float64) float64 {
			return 50 + 10*t
		})}, 310, 85, 3, LimitQueueBytes},
		"filling with noise": {course{level: after(60, func(t float64) float64 {
			return 50 + 8*t
		}), noise: 5}, 110, 70, 14, LimitQueueBytes},
		"filling fast": {course{level: after(60, func(t float64) float64 {
			return 100 * t
		})}, 63, 7, 1, LimitQueueBytes},
		"filling slowly": {course{level: after(60, func(t float64) float64 {
			return 100 + t
		})}, 240, 720, 40, LimitQueueBytes},
		"faster than before": {course{level: func(t float64) float64 {
			return 2*t + 20*max(t-100, 0)
		}}, 110, 580. / 22, 2, LimitQueueBytes},
		"a ramp is quadratic": {course{level: after(60, func(t float64) float64 {
			return t * t / 20
		})}, 140, math.Sqrt(20_000) - 80, 5, LimitQueueBytes},
		"a ramp that has just begun": {course{level: after(150, func(t float64) float64 {
			return t * t / 10
		}), noise: 0.3}, 165, 85, 8, LimitQueueBytes},
		"a burst that is over": {course{level: func(t float64) float64 {
			return 40 * min(max(t-60, 0), 10)
		}}, 90, 0, 0, 0},
		"a burst that drains": {course{level: func(t float64) float64 {
			return 40*min(max(t-60, 0), 10) - 5*max(t-70, 0)
		}}, 80, 0, 0, 0},
		"healthy ages": {course{level: func(float64) float64 { return 10 },
			age: sawTooth}, 200, 0, 0, 0},
		"the oldest event is stuck": {course{level: func(float64) float64 { return 10 },
			age: func(t float64) float64 { return max(t-60, 0.1) }}, 90, 90, 0.5,
			LimitDeliveryDeadline},
		"the oldest event comes slowly": {course{level: func(float64) float64 { return 10 },
			age: func(t float64) float64 { return max(0.5*(t-60), 0.1) }}, 120, 180, 5,
			LimitDeliveryDeadline},
		"ages fall back now and then": {course{level: func(float64) float64 { return 10 },
			age: func(t float64) float64 {
				return max(t-60-5*math.Floor((t-60)/20), 0.1)
			}}, 138, 66, 12, LimitDeliveryDeadline},
		"the nearer limit counts": {course{level: after(60, func(t float64) float64 {
			return 10 * t
		}), age: func(t float64) float64 { return max(t-60, 0.1) }}, 100, 60, 1, LimitQueueBytes},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			f, _ := tt.foretell(tt.at)
			limit, seconds := f.First()
			if tt.want == 0 {
				if !math.IsInf(seconds, 1) || f.Driver != DriverNone {
					t.Errorf("a loss is foretold in %.1f s by %v (%v), want none", seconds, limit,
						f.Driver)
				}
				return
			}
			if math.Abs(seconds-tt.want) > tt.within || limit != tt.limit ||
				f.Driver == DriverNone {
				t.Errorf("a loss is foretold in %.1f s by %v (%v), want %.1f ± %.1f s by %v",
					seconds, limit, f.Driver, tt.want, tt.within, tt.limit)
			}
		})
	}
}

func TestAForecastAfterALongSleepStartsAnew(t *testing.T) {
	k := newTrack(false)
	for i := range 1000 {
		k.add(float64(i)/10, float64(i))
	}
	if s := k.trend(1e4); math.Abs(s.slope-10) > 0.5 {
		t.Fatalf("the slope is %v", s.slope)
	}
	k.add(1e6, 1000)
	k.add(1e6+0.1, 1000)
	if s := k.trend(1e4); s.slope != 0 {
		t.Errorf("the slope is %v after days without a look", s.slope)
	}
	for i := range 100 {
		k.add(1e6+1+float64(i)/10, 1000+20*float64(i))
	}
	if s := k.trend(1e4); math.Abs(s.slope-200) > 10 {
		t.Errorf("the slope is %v, want 200", s.slope)
	}
}

func TestRates(t *testing.T) {
	f, _ := (&course{level: func(t float64) float64 { return 10 * t }}).foretell(30)
	if math.Abs(f.BytesIn-10_010) > 5 || math.Abs(f.BytesOut-10_000) > 5 ||
		math.Abs(f.EventsIn-110) > 2 || math.Abs(f.EventsOut-100) > 2 {
		t.Errorf("the rates are %+v", f)
	}
}

func TestDrivers(t *testing.T) {
	for want, tt := range map[Driver]struct {
		in, out   float64 // events per second after the onset; 100 before
		stuck     bool
		throttled float64
		permits   int64
	}{
		DriverInflow:     {in: 300, out: 100},
		DriverBroker:     {in: 100, out: 10},
		DriverPermits:    {in: 150, out: 95, permits: 10},
		DriverThrottling: {in: 100, out: 40, throttled: 0.5},
		DriverWorker:     {in: 100, out: 0, stuck: true},
	} {
		e := newEstimator(testDeadline)
		began := time.Unix(1_000_000, 0)
		var f Forecast
		in, out, throttled := 0.0, 0.0, 0.0
		for i := range 900 {
			at := began.Add(time.Duration(i) * lookEvery)
			l := batching.Levels{At: at, MaxBytes: 1e6, MaxEvents: 10_000, MaxPermits: 10,
				Heartbeat: at}
			rates := [2]float64{100, 100}
			if i >= 600 {
				rates = [2]float64{tt.in, tt.out}
				throttled += tt.throttled * lookEvery.Seconds()
				l.Permits = tt.permits
				if tt.stuck {
					l.Heartbeat = began.Add(time.Minute)
				}
			}
			in, out = in+rates[0]*lookEvery.Seconds(), out+rates[1]*lookEvery.Seconds()
			l.EventsIn, l.EventsOut, l.Events = uint64(in), uint64(out), int64(in-out)
			f = e.add(&l,
				&batching.SenderStats{Throttled: time.Duration(throttled * float64(time.Second))})
		}
		if f.Driver != want {
			t.Errorf("the driver is %v, want %v: %+v", f.Driver, want, f)
		}
	}
}

func TestSecondsToLossAreZeroWhileEventsAreBeingLost(t *testing.T) {
	e := newEstimator(testDeadline)
	at := time.Unix(1_000_000, 0)
	l := batching.Levels{At: at, Bytes: 990, MaxBytes: 1000, MaxEvents: 1000, Heartbeat: at}
	e.add(&l, &batching.SenderStats{})
	l.At, l.Lost = at.Add(lookEvery), 1
	f := e.add(&l, &batching.SenderStats{})
	if limit, seconds := f.First(); seconds != 0 || limit != LimitQueueBytes {
		t.Errorf("%v s to the loss by %v", seconds, limit)
	}
	l.At = at.Add(2 * lossFor)
	f = e.add(&l, &batching.SenderStats{})
	if _, seconds := f.First(); seconds == 0 {
		t.Error("events still count as being lost")
	}
}
