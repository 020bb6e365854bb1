package batching

import (
	"sync/atomic"
	"time"

	"golang.org/x/sync/semaphore"
)

// permits bounds how many batches are on their way. The semaphore does not say how many of its
// permits are held, so the number is kept here, in the only place that acquires and releases.
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

// try takes one permit if there is one. It is told the time, for whoever has read the clock need
// not read it again.
func (p *permits) try(now time.Time) bool {
	if !p.sem.TryAcquire(1) {
		return false
	}
	p.high.observe(now.Unix(), p.inUse.Add(1))
	return true
}

// free returns how many permits nobody holds.
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
