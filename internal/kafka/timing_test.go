package kafka

import (
	"testing"
	"time"
)

// The durations must let a batch end in time, after several attempts.
func TestTimingFitsTheDeadline(t *testing.T) {
	for _, delivery := range []time.Duration{time.Second, 2 * time.Second, 10 * time.Second,
		2 * time.Minute, time.Hour} {
		timing := newTiming(delivery)
		if try := timing.produce + timing.overhead; 2*try > delivery {
			t.Errorf("%v: a try may take %v, which leaves no time for another", delivery, try)
		}
		slack := delivery/10 + time.Second
		if late := timing.grace + 2*timing.tick + timing.stall + timing.backoffMax +
			timing.metadata; late > slack {
			t.Errorf("%v: what is overdue may stay so for %v, want at most %v", delivery, late,
				slack)
		}
		if timing.grace < timing.hold+2*timing.tick {
			t.Errorf("%v: batches that are sent within %v of one another end within %v", delivery,
				timing.hold, timing.grace)
		}
		for failures := range 100 {
			wait := timing.backoff(failures)
			if wait < timing.backoffMin*4/5 || wait > timing.backoffMax {
				t.Errorf("%v: after %d failures the client waits %v", delivery, failures, wait)
			}
		}
	}
}

func TestTimingOfTheDefaultIsAsDocumented(t *testing.T) {
	want := timing{
		delivery: 2 * time.Minute, grace: 6 * time.Second, tick: 250 * time.Millisecond,
		stall: time.Second, hold: 4800 * time.Millisecond, silence: 5 * time.Second,
		dial: 10 * time.Second, produce: 10 * time.Second, overhead: 10 * time.Second,
		request: 10 * time.Second,
		quick:   3 * time.Second, refresh: time.Second,
		backoffMin: 250 * time.Millisecond, backoffMax: 2 * time.Second,
		metadata: 2500 * time.Millisecond,
	}
	if got := newTiming(2 * time.Minute); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
