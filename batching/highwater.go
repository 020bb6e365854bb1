package batching

import (
	"sync/atomic"
	"time"
)

// highWaterWindow is the time span whose highest level is reported, in seconds. It is not "since
// the last read", so that any number of readers see the same value.
const highWaterWindow = 60

// highWater keeps the highest value of each of the last 60 seconds. A level must be observed after
// it has risen and before it falls. It is safe for concurrent use; the zero value is ready.
type highWater struct {
	// Each slot packs a second (the upper 24 bits, modulo 2^24) and the highest value in it (the
	// lower 40).
	slots [64]atomic.Uint64
}

const (
	highWaterValueBits = 40
	// highWaterLate is by how many seconds an observation may be late. An event whose caller waited
	// for the queue carries the time of its emit, and must not erase what was seen since.
	highWaterLate = 1 << 12
)

func (h *highWater) observe(sec int64, value int64) {
	slot := &h.slots[sec%int64(len(h.slots))]
	stamp := uint64(sec) << highWaterValueBits
	packed := stamp | uint64(min(max(value, 0), 1<<highWaterValueBits-1))
	for {
		old := slot.Load()
		newer := (old - stamp) >> highWaterValueBits
		if newer == 0 && old >= packed || old != 0 && 0 < newer && newer < highWaterLate {
			return
		}
		if slot.CompareAndSwap(old, packed) {
			return
		}
	}
}

// max returns the highest value of the last 60 seconds; current is the level now.
func (h *highWater) max(now time.Time, current int64) int64 {
	sec := now.Unix()
	for i := range int64(highWaterWindow) {
		v := h.slots[(sec-i)%int64(len(h.slots))].Load()
		if v>>highWaterValueBits == uint64(sec-i)&(1<<24-1) {
			current = max(current, int64(v&(1<<highWaterValueBits-1)))
		}
	}
	return current
}
