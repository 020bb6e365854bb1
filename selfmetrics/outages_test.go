package selfmetrics

import (
	"math"
	"os"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// outages are stretches, in seconds, in which nothing is acknowledged. A queue of 1000 bytes fills
// in lasts seconds of one, and empties within a second after it.
type outages struct {
	from, to []float64
	lasts    float64
}

// at returns the level, the age of the oldest event and how many events have been acknowledged.
func (o *outages) at(t float64) (level, age, delivered float64) {
	age, delivered = 0.1, 10*t
	for i := range o.from {
		switch from, to := o.from[i], o.to[i]; {
		case t >= to:
			level = max(1000*(to-from)/o.lasts*(to+1-t), 0)
		case t >= from:
			return 1000 * (t - from) / o.lasts, t - from + 0.1, 10 * from
		}
	}
	return level, age, delivered
}

// forecasts takes an estimator through the outages, and calls check at each look.
func (o *outages) forecasts(until float64, check func(t float64, f *Forecast)) {
	e, began := newEstimator(testDeadline), time.Unix(1_000_000, 0)
	for i := 0; float64(i)*lookEvery.Seconds() < until; i++ {
		t := float64(i) * lookEvery.Seconds()
		level, age, delivered := o.at(t)
		at := began.Add(time.Duration(i) * lookEvery)
		l := batching.Levels{
			At: at, Bytes: int64(level), MaxBytes: 1000, Events: int64(level), MaxEvents: 1e9,
			Heartbeat: at, MaxPermits: 10,
			BytesIn: uint64(1000*t + level), BytesOut: uint64(1000 * t),
			EventsIn: uint64(100*t + level), EventsOut: uint64(100 * t),
			Oldest:    at.Add(-time.Duration(age * float64(time.Second))),
			Delivered: uint64(delivered),
		}
		f := e.add(&l, &batching.SenderStats{})
		check(t, &f)
	}
}

// The commonest outages are those that come again: rolling restarts, and what came back and went.
func TestASecondOutageIsForetoldAsTheFirstIs(t *testing.T) {
	looks, worst := 0, 0.0
	every, queues := 35.0, []float64{130}
	if os.Getenv("DASHSTREAM_LONG") != "" {
		every, queues = 5, []float64{80, 130}
	}
	for _, lasts := range queues {
		for first := 5.0; first <= 110; first += every {
			for pause := 5.0; pause <= 300; pause += every {
				if first >= lasts {
					continue // the first one loses
				}
				second := 60 + first + pause
				loss := min(lasts, testDeadline.Seconds()-0.1)
				o := outages{from: []float64{60, second}, to: []float64{60 + first, second + loss},
					lasts: lasts}
				o.forecasts(second+loss, func(x float64, f *Forecast) {
					since := x - second
					if x < second {
						since = x - 60
						if x >= 60+first {
							return
						}
					}
					if since < 12 {
						return
					}
					looks++
					_, seconds := f.First()
					off := math.Abs(seconds-(loss-since)) / max(0.2*(loss-since), 1)
					worst = max(worst, off)
					if off > 1 || math.IsInf(seconds, 1) {
						t.Fatalf("first outage %v s, pause %v s, a queue for %v s: %.1f s "+
							"foretold, %.1f s left",
							first, pause, lasts, seconds, loss-since)
					}
				})
			}
		}
	}
	t.Logf("%d looks, the worst error is %.2f of what is allowed", looks, worst)
}
