package callback

import (
	"container/list"
	"sync/atomic"

	"github.com/dashstream/dashstream-go/internal/statediff"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// baseline is the state of a thread as its readers have it, if nothing was lost on the way.
type baseline struct {
	thread *thread
	doc    *statediff.Document
	run    uint64 // the run that set it
	// checkpoint is the last one that was sent since the thread's state last went out whole for another reason; zero for none.
	checkpoint wire.ID
	// patches and patchBytes count what went out since a reader last could begin.
	patches, patchBytes int
	charged             int64
}

// baselines holds the baselines of the threads, within a bound on memory: then the one that was not used for longest is let go, and its
// thread's next state goes out whole. Only the worker uses it; the numbers can be read at any time.
type baselines struct {
	limit int64
	order list.List // of *baseline, the least recently used in front

	count, bytes atomic.Int64
	evicted      atomic.Uint64
}

// of returns the thread's baseline, nil if it has none.
func (s *baselines) of(t *thread) *baseline {
	if t.baseline == nil {
		return nil
	}
	s.order.MoveToBack(t.baseline)
	return t.baseline.Value.(*baseline)
}

// add makes an empty baseline for the thread.
func (s *baselines) add(t *thread) *baseline {
	b := &baseline{thread: t, doc: new(statediff.Document)}
	t.baseline = s.order.PushBack(b)
	s.count.Add(1)
	return b
}

// charge accounts for a baseline that has changed, and lets others go until all fit the limit. One that alone exceeds it goes too.
func (s *baselines) charge(b *baseline) {
	size := int64(b.doc.Footprint())
	s.bytes.Add(size - b.charged)
	b.charged = size
	for s.bytes.Load() > s.limit && s.order.Len() > 0 {
		s.drop(s.order.Front().Value.(*baseline))
		s.evicted.Add(1)
	}
}

func (s *baselines) drop(b *baseline) {
	s.order.Remove(b.thread.baseline)
	b.thread.baseline = nil
	s.bytes.Add(-b.charged)
	s.count.Add(-1)
}
