package seal

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"github.com/dashstream/dashstream-go/internal/statediff"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// baseline is the state of a thread as its readers have it, if nothing was lost on the way.
type baseline struct {
	thread       *Thread
	older, newer *baseline // by when they were used last
	doc          statediff.Document
	run          uint64 // the run that set it
	noted        bool   // as [StateHead.Noted] has it
	// checkpoint is the last one that was sent since the thread's state last went out whole for
	// another reason; zero for none.
	checkpoint wire.ID
	// patches and patchBytes count what went out since a reader last could begin.
	patches, patchBytes int
	charged             int64
}

// baselineBytes is what a baseline takes beside the memory of its document. Memory of this size
// comes in steps of 16 bytes.
const baselineBytes = (int64(unsafe.Sizeof(baseline{})) + 15) &^ 15

// baselines holds the baselines of the threads, within a bound on memory: then the one that was not
// used for longest is evicted, and its thread's next state goes out whole. That of a thread that is
// forgotten goes with the thread. Only the worker reads and changes a baseline; the numbers can be
// read at any time.
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

// add makes an empty baseline for the thread.
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

// charge accounts for a baseline that has changed, and lets others go until all fit the limit. One
// that alone exceeds it goes too, and one of a thread that was forgotten: whoever still uses that
// is not to keep it.
func (s *baselines) charge(b *baseline) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if b.thread.baseline != b {
		return // it has gone with its thread
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

// forget drops the baseline of a thread that is forgotten, of which nothing waits to be sealed.
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
