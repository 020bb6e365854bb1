package main

import (
	"context"
	"sync"
	"time"
)

const (
	// quantaPerSecond is about how often a second the rate is handed out. A smaller quantum would
	// cost more wake-ups, a larger one would make bursts of it.
	quantaPerSecond = 2000
	// maxQuantum bounds a quantum, so that at a high rate too no run is far ahead of the others.
	maxQuantum = 64
	// maxDebt bounds what is made up for after the takers fell behind: longer than a scheduler's
	// hiccup, shorter than a burst that matters.
	maxDebt = 100 * time.Millisecond
)

// pacer is a token bucket that all runs share. It hands events out at an exact rate, in small
// quanta: whoever takes one is told when it is due, in the order of asking, and sleeps until then.
// Late wake-ups do not add up, since what is due follows from the count of all that was taken. A
// pacer is safe for concurrent use.
type pacer struct {
	rate    float64 // events a second
	quantum int

	mu    sync.Mutex
	start time.Time // when the count began
	taken int64     // since start
}

// newPacer returns a pacer for a rate in events a second, which must be above 0.
func newPacer(rate float64) *pacer {
	return &pacer{rate: rate, quantum: int(min(max(rate/quantaPerSecond, 1), maxQuantum)),
		start: time.Now()}
}

// take waits until n events are due, or ctx ends; its error is ctx's then.
func (p *pacer) take(ctx context.Context, n int) error {
	wait := time.Until(p.reserve(n))
	if wait <= 0 {
		return ctx.Err()
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// reserve returns when the next n events are due, all at once.
func (p *pacer) reserve(n int) time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	due := p.start.Add(time.Duration(float64(p.taken) / p.rate * float64(time.Second)))
	if oldest := time.Now().Add(-maxDebt); due.Before(oldest) {
		p.start, p.taken, due = oldest, 0, oldest
	}
	p.taken += int64(n)
	return due
}

// allowance is what one run took off the pacer and has not spent. It belongs to one goroutine.
type allowance struct {
	pacer *pacer // nil for no limit
	left  int
}

// spend waits until n more events may be emitted. Its error is that of ctx, once that has ended.
func (a *allowance) spend(ctx context.Context, n int) error {
	if a.pacer == nil {
		return ctx.Err()
	}
	for ; a.left < n; a.left += a.pacer.quantum {
		if err := a.pacer.take(ctx, a.pacer.quantum); err != nil {
			return err
		}
	}
	a.left -= n
	return nil
}

// spendAlone is spend of one event, without a quantum's rest to be spent in a burst: for whoever
// then waits for others.
func (a *allowance) spendAlone(ctx context.Context) error {
	if a.pacer == nil || a.left > 0 {
		return a.spend(ctx, 1)
	}
	return a.pacer.take(ctx, 1)
}
