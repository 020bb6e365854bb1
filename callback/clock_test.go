package callback

import (
	"testing"
	"testing/synctest"
	"time"
)

func startedClock() *clock {
	var c clock
	c.start(time.Now())
	return &c
}

func TestClockTellsTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startedClock()
		for _, step := range []time.Duration{0, 1, time.Millisecond, clockStep - 1, clockStep, 3 * clockStep, time.Hour} {
			before := c.now()
			time.Sleep(step)
			got, want := c.now(), time.Now()
			if !c.time(got).Equal(want) || c.micros(got) != want.UnixMicro() || got.sub(before) != step {
				t.Errorf("after %v more: now() = %v, %v later, want %v", step, c.time(got), got.sub(before), want)
			}
		}
	})
}

func TestClockFollowsAStepOfTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := startedClock()
		c.day.Add(-int64(time.Hour)) // the system's clock was set an hour ahead
		before := c.now()
		time.Sleep(clockStep)
		after := c.now()
		if got := c.time(after); !got.Equal(time.Now()) {
			t.Errorf("now() = %v, want %v", got, time.Now())
		}
		if got := after.sub(before); got != clockStep {
			t.Errorf("%v passed, want %v", got, clockStep)
		}
	})
}

func TestClockDoesNotAllocate(t *testing.T) {
	c := startedClock()
	if n := testing.AllocsPerRun(1000, func() { c.now() }); n > 0 {
		t.Errorf("now allocates %v times", n)
	}
}
