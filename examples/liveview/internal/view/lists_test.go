package view

import (
	"testing"
	"time"
)

func TestManyListsHoldUpNothing(t *testing.T) {
	tp := newTopic(t)
	tp.messages(aRun("t")[:3]...)
	p := newPage(t)
	const lists = 40
	for i := range lists {
		w := Want{Kind: "runs", Filter: Filter{From: int64(i + 1)}, Limit: 10}
		if err := tp.Subscribe(p, w, func(string) {}); err != nil {
			t.Fatal(err)
		}
	}
	tp.follow(p, "t")
	updated := func() (lists int, run bool) {
		for key, id := range p.ids {
			run = run || key == "run/t" && id > 0
			if key != "run/t" && id > 0 {
				lists++
			}
		}
		return lists, run
	}
	tp.messages(aRun("t")[3])
	tp.clock.now = tp.clock.now.Add(time.Second)
	tp.now = func() time.Time { // looking at the time takes 5 ms
		tp.clock.now = tp.clock.now.Add(5 * time.Millisecond)
		return tp.clock.now
	}
	tp.Tick()
	if n, run := updated(); n >= lists/2 || !run {
		t.Errorf("one tick made %d of %d lists, and the run: %t", n, lists, run)
	}
	for range 1000 {
		tp.Tick()
	}
	if n, _ := updated(); n < lists {
		t.Errorf("only %d of %d lists were made in the end", n, lists)
	}
}
