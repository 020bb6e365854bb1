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
	largeFactor = 4 << 10 // segments above the largest class are rounded up to this
)

// memory hands out the segments that batches are written into and keeps their sum within one bound.
// A free segment is kept for reuse and still counts: what was taken from the runtime never exceeds
// the limit.
//
// Emitting is refused a little below the limit (see reserve), so that sealing, which makes some
// batches longer, finds room.
type memory struct {
	limit   int64
	reserve int64        // the part of it that only sealing may use
	each    int64        // what is charged for a segment beside its bytes: the batch that has it
	used    atomic.Int64 // bytes in segments handed out
	// scarce has a bit for each class of which few free segments are left while they are in demand,
	// see prepare.
	scarce atomic.Uint32

	mu       sync.Mutex
	taken    uint64 // bytes in all segments that were ever handed out
	free     [classes][][]byte
	freeSize int64
}

// classOf returns the smallest class whose segments hold n bytes, and classes if none does.
func classOf(n int) int {
	return min(max(bits.Len(uint(max(n, 1)-1)), minClass)-minClass, classes)
}

func segmentSize(n int) int {
	if c := classOf(n); c < classes {
		return minSegment << c
	}
	return (n + largeFactor - 1) / largeFactor * largeFactor
}

// reserve is the part of the limit that only sealing may use: a sixteenth, and no more than two
// full batches or the largest message. A queue of a few segments has none.
func reserve(cfg *Config) int64 {
	part := min(cfg.QueueBytes/16, int64(max(2*cfg.BatchBytes, cfg.MaxMessageBytes)))
	return part / minSegment * minSegment
}

// acquire returns a segment of at least n bytes for what is emitted, or nil when there is no room
// for it.
func (m *memory) acquire(n int) []byte {
	// a full queue costs those that it refuses no lock
	if m.used.Load()+int64(segmentSize(n))+m.each > m.limit-m.reserve {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.take(n, m.limit-m.reserve)
}

// exchange returns a segment of at least n bytes in the place of another one, or nil when there is
// no room for what it has more. What the other one holds is lost.
func (m *memory) exchange(held []byte, n int) []byte {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.putBack(held, true)
	segment := m.take(n, m.limit)
	if segment == nil { // the one that was put back is the last of its class, if it was kept
		m.used.Add(int64(len(held)) + m.each)
		m.unkeep(held)
	}
	return segment
}

// unkeep takes back the segment that putBack has kept last.
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

// take is for those who hold mu.
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

// A caller that fills its batch fast should not have to make memory, which takes as long as
// emitting a hundred events: the system gives it page by page, as it is first written to. So a few
// free segments of the large classes are kept ready while they are being used up.
const (
	spareClass = classes - 3 // from 16 KiB on
	spares     = 2
	pageSize   = 4 << 10
)

// prepare makes segments of the large classes of which few are free, as far as the limit leaves
// room. It is for the worker, which has the time.
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

// keep keeps a segment for use, and reports whether there is room and need for another one.
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

// touched returns memory of which each page was written to.
func touched(n int) []byte {
	segment := make([]byte, n)
	for i := 0; i < n; i += pageSize {
		segment[i] = 0
	}
	return segment
}

// flow returns the bytes of all segments that were ever handed out, and of those that still are.
func (m *memory) flow() (taken uint64, used int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.taken, m.used.Load()
}

// release takes a segment back. A segment that something else may still read is given back with
// reuse false.
func (m *memory) release(seg []byte, reuse bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.putBack(seg, reuse)
}

// putBack is for those who hold mu.
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

// trim frees unused segments beyond what the last minute's high water needed.
func (m *memory) trim(highWater int64) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.shrink(max(highWater-m.used.Load(), 0))
}
