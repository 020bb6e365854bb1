package kafka

import (
	"context"
	"sync/atomic"
	"time"
)

// deadlines gives every record a deadline, which is its delivery timeout, and tells when it has
// passed. A batch may be handed to the client until its deadline, and then still has time to be
// acknowledged. Records with close deadlines share one, so that a record costs no timer and no
// allocation. deadlines is not safe for concurrent use, except for the counts of a deadline.
//
// franz-go's own record timeout would not do. It is checked only before a request is written and
// after it was answered, and only for the first record of a partition. It uses the wall clock,
// which can jump. And for a topic that is not known yet it starts when the client first sees the
// record, not at emit.
type deadlines struct {
	delivery time.Duration
	grace    time.Duration // from a deadline until the client has to give up its batches
	width    time.Duration // how far apart deadlines may be that are treated as one
	start    time.Time
	groups   map[int64]*deadline
	last     *deadline // the last one returned
}

// deadline is the deadline of the records that were emitted within one width of time.
type deadline struct {
	index   int64
	expires time.Time
	// live counts the records with this deadline that have not ended. It may be changed at any time
	// by any goroutine.
	live   atomic.Int64
	kept   queue                 // the records that are kept back
	shares map[*partition]*share // those that the client has, by partition
}

// share counts the records of a partition with one deadline that the client has. It may be changed
// at any time by any goroutine.
type share struct {
	deadline *deadline
	inClient atomic.Int64
}

func newDeadlines(t timing) deadlines {
	return deadlines{delivery: t.delivery, grace: t.grace, width: t.tick, start: time.Now(),
		groups: make(map[int64]*deadline)}
}

// of returns the deadline of a record that was emitted at opened, or nil if it has passed.
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
		g = &deadline{index: index,
			expires: d.start.Add(time.Duration(index+1)*d.width + d.delivery),
			kept:    newQueue(inDeadline)}
		if !g.expires.After(now) {
			return nil
		}
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

// shareOf returns the count for p.
func (g *deadline) shareOf(p *partition) *share {
	if p.share != nil && p.share.deadline == g {
		return p.share
	}
	s := g.shares[p]
	if s == nil {
		if g.shares == nil {
			g.shares = make(map[*partition]*share)
		}
		s = &share{deadline: g}
		g.shares[p] = s
	}
	p.share = s
	return s
}

// expire looks for deadlines that have passed, and discards those without records. It returns the
// records that were kept back until then. When the grace is over as well, it calls overdue for the
// partitions of which the client still has records.
func (d *deadlines) expire(now time.Time, overdue func(*partition)) (ended queue) {
	ended = newQueue(inPartition)
	for index, g := range d.groups {
		if g.live.Load() == 0 {
			d.forget(index)
			continue
		}
		if g.expires.After(now) {
			continue
		}
		for r := g.kept.first; r != nil; r = g.kept.first {
			r.dequeue()
			ended.push(r)
		}
		if g.expires.Add(d.grace).After(now) {
			continue
		}
		for p, s := range g.shares {
			if s.inClient.Load() > 0 {
				overdue(p)
			}
		}
	}
	return ended
}

// clear discards everything. No record may be left.
func (d *deadlines) clear() {
	clear(d.groups)
	d.last = nil
}

func (d *deadlines) forget(index int64) {
	if d.last == d.groups[index] {
		d.last = nil
	}
	delete(d.groups, index)
}

// attempt is the context of all batches of a partition that the client has. The client checks only
// the context of the first batch, and ends all batches with it. So they share one context, which
// ends as soon as any of them is overdue. Batches that have time left then come back (see
// again.go).
type attempt struct {
	ctx    context.Context
	cancel context.CancelFunc
}

func newAttempt() *attempt {
	ctx, cancel := context.WithCancel(context.Background())
	return &attempt{ctx, cancel}
}
