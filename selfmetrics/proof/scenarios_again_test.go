package proof

import (
	"math"
	"time"
)

// Faults that come again, and faults that follow another.
var again = []scenario{
	{name: "broker away for 30 s, and again 30 s later", make: outages(0.4, 30, 30, 240, 0)},
	{name: "away for 5 s, well for 5 s, away", scales: mid, make: outages(0.4, 5, 5, 240, 0)},
	{name: "away for 50 s, well for 2 min, away", scales: low, make: outages(0.4, 50, 120, 240, 0)},
	{name: "away for 20 s three times, then for good", scales: mid,
		make: outages(0.4, 20, 20, 20, 20, 20, 20, 240, 0)},
	{name: "20 s away, 40 s well", make: repeats(20, 60, 0.5, 7)},
	{name: "20 s away, 40 s well, at a load of 0.9", scales: ends, make: repeats(20, 60, 0.9, 9)},
	{name: "6 s of every 10 muted by a quota", make: func(seed uint64, scale float64) exercise {
		x := repeats(6, 10, 0.8, 8)(seed, scale)
		broker := x.broker
		x.broker = func(t time.Duration) conditions {
			c := broker(t)
			if c.bytesPerSecond == 0 {
				c.throttled = 1
			}
			return c
		}
		return x
	}},
	{name: "stalls of 6 s at a timeout of 30 s", scales: mid,
		make: func(seed uint64, scale float64) exercise {
			x := repeats(6, 30, 0.4, 7)(seed, scale)
			x.timeout = 30 * time.Second
			return x
		}},
	{name: "away for 30 s, then three times the load", scales: ends,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from := w.aboutTime(minute)
			step := from + 90*time.Second
			return exercise{load: w.share(during(step, 5*minute, 1.5, 0.5)),
				broker: w.kafka(during(from, 30*time.Second, 0, 1)),
				lasts:  15 * minute, onsets: once(from, step)}
		}},
	{name: "one partition slow, then the broker away", scales: mid,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from := w.aboutTime(minute)
			all := from + 40*time.Second
			return exercise{load: w.steady(w.about(0.5)), broker: func(t time.Duration) conditions {
				c := w.well()(t)
				if t >= from && t < all+4*minute {
					c.slow[int(seed)%partitions] = 0.3
				}
				if t >= all && t < all+3*minute {
					c.bytesPerSecond = 0
				}
				return c
			}, lasts: 10 * minute, onsets: once(from, all)}
		}},
	{name: "rolling restart of three brokers", scales: mid, make: restarts(25, 10, 3)},
	{name: "two rolling restarts", scales: mid, make: restarts(40, 15, 6)},
}

// Faults that are local: one partition, one broker of three, one thread.
var local = []scenario{
	{name: "one partition stalls 8 s of every 30", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from, p := w.aboutTime(minute), int(seed)%partitions
		return exercise{load: w.steady(w.about(0.5)),
			broker: w.partly(func(q int, t time.Duration) float64 {
				if q == p && t >= from && math.Mod((t-from).Seconds(), 30) < 8 {
					return still
				}
				return 0
			}), lasts: 9 * minute, onsets: once(from), period: 30 * time.Second}
	}},
	{name: "one partition takes nothing", scales: mid,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from, p := w.aboutTime(minute), int(seed)%partitions
			return exercise{load: w.steady(w.about(0.5)),
				broker: w.partly(func(q int, t time.Duration) float64 {
					if q == p && t >= from && t < from+4*minute {
						return still
					}
					return 0
				}), lasts: 8 * minute, onsets: once(from)}
		}},
	{name: "one broker of three away", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.steady(w.about(0.5)),
			broker: w.partly(func(p int, t time.Duration) float64 {
				if ofThree(p, int(seed)%3) && t >= from && t < from+4*minute {
					return still
				}
				return 0
			}), lasts: 9 * minute, onsets: once(from)}
	}},
	{name: "one broker of three away 20 s of every 60", scales: mid,
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from := w.aboutTime(minute)
			return exercise{load: w.steady(w.about(0.4)),
				broker: w.partly(func(p int, t time.Duration) float64 {
					if ofThree(p, 1) && t >= from && math.Mod((t-from).Seconds(), 60) < 20 {
						return still
					}
					return 0
				}), lasts: 8 * minute, onsets: once(from), period: minute}
		}},
	{name: "one hot thread", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: func(t time.Duration) offered {
			o := offered{eventsPerSecond: usual * 0.3, size: w.size}
			if t >= from && t < from+6*minute {
				o.hot = 0.6
			}
			return o
		}, broker: w.well(), lasts: 12 * minute, onsets: once(from)}
	}},
}

var low, mid, high, ends = []float64{0.4}, []float64{1}, []float64{4}, []float64{0.4, 4}

func init() { scenarios = append(append(scenarios, again...), local...) }
