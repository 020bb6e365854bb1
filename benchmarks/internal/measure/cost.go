package measure

import (
	"runtime"
	"runtime/metrics"
	"sync"
	"time"
)

// Cost is what a stretch of work took.
type Cost struct {
	// Wall is the time that passed. CPU is the processor time of the whole process, in user and
	// kernel mode.
	Wall, CPU time.Duration
	// Allocs and Bytes count what was allocated on the heap.
	Allocs, Bytes uint64
	// PeakHeap is the most memory that heap objects took, in bytes, as far as looking every few
	// milliseconds shows it.
	PeakHeap uint64
}

// Meter measures from [Start] to [Meter.Stop].
type Meter struct {
	began  time.Time
	cpu    time.Duration
	before runtime.MemStats
	stop   chan struct{}
	done   sync.WaitGroup
	peak   uint64
}

const heapLook = 5 * time.Millisecond

// Start begins to measure. peak says whether to watch the heap as well, which costs a goroutine
// that wakes every 5 ms.
func Start(peak bool) *Meter {
	m := &Meter{stop: make(chan struct{})}
	runtime.GC()
	if peak {
		m.done.Go(m.watch)
	}
	runtime.ReadMemStats(&m.before)
	m.cpu = CPU()
	m.began = time.Now()
	return m
}

// Elapsed returns the time since Start.
func (m *Meter) Elapsed() time.Duration { return time.Since(m.began) }

// Stop ends the measurement. It must be called once.
func (m *Meter) Stop() Cost {
	c := Cost{Wall: time.Since(m.began), CPU: CPU() - m.cpu}
	var after runtime.MemStats
	runtime.ReadMemStats(&after)
	close(m.stop)
	m.done.Wait()
	c.Allocs, c.Bytes = after.Mallocs-m.before.Mallocs, after.TotalAlloc-m.before.TotalAlloc
	c.PeakHeap = m.peak
	return c
}

func (m *Meter) watch() {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	tick := time.NewTicker(heapLook)
	defer tick.Stop()
	for {
		metrics.Read(sample)
		m.peak = max(m.peak, sample[0].Value.Uint64())
		select {
		case <-tick.C:
		case <-m.stop:
			return
		}
	}
}
