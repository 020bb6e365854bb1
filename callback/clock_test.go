package callback

import (
	"testing"
	"testing/synctest"
	"time"
)

func TestClockTellsTheTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		for _, step := range []time.Duration{0, 1, time.Millisecond, clockStep - 1, clockStep, 3 * clockStep, time.Hour} {
			time.Sleep(step)
			got, want := c.now(), time.Now()
			if !got.Equal(want) || got.Sub(want) != 0 || got.UnixMicro() != want.UnixMicro() {
				t.Errorf("after %v more: now() = %v, want %v", step, got, want)
			}
		}
	})
}

func TestClockFollowsAStepOfTheDay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var c clock
		late := time.Now().Add(-time.Hour).Round(0) // a day that has no monotonic reading cannot be wrong by it
		c.base.Store(&late)
		if got := c.now(); !got.Equal(time.Now()) {
			t.Errorf("now() = %v, want %v", got, time.Now())
		}
	})
}

func TestClockDoesNotAllocate(t *testing.T) {
	var c clock
	c.now()
	if n := testing.AllocsPerRun(1000, func() { c.now() }); n > 0 {
		t.Errorf("now allocates %v times", n)
	}
}
