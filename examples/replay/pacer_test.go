package main

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

func TestRateIsExactHoweverManySpend(t *testing.T) {
	for _, c := range []struct {
		rate    float64
		workers int
		seconds float64
	}{{1, 1, 30}, {0.5, 4, 60}, {1000, 1, 10}, {20_000, 1000, 5}, {300_000, 64, 2}} {
		synctest.Test(t, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(),
				time.Duration(c.seconds*float64(time.Second)))
			defer cancel()
			p := newPacer(c.rate)
			var spent atomic.Int64
			var all sync.WaitGroup
			for range c.workers {
				all.Go(func() {
					a := allowance{pacer: p}
					for a.spend(ctx, 1) == nil {
						spent.Add(1)
					}
				})
			}
			all.Wait()
			want := c.rate * c.seconds
			// Each worker may hold a part of a quantum, and the last quantum is due just as time is
			// up.
			if slack := float64((c.workers + 1) * p.quantum); math.Abs(float64(spent.Load())-want) >
				min(slack, want/20+1) {
				t.Errorf("rate %v, %d workers: %d events in %v s, want %v", c.rate, c.workers,
					spent.Load(), c.seconds, want)
			}
		})
	}
}

func TestRateIsSteady(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate, step = 20_000, 10 * time.Millisecond
		a := allowance{pacer: newPacer(rate)}
		start := time.Now()
		for n := 1; n <= rate; n++ {
			if err := a.spend(t.Context(), 1); err != nil {
				t.Fatal(err)
			}
			due := time.Duration(float64(n) / rate * float64(time.Second))
			if off := (time.Since(start) - due).Abs(); off > step {
				t.Fatalf("event %d is off by %v", n, off)
			}
		}
	})
}

func TestSmallQuantaAtAnyRate(t *testing.T) {
	for rate, want := range map[float64]int{0.1: 1, 1000: 1, 20_000: 10, 100_000: 50,
		5_000_000: maxQuantum} {
		if p := newPacer(rate); p.quantum != want {
			t.Errorf("rate %v: quantum %d, want %d", rate, p.quantum, want)
		}
	}
}

func TestStallIsMadeUpForOnlyInPart(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const rate = 1000
		a := allowance{pacer: newPacer(rate)}
		spendFor := func(d time.Duration) (n int) {
			ctx, cancel := context.WithTimeout(t.Context(), d)
			defer cancel()
			for a.spend(ctx, 1) == nil {
				n++
			}
			return n
		}
		spendFor(time.Second)
		time.Sleep(50 * time.Millisecond) // on the bubble's clock
		if n := spendFor(time.Second); n < 1045 || n > 1055 {
			t.Errorf("%d events in the second after a pause of 50 ms, want 1050", n)
		}
		time.Sleep(10 * time.Second)
		if n := spendFor(time.Second); n < 1095 || n > 1105 {
			t.Errorf("%d events in the second after a pause of 10 s, want 1100", n)
		}
	})
}

func TestSpendingEndsWithItsContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		a := allowance{pacer: newPacer(.001)}
		if err := a.spend(ctx, 1); err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		time.AfterFunc(time.Second, cancel)
		if err := a.spend(ctx, 1); !errors.Is(err, context.Canceled) ||
			time.Since(start) != time.Second {
			t.Errorf("error %v after %v", err, time.Since(start))
		}
		unlimited := allowance{}
		if err := unlimited.spend(ctx, 1); !errors.Is(err, context.Canceled) {
			t.Errorf("without a rate: error %v", err)
		}
	})
}

func TestEventSpentAloneLeavesNoRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := allowance{pacer: newPacer(100_000)}
		if err := a.spendAlone(t.Context()); err != nil || a.left != 0 {
			t.Errorf("error %v, %d left", err, a.left)
		}
		a.left = 5
		if err := a.spendAlone(t.Context()); err != nil || a.left != 4 {
			t.Errorf("error %v, %d left of 5", err, a.left)
		}
	})
}
