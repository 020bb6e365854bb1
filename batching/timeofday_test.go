package batching

import (
	"testing"
	"testing/synctest"
	"time"
	"unsafe"
)

// asSeenBefore returns t as if it had been read before the wall clock was set ahead by d: whole
// seconds, less than half a minute. A time with a monotonic reading has its seconds in the upper
// half of its first word.
func asSeenBefore(t time.Time, d time.Duration) time.Time {
	wall := (*uint64)(unsafe.Pointer(&t))
	*wall -= uint64(d/time.Second) << 30
	return t
}

func TestTimeOfDayFollowsAClockThatWasSet(t *testing.T) {
	now := time.Now()
	for _, step := range []time.Duration{0, time.Hour, -time.Hour} {
		opened := asSeenBefore(now.Add(-3*time.Second), step)
		if now.Sub(opened) != 3*time.Second {
			t.Fatal("time.Time has another layout than the test expects")
		}
		b := Batch{Opened: opened}
		if got, want := b.TimeOfDay().Round(0), now.Add(-3*time.Second).Round(0); got.Sub(want).
			Abs() > time.Minute {
			t.Errorf("after a step of %v: %v, want %v", step, got, want)
		}
		if got := timeOfDay(opened, now).Round(0); !got.Equal(now.Add(-3 * time.Second).Round(0)) {
			t.Errorf("after a step of %v: %v", step, got)
		}
	}
	if (&Batch{}).TimeOfDay().IsZero() || !timeOfDay(time.Time{}, now).IsZero() {
		t.Error("a zero time did not remain zero")
	}
}

func TestTheOldestEventsTimeFollowsTheClock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		e.started = asSeenBefore(e.started, time.Hour)
		event(1).emit(e.NewLane("a", nil, 0, 0))
		opened := time.Now()
		time.Sleep(time.Second)
		if got := e.Stats().Queue.Oldest.Round(0); !got.Equal(opened.Round(0)) {
			t.Errorf("the oldest event has the time %v, want %v", got, opened)
		}
		if got := e.Levels().Oldest.Round(0); !got.Equal(opened.Round(0)) {
			t.Errorf("the oldest event has the time %v, want %v", got, opened)
		}
		s.end(nil)
	})
}
