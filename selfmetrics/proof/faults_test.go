package proof

import (
	"math"
	"time"
)

// span of an outage: from a time on, for a time.
type away struct{ from, lasts time.Duration }

// gone says whether t is in one of the outages.
func gone(t time.Duration, list []away) bool {
	for _, a := range list {
		if t >= a.from && t < a.from+a.lasts {
			return true
		}
	}
	return false
}

// outages takes the whole broker away, one time after the other, the last time for good. Each is an
// onset.
func outages(u float64, pairs ...float64) func(uint64, float64) exercise {
	return func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		at := w.aboutTime(minute)
		var list []away
		var onsets []time.Duration
		for i := 0; i < len(pairs); i += 2 { // for how long, and the pause after it
			list, onsets = append(list, away{at, seconds(pairs[i])}), append(onsets, at)
			at += seconds(pairs[i] + pairs[min(i+1, len(pairs)-1)])
		}
		return exercise{load: w.steady(w.about(u)), broker: w.kafka(func(t time.Duration) float64 {
			if gone(t, list) {
				return 0
			}
			return 1
		}), lasts: at + 4*minute, onsets: onsets}
	}
}

// repeats takes the broker away for some seconds of every period, for some minutes.
func repeats(gone, period, u, minutes float64) func(uint64, float64) exercise {
	return func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		ends := from + seconds(60*minutes)
		return exercise{load: w.share(during(0, ends, u, 0.3)),
			broker: w.kafka(func(t time.Duration) float64 {
				if t < from || t > ends ||
					math.Mod((t-from).Seconds(), period) >= gone {
					return 1
				}
				return 0
			}), lasts: ends + 6*minute, onsets: once(from), period: seconds(period)}
	}
}

// partly slows those partitions to a share that which names, at the times that it names.
func (w *world) partly(
	which func(p int, t time.Duration) (share float64),
) func(time.Duration) conditions {
	return func(t time.Duration) conditions {
		c := w.well()(t)
		for p := range partitions {
			c.slow[p] = which(p, t)
		}
		return c
	}
}

// still is the share of a partition that takes nothing.
const still = 1e-9

// ofThree says whether a partition's leader is the broker of this number, of three.
func ofThree(p, broker int) bool { return p%3 == broker }

// restarts takes one broker of three away after the other, each for some seconds, with a pause
// between.
func restarts(lasts, pause float64, brokers int) func(uint64, float64) exercise {
	return func(seed uint64, scale float64) exercise {
		w := newWorld(seed, scale)
		from := w.aboutTime(minute)
		return exercise{load: w.steady(w.about(0.4)),
			broker: w.partly(func(p int, t time.Duration) float64 {
				since := (t - from).Seconds()
				n := int(math.Floor(since / (lasts + pause)))
				if since >= 0 && n < brokers && math.Mod(since, lasts+pause) < lasts &&
					ofThree(p, n%3) {
					return still
				}
				return 0
			}), lasts: from + seconds((lasts+pause)*float64(brokers)) + 4*minute,
			onsets: once(from)}
	}
}

// memory is what a queue takes for texts of so many bytes: beside them each event has about half a
// kilobyte of its own.
func (w *world) memory(bytes float64) float64 { return bytes * (1.05 + 500/float64(w.size)) }

// fits returns a queue of which an outage of some seconds uses a share, at a load that is a share
// of the capacity.
func (w *world) fits(u, lasts, share float64) int64 {
	return int64(w.memory(u*w.capacity*lasts) / share)
}
