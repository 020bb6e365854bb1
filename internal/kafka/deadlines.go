package kafka

import (
	"context"
	"sync/atomic"
	"time"
)

// deadlines gives every record a deadline, which is its delivery timeout, and a context that ends a little after it: a batch may go to
// the client until its deadline, and has then still time to be acknowledged. Records whose deadlines lie close together share one, so
// that a record costs no timer and no allocation. It is not safe for concurrent use, except for what deadline says.
//
// franz-go's own record timeout would not do: it is looked at only before a request is written and after it was answered, a
// context also ends the waiting itself; it counts by the wall clock, which jumps; and for a topic that is not known yet it counts
// from when the client first heard of it, not from the door.
type deadlines struct {
	delivery time.Duration
	grace    time.Duration // from a deadline until its context ends
	width    time.Duration // how far deadlines that are one may lie apart
	start    time.Time
	groups   map[int64]*deadline
	last     *deadline // the one that was asked for last
}

// deadline is that of the records that passed the door within one width of time.
type deadline struct {
	index   int64
	expires time.Time
	ctx     context.Context // what the client gets
	cancel  context.CancelFunc
	// live counts the records with this deadline that have not ended; it may be changed at any time, from anywhere.
	live atomic.Int64
	held queue // the records that are held back; guarded by Sender.mu
}

func newDeadlines(t timing) deadlines {
	return deadlines{delivery: t.delivery, grace: t.grace, width: t.tick, start: time.Now(), groups: make(map[int64]*deadline)}
}

// of returns the deadline of a record that passed the door at opened, or nil if it has passed.
func (d *deadlines) of(opened, now time.Time) *deadline {
	since := opened.Sub(d.start)
	index := int64(since / d.width)
	if since < 0 {
		index-- // division rounds towards zero
	}
	if d.last != nil && d.last.index == index {
		return d.last.unlessExpired(now)
	}
	g := d.groups[index]
	if g == nil {
		g = &deadline{index: index, expires: d.start.Add(time.Duration(index+1)*d.width + d.delivery), held: newQueue(inDeadline)}
		if !g.expires.After(now) {
			return nil
		}
		g.ctx, g.cancel = context.WithCancel(context.Background())
		d.groups[index] = g
	}
	d.last = g
	return g.unlessExpired(now)
}

func (g *deadline) unlessExpired(now time.Time) *deadline {
	if !g.expires.After(now) {
		return nil
	}
	return g
}

// expired reports whether the context has ended.
func (g *deadline) expired() bool { return g.ctx.Err() != nil }

// expire looks for deadlines that have passed, ends the contexts whose time is up, and forgets what no record is left of. It returns
// the records that were held back until then, and whether there are others whose context has ended.
func (d *deadlines) expire(now time.Time) (ended queue, overdue bool) {
	ended = newQueue(inPartition)
	for index, g := range d.groups {
		if g.expires.After(now) {
			continue
		}
		for r := g.held.first; r != nil; r = g.held.first {
			r.letGo()
			ended.push(r)
		}
		if g.live.Load() == 0 {
			g.cancel()
			d.forget(index)
			continue
		}
		if !g.expires.Add(d.grace).After(now) {
			g.cancel()
			overdue = true
		}
	}
	return ended, overdue
}

// clear forgets everything. No record may be left.
func (d *deadlines) clear() {
	for index, g := range d.groups {
		g.cancel()
		d.forget(index)
	}
}

func (d *deadlines) forget(index int64) {
	if d.last == d.groups[index] {
		d.last = nil
	}
	delete(d.groups, index)
}
