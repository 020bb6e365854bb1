package batching

import (
	"context"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

func TestPermitsInUseAreCountedExactly(t *testing.T) {
	p := newPermits(3)
	check := func(inUse, high int64) {
		t.Helper()
		if got := p.stats(time.Now()); got != (PermitStats{InUse: inUse, Limit: 3, HighWater: high}) {
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
		t.Error("a fourth of three permits")
	}
	ended, cancel := context.WithCancel(context.Background())
	cancel()
	if p.acquire(ended) {
		t.Error("a fourth of three permits")
	}
	check(3, 3)
	p.release(time.Now())
	check(2, 3)
	if !p.acquire(context.Background()) {
		t.Error("a free permit was refused")
	}
	check(3, 3)
}

func TestPermitIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := newPermits(1)
		p.try(time.Now())
		got := make(chan bool)
		go func() { got <- p.acquire(context.Background()) }()
		synctest.Wait()
		p.release(time.Now())
		if !<-got {
			t.Error("the permit that was given back was not got")
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if p.acquire(ctx) || ctx.Err() == nil {
			t.Error("a permit that nobody gave back")
		}
		if n := p.stats(time.Now()).InUse; n != 1 {
			t.Errorf("%d in use, want 1", n)
		}
	})
}

func TestPermitsInUseNeverExceedTheLimit(t *testing.T) {
	p := newPermits(4)
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for range 2000 {
				if !p.acquire(context.Background()) {
					t.Error("no permit")
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
