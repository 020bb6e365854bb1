package batching

import "time"

// TimeOfDay returns when the batch's first event was emitted, by what the clock of the day
// shows now: after that was set it is not what it would have shown then, but what readers can
// compare with their own time. It is now for a batch whose Opened is zero.
func (b *Batch) TimeOfDay() time.Time {
	if b.Opened.IsZero() {
		return time.Now()
	}
	return timeOfDay(b.Opened, time.Now())
}

// timeOfDay returns t, which has a monotonic reading, as a time of day by what now says of the day.
// Zero stays zero.
func timeOfDay(t, now time.Time) time.Time {
	if t.IsZero() {
		return t
	}
	return now.Add(-now.Sub(t))
}
