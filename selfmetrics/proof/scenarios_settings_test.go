package proof

import (
	"fmt"
	"math"
	"time"
)

// Other settings than the defaults.
var settings = []scenario{
	{name: "four permits", scales: mid, make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		return exercise{load: w.steady(0.2), broker: w.well(), lasts: 6 * minute, permits: 4}
	}},
	{name: "four permits, broker away", scales: mid,
		make: func(seed uint64, scale float64) exercise {
			x := outages(0.2, 240, 0)(seed, scale)
			x.permits = 4
			return x
		}},
	{name: "a queue of 1 MiB, broker away", scales: mid,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from := w.aboutTime(minute)
			return exercise{load: w.share(func(time.Duration) float64 { return 0.01 / scale }),
				broker: w.kafka(during(from, 4*minute, 0, 1)), lasts: 8 * minute,
				onsets:     once(from),
				queueBytes: 1 << 20}
		}},
	{name: "a queue of 4 GiB, broker away", scales: mid,
		make: func(seed uint64, scale float64) exercise {
			x := outages(0.5, 180, 0)(seed, scale)
			x.queueBytes = 4 << 30
			return x
		}},
	{name: "20,000 events at most, broker away", scales: mid,
		make: func(seed uint64, scale float64) exercise {
			x := outages(0.4, 180, 0)(seed, scale)
			x.queueEvents = 20_000
			return x
		}},
	{name: "callers wait for room, broker away for 60 s", scales: high,
		make: func(seed uint64, scale float64) exercise {
			x := outages(0.5, 60, 0)(seed, scale)
			x.blocks = true
			return x
		}},
	{name: "callers wait for room, load of three times", scales: mid,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from := w.aboutTime(minute)
			return exercise{load: w.share(during(from, 4*minute, 2, 0.6)), broker: w.well(),
				lasts:  12 * minute,
				onsets: once(from), blocks: true}
		}},
}

// Each timeout with an outage for good, and with stalls that end before half of it.
func init() {
	scenarios = append(scenarios, settings...)
	for _, timeout := range []float64{5, 10, 30, 60} {
		scenarios = append(scenarios,
			scenario{name: fmt.Sprintf("a timeout of %v s, broker away", timeout), scales: mid,
				make: func(seed uint64, scale float64) exercise {
					x := outages(0.4, 3*timeout, 0)(seed, scale)
					x.timeout = seconds(timeout)
					return x
				}},
			scenario{name: fmt.Sprintf("a timeout of %v s, stalls of %v s", timeout, 0.38*timeout),
				scales: mid,
				make: func(seed uint64, scale float64) exercise {
					x := repeats(0.38*timeout, 2*timeout, 0.4, 6)(seed, scale)
					x.timeout = seconds(timeout)
					return x
				}})
	}
}

// Healthy shapes right under what is announced.
var under = []scenario{
	{name: "an outage that ends below half of the queue", scales: ends,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from := w.aboutTime(minute)
			return exercise{load: w.steady(0.5),
				broker: w.kafka(during(from, 45*time.Second, 0, 1)),
				lasts:  7 * minute,
				onsets: once(from), queueBytes: w.fits(0.5, 45, 0.40)}
		}},
	{name: "an outage of 50 s", scales: low, make: func(seed uint64, scale float64) exercise {
		return outages(0.2, 50, 0)(seed, scale)
	}},
	{name: "a ramp that ends below half of the queue", turns: true,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			// The load is the capacity at the onset and more by growth each second.
			from, over, growth := w.aboutTime(2*minute), w.about(100), 0.008
			return exercise{load: w.share(func(t time.Duration) float64 {
				if since := (t - from).Seconds(); since < over {
					return max(1+growth*since, 0.3)
				}
				return 0.3
			}), broker: w.well(), lasts: 9 * minute, onsets: once(from),
				queueBytes: int64(w.memory(w.capacity*growth*over*over/2) / 0.2)}
		}},
	{name: "a step that ends below half of the queue", scales: ends,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from, over := w.aboutTime(minute), w.about(90)
			return exercise{load: w.share(during(from, seconds(over), 1.4, 0.5)), broker: w.well(),
				lasts:  8 * minute,
				onsets: once(from), queueBytes: w.fits(0.4, over, 0.25)}
		}},
	{name: "a square wave of 15 s, mean 0.92", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		return exercise{load: w.share(func(t time.Duration) float64 {
			switch {
			case t > 9*minute:
				return 0.3
			case math.Mod(t.Seconds(), 30) < 15:
				return 1.52
			}
			return 0.32
		}), broker: w.well(), lasts: 12 * minute, onsets: once(0), period: 30 * time.Second}
	}},
	{name: "a saw-tooth of 60 s, mean 0.85", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		return exercise{load: w.share(func(t time.Duration) float64 {
			if t > 9*minute {
				return 0.3
			}
			return 1.7 * math.Mod(t.Seconds(), 60) / 60
		}),
			broker: w.well(), lasts: 12 * minute, onsets: once(0), period: minute}
	}},
	{name: "waves of 2 min, below half of the queue", scales: ends,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			const period, swing = 120.0, 0.5
			// What comes in above the capacity in a wave's upper half, less what the mean leaves.
			most := w.capacity * swing * period / math.Pi * 0.75
			return exercise{load: w.share(func(t time.Duration) float64 {
				if t > 12*minute {
					return 0.3
				}
				return 0.9 + swing*math.Sin(2*math.Pi*t.Seconds()/period)
			}), broker: w.well(), lasts: 16 * minute, onsets: once(0), period: seconds(period),
				queueBytes: int64(w.memory(most) / 0.22)}
		}},
	{name: "latency creeping up to 54 s", scales: low,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from := w.aboutTime(minute)
			return exercise{load: w.steady(0.2), broker: func(t time.Duration) conditions {
				c := w.well()(t)
				if t >= from && t < from+7*minute {
					c.latency += seconds(54 * min((t-from).Seconds()/300, 1))
				}
				return c
			}, lasts: 11 * minute, onsets: once(from)}
		}},
}

func init() { scenarios = append(scenarios, under...) }
