package batching

import (
	"math/rand/v2"
	"testing"
)

func TestSegmentSizes(t *testing.T) {
	for _, tt := range []struct{ n, want int }{
		{0, 512}, {1, 512}, {512, 512}, {513, 1024}, {1024, 1024}, {1025, 2048},
		{32 << 10, 32 << 10}, {32<<10 + 1, 64 << 10}, {64 << 10, 64 << 10},
		{64<<10 + 1, 68 << 10}, {68 << 10, 68 << 10}, {900 << 10, 900 << 10},
		{1<<20 + 1, 1<<20 + 4<<10},
	} {
		m := memory{limit: 1 << 30}
		if got := len(m.acquire(tt.n)); got != tt.want || segmentSize(tt.n) != tt.want ||
			m.used.Load() != int64(tt.want) {
			t.Errorf("%d bytes: a segment of %d with %d charged, want %d", tt.n, got, m.used.Load(),
				tt.want)
		}
	}
}

func TestMemoryIsRefusedAtTheLimitAndNotBefore(t *testing.T) {
	m := memory{limit: 4096}
	var held [][]byte
	for range 8 {
		held = append(held, m.acquire(500))
	}
	if held[7] == nil || m.acquire(1) != nil {
		t.Error("want exactly eight segments of 512 bytes in 4096")
	}
	m.release(held[0], true)
	if m.acquire(513) != nil {
		t.Error("acquired 1024 bytes from a limit of 512")
	}
	if seg := m.acquire(512); seg == nil || &seg[0] != &held[0][0] {
		t.Error("a free segment was not used again")
	}
}

func TestFreeSegmentsMakeRoomForOtherSizes(t *testing.T) {
	m := memory{limit: 128 << 10}
	a, b := m.acquire(64<<10), m.acquire(64<<10)
	m.release(a, true)
	m.release(b, true)
	if m.freeSize != 128<<10 {
		t.Fatalf("%d bytes are kept for reuse", m.freeSize)
	}
	if m.acquire(100) == nil {
		t.Error("free segments used up the limit")
	}
	if m.freeSize != 64<<10 || m.used.Load() != 512 {
		t.Errorf("%d bytes are kept, %d used", m.freeSize, m.used.Load())
	}
}

func TestSegmentThatIsStillReadIsNotUsedAgain(t *testing.T) {
	m := memory{limit: 1 << 20}
	m.release(m.acquire(512), false)
	if m.freeSize != 0 || m.used.Load() != 0 {
		t.Errorf("%d bytes are kept, %d used", m.freeSize, m.used.Load())
	}
}

// TestMemoryAgreesWithItsModel plays random schedules against a model that knows sizes only. Every
// segment has the size asked for, is charged exactly and belongs to one holder. Together with the
// free segments, they never exceed the limit.
func TestMemoryAgreesWithItsModel(t *testing.T) {
	for seed := range uint64(300) {
		r := rand.New(rand.NewPCG(seed, 4))
		m := memory{limit: pick[int64](r, 512, 5000, 64<<10, 300<<10, 4<<20)}
		held := map[*byte][]byte{}
		var used, kept int64
		for range 500 {
			switch r.IntN(10) {
			case 0, 1, 2, 3, 4:
				n := r.IntN(pick(r, 2, 600, 5000, 70_000, 200_000))
				size := int64(segmentSize(n))
				seg := m.acquire(n)
				if (seg != nil) != (used+size <= m.limit) {
					t.Fatalf("seed %d: %d bytes with %d of %d used: got %t", seed, n, used, m.limit,
						seg != nil)
				}
				if seg == nil {
					continue
				}
				if int64(len(seg)) != size || held[&seg[0]] != nil {
					t.Fatalf("seed %d: a segment of %d bytes, want %d that nobody else has", seed,
						len(seg), size)
				}
				held[&seg[0]] = seg
				used += size
			case 5, 6, 7, 8:
				for p, seg := range held { // any one
					delete(held, p)
					m.release(seg, r.IntN(10) != 0)
					used -= int64(len(seg))
					break
				}
			case 9:
				high := r.Int64N(m.limit + 1)
				m.trim(high)
				if m.freeSize > max(high-used, 0) {
					t.Fatalf("seed %d: %d bytes are kept after a high water of %d with %d used",
						seed, m.freeSize, high, used)
				}
			}
			kept = 0
			for c, segs := range m.free {
				for _, seg := range segs {
					if kept += int64(len(seg)); len(seg) != minSegment<<c {
						t.Fatalf("seed %d: %d bytes in class %d", seed, len(seg), c)
					}
				}
			}
			if m.used.Load() != used || m.freeSize != kept || used+kept > m.limit {
				t.Fatalf("seed %d: used %d, kept %d, limit %d; the model says %d and %d", seed,
					m.used.Load(), m.freeSize, m.limit, used, kept)
			}
		}
	}
}

// A caller that fills batches fast finds memory that the worker has prepared, within the limit.
func TestLargeSegmentsAreKeptReady(t *testing.T) {
	const large = 64 << 10
	m := memory{limit: 10 * large}
	m.prepare()
	if m.freeSize != 0 {
		t.Fatalf("%d bytes were prepared without need", m.freeSize)
	}
	for i := range 9 {
		if m.acquire(large) == nil {
			t.Fatalf("segment %d was refused", i)
		}
		m.prepare()
		left := 10 - (i + 1)
		if got := len(m.free[classOf(large)]); got < min(spares, left) ||
			got > min(spares+1, left) || m.freeSize != int64(got*large) {
			t.Errorf("with %d in use %d are ready", i+1, got)
		}
	}
	m.acquire(512)
	m.prepare()
	if len(m.free[0]) != 0 || m.used.Load()+m.freeSize > m.limit {
		t.Errorf("%d small ones are ready, %d bytes in all", len(m.free[0]),
			m.used.Load()+m.freeSize)
	}
}
