package batching

import (
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// losses logs when losses begin and when they have ended: how many events were lost for which
// reason, and the destination's own words.
type losses struct {
	total  atomic.Uint64
	active atomic.Bool

	mu     sync.Mutex // a leaf lock
	first  string     // the reason of the first loss
	err    error      // the Sender's last error, and when it came
	errAt  time.Time
	counts [NumReasons + 1]uint64 // since losses began, by reason; unacknowledged last
}

const lossesQuiet = 10 * time.Second

// heard records the Sender's error for a loss that note is about to count.
func (l *losses) heard(err error) {
	if err == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.err, l.errAt = err, time.Now()
}

// note counts lost events. reason is the name of a [Reason], or "unacknowledged".
func (l *losses) note(e *Engine, events int, reason string) {
	index := NumReasons
	for r, name := range reasonNames {
		if name == reason {
			index = r
		}
	}
	l.mu.Lock()
	l.counts[index] += uint64(events)
	begins := !l.active.Load() && l.active.CompareAndSwap(false, true)
	if begins {
		l.first = reason
	}
	l.mu.Unlock()
	l.total.Add(uint64(events))
	if begins {
		go l.follow(e)
	}
}

// follow runs while events are being lost. It has a goroutine of its own because a log handler may
// block.
func (l *losses) follow(e *Engine) {
	before := e.Stats()
	l.mu.Lock()
	first, err, at := l.first, l.err, l.errAt
	l.mu.Unlock()
	args := append([]any{"reason", first}, inWords(err, at)...)
	args = append(args, "queue_events", before.Queue.Events, "queue_bytes", before.Queue.Bytes,
		"permits_in_use", before.Permits.InUse, "dropped_so_far", before.Total.DroppedTotal(),
		"unacknowledged_so_far", before.Total.Unacknowledged)
	e.cfg.Logger.Warn("dashstream: events are being lost", args...)
	timer := time.NewTicker(lossesQuiet)
	defer timer.Stop()
	for seen := l.total.Load(); ; {
		select {
		case <-timer.C:
			if now := l.total.Load(); now != seen {
				seen = now
				continue
			}
			l.active.Store(false)
			if l.total.Load() != seen && l.active.CompareAndSwap(false, true) {
				continue
			}
		case <-e.closed:
		}
		e.cfg.Logger.Warn("dashstream: events are no longer being lost; totals since the start",
			l.totals(e)...)
		return
	}
}

// totals returns what was lost since the start and, as lost_…, since the losses began that have now
// ended.
func (l *losses) totals(e *Engine) []any {
	after := e.Stats()
	args := []any{"unacknowledged", after.Total.Unacknowledged}
	for r, n := range after.Total.Dropped {
		if n > 0 {
			args = append(args, "dropped_"+Reason(r).String(), n)
		}
	}
	l.mu.Lock()
	counts, err, at := l.counts, l.err, l.errAt
	l.counts, l.err = [NumReasons + 1]uint64{}, nil
	l.mu.Unlock()
	for r, n := range counts[:NumReasons] {
		if n > 0 {
			args = append(args, "lost_"+Reason(r).String(), n)
		}
	}
	if n := counts[NumReasons]; n > 0 {
		args = append(args, "lost_unacknowledged", n)
	}
	return append(args, inWords(err, at)...)
}

// inWords returns a Sender's error and its time as attributes.
func inWords(err error, at time.Time) []any {
	if err == nil {
		return nil
	}
	text, _ := guard.ErrorText(err)
	return []any{"error", text, "error_at", at}
}
