package proof

import (
	"cmp"
	"math/rand/v2"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// scenario is one course of events. What it makes of a seed and a scale of the broker's capacity is
// an exercise.
type scenario struct {
	name string
	// apart says that nothing was changed in the forecast after this shape had been run for the
	// first time.
	apart bool
	// turns says that what fills faster and faster turns round below half. Until it does it is what
	// loses events a minute later, so it may be announced; how often is counted apart.
	turns bool
	// scales are the capacities at which it is run; nil: all.
	scales []float64
	make   func(seed uint64, scale float64) exercise
}

// exercise is a scenario with its numbers. All times count from its start.
type exercise struct {
	load    func(time.Duration) offered
	broker  func(time.Duration) conditions
	threads int
	lasts   time.Duration
	// onsets are the moments at which something begins that may lead to a loss; none for healthy
	// ones.
	onsets []time.Duration
	// period is that of a shape that repeats; zero for others.
	period time.Duration
	// grows says that what repeats grows as well, until there is a loss.
	grows bool
	// The settings, where they are not the defaults.
	timeout     time.Duration
	queueBytes  int64
	queueEvents int64
	permits     int
	blocks      bool // callers wait for room
}

func (x *exercise) deliveryTimeout() time.Duration {
	return cmp.Or(x.timeout, batching.DefaultDeliveryTimeout)
}

// onset returns when that began which led to the loss: the last onset before it.
func (x *exercise) onset(loss time.Duration) (last time.Duration) {
	for _, at := range x.onsets {
		if at <= loss {
			last = max(last, at)
		}
	}
	return last
}

func once(at ...time.Duration) []time.Duration { return at }

// risings returns when a load rises above the capacity.
func risings(u func(time.Duration) float64, until time.Duration) (at []time.Duration) {
	for t := time.Duration(0); t < until; t += time.Second {
		if u(t) < 1 && u(t+time.Second) >= 1 {
			at = append(at, t+time.Second)
		}
	}
	return at
}

const (
	// nominal is the broker's capacity at scale 1, in bytes a second.
	nominal = 1.5e6
	// usual is how many events a second are the whole capacity. Their size follows.
	usual       = 500.0
	usualDelay  = 20 * time.Millisecond
	queueBytes  = 128 << 20
	usualThread = 48
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
	return func(t time.Duration) offered {
		return offered{eventsPerSecond: usual * u(t),
			size: w.size}
	}
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
