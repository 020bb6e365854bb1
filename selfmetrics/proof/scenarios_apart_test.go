package proof

import (
	"math"
	"time"
)

// Shapes with which nothing was tuned. Whoever changes the forecast after a look at them writes new
// ones, and moves these to the others.
var apart = []scenario{
	{name: "away for 12 s, well for 25 s, again and again, then for good", apart: true,
		scales: ends,
		make:   outages(0.5, 12, 25, 12, 25, 12, 25, 12, 25, 240, 0)},
	{name: "two brokers of three away in turn, then both", apart: true, scales: mid,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from := w.aboutTime(minute)
			return exercise{load: w.steady(w.about(0.5)),
				broker: w.partly(func(p int, t time.Duration) float64 {
					both := t >= from+90*time.Second && t < from+5*minute
					if t >= from && t < from+30*time.Second && ofThree(p, 0) ||
						both && !ofThree(p, 2) ||
						t >= from+45*time.Second && t < from+75*time.Second && ofThree(p, 1) {
						return still
					}
					return 0
				}), lasts: 10 * minute, onsets: once(from, from+90*time.Second)}
		}},
	{name: "a timeout of 20 s, stalls of 8 s of every 25", apart: true, scales: mid,
		make: func(seed uint64, scale float64) exercise {
			x := repeats(8, 25, 0.5, 7)(seed, scale)
			x.timeout = 20 * time.Second
			return x
		}},
	{name: "outages that use 44 % of the queue, every 3 min", apart: true, scales: ends,
		make: func(seed uint64, scale float64) exercise {
			x := repeats(40, 180, 0.5, 9)(seed, scale)
			x.queueBytes = newWorld(seed, scale).fits(0.5, 40, 0.43)
			return x
		}},
	{name: "a hot thread that comes and goes", apart: true, scales: ends,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			return exercise{load: func(t time.Duration) offered {
				o := offered{eventsPerSecond: usual * 0.3, size: w.size}
				if t > minute && math.Mod(t.Seconds(), 90) < 30 {
					o.hot = 0.4
				}
				return o
			}, broker: w.well(), lasts: 10 * minute, onsets: once(minute), period: 90 * time.Second}
		}},
	{name: "latency creeping to 130 s in 30 min, with 10 % of wobble", apart: true, scales: low,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			return exercise{load: w.steady(0.2), broker: func(t time.Duration) conditions {
				c := w.well()(t)
				if t > minute && t < 35*minute {
					c.latency += seconds(130 * min((t-minute).Seconds()/1800,
						1) * (1 + 0.1*math.Sin(t.Seconds()/7)))
				}
				return c
			}, lasts: 40 * minute, onsets: once(minute)}
		}},
	{name: "a queue of 16 MiB, three times the load", apart: true, scales: mid,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from := w.aboutTime(minute)
			return exercise{load: w.share(during(from, 4*minute, 1.1, 0.4)), broker: w.well(),
				lasts:  8 * minute,
				onsets: once(from), queueBytes: 16 << 20}
		}},
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
				o := offered{eventsPerSecond: usual * u,
					size: int(float64(w.size) * (1 + 0.4*math.Sin(2*math.Pi*t.Seconds()/7)))}
				if t >= from && t < from+6*minute {
					o.eventsPerSecond *= 2
				}
				return o
			}, broker: w.well(), lasts: 14 * minute, onsets: once(from)}
		}},
}

func init() { scenarios = append(scenarios, apart...) }
