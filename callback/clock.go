package callback

import (
	"sync/atomic"
	"time"
)

// moment is a point in time, in nanoseconds on the monotonic clock since the client was started.
type moment time.Duration

// sub returns how long after o m is. Steps of the day's clock do not change it.
func (m moment) sub(o moment) time.Duration { return time.Duration(m - o) }

// clock tells the time of events. Reading time.Now costs two reads of the system's clocks, of the
// day and of the monotonic time, and takes a sixth of emitting a small event. So the day is read
// once in clockStep and only the monotonic time for each event: a step of the system's clock is
// followed that much later, and time stamps step with it: what orders a thread is its numbers. It
// is safe for concurrent use.
type clock struct {
	started time.Time
	// what the day's clock showed at started, in ns since the epoch, going by what it showed last
	day  atomic.Int64
	read atomic.Int64 // the moment at which that was seen
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

// micros returns a moment as the wire has it: µs since the Unix epoch.
func (c *clock) micros(m moment) int64 {
	return (c.day.Load() + int64(m)) / int64(time.Microsecond)
}

// time returns a moment as a time of day, without a monotonic reading.
func (c *clock) time(m moment) time.Time { return time.Unix(0, c.day.Load()+int64(m)) }
