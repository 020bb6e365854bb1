package batching

import "time"

// Stats takes a snapshot. It holds all locks of the queue for about a microsecond.
func (e *Engine) Stats() Stats {
	now := time.Now()
	st := Stats{At: now, Started: e.started, Kinds: make([]KindStats, len(e.cfg.Kinds))}
	for i := range e.shards {
		e.shards[i].mu.Lock()
	}
	st.Queue.Bytes = e.memory.used.Load()
	for i := range e.shards {
		e.shards[i].addTo(&st)
	}
	for i := range e.shards {
		e.shards[i].mu.Unlock()
	}
	st.Queue.Oldest = timeOfDay(st.Queue.Oldest, now)
	for i, name := range e.cfg.Kinds {
		st.Total.add(&st.Kinds[i])
		st.Kinds[i].Name = name
	}
	st.Queue.Events = int64(st.Total.Queued + st.Total.InFlight)
	st.Queue.MaxEvents, st.Queue.MaxBytes = e.cfg.QueueEvents, e.cfg.QueueBytes
	st.Queue.HighWaterEvents = e.highHeld.max(now, st.Queue.Events)
	st.Queue.HighWaterBytes = e.highBytes.max(now, st.Queue.Bytes)
	st.Queue.Blocked = e.room.waiters.Load()
	st.Permits = e.permits.stats(now)
	st.Worker = e.workerStats(now)
	st.QueueWait, st.PermitWait, st.EmitToAck = e.queueWait.snapshot(), e.permitWait.snapshot(),
		e.emitToAck.snapshot()
	for i := range e.send {
		st.Send[i] = e.send[i].snapshot()
	}
	st.Emit = e.emit.snapshot()
	if ns := e.lastAck.Load(); ns != 0 {
		st.LastAck = time.Unix(0, ns)
	}
	st.Sender = e.cfg.Sender.Stats()
	e.memory.trim(st.Queue.HighWaterBytes)
	return st
}

func (s *shard) addTo(st *Stats) {
	for i := range s.counts {
		c, k := &s.counts[i], &st.Kinds[i]
		k.Emitted += c.emitted
		k.Accepted += c.accepted
		k.Delivered += c.delivered
		k.Unacknowledged += c.unacknowledged
		k.Unchanged += c.unchanged
		k.Queued += c.accepted - c.leftQueue
		k.InFlight += c.taken - c.ended
		k.SendFailures += c.failed
		k.Messages += c.messages
		for r, n := range c.dropped {
			k.Dropped[r] += n
		}
	}
	for c, n := range s.shed {
		st.Shed[c] += n
	}
	for t, n := range s.sealed {
		st.Batches.Sealed[t] += n
	}
	st.Batches.Pending += int64(s.live.n)
	if b := s.live.oldest; b != nil && (st.Queue.Oldest.IsZero() ||
		b.Opened.Before(st.Queue.Oldest)) {
		st.Queue.Oldest = b.Opened
	}
}

// ObserveEmit records the duration of one call. The client API calls it for a sample of its calls.
func (e *Engine) ObserveEmit(d time.Duration) { e.emit.observe(d) }

func (e *Engine) workerStats(now time.Time) WorkerStats {
	beat := time.Unix(0, e.heartbeat.Load())
	if e.rest.Load() == parked || beat.After(now) {
		beat = now
	}
	return WorkerStats{Heartbeat: beat, Restarts: e.restarts.Load()}
}

// counts are one kind's monotonic counters; levels are their differences, so that they cannot
// drift.
type counts struct {
	emitted, accepted         uint64
	leftQueue                 uint64 // got a permit, or were lost while waiting
	taken, ended              uint64 // got a permit, and those of them that have ended
	delivered, unacknowledged uint64
	failed, messages          uint64
	unchanged                 uint64
	dropped                   [NumReasons]uint64
}
