package proof

import (
	"math/rand/v2"
	"time"
)

// world makes the parts of an exercise.
type world struct {
	random   *rand.Rand
	capacity float64
	size     int
}

func newWorld(seed uint64, scale float64) *world {
	return &world{random: rand.New(rand.NewPCG(seed, 42)), capacity: nominal * scale,
		size: int(nominal * scale / usual)}
}

// about varies a number by a tenth.
func (w *world) about(x float64) float64 { return x * (0.9 + 0.2*w.random.Float64()) }

func (w *world) aboutTime(d time.Duration) time.Duration {
	return time.Duration(w.about(float64(d)))
}

// share is a load as a share of the capacity.
func (w *world) share(u func(time.Duration) float64) func(time.Duration) offered {
	return func(t time.Duration) offered { return offered{usual * u(t), w.size} }
}

func (w *world) steady(u float64) func(time.Duration) offered {
	return w.share(func(time.Duration) float64 { return u })
}

// kafka is a broker whose capacity is the share c of the usual one.
func (w *world) kafka(c func(time.Duration) float64) func(time.Duration) conditions {
	return func(t time.Duration) conditions {
		return conditions{bytesPerSecond: w.capacity * c(t), latency: usualDelay}
	}
}

func (w *world) well() func(time.Duration) conditions {
	return w.kafka(func(time.Duration) float64 { return 1 })
}

// during returns a function that is in from a time on for a time, and out otherwise.
func during(from, lasts time.Duration, in, out float64) func(time.Duration) float64 {
	return func(t time.Duration) float64 {
		if t >= from && t < from+lasts {
			return in
		}
		return out
	}
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

const minute = time.Minute
