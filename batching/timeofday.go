package batching

import "time"

// TimeOfDay returns when the batch's first event was emitted, in terms of the wall clock as it is
// now. If the clock was set meanwhile, this is not the time that it showed then, but it is what
// readers can compare with their own clocks. For a batch whose Opened is zero it is now.
func (b *Batch) TimeOfDay() time.Time {
	if b.Opened.IsZero() {
		return time.Now()
	}
	return timeOfDay(b.Opened, time.Now())
}

// timeOfDay converts t, which has a monotonic reading, to wall-clock time, given now. A zero t
// remains zero.
func timeOfDay(t, now time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return now.Add(-now.Sub(t))
}
