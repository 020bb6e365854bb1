package proof

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

// offered is what an application emits at one moment.
type offered struct {
	eventsPerSecond float64
	size            int     // of an event, in bytes
	hot             float64 // the share of the events that one thread emits beside its own
}

// load is an application: runs on some threads, of which a random one emits each event, at times as
// random as arrivals are.
type load struct {
	now     func(time.Duration) offered
	random  *rand.Rand
	runs    []*callback.Run
	emitted [][]time.Time // by thread and number - 1
	text    string
	due     float64
	noise   float64 // slow and random, about 0
}

const maxEvent = 800 << 10

func threadName(i int) string { return fmt.Sprintf("thread-%d", i) }

func newLoad(
	client *callback.Client, threads int, seed uint64, now func(time.Duration) offered,
) *load {
	l := &load{now: now, random: rand.New(rand.NewPCG(seed, 7)),
		text: strings.Repeat("x", maxEvent), emitted: make([][]time.Time, threads)}
	for i := range threads {
		l.emitted[i] = append(l.emitted[i], time.Now())
		l.runs = append(l.runs, client.StartRun(callback.RunInfo{ThreadID: threadName(i)}))
	}
	return l
}

// jitter is by how much the load wavers: the standard deviation of its rate over some seconds, as a
// share.
const jitter = 0.06

// run emits until the time is over. It has a goroutine of its own, for callers may have to wait for
// room.
func (l *load) run(lasts time.Duration) {
	began := time.Now()
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	for now := range ticker.C {
		at := now.Sub(began)
		if at >= lasts {
			return
		}
		l.emit(at)
	}
}

// emit emits what is due in the tick that ends at t.
func (l *load) emit(t time.Duration) {
	o := l.now(t)
	// An Ornstein-Uhlenbeck process with a time constant of two seconds.
	l.noise += -l.noise*tick.Seconds()/2 + jitter*math.Sqrt(tick.Seconds())*l.random.NormFloat64()
	l.due += max(o.eventsPerSecond*tick.Seconds()*(1+l.noise), 0)
	for n := l.poisson(); n > 0; n-- {
		i := l.random.IntN(len(l.runs))
		if o.hot > 0 && l.random.Float64() < o.hot {
			i = 0
		}
		size := min(int(float64(o.size)*(0.5+l.random.Float64())), maxEvent)
		l.emitted[i] = append(l.emitted[i], time.Now())
		l.runs[i].Root().Thinking(1, l.text[:size])
	}
}

// poisson draws how many events come and takes their expectation from what is due.
func (l *load) poisson() int {
	mean := l.due
	l.due = 0
	if mean > 50 {
		return int(max(mean+math.Sqrt(mean)*l.random.NormFloat64(), 0))
	}
	n, p, limit := 0, 1.0, math.Exp(-mean)
	for {
		if p *= l.random.Float64(); p <= limit {
			return n
		}
		n++
	}
}

func (l *load) total() (n int) {
	for _, times := range l.emitted {
		n += len(times)
	}
	return n
}
