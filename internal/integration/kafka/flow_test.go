package kafka

import (
	"hash/crc32"
	"strconv"
	"sync"
	"time"
)

// flow records which partitions were acknowledged, and when.
type flow struct {
	mu    sync.Mutex
	since time.Time // gaps are counted from here on
	last  []time.Time
	gaps  []gap       // the longest one of each partition
	acks  []time.Time // of all partitions, in order
	parts []int       // their partitions
}

// gap is a time in which a partition was not acknowledged.
type gap struct{ from, to time.Time }

func newFlow(partitions int) *flow {
	return &flow{last: make([]time.Time, partitions), gaps: make([]gap, partitions)}
}

// watch starts to look for gaps.
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

// again returns how long after watch the last partition flowed again, at the end of its longest
// gap. A partition whose last acknowledgement is longer ago than that does not flow.
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

// count returns how many acknowledgements the chosen partitions got between two times.
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

// every calls do at intervals of step until stop is closed.
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
