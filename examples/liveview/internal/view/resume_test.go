package view

import (
	"context"
	"errors"
	"testing"
	"time"
)

func TestForgottenChannelIsNotResumedInAnotherOne(t *testing.T) {
	tp := newTopic(t)
	all := aRun("t")
	tp.messages(all[0])
	subscribe := func(p *page, w Want) {
		t.Helper()
		if err := tp.Subscribe(p, w, func(string) {}); err != nil {
			t.Fatal(err)
		}
	}
	want := Want{Kind: "run", Thread: "t"}
	away := newPage(t)
	subscribe(away, want)
	tp.messages(all[1])
	tp.tick()
	tp.Unsubscribe(away, "run/t")
	tp.clock.now = tp.clock.now.Add(time.Hour)
	tp.tick()
	if n := tp.Channels(); n != 2 {
		t.Fatalf("%d channels, want those of producers and health", n)
	}
	other := newPage(t)
	subscribe(other, want)
	for _, m := range all[2:6] {
		tp.messages(m)
		tp.tick()
	}
	want.Resume, want.After = true, away.ids["run/t"]
	subscribe(away, want)
	if last := away.why[len(away.why)-1]; len(away.why) != 2 || last != "too_old" {
		t.Errorf("snapshots %v, want one more, too_old: who resumes has another channel's ids",
			away.why)
	}
}

func TestWhoHasLeftDoesNotWaitForAMoment(t *testing.T) {
	tp := newTopic(t)
	tp.messages(aRun("t")...)
	tp.moments <- struct{}{} // somebody else's is being made
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := tp.At(ctx, "t", Moment{Sequence: 1}); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want that the context has ended", err)
	}
}
