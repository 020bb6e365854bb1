package batching

import "time"

// Levels is the input of a forecast: the part of [Stats] that is cheap enough to read many times a
// second. Counters are cumulative since the engine started.
type Levels struct {
	// At is when the levels were read.
	At time.Time
	// Bytes and Events are what the engine holds; MaxBytes and MaxEvents are the limits above which
	// events are rejected. MaxBytes is the part of [Config.QueueBytes] that is available for
	// emitting.
	Bytes, MaxBytes, Events, MaxEvents int64
	// BytesIn and EventsIn count what was accepted, BytesOut and EventsOut what came to any end. In
	// - out is what is held.
	BytesIn, BytesOut, EventsIn, EventsOut uint64
	// Emitted counts what the application emitted, also what was not accepted.
	Emitted uint64
	// Delivered counts acknowledged events.
	Delivered uint64
	// Lost counts events lost because a limit was reached: dropped as [QueueFull] or [Timeout], or
	// unacknowledged.
	Lost uint64
	// Queued is the part of Events that is not in flight.
	Queued int64
	// Oldest is when the oldest event held was emitted; zero if there is none.
	Oldest time.Time
	// Permits is the number of permits in use, MaxPermits their total number.
	Permits, MaxPermits int64
	// Blocked is the number of callers that wait for room in the queue.
	Blocked int64
	// LastAck is when a batch was last acknowledged; zero if none was. Heartbeat is when the worker
	// last ran, or is next due to run.
	LastAck, Heartbeat time.Time
}

// Levels reads the levels. It holds each lock of the queue for a moment, and allocates nothing.
func (e *Engine) Levels() Levels {
	now := time.Now()
	l := Levels{
		At: now, MaxBytes: e.memory.limit - e.memory.reserve, MaxEvents: e.cfg.QueueEvents,
		Permits: e.permits.inUse.Load(), MaxPermits: e.permits.limit,
		Blocked: e.room.waiters.Load(), Heartbeat: e.workerStats(now).Heartbeat,
	}
	if ns := e.lastAck.Load(); ns != 0 {
		l.LastAck = time.Unix(0, ns)
	}
	var taken, held uint64
	for i := range e.shards {
		s := &e.shards[i]
		s.mu.Lock()
		for k := range s.counts {
			c := &s.counts[k]
			l.EventsIn += c.accepted
			taken += c.leftQueue
			held += c.accepted - c.leftQueue + c.taken - c.ended
			l.Emitted += c.emitted
			l.Delivered += c.delivered
			l.Lost += c.dropped[QueueFull] + c.dropped[Timeout] + c.unacknowledged
		}
		if b := s.live.oldest; b != nil && (l.Oldest.IsZero() || b.Opened.Before(l.Oldest)) {
			l.Oldest = b.Opened
		}
		s.mu.Unlock()
	}
	l.Oldest = timeOfDay(l.Oldest, now)
	l.Events, l.EventsOut, l.Queued = int64(held), l.EventsIn-held, int64(l.EventsIn-taken)
	l.BytesIn, l.Bytes = e.memory.flow()
	l.BytesOut = l.BytesIn - uint64(l.Bytes)
	l.Bytes = min(l.Bytes, l.MaxBytes) // sealing may use more than the limit
	return l
}

// Await returns when the engine holds anything, or has held anything since the last call, or when
// stop is closed. It lets the one goroutine that watches the levels sleep while there is nothing to
// see.
func (e *Engine) Await(stop <-chan struct{}) {
	e.awaited.Store(true)
	defer e.awaited.Store(false)
	if e.held.Load() > 0 {
		return
	}
	select {
	case <-e.rose:
	case <-stop:
	}
}

// LevelRose receives when memory or events have risen to a half or four fifths of their limit.
// It is for a watcher that reads the levels at intervals, between which a queue can fill. A notice
// that was not received yet stands for all later ones.
func (e *Engine) LevelRose() <-chan struct{} { return e.rose }

// levelRose never blocks.
func (e *Engine) levelRose() {
	select {
	case e.rose <- struct{}{}:
	default:
	}
}

// crosses reports whether a level that rose by step to level has passed a half or four fifths of
// limit.
func crosses(level, step, limit int64) bool {
	below := level - step
	return below < limit/2 && level >= limit/2 || below < limit/5*4 && level >= limit/5*4
}
