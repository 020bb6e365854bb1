package kafka

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestDeadlinesOfCloseRecordsAreOne(t *testing.T) {
	d := newDeadlines(newTiming(time.Minute))
	now := d.start
	a, b := d.of(now, now), d.of(now.Add(d.width-1), now)
	c := d.of(now.Add(d.width), now)
	if a != b || a == c || len(d.groups) != 2 {
		t.Errorf("%p and %p are within a width, %p is not", a, b, c)
	}
}

// Records that wait end at their deadlines; those that the client has are overdue when the grace is
// over as well.
func TestDeadlinesEndInTime(t *testing.T) {
	d := newDeadlines(newTiming(10 * time.Second))
	rng := rand.New(rand.NewPCG(1, 2))
	type pending struct {
		*record
		opened time.Time
	}
	var waiting, handed []pending
	held := newPartition(0)
	for step := range 3000 {
		now := d.start.Add(time.Duration(step) * d.width / 4)
		opened := now.Add(-time.Duration(rng.Int64N(int64(12 * time.Second))))
		g := d.of(opened, now)
		late := now.Sub(opened) >= d.delivery
		if g == nil && !late || g != nil && now.Sub(opened) >= d.delivery+d.width {
			t.Fatalf("a record of %v ago has the deadline %v", now.Sub(opened), g)
		}
		if g != nil {
			g.live.Add(1)
			p := pending{&record{deadline: g}, opened}
			if rng.IntN(2) == 0 {
				held.keepBack(p.record, false)
				waiting = append(waiting, p)
			} else {
				p.partition = newPartition(int32(step))
				p.share = g.shareOf(p.partition)
				p.share.inClient.Add(1)
				handed = append(handed, p)
			}
		}
		overdue := make(map[*partition]bool)
		ended := d.expire(now, func(p *partition) { overdue[p] = true })
		gone := make(map[*record]bool)
		for r := ended.first; r != nil; r = ended.after(r) {
			gone[r] = true
			r.deadline.live.Add(-1)
		}
		waiting = slices.DeleteFunc(waiting, func(p pending) bool {
			age := now.Sub(p.opened)
			if gone[p.record] && age < d.delivery || !gone[p.record] && age >= d.delivery+d.width {
				t.Fatalf("after %v, ended is %v", age, gone[p.record])
			}
			return gone[p.record]
		})
		handed = slices.DeleteFunc(handed, func(p pending) bool {
			age, over := now.Sub(p.opened), overdue[p.partition]
			if over && age < d.delivery+d.grace || !over && age >= d.delivery+d.grace+d.width {
				t.Fatalf("after %v, overdue is %v", age, over)
			}
			if over {
				p.share.inClient.Add(-1)
				p.deadline.live.Add(-1)
			}
			return over
		})
	}
	if limit := int((d.delivery+d.grace)/d.width) + 50; len(d.groups) > limit {
		t.Errorf("%d deadlines are kept, want at most %d", len(d.groups), limit)
	}
	d.clear()
	if len(d.groups) != 0 || d.last != nil {
		t.Error("cleared deadlines are kept")
	}
}
