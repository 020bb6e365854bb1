package batching

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

func TestHighWaterIsThatOfTheLastMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Permits = 10 })
		l := e.NewLane("a", nil, 0, 0)
		check := func(events, bytes, permits int64) {
			t.Helper()
			for range 2 { // any number of readers see the same value
				st := e.Stats()
				checkAccount(t, e, &st)
				if got := st.Queue.HighWaterEvents; got != events {
					t.Errorf("high water %d events, want %d", got, events)
				}
				if got := st.Queue.HighWaterBytes; got != bytes {
					t.Errorf("high water %d bytes, want %d", got, bytes)
				}
				if got := st.Permits.HighWater; got != permits {
					t.Errorf("high water %d permits, want %d", got, permits)
				}
			}
		}
		check(0, 0, 0)
		for range 5 {
			state(1).emit(l)
		}
		check(5, 5*minSegment, 0)
		time.Sleep(time.Second)
		check(5, 5*minSegment, 5)
		time.Sleep(10 * time.Minute) // a level that stays is remembered
		check(5, 5*minSegment, 5)
		s.end(nil)
		check(5, 5*minSegment, 5)
		time.Sleep(30 * time.Second)
		state(2).emit(l)
		check(5, 5*minSegment, 5)
		time.Sleep(29 * time.Second)
		check(5, 5*minSegment, 5)
		time.Sleep(time.Second)
		check(1, 1*minSegment, 1)
		s.end(nil)
		time.Sleep(time.Minute)
		check(0, 0, 0)
	})
}

func TestHighWaterAgreesWithTheHistory(t *testing.T) {
	var h highWater
	var history [10_000]int64 // by second
	r := rand.New(rand.NewPCG(1, 1))
	now := int64(1<<24*100 - 5000) // the seconds stored in the slots wrap around on the way
	for sec := range history {
		for range r.IntN(3) {
			v := r.Int64N(1 << 40)
			h.observe(now+int64(sec), v)
			history[sec] = max(history[sec], v)
		}
		if r.IntN(10) == 0 { // from an event whose caller waited for long
			h.observe(now+int64(sec)-64-r.Int64N(200), 1<<39)
		}
		var want int64
		for i := max(0, sec-highWaterWindow+1); i <= sec; i++ {
			want = max(want, history[i])
		}
		if got := h.max(time.Unix(now+int64(sec), 0), 0); got != want {
			t.Fatalf("after %d seconds: %d, want %d", sec, got, want)
		}
	}
}

func TestHighWaterBounds(t *testing.T) {
	var h highWater
	h.observe(100, -5)
	if got := h.max(time.Unix(100, 0), 0); got != 0 {
		t.Errorf("a level below 0 reads %d", got)
	}
	h.observe(100, 1<<50)
	if got := h.max(time.Unix(100, 0), 0); got != 1<<highWaterValueBits-1 {
		t.Errorf("a level beyond what a slot holds reads %d", got)
	}
}
