package proof

import (
	"math"
	"time"
)

var scenarios = []scenario{
	{name: "steady at 30 %", make: steadyAt(0.3)},
	{name: "steady at 60 %", make: steadyAt(0.6)},
	{name: "steady at 90 %", make: steadyAt(0.9)},
	{name: "daily ramp", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		return exercise{load: w.share(func(t time.Duration) float64 {
			return 0.2 + 0.65*math.Pow(math.Sin(math.Pi*t.Seconds()/(20*60)), 2)
		}), broker: w.well(), lasts: 20 * minute}
	}},
	{name: "burst that fits", make: burst(8, 0.24)},
	{name: "short burst that fits", make: burst(2, 0.3)},
	{name: "burst that does not fit", make: burst(12, 1.5)},
	{name: "burst that fills the queue in a second", make: burst(1.5, 1.5)},
	{name: "slow ramp past capacity", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		slope := w.about(1.1 / 600)
		return exercise{load: w.share(func(t time.Duration) float64 {
			if t > 15*minute {
				return 0.3
			}
			return 0.5 + slope*t.Seconds()
		}), broker: w.well(), lasts: 18 * minute, onsets: once(seconds(0.5 / slope))}
	}},
	{name: "step to three times the load", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from, u := w.aboutTime(minute), w.about(0.5)
		return exercise{load: w.share(during(from, 8*minute, 3*u, u)), broker: w.well(),
			lasts: 16 * minute, onsets: once(from)}
	}},
	{name: "broker ten times slower", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.steady(w.about(0.5)),
			broker: w.kafka(during(from, 4*minute, 0.1, 1)), lasts: 10 * minute, onsets: once(from)}
	}},
	{name: "broker away for 60 s", make: outage(minute)},
	{name: "broker away for 10 min", make: outage(10 * minute)},
	{name: "latency creeping up to 5 s", make: creeping(5)},
	{name: "latency creeping up to 4 min", make: creeping(240)},
	{name: "one slow partition", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from, p, share := w.aboutTime(minute), int(seed)%partitions, w.about(0.05)
		return exercise{load: w.steady(w.about(0.5)), broker: func(t time.Duration) conditions {
			c := w.well()(t)
			if t >= from && t < from+5*minute {
				c.slow[p] = share
			}
			return c
		}, lasts: 9 * minute, onsets: once(from)}
	}},
	{name: "permits exhausted by one stuck send", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{
			load: func(time.Duration) offered {
				return offered{eventsPerSecond: usual * 3 * 0.5,
					size: w.size / 3}
			}, threads: 600,
			broker: func(t time.Duration) conditions {
				c := w.well()(t)
				c.stuckAck = t >= from && t < from+4*minute
				return c
			}, lasts: 7 * minute, onsets: once(from),
		}
	}},
	{name: "worker stuck in a send", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.steady(w.about(0.5)), broker: func(t time.Duration) conditions {
			c := w.well()(t)
			c.stuckSend = t >= from && t < from+4*minute
			return c
		}, lasts: 8 * minute, onsets: once(from)}
	}},
	{name: "flapping broker, 10 s of 30", make: flapping(10, 30, 0.5)},
	{name: "flapping broker, 20 s of 30", make: flapping(20, 30, 0.6)},
	{name: "payloads growing a hundredfold", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from, over := w.aboutTime(minute), w.aboutTime(10*minute)
		return exercise{load: func(t time.Duration) offered {
			grown := math.Pow(100, min(max((t-from).Seconds()/over.Seconds(), 0), 1))
			if t > 13*minute {
				grown = 1
			}
			return offered{eventsPerSecond: usual, size: int(0.05 * grown * float64(w.size))}
		}, broker: w.well(), lasts: 18 * minute,
			onsets: once(from + seconds(over.Seconds()*math.Log(20)/math.Log(100)))}
	}},
	{name: "starved process", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from, takes := w.aboutTime(minute), seconds(65536/(0.25*w.capacity))
		return exercise{load: w.steady(w.about(0.6)), broker: func(t time.Duration) conditions {
			c := w.well()(t)
			if t >= from && t < from+5*minute {
				c.sendTakes = takes
			}
			return c
		}, lasts: 10 * minute, onsets: once(from)}
	}},
	{name: "quota below the load", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.steady(w.about(0.7)), broker: func(t time.Duration) conditions {
			c := w.well()(t)
			if t >= from && t < from+6*minute {
				c.bytesPerSecond, c.throttled = 0.4*w.capacity, 0.6
			}
			return c
		}, lasts: 16 * minute, onsets: once(from)}
	}},
	{name: "load in growing waves", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		period, slope := w.about(50), w.about(1.0/500)
		u := func(t time.Duration) float64 {
			if t > 14*minute {
				return 0.3
			}
			return 0.6 + slope*t.Seconds() + 0.25*math.Sin(2*math.Pi*t.Seconds()/period)
		}
		return exercise{load: w.share(u), broker: w.well(), lasts: 20 * minute,
			onsets: risings(u, 14*minute),
			period: seconds(period), grows: true}
	}},
	{name: "load in two steps", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from, second := w.aboutTime(minute), w.aboutTime(minute)
		return exercise{load: w.share(func(t time.Duration) float64 {
			switch {
			case t < from || t > 9*minute:
				return 0.5
			case t < from+second:
				return 1.2
			}
			return 1.7
		}), broker: w.well(), lasts: 14 * minute, onsets: once(from, from+second)}
	}},
	{name: "load growing exponentially", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		tau := w.about(300)
		return exercise{load: w.share(func(t time.Duration) float64 {
			if u := 0.3 * math.Exp(t.Seconds()/tau); u < 6 {
				return u
			}
			return 0.3
		}), broker: w.well(), lasts: 22 * minute, onsets: once(seconds(tau * math.Log(1/0.3)))}
	}},
	{name: "broker wearing out", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		over := w.about(300)
		return exercise{load: w.steady(0.6), broker: w.kafka(func(t time.Duration) float64 {
			if t > 10*minute {
				return 1
			}
			return max(1-t.Seconds()/over, 0.05)
		}), lasts: 15 * minute, onsets: once(seconds(0.4 * over))}
	}},
	{name: "many small events, broker away", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from, rate := w.aboutTime(20*time.Second), 8000*math.Sqrt(scale)
		return exercise{
			load: func(time.Duration) offered { return offered{eventsPerSecond: rate, size: 8} },
			broker: func(t time.Duration) conditions {
				c := conditions{bytesPerSecond: 20e6, latency: usualDelay}
				if t >= from && t < from+150*time.Second {
					c.bytesPerSecond = 0
				}
				return c
			}, lasts: 4 * minute, onsets: once(from),
		}
	}},
	{name: "a third of the partitions away", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.steady(w.about(0.5)), broker: func(t time.Duration) conditions {
			c := w.well()(t)
			if t >= from && t < from+5*minute {
				for p := range partitions / 3 {
					c.slow[p] = 1e-9
				}
			}
			return c
		}, lasts: 9 * minute, onsets: once(from)}
	}},
	{name: "broker at a quarter, and slow to answer",
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from := w.aboutTime(minute)
			return exercise{load: w.steady(w.about(0.6)), broker: func(t time.Duration) conditions {
				c := w.well()(t)
				if t >= from && t < from+4*minute {
					c.bytesPerSecond, c.latency = 0.25*w.capacity, 2*time.Second
				}
				return c
			}, lasts: 9 * minute, onsets: once(from)}
		}},
	{name: "load that jumps and dies away", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from, tau := w.aboutTime(minute), w.about(60)
		return exercise{load: w.share(func(t time.Duration) float64 {
			if t < from {
				return 0.4
			}
			return 0.4 + 3.5*math.Exp(-(t-from).Seconds()/tau)
		}), broker: w.well(), lasts: 9 * minute, onsets: once(from)}
	}},
	{name: "broker away for 40 s, back at half", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from, u := w.aboutTime(minute), w.about(0.8)
		return exercise{load: w.steady(u), broker: w.kafka(func(t time.Duration) float64 {
			switch {
			case t < from || t > from+6*minute:
				return 1.5
			case t < from+40*time.Second:
				return 0
			}
			return 0.5
		}), lasts: 12 * minute, onsets: once(from, from+40*time.Second)}
	}},
	{name: "load in stairs, each twice as high", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		step := w.aboutTime(2 * minute)
		return exercise{load: w.share(func(t time.Duration) float64 {
			if t > 5*step {
				return 0.3
			}
			return 0.3 * math.Exp2(math.Floor(t.Seconds()/step.Seconds()))
		}), broker: w.well(), lasts: 16 * minute, onsets: once(2*step, 3*step, 4*step)}
	}},
	{name: "latency jumping to 30 s", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.steady(w.about(0.3)), broker: func(t time.Duration) conditions {
			c := w.well()(t)
			if t >= from && t < from+4*minute {
				c.latency = 30 * time.Second
			}
			return c
		}, lasts: 7 * minute, onsets: once(from)}
	}},
	{name: "backfill beside the daily load", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from, more := w.aboutTime(4*minute), w.about(0.6)
		return exercise{load: w.share(func(t time.Duration) float64 {
			u := 0.3 + 0.4*math.Pow(math.Sin(math.Pi*t.Seconds()/(20*60)), 2)
			if t >= from && t < from+7*minute {
				u += more
			}
			return u
		}), broker: w.well(), lasts: 18 * minute, onsets: once(from)}
	}},
	{name: "broker losing a third of its capacity every minute",
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			every := w.aboutTime(minute)
			var onsets []time.Duration
			for k := range 8 {
				onsets = append(onsets, time.Duration(k+1)*every)
			}
			return exercise{load: w.steady(0.4), broker: w.kafka(func(t time.Duration) float64 {
				if t > 8*minute {
					return 1
				}
				return math.Pow(2.0/3, math.Floor(t.Seconds()/every.Seconds()))
			}), lasts: 14 * minute, onsets: onsets}
		}},
	{name: "two short outages and a long one", make: func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		long := from + 80*time.Second
		return exercise{load: w.steady(w.about(0.4)),
			broker: w.kafka(func(t time.Duration) float64 {
				at := (t - from).Seconds()
				if at >= 0 && at < 8 || at >= 40 && at < 48 || t >= long && t < long+4*minute {
					return 0
				}
				return 1
			}), lasts: 10 * minute, onsets: once(long)}
	}},
	{name: "half the threads on brokers at a fifth",
		make: func(seed uint64, scale float64) exercise {
			w := newWorld(seed, scale)
			from := w.aboutTime(minute)
			return exercise{load: w.steady(w.about(0.6)), broker: func(t time.Duration) conditions {
				c := w.well()(t)
				if t >= from && t < from+5*minute {
					for p := range partitions / 2 {
						c.slow[p] = 0.2
					}
				}
				return c
			}, lasts: 10 * minute, onsets: once(from)}
		}},
}
