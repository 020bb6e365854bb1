package proof

import (
	"math"
	"time"
)

func steadyAt(u float64) func(uint64, float64) exercise {
	return func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		return exercise{load: w.steady(u), broker: w.well(), lasts: 6 * minute}
	}
}

// burst adds so much in some seconds that the queue, which frees what the broker takes meanwhile,
// is filled to a share. One that is to fit is no larger than what the broker takes in 40 seconds,
// or its last events would come close to their deadline.
func burst(over, share float64) func(uint64, float64) exercise {
	return func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		if share < 1 {
			share = min(share, 40*w.capacity/queueBytes)
		}
		from := w.aboutTime(minute)
		filling := share * queueBytes / over / w.capacity
		return exercise{
			load: w.share(during(from, seconds(over), 1+filling, 0.4)), broker: w.well(),
			// a full queue is empty again by then at every scale
			lasts: 7 * minute, onsets: once(from),
		}
	}
}

func outage(lasts time.Duration) func(uint64, float64) exercise {
	return func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.steady(w.about(0.5)), broker: w.kafka(during(from, lasts, 0, 1)),
			lasts: from + lasts + 4*minute, onsets: once(from)}
	}
}

// creeping raises the latency to some seconds in five minutes.
func creeping(to float64) func(uint64, float64) exercise {
	return func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.steady(w.about(0.5)), broker: func(t time.Duration) conditions {
			c := w.well()(t)
			if t >= from && t < from+7*minute {
				c.latency += seconds(to * min((t-from).Seconds()/300, 1))
			}
			return c
		}, lasts: 14 * minute, onsets: once(from)}
	}
}

// flapping takes the broker away for some seconds of every period.
func flapping(away, period, u float64) func(uint64, float64) exercise {
	return func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.steady(u), broker: w.kafka(func(t time.Duration) float64 {
			if t < from || t > 7*minute || math.Mod((t-from).Seconds(), period) > away {
				return 1
			}
			return 0
		}), lasts: 12 * minute, onsets: once(from), period: seconds(period)}
	}
}
