package proof

import (
	"math"
	"time"
)

// What comes again, other settings, and shapes right under what is announced.
var again = []scenario{
	{name: "broker away for 30 s, and again 30 s later", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		second := from + minute
		return exercise{load: w.steady(w.about(0.4)), broker: w.kafka(func(t time.Duration) float64 {
			if t >= from && t < from+30*time.Second || t >= second && t < second+4*minute {
				return 0
			}
			return 1
		}), lasts: 9 * minute, onsets: once(from, second)}
	}},
	{name: "20 s away, 40 s well", make: func(seed uint64, scale float64) exercise {
		x := flapping(20, 60, 0.5)(seed, scale)
		x.period = minute
		return x
	}},
	{name: "stalls of 6 s at a timeout of 30 s", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.steady(w.about(0.4)), broker: w.kafka(func(t time.Duration) float64 {
			if t < from || math.Mod((t-from).Seconds(), 30) > 6 {
				return 1
			}
			return 0
		}), lasts: 8 * minute, onsets: once(from), timeout: 30 * time.Second, period: 30 * time.Second}
	}},
	{name: "one partition stalls 8 s of every 30", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from, p := w.aboutTime(minute), int(seed)%partitions
		return exercise{load: w.steady(w.about(0.5)), broker: func(t time.Duration) conditions {
			c := w.well()(t)
			if t >= from && math.Mod((t-from).Seconds(), 30) < 8 {
				c.slow[p] = 1e-9
			}
			return c
		}, lasts: 9 * minute, onsets: once(from), period: 30 * time.Second}
	}},
	{name: "four permits", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		return exercise{load: w.steady(0.2), broker: w.well(), lasts: 6 * minute, permits: 4}
	}},
	{name: "a queue of 1 MiB, broker away", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.share(func(time.Duration) float64 { return 0.01 / scale }),
			broker: w.kafka(during(from, 4*minute, 0, 1)), lasts: 8 * minute, onsets: once(from), queueBytes: 1 << 20}
	}},
}

func init() { scenarios = append(scenarios, again...) }
