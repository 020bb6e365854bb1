package seal

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/dashstream/dashstream-go/internal/statediff"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// baseline is the state of a thread as its readers have it, if nothing was lost.
type baseline struct {
	thread       *Thread
	older, newer *baseline // in order of last use
	doc          statediff.Document
	run          uint64 // the run that set it
	noted        bool   // as [StateHead.Noted] has it
	// checkpoint is the last checkpoint sent since the thread's state was last sent whole for
	// another reason; zero for none.
	checkpoint wire.ID
	// patches and patchBytes count what was sent since a reader could last begin.
	patches, patchBytes int
	charged             int64
}

// baselineBytes is the memory of a baseline without its document. The allocator rounds it up to a
// multiple of 16 bytes.
const baselineBytes = (int64(unsafe.Sizeof(baseline{})) + 15) &^ 15

// baselines has the baselines of the threads, within a limit on memory. Beyond the limit, the least
// recently used one is evicted, and its thread's next state is sent whole. The baseline of a thread
// is removed when the thread is forgotten. Only the worker reads and changes a baseline; the
// numbers can be read at any time.
type baselines struct {
	limit int64

	mu             sync.Mutex // guards the list, and thread.baseline
	oldest, newest *baseline

	count, bytes atomic.Int64
	evicted      atomic.Uint64
}

// of returns the thread's baseline, nil if it has none.
func (s *baselines) of(t *Thread) *baseline {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := t.baseline
	if b != nil && b != s.newest {
		s.unlink(b)
		s.link(b)
	}
	return b
}

func (s *baselines) has(t *Thread) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return t.baseline != nil
}

// add creates an empty baseline for the thread.
func (s *baselines) add(t *Thread) *baseline {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := &baseline{thread: t, charged: baselineBytes}
	t.baseline = b
	s.link(b)
	s.count.Add(1)
	s.bytes.Add(b.charged)
	return b
}

// charge accounts for a baseline that has changed, and evicts others until all fit the limit. It
// also evicts one that alone exceeds the limit, and one of a forgotten thread, which must not be
// kept for those who still use the thread.
func (s *baselines) charge(b *baseline) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.thread.baseline != b {
		return // it was removed with its thread
	}
	size := baselineBytes + int64(b.doc.Footprint())
	s.bytes.Add(size - b.charged)
	b.charged = size
	if b.thread.forgotten.Load() {
		s.drop(b)
	}
	for s.bytes.Load() > s.limit && s.oldest != nil {
		s.drop(s.oldest)
		s.evicted.Add(1)
	}
}

// forget removes the baseline of a thread that is forgotten. Nothing of the thread waits to be
// sealed.
func (s *baselines) forget(t *Thread) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if t.baseline != nil {
		s.drop(t.baseline)
	}
}

func (s *baselines) drop(b *baseline) {
	s.unlink(b)
	b.thread.baseline = nil
	s.bytes.Add(-b.charged)
	s.count.Add(-1)
}

func (s *baselines) link(b *baseline) {
	b.older, b.newer = s.newest, nil
	if s.newest == nil {
		s.oldest = b
	} else {
		s.newest.newer = b
	}
	s.newest = b
}

func (s *baselines) unlink(b *baseline) {
	if b.older == nil {
		s.oldest = b.newer
	} else {
		b.older.newer = b.newer
	}
	if b.newer == nil {
		s.newest = b.older
	} else {
		b.newer.older = b.older
	}
	b.older, b.newer = nil, nil
}
