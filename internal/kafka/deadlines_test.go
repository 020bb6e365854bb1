package kafka

import (
	"math/rand/v2"
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

func TestDeadlinesEndInTime(t *testing.T) {
	d := newDeadlines(newTiming(10 * time.Second))
	rng := rand.New(rand.NewPCG(1, 2))
	type pending struct {
		opened time.Time
		*deadline
		waits *record // nil once it has ended
	}
	p := newPartition(0)
	var all []*pending
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
			one := &pending{opened, g, &record{deadline: g}}
			p.hold(one.waits, false)
			all = append(all, one)
		}
		ended, overdue := d.expire(now)
		gone := make(map[*record]bool)
		for r := ended.first; r != nil; r = ended.after(r) {
			gone[r] = true
		}
		for i := len(all) - 1; i >= 0; i-- {
			p := all[i]
			age := now.Sub(p.opened)
			if gone[p.waits] {
				p.waits = nil
			}
			if p.waits == nil && age < d.delivery || p.waits != nil && age >= d.delivery+d.width {
				t.Fatalf("after %v, ended is %v", age, p.waits == nil)
			}
			if p.expired() && age < d.delivery+d.grace || !p.expired() && age >= d.delivery+d.grace+d.width {
				t.Fatalf("after %v, expired is %v", age, p.expired())
			}
			if p.expired() && !overdue {
				t.Fatal("a record is late, and nobody says so")
			}
			if !p.expired() {
				continue
			}
			p.live.Add(-1)
			all = append(all[:i], all[i+1:]...)
		}
	}
	if limit := int((d.delivery+d.grace)/d.width) + 50; len(d.groups) > limit {
		t.Errorf("%d deadlines are kept, want at most %d", len(d.groups), limit)
	}
	d.clear()
	if len(d.groups) != 0 || d.last != nil {
		t.Error("cleared deadlines are kept")
	}
}
