package batching

import "time"

const (
	// evictLooks is how many batches of a shard are examined in search of one that may be dropped.
	evictLooks = 64
	// evictAtOnce is how many batches are dropped at most to make room for one message.
	evictAtOnce = 16
)

// reserveEvicting drops old batches that matter no more than the message until there is room.
func (l *Lane) reserveEvicting(e *Entry, slot *Slot) Status {
	eng := l.shard.engine
	for range evictAtOnce {
		if status := l.reserve(e, slot, first); status != noRoom {
			return status
		}
		if !eng.evict(l.shard, e.Class) {
			break
		}
	}
	return l.reserve(e, slot, refused)
}

// evict drops one batch that matters no more than a class, of a shard if it has one, else of
// another. It reports whether there was one.
func (e *Engine) evict(first *shard, c Class) bool {
	for i := range e.shards {
		s := &e.shards[(first.index+uint64(i))%uint64(len(e.shards))]
		s.mu.Lock()
		b := s.evictable(c)
		if b == nil {
			s.unlock()
			continue
		}
		now := time.Now()
		s.cut(b, now)
		s.unlock()
		e.free(b, now, true)
		return true
	}
	return false
}

// evictable returns the oldest of the batches that may be dropped: those that wait, are not sealed
// and hold nothing that matters more than c.
func (s *shard) evictable(c Class) *Batch {
	looks := evictLooks
	for b := s.queued.oldest; b != nil && looks > 0; b = b.then {
		if b.state == stateQueued && b.class >= c && b.isWritten() {
			return b
		}
		looks--
	}
	return nil
}

// cut takes a batch out of its lane, from wherever it is in it, and counts it as lost. The caller
// frees it.
func (s *shard) cut(b *Batch, now time.Time) {
	l := b.lane
	if l.first() == b {
		s.drop(b, QueueFull, now)
		return
	}
	b.close(ByBytes)
	before := l.waits.remove(b)
	if l.open == b {
		l.open = b.next
	}
	if l.dueTail == b {
		l.dueTail = before
	}
	l.pending -= len(b.segment)
	if b.dependent {
		l.dependents--
	}
	l.lostBefore(b.next)
	b.next = nil
	b.state = stateEnded
	s.live.remove(b)
	s.queued.remove(b)
	s.counts[b.Kind].leftQueue += uint64(b.Events)
	s.lose(l, b.Kind, b.gap(b.Messages), b.Events, QueueFull, false)
}

// drop takes the oldest batch of a lane out of the queue and counts it as lost. The caller frees
// it.
func (s *shard) drop(b *Batch, reason Reason, now time.Time) {
	l, g, final := b.lane, b.gap(b.Messages), true
	if b.state == stateSealed {
		l.sealed.pop()
	} else {
		s.detach(l)
		// a state in front of it that is being sealed may turn out unchanged
		if final = s.engine.sealing.Load() != l; final {
			g = b.gap(b.Messages)
		}
	}
	s.replace(l, now)
	b.state = stateEnded
	s.live.remove(b)
	s.queued.remove(b)
	s.counts[b.Kind].leftQueue += uint64(b.Events)
	if final {
		l.broken = true
	} else { // what is being sealed may come back and is in front of the loss
		l.lostBefore(l.waits.head)
	}
	s.lose(l, b.Kind, g, b.Events, reason, final)
}

// lostBefore tells what depends on a lost message, which is behind it: in the queue, from next on,
// or yet to come.
func (l *Lane) lostBefore(next *Batch) {
	for ; next != nil; next = next.next {
		if next.dependent {
			next.afterLoss = true
			return
		}
	}
	l.gap = true
}

// remove takes a batch out of the queue and returns the one in front of it.
func (q *batchQueue) remove(b *Batch) (before *Batch) {
	if q.head == b {
		if q.head = b.next; q.head == nil {
			q.tail = nil
		}
		return nil
	}
	for before = q.head; before.next != b; {
		before = before.next
	}
	if before.next = b.next; before.next == nil {
		q.tail = before
	}
	return before
}
