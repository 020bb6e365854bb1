package callback

import (
	"sync/atomic"
	"time"
)

// clock tells the time of events. Reading time.Now costs two reads of the system's clocks, of the day and of the monotonic time, and
// takes a sixth of emitting a small event. So the day is read once in clockStep and only the monotonic time for each event: a step of
// the system's clock is followed that much later. It is safe for concurrent use; the zero value is ready.
type clock struct {
	base atomic.Pointer[time.Time]
}

const clockStep = time.Second

// now returns the time, with a monotonic reading.
func (c *clock) now() time.Time {
	if base := c.base.Load(); base != nil {
		if passed := time.Since(*base); passed < clockStep {
			return base.Add(passed)
		}
	}
	now := time.Now()
	c.base.Store(&now)
	return now
}
