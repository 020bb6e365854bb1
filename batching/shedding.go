package batching

import (
	"fmt"
	"hash/fnv"
	"math"
	"sync/atomic"
	"time"
)

// Class says how much a message matters to the readers of a stream. Under pressure, the class with
// the highest number is given up first (see [Config.Shed]), and each class has an overflow policy
// of its own (see [Config.Overflows]).
type Class uint8

// The classes.
const (
	// Skeleton: what a run did, in outline. It is given up last, and the class of a message that
	// says nothing else.
	Skeleton Class = iota
	// States: the states of a run, and its checkpoints.
	States
	// Calls: calls of tools and models.
	Calls
	// Details: parts of answers, progress, and whatever else a run can be understood without.
	Details

	// NumClasses is the number of classes; an array of this length is indexed by Class.
	NumClasses = int(Details) + 1
)

var classNames = [NumClasses]string{"skeleton", "states", "calls", "details"}

// String returns the class's name in settings and metrics: "skeleton", "states", "calls" or
// "details".
func (c Class) String() string {
	if int(c) < NumClasses {
		return classNames[c]
	}
	return fmt.Sprintf("class(%d)", uint8(c))
}

// depth is how much of a run is given up.
type depth uint8

const (
	whole          depth = iota
	withoutDetails       // nothing but its details
	skeletonOnly         // everything but its skeleton
	noneOfIt
)

// sheds reports whether messages of a class are given up.
func (d depth) sheds(c Class) bool {
	switch d {
	case withoutDetails:
		return c == Details
	case skeletonOnly:
		return c != Skeleton
	}
	return d == noneOfIt
}

// Shedding gives up messages before the queue is full, the least important ones first. How much is
// given up follows from the level: how full the queue is, or as how high the pressure was reported,
// from 0 to 1. A queue fills as long as more is accepted than is sent, so the level comes to rest
// where as much is accepted as can be sent.
//
//	up to detailsFrom            nothing
//	detailsFrom to skeletonFrom  of a growing share of the runs, the details
//	skeletonFrom to skeletonAt   of a growing share of the runs, everything but the skeleton
//	above                        of all runs, everything but the skeleton
//
// If not even the skeletons can be sent, the level rises to runsFrom. Then the victims are given up
// whole, so that the others are whole; until so much is sent again that all skeletons would fit.
//
// Victims are the runs whose rank is below the share. The rank is a hash, so it is the same runs
// that lose first at every level. A run that has lost something remains a victim until it ends, or
// the level has fallen by slack below where that begins.
const (
	detailsFrom  = 0.50
	skeletonFrom = 0.60
	skeletonAt   = 0.80
	runsFrom     = 0.92
	slack        = 0.05

	// the levels between which the share of the runs rises that are given up whole. Above, no run
	// begins, so that there is room for what those will emit that have begun.
	noRuns, allRuns = 0.40, 0.80
)

// shedding is what an engine sheds at present.
type shedding struct {
	pressure  atomic.Uint64 // bits of the pressure that was reported
	wholeRuns atomic.Bool   // the skeletons do not fit, so whole runs are given up

	// The remaining fields belong to the caller of Press: sums at its last call, rates since.
	at              time.Time
	last            flows
	skeletons, sent float64
}

// flows are the bytes of the messages of skeletons that were emitted, and of the records that were
// acknowledged.
type flows struct{ skeleton, sent uint64 }

// emit counts a message once it is known what becomes of it: finding room may take several tries.
func (f *flows) emit(e *Entry) {
	if e.Class == Skeleton {
		f.skeleton += uint64(e.Size)
	}
}

// depth returns how much of a run of a rank is given up at a level.
func (x *shedding) depth(rank, level float64) depth {
	share := func(from, to float64) float64 { return (level - from) / (to - from) }
	switch {
	case level < detailsFrom:
	case x.wholeRuns.Load():
		if rank < share(noRuns, allRuns) {
			return noneOfIt
		}
	case level >= skeletonFrom:
		if rank < share(skeletonFrom, skeletonAt) {
			return skeletonOnly
		}
	case rank < share(detailsFrom, skeletonFrom):
		return withoutDetails
	}
	return whole
}

// remains is the level from which on a run that has lost so much remains a victim.
var remains = [...]float64{withoutDetails: detailsFrom - slack, skeletonOnly: skeletonFrom - slack,
	noneOfIt: skeletonFrom - slack}

// sheds decides whether a message of a class is given up. The caller holds the lock.
func (l *Lane) sheds(c Class, level float64) bool {
	if level < detailsFrom-slack {
		l.given = whole
		return false
	}
	x := &l.shard.engine.shedding
	if l.chosen && x.wholeRuns.Load() {
		return false
	}
	d := x.depth(float64(l.rank), level)
	if l.given > d && level >= remains[l.given] {
		d = l.given
	}
	if !d.sheds(c) {
		return false
	}
	l.given = max(l.given, d)
	return true
}

// isShed decides whether a message that is emitted is given up. The caller holds the lock.
func (l *Lane) isShed(e *Entry) bool {
	eng := l.shard.engine
	return eng.cfg.overflows[e.Class] != Block && l.sheds(e.Class, eng.level())
}

// Begin says that a new run begins on the lane: whether it is among those of which something is
// given up, if anything has to be, is decided anew.
func (l *Lane) Begin() {
	if !l.shard.engine.cfg.Shed {
		return
	}
	l.shard.mu.Lock()
	defer l.shard.mu.Unlock()
	l.given, l.chosen, l.rank = whole, false, rank(l.key, l.next)
	if e := l.shard.engine; e.shedding.wholeRuns.Load() {
		l.given = e.shedding.depth(float64(l.rank), e.level())
		l.chosen = l.given == whole
	}
}

// rank spreads the runs of a lane, and the lanes, evenly over 0 to 1.
func rank(key []byte, run uint64) float32 {
	h := fnv.New64a()
	_, _ = h.Write(key)
	x := h.Sum64() ^ run*0x9e3779b97f4a7c15
	// The last bytes of a key change only the lower bits of its hash. This mixes them all.
	x = (x ^ x>>33) * 0xff51afd7ed558ccd
	x = (x ^ x>>33) * 0xc4ceb9fe1a85ec53
	return float32(x>>40) / (1 << 24)
}

// level is how much is to be shed: the pressure that was reported, or how full the queue is,
// whichever is more.
func (e *Engine) level() float64 {
	bytes := float64(e.memory.used.Load()) / float64(e.memory.limit-e.memory.reserve)
	events := float64(e.held.Load()) / float64(e.cfg.QueueEvents)
	return max(math.Float64frombits(e.shedding.pressure.Load()), bytes, events)
}

const (
	// lookBack is over how long Press averages what is emitted and sent.
	lookBack = 5 * time.Second
	// fits is how many times the skeletons' bytes have to be sent before they count as fitting.
	fits = 1.05
)

// Press tells the engine how high the pressure is, from 0 to 1, where 0.5 stands for a limit that
// is half used, or a loss that is in sight. One goroutine at a time calls it, some times a second.
// It matters only with [Config.Shed]; between two calls, the engine goes by how full its queue is.
func (e *Engine) Press(pressure float64) {
	if !e.cfg.Shed {
		return
	}
	x := &e.shedding
	x.pressure.Store(math.Float64bits(pressure))
	x.average(e.flows(), time.Now())
	level := e.level()
	switch {
	case level >= runsFrom:
		x.wholeRuns.Store(true)
	case level < skeletonFrom || x.sent > fits*x.skeletons:
		x.wholeRuns.Store(false)
	}
}

func (x *shedding) average(now flows, at time.Time) {
	passed := at.Sub(x.at)
	if x.at.IsZero() || passed > 10*lookBack {
		x.at, x.last = at, now
		return
	}
	if passed <= 0 {
		return
	}
	weight := 1 - math.Exp(-float64(passed)/float64(lookBack))
	add := func(rate *float64, n uint64) {
		*rate += weight * (float64(n)/passed.Seconds() - *rate)
	}
	add(&x.skeletons, now.skeleton-x.last.skeleton)
	add(&x.sent, now.sent-x.last.sent)
	x.at, x.last = at, now
}

func (e *Engine) flows() (sum flows) {
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		sum.skeleton += s.flows.skeleton
		sum.sent += s.flows.sent
		s.mu.Unlock()
	}
	return sum
}
