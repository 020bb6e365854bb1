package batching

import (
	"runtime"
	"sync"
	"testing"
	"time"
)

func TestPermitsInUseAreCountedExactly(t *testing.T) {
	p := newPermits(3)
	check := func(inUse, high int64) {
		t.Helper()
		if got := p.stats(time.Now()); got != (PermitStats{InUse: inUse, Limit: 3,
			HighWater: high}) {
			t.Errorf("%+v, want %d in use, %d at most", got, inUse, high)
		}
	}
	check(0, 0)
	for i := range int64(3) {
		if !p.try(time.Now()) {
			t.Fatalf("permit %d was refused", i)
		}
		check(i+1, i+1)
	}
	if p.try(time.Now()) {
		t.Error("got a fourth of three permits")
	}
	p.release(time.Now())
	check(2, 3)
	if !p.try(time.Now()) {
		t.Error("a free permit was refused")
	}
	check(3, 3)
}

func TestPermitsInUseNeverExceedTheLimit(t *testing.T) {
	p := newPermits(4)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 2000 {
				for !p.try(time.Now()) {
					runtime.Gosched()
				}
				if n := p.inUse.Load(); n < 1 || n > 4 {
					t.Errorf("%d of 4 permits are in use", n)
				}
				p.release(time.Now())
			}
		})
	}
	all.Wait()
	if st := p.stats(time.Now()); st.InUse != 0 || st.HighWater < 1 || st.HighWater > 4 {
		t.Errorf("at the end: %+v", st)
	}
}
