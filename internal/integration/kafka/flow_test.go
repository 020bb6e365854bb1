package kafka

import (
	"hash/crc32"
	"strconv"
	"sync"
	"time"
)

// flow is what was acknowledged of each partition, and when.
type flow struct {
	mu    sync.Mutex
	since time.Time // gaps are looked for from here on
	last  []time.Time
	gaps  []gap       // the longest one of each partition
	acks  []time.Time // of all partitions, in order, and
	parts []int       // whose they were
}

// gap is a time in which a partition was not acknowledged.
type gap struct{ from, to time.Time }

func newFlow(partitions int) *flow {
	return &flow{last: make([]time.Time, partitions), gaps: make([]gap, partitions)}
}

// watch looks for gaps from now on.
func (f *flow) watch() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.since = time.Now()
	for i := range f.last {
		f.last[i], f.gaps[i] = f.since, gap{f.since, f.since}
	}
}

func (f *flow) acked(partition int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	if g := f.gaps[partition]; !f.since.IsZero() && now.Sub(f.last[partition]) > g.to.Sub(g.from) {
		f.gaps[partition] = gap{f.last[partition], now}
	}
	f.last[partition] = now
	f.acks, f.parts = append(f.acks, now), append(f.parts, partition)
}

// again returns how long after watch the last partition flowed again: the end of its longest gap. A
// partition that has not been acknowledged for longer than that does not flow.
func (f *flow) again() (after time.Duration, all bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now := time.Now()
	all = true
	for i, g := range f.gaps {
		after = max(after, g.to.Sub(f.since))
		all = all && now.Sub(f.last[i]) < time.Second
	}
	return after, all
}

// count returns how many acknowledgements the chosen partitions got in a span of time.
func (f *flow) count(from, to time.Time, chosen map[int]bool) (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, at := range f.acks {
		if chosen[f.parts[i]] && !at.Before(from) && at.Before(to) {
			n++
		}
	}
	return n
}

// keysOf returns a key for each partition.
func keysOf(partitions int) []string {
	keys := make([]string, partitions)
	for i, left := 0, partitions; left > 0; i++ {
		key := "key-" + strconv.Itoa(i)
		if p := crc32.ChecksumIEEE([]byte(key)) % uint32(partitions); keys[p] == "" {
			keys[p] = key
			left--
		}
	}
	return keys
}

// every calls do in steps of a time until stop is closed.
func every(step time.Duration, stop <-chan struct{}, do func()) {
	tick := time.NewTicker(step)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			do()
		}
	}
}
