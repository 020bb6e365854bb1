package batching

import (
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// permits bounds how many batches are in flight. The semaphore does not tell how many of its
// permits are in use, so that number is kept here, in the only place that acquires and releases.
type permits struct {
	sem   *semaphore.Weighted
	limit int64
	inUse atomic.Int64
	gate  gate // the lanes that wait for a permit
	high  highWater
}

func newPermits(n int) *permits {
	return &permits{sem: semaphore.NewWeighted(int64(n)), limit: int64(n)}
}

// try takes one permit if one is free. It is passed the time because the caller has read the clock
// already.
func (p *permits) try(now time.Time) bool {
	if !p.sem.TryAcquire(1) {
		return false
	}
	p.high.observe(now.Unix(), p.inUse.Add(1))
	return true
}

// free returns how many permits are free.
func (p *permits) free() int64 { return p.limit - p.inUse.Load() }

func (p *permits) release(now time.Time) {
	p.high.observe(now.Unix(), p.inUse.Load())
	p.inUse.Add(-1)
	p.sem.Release(1)
}

func (p *permits) stats(now time.Time) PermitStats {
	n := p.inUse.Load()
	return PermitStats{InUse: n, Limit: p.limit, HighWater: p.high.max(now, n)}
}
