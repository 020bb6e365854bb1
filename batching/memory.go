package batching

import (
	"math/bits"
	"sync"
	"sync/atomic"
)

const (
	minSegment  = 512
	minClass    = 9  // 1<<9 = minSegment
	maxClass    = 16 // 64 KiB
	classes     = maxClass - minClass + 1
	largeFactor = 4 << 10 // segments above the largest class are rounded up to a multiple of this
)

// memory hands out the segments that batches are written into and keeps their sum within one limit.
// A free segment is kept for reuse and still counts: the memory taken from the runtime never
// exceeds the limit.
//
// Emitting is rejected slightly below the limit (see reserve), so that sealing has memory for the
// batches that it makes longer.
type memory struct {
	limit   int64
	reserve int64        // the part of it that only sealing may use
	each    int64        // charged for a segment besides its bytes: the batch that uses it
	used    atomic.Int64 // bytes in segments handed out
	// scarce has one bit for each class that is in demand and has few free segments left, see
	// prepare.
	scarce atomic.Uint32

	mu       sync.Mutex
	taken    uint64 // bytes of all segments ever handed out
	free     [classes][][]byte
	freeSize int64
}

// classOf returns the smallest class whose segments hold n bytes, or classes if there is none.
func classOf(n int) int {
	return min(max(bits.Len(uint(max(n, 1)-1)), minClass)-minClass, classes)
}

func segmentSize(n int) int {
	if c := classOf(n); c < classes {
		return minSegment << c
	}
	return (n + largeFactor - 1) / largeFactor * largeFactor
}

// reserve is the part of the limit that only sealing may use: as much as the largest message takes
// when it becomes longer, or two full batches; at most a quarter of a small queue. A queue of only
// a few segments has none.
func reserve(cfg *Config) int64 {
	if cfg.QueueBytes < 16*minSegment {
		return 0
	}
	most := int64(2 * max(segmentSize(cfg.BatchBytes), segmentSize(cfg.MaxMessageBytes)))
	part := min(cfg.QueueBytes/4, most)
	return part / minSegment * minSegment
}

// acquire returns a segment of at least n bytes for emitted messages, or nil when there is no room
// for it.
func (m *memory) acquire(n int) []byte {
	// rejecting because the queue is full takes no lock
	if m.used.Load()+int64(segmentSize(n))+m.each > m.limit-m.reserve {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.take(n, m.limit-m.reserve)
}

// exchange replaces a segment with one of at least n bytes. It returns nil if there is no room for
// the difference. The contents of the old segment are lost.
func (m *memory) exchange(held []byte, n int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.putBack(held, true)
	segment := m.take(n, m.limit)
	if segment == nil { // the segment that was put back is the last of its class, if it was kept
		m.used.Add(int64(len(held)) + m.each)
		m.unkeep(held)
	}
	return segment
}

// unkeep takes back the segment that putBack kept last.
func (m *memory) unkeep(seg []byte) {
	if c := classOf(len(seg)); c < classes && len(seg) == minSegment<<c {
		m.free[c][len(m.free[c])-1] = nil
		m.free[c] = m.free[c][:len(m.free[c])-1]
		m.freeSize -= int64(len(seg))
	}
}

// extra returns a segment for a batch that is being sealed, or nil.
func (m *memory) extra(n int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.take(n, m.limit)
}

// take requires that mu is held.
func (m *memory) take(n int, limit int64) []byte {
	size := int64(segmentSize(n))
	used := m.used.Load()
	if used+size+m.each > limit {
		return nil
	}
	used += m.each
	m.used.Store(used + size)
	m.taken += uint64(size + m.each)
	if c := classOf(n); c < classes {
		if k := len(m.free[c]); k <= spares && c >= spareClass {
			m.scarce.Or(1 << c)
		}
		if k := len(m.free[c]); k > 0 {
			seg := m.free[c][k-1]
			m.free[c][k-1] = nil
			m.free[c] = m.free[c][:k-1]
			m.freeSize -= size
			m.shrink(m.limit - used - size)
			return seg
		}
	}
	m.shrink(m.limit - used - size)
	return make([]byte, size)
}

// A caller that fills its batch fast should not have to allocate memory. That takes as long as
// emitting a hundred events, because the system provides it page by page, on first write. So a few
// free segments of the large classes are kept ready while they are being used up.
const (
	spareClass = classes - 3 // from 16 KiB on
	spares     = 2
	pageSize   = 4 << 10
)

// prepare allocates segments of the large classes of which few are free, as far as the limit
// allows. The worker calls it, because it has the time.
func (m *memory) prepare() {
	if m.scarce.Load() == 0 {
		return
	}
	for scarce := m.scarce.Swap(0); scarce != 0; scarce &= scarce - 1 {
		c := bits.TrailingZeros32(scarce)
		for m.keep(c, touched(minSegment<<c)) {
		}
	}
}

// keep keeps a segment for later, and reports whether another one is needed and allowed.
func (m *memory) keep(c int, segment []byte) (more bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	size := int64(len(segment))
	if m.used.Load()+m.freeSize+size > m.limit {
		return false
	}
	m.free[c] = append(m.free[c], segment)
	m.freeSize += size
	return len(m.free[c]) <= spares
}

// touched returns memory whose pages have all been written to.
func touched(n int) []byte {
	segment := make([]byte, n)
	for i := 0; i < n; i += pageSize {
		segment[i] = 0
	}
	return segment
}

// flow returns the bytes of all segments ever handed out, and of those in use.
func (m *memory) flow() (taken uint64, used int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.taken, m.used.Load()
}

// release takes a segment back. reuse is false for a segment that something else may still read.
func (m *memory) release(seg []byte, reuse bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.putBack(seg, reuse)
}

// putBack requires that mu is held.
func (m *memory) putBack(seg []byte, reuse bool) {
	size := int64(len(seg))
	m.used.Add(-size - m.each)
	if c := classOf(len(seg)); reuse && c < classes && len(seg) == minSegment<<c {
		m.free[c] = append(m.free[c], seg)
		m.freeSize += size
	}
}

// shrink frees unused segments, the largest first, until at most keep bytes of them are left.
func (m *memory) shrink(keep int64) {
	for c := classes - 1; c >= 0 && m.freeSize > keep; c-- {
		for k := len(m.free[c]); k > 0 && m.freeSize > keep; k-- {
			m.free[c][k-1] = nil
			m.free[c] = m.free[c][:k-1]
			m.freeSize -= minSegment << c
		}
	}
}

// trim frees unused segments beyond what the high-water mark of the last minute needed.
func (m *memory) trim(highWater int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shrink(max(highWater-m.used.Load(), 0))
}
