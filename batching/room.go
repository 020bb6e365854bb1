package batching

import (
	"container/list"
	"sync"
	"sync/atomic"
)

// room queues the callers that wait for room in the queue, in order of arrival. The first one tries
// whenever room is freed, and the next one once the first has left. So each is woken on its own,
// and none is overtaken.
type room struct {
	waiters atomic.Int64
	mu      sync.Mutex
	turns   list.List // of *turn
}

// turn is a caller's place in that order.
type turn struct {
	wake  chan struct{} // it may try
	place *list.Element
}

func (r *room) join() *turn {
	t := &turn{wake: make(chan struct{}, 1)}
	r.mu.Lock()
	defer r.mu.Unlock()
	t.place = r.turns.PushBack(t)
	r.waiters.Add(1)
	r.wakeFirst()
	return t
}

func (r *room) leave(t *turn) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.turns.Remove(t.place)
	r.waiters.Add(-1)
	r.wakeFirst()
}

func (r *room) freed() {
	if r.waiters.Load() == 0 {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.wakeFirst()
}

func (r *room) wakeFirst() {
	first := r.turns.Front()
	if first == nil {
		return
	}
	select {
	case first.Value.(*turn).wake <- struct{}{}:
	default:
	}
}

// isAwaited reports whether callers wait for the room that a message would take: memory for a
// batch, or the last places among the events.
func (e *Engine) isAwaited(batch bool) bool {
	waiters := e.room.waiters.Load()
	return waiters > 0 && (batch || e.held.Load()+waiters >= e.cfg.QueueEvents)
}
