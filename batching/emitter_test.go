package batching

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"
)

// emission is what an emitter records about one event.
type emission struct {
	serial    uint64
	lane      *testLane
	entry     Entry
	slot      Slot
	status    Status
	at        time.Time // when Reserve returned
	abandoned bool
	written   time.Time // when it was committed or abandoned
}

// emitter is one goroutine of an application.
type emitter struct {
	*schedule
	r       *rand.Rand
	events  int
	pause   time.Duration
	abandon int // one event in this many is abandoned; 0: none
	slow    int // and one in this many is written slowly
	lane    *testLane
	kind    Kind
}

func (s *schedule) newEmitter(i uint64) *emitter {
	r := rand.New(rand.NewPCG(s.seed, 100+i))
	return &emitter{
		schedule: s, r: r, events: 1 + r.IntN(60), pause: pick(r, time.Microsecond,
			5*time.Millisecond, 50*time.Millisecond, 300*time.Millisecond),
		abandon: pick(r, 0, 0, 5, 50), slow: pick(r, 0, 0, 0, 20),
	}
}

func (e *emitter) run() {
	for range e.events {
		time.Sleep(randomPause(e.r, e.pause))
		e.emit()
	}
}

func (e *emitter) emit() {
	if e.lane == nil || e.r.IntN(5) == 0 {
		e.lane, e.kind = e.lanes[e.r.IntN(len(e.lanes))], Kind(e.r.IntN(len(testKinds)))
	}
	x := &emission{serial: e.serial.Add(1), lane: e.lane}
	pad := e.r.IntN(pick(e.r, 1, 40, 40, 700))
	if e.r.IntN(30) == 0 {
		pad += e.cfg.MaxMessageBytes
	}
	x.entry = Entry{Kind: e.kind, Class: Class(e.r.IntN(NumClasses)), Urgent: e.r.IntN(15) == 0,
		At: time.Since(e.lane.shard.engine.started)}
	if e.r.IntN(3) == 0 {
		x.entry.Trace = &Trace{ID: pick(e.r, "a", "b")}
	}
	switch x.entry.Kind {
	case kindEvent:
		x.entry.Join = 1
	case kindToken:
		x.entry.Join, x.entry.OneMessage = uint64(1+e.r.IntN(3)), true
	case kindMixed:
		x.entry.Join = uint64(e.r.IntN(3))
		x.entry.OneMessage = x.entry.Join != 0 && e.r.IntN(2) == 0
	}
	x.entry.Dependent = x.entry.Join == 0 && e.r.IntN(2) == 0
	e.emitting.Add(1)
	e.reserve(x, pad)
	if x.status == Reserved {
		e.write(x)
	}
	e.mu.Lock()
	e.emits = append(e.emits, x)
	e.mu.Unlock()
}

func (e *emitter) reserve(x *emission, pad int) {
	for {
		sized(&x.entry, x.lane.Lane, pad)
		if x.entry.Width > 1 && e.r.IntN(200) == 0 {
			x.entry.Width-- // as if it had been read long ago
			x.entry.Size--
		}
		began := time.Now()
		x.status = x.lane.Reserve(&x.entry, &x.slot)
		x.at = time.Now()
		waited := x.at.Sub(began)
		if waited > 0 {
			e.tally.blocked.Add(1)
		}
		policy := e.engine.cfg.overflows[x.entry.Class]
		if waited > 0 && policy != Block || waited > e.cfg.BlockTimeout {
			e.t.Errorf("Reserve took %v, the overflow policy is %v with %v", waited, policy,
				e.cfg.BlockTimeout)
		}
		if x.status != WidthChanged {
			e.emitted.Add(1)
			return
		}
		e.tally.widths.Add(1)
	}
}

func (e *emitter) write(x *emission) {
	size := x.entry.Size
	if x.slot.Joined {
		e.tally.joined.Add(1)
		size = x.entry.JoinedSize
	} else if varintLen(x.slot.Seq) != x.entry.Width {
		e.t.Errorf("number %d was reserved with a width of %d", x.slot.Seq, x.entry.Width)
	}
	if len(x.slot.Buf) != size || cap(x.slot.Buf) != size {
		e.t.Errorf("asked for %d bytes, got %d with a capacity of %d", size, len(x.slot.Buf),
			cap(x.slot.Buf))
	}
	if e.slow != 0 && e.r.IntN(e.slow) == 0 {
		time.Sleep(randomPause(e.r, pick(e.r, 50*time.Millisecond, time.Second)))
	}
	write(&x.slot, x.serial)
	x.written = time.Now()
	if e.abandon != 0 && e.r.IntN(e.abandon) == 0 {
		e.tally.abandoned.Add(1)
		x.abandoned = true
		x.slot.abandon()
		return
	}
	x.slot.Commit(len(x.slot.Buf))
}

// flushed is a Flush that returned without an error.
type flushed struct {
	before map[uint64]bool // serials that were accepted before the call
	at     time.Time
}

func (s *schedule) flusher(r *rand.Rand) {
	for range r.IntN(5) {
		time.Sleep(randomPause(r, time.Second))
		ctx, cancel := randomDeadline(r)
		before := map[uint64]bool{}
		s.mu.Lock()
		for _, x := range s.emits {
			before[x.serial] = true
		}
		s.mu.Unlock()
		err := s.engine.Flush(ctx)
		switch {
		case err == nil:
			s.tally.flushed.Add(1)
			s.mu.Lock()
			s.flushes = append(s.flushes, flushed{before: before, at: time.Now()})
			s.mu.Unlock()
		case !errors.Is(err, context.DeadlineExceeded):
			s.t.Errorf("Flush: %v", err)
		case ctx.Err() == nil:
			s.t.Errorf("Flush failed before its time: %v", err)
		default:
			s.tally.flushesLate.Add(1)
		}
		cancel()
	}
}
