package proof

import (
	"math"
	"time"
)

// Shapes with which nothing was tuned. Whoever changes the forecast after a look at them writes new
// ones, and moves these to the others.
var apart = []scenario{
	{name: "capacity halved, then a third", apart: true,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from, second := w.aboutTime(minute), w.aboutTime(90*time.Second)
			return exercise{load: w.steady(w.about(0.6)),
				broker: w.kafka(func(t time.Duration) float64 {
					switch {
					case t < from || t > from+second+4*minute:
						return 1
					case t < from+second:
						return 0.45
					}
					return 0.3
				}), lasts: 14 * minute, onsets: once(from, from+second)}
		}},
	{name: "retries that breed retries", apart: true,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from, every := w.aboutTime(minute), w.aboutTime(20*time.Second)
			u := func(t time.Duration) float64 {
				if t < from || t > from+6*minute {
					return 0.5
				}
				return min(0.5*math.Pow(1.25, 1+math.Floor((t-from).Seconds()/every.Seconds())), 2)
			}
			return exercise{load: w.share(u), broker: w.well(), lasts: 14 * minute,
				onsets: risings(u, 6*minute)}
		}},
	{name: "capacity falling while latency rises", apart: true,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			over := w.about(240)
			return exercise{load: w.steady(0.5), broker: func(t time.Duration) conditions {
				c := w.well()(t)
				if t < 8*minute {
					share := min(t.Seconds()/over, 1)
					c.bytesPerSecond *= 1 - 0.7*share
					c.latency += seconds(10 * share)
				}
				return c
			}, lasts: 14 * minute, onsets: once(seconds(over * 0.5 / 0.7))}
		}},
	{name: "twice the load, in payloads of all sizes", apart: true,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from, u := w.aboutTime(minute), w.about(0.7)
			return exercise{load: func(t time.Duration) offered {
				o := offered{usual * u,
					int(float64(w.size) * (1 + 0.4*math.Sin(2*math.Pi*t.Seconds()/7)))}
				if t >= from && t < from+6*minute {
					o.eventsPerSecond *= 2
				}
				return o
			}, broker: w.well(), lasts: 14 * minute, onsets: once(from)}
		}},
}

func init() { scenarios = append(scenarios, apart...) }
