package callback

import (
	"sync/atomic"
	"time"
)

// moment is a point in time, in nanoseconds on the monotonic clock since the client was started.
type moment time.Duration

// sub returns the time from o to m. Steps of the wall clock do not change it.
func (m moment) sub(o moment) time.Duration { return time.Duration(m - o) }

// stamp is when something happened: a moment, and the time that the caller gave for it (see [At]).
type stamp struct {
	moment moment
	given  int64 // in ns since the Unix epoch; 0 if the caller gave none
}

// sub returns the time from o to s. Between two times that were given, it is exact.
func (s stamp) sub(o stamp) time.Duration {
	if s.given != 0 && o.given != 0 {
		return time.Duration(s.given - o.given)
	}
	return s.moment.sub(o.moment)
}

// clock tells the time of events. time.Now reads two clocks, the wall clock and the monotonic one,
// which takes a sixth of the time of emitting a small event. So the wall clock is read only once
// per clockStep, and the monotonic clock for each event. A step of the wall clock takes effect that
// much later, and time stamps step with it; the order of a thread is that of its numbers. A clock
// is safe for concurrent use.
type clock struct {
	started time.Time
	// the wall clock's reading at started, in ns since the epoch, computed from its latest reading
	day  atomic.Int64
	read atomic.Int64 // the moment of that reading
}

const clockStep = time.Second

func (c *clock) start(at time.Time) {
	c.started = at
	c.day.Store(at.UnixNano())
}

func (c *clock) now() moment {
	m := moment(time.Since(c.started))
	if m.sub(moment(c.read.Load())) >= clockStep {
		c.readDay()
	}
	return m
}

func (c *clock) readDay() {
	now := time.Now()
	m := now.Sub(c.started)
	c.day.Store(now.UnixNano() - int64(m))
	c.read.Store(int64(m))
}

// at returns the moment of a time with a monotonic reading.
func (c *clock) at(t time.Time) moment { return moment(t.Sub(c.started)) }

// micros converts a moment to the form used on the wire: µs since the Unix epoch.
func (c *clock) micros(m moment) int64 {
	return (c.day.Load() + int64(m)) / int64(time.Microsecond)
}

// nanos returns the wall-clock time of a stamp, in ns since the Unix epoch.
func (c *clock) nanos(s stamp) int64 {
	if s.given != 0 {
		return s.given
	}
	return c.day.Load() + int64(s.moment)
}
