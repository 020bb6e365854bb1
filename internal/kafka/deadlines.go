package kafka

import (
	"context"
	"sync/atomic"
	"time"
)

// deadlines gives every record a context that ends with its delivery timeout. Records whose deadlines lie close together share one,
// so that a record costs no timer and no allocation. It is not safe for concurrent use, except for what deadline says.
//
// franz-go's own record timeout would not do: it is looked at only before a request is written and after it was answered, a
// context also ends the waiting itself; it counts by the wall clock, which jumps; and for a topic that is not known yet it counts
// from when the client first heard of it, not from the door.
type deadlines struct {
	delivery time.Duration
	width    time.Duration // how far deadlines that share a context may lie apart
	start    time.Time
	groups   map[int64]*deadline
	last     *deadline // the one that was asked for last
}

// deadline is that of the records that passed the door within one width of time.
type deadline struct {
	index   int64
	expires time.Time
	ctx     context.Context
	cancel  context.CancelFunc
	// live counts the records with this deadline that have not ended; it may be changed at any time, from anywhere.
	live atomic.Int64
}

func newDeadlines(t timing) deadlines {
	return deadlines{delivery: t.delivery, width: t.tick, start: time.Now(), groups: make(map[int64]*deadline)}
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
		g = &deadline{index: index, expires: d.start.Add(time.Duration(index+1)*d.width + d.delivery)}
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

// expired reports whether the deadline has passed, as far as expire was called.
func (g *deadline) expired() bool { return g.ctx.Err() != nil }

// expire ends the contexts of all deadlines that have passed, forgets those that no record is left of, and reports whether some
// record is left.
func (d *deadlines) expire(now time.Time) (overdue bool) {
	for index, g := range d.groups {
		switch {
		case g.expires.After(now):
		case g.live.Load() > 0:
			g.cancel()
			overdue = true
		default:
			g.cancel()
			d.forget(index)
		}
	}
	return overdue
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
