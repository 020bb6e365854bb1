package view

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func TestRunIsShownWithEverythingThatHappened(t *testing.T) {
	tp := newTopic(t)
	tp.messages(aRun("t")...)
	s := tp.shown("t", Moment{})
	run := s.Runs[fmt.Sprintf("%x", id(1))]
	if run.Status != "ended" || run.Graph != "g" || run.Tokens != 12 || run.Schema == nil ||
		len(run.Schema.Edges) != 3 || run.Schema.Nodes[1].Type != pb.NodeCustom {
		t.Errorf("run %+v, schema %+v", run, run.Schema)
	}
	act := s.Nodes[fmt.Sprintf("%x", id(8))]
	if act.Status != "ended" || act.Run != run.ID || act.Parent != run.ID || act.Attempt != 1 {
		t.Errorf("node %+v", act)
	}
	call := s.Calls["tool:call-1"]
	if call.Node != act.ID || call.Status != "ended" || string(call.Input.JSON) != `{"q":"x"}` ||
		string(call.Output.JSON) != `{"found":[1,2]}` {
		t.Errorf("call %+v", call)
	}
	st := s.State["state"]
	if string(st.Value.JSON) != `{"big":"9007199254740993","n":2}` || st.Trust != "current" ||
		!slices.Equal(st.Changed, []Change{{"replace", "/n"}}) {
		t.Errorf("state %+v: %s", st, st.Value.JSON)
	}
	if len(s.Edges) != 2 || len(s.Timeline) != 14 || len(s.Meta["thread"].Flags) != 0 {
		t.Errorf("%d edges, %d entries, %+v", len(s.Edges), len(s.Timeline), s.Meta)
	}
}

// follow subscribes a page to the thread and to the list.
func (tp *topic) follow(p *page, thread string) {
	tp.t.Helper()
	for _, w := range []Want{{Kind: "run", Thread: thread}, {Kind: "runs", Limit: 100}} {
		if err := tp.Subscribe(p, w, func(string) {}); err != nil {
			tp.t.Fatal(err)
		}
	}
}

func (tp *topic) tick() {
	tp.clock.now = tp.clock.now.Add(time.Second)
	tp.Tick()
}

func TestUpdatesLeadToWhatASnapshotShows(t *testing.T) {
	tp := newTopic(t)
	all := aRun("t")
	tp.messages(all[0])
	p := newPage(t)
	tp.follow(p, "t")
	for i, m := range all[1:] {
		tp.messages(m)
		tp.tick()
		late := newPage(t)
		tp.follow(late, "t")
		for _, key := range []string{"run/t", Want{Kind: "runs", Limit: 100}.keyOf()} {
			if !reflect.DeepEqual(p.channels[key], late.channels[key]) {
				t.Fatalf("after %d, %s differs:\n%s\n%s", i+2, key,
					appendData(nil, p.channels[key]), appendData(nil, late.channels[key]))
			}
		}
	}
}

func (w Want) keyOf() string { return w.key() }

func TestMomentIsWhatWasShownThen(t *testing.T) {
	tp := newTopic(t)
	all := aRun("t")
	var then []shownThread
	for _, m := range all {
		tp.messages(m)
		then = append(then, tp.shown("t", Moment{}))
	}
	for i, want := range then {
		bySequence := tp.shown("t", Moment{Sequence: uint64(i + 1)})
		byTime := tp.shown("t", Moment{Time: start + 1000*int64(i+1)})
		for _, got := range []shownThread{bySequence, byTime} {
			if got.Meta["thread"].At != Whole(i+1) {
				t.Errorf("moment %d says it is %d", i+1, got.Meta["thread"].At)
			}
			got.Meta = want.Meta
			if !reflect.DeepEqual(got, want) {
				t.Errorf("moment %d: %+v\nwant %+v", i+1, got, want)
			}
		}
	}
}

func TestResumingGetsExactlyWhatWasMissed(t *testing.T) {
	tp := newTopic(t)
	all := aRun("t")
	tp.messages(all[0])
	always, away := newPage(t), newPage(t)
	want := Want{Kind: "run", Thread: "t"}
	for _, p := range []*page{always, away} {
		if err := tp.Subscribe(p, want, func(string) {}); err != nil {
			t.Fatal(err)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	there := true
	for _, m := range all[1:] {
		if random.IntN(2) == 0 {
			if there {
				tp.Unsubscribe(away, "run/t")
			} else {
				want.Resume, want.After = true, away.ids["run/t"]
				if err := tp.Subscribe(away, want, func(string) {}); err != nil {
					t.Fatal(err)
				}
			}
			there = !there
		}
		tp.messages(m)
		tp.tick()
	}
	want.Resume, want.After = true, away.ids["run/t"]
	if err := tp.Subscribe(away, want, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(always.channels, away.channels) || len(away.why) != 1 {
		t.Errorf("who was away has something else, or got snapshots: %v", away.why)
	}
	// what is no longer kept
	tp.clock.now = tp.clock.now.Add(time.Hour)
	tp.Unsubscribe(away, "run/t")
	want.After = ^uint64(0)
	if err := tp.Subscribe(away, want, func(string) {}); err != nil {
		t.Fatal(err)
	}
	if away.why[len(away.why)-1] != "too_old" {
		t.Errorf("snapshots %v, want the last one to be too_old", away.why)
	}
}

func TestSlowSubscriberIsCountedAndOthersAreServed(t *testing.T) {
	tp := newTopic(t)
	all := aRun("t")
	tp.messages(all[0])
	slow, fast := newPage(t), newPage(t)
	tp.follow(slow, "t")
	tp.follow(fast, "t")
	slow.deaf = true
	tp.messages(all[1:]...)
	tp.tick()
	slow.deaf = false
	tp.Snapshots(slow, []string{"run/t"}, func() {})
	if slow.why[len(slow.why)-1] != "too_slow" ||
		!reflect.DeepEqual(slow.channels["run/t"], fast.channels["run/t"]) {
		t.Errorf("snapshots %v, or they differ", slow.why)
	}
}

func TestListIsFilteredAndShowsErrorsFirst(t *testing.T) {
	tp := newTopic(t)
	for i := range 30 {
		thread := fmt.Sprintf("conv-%d", i)
		tp.messages(event(thread, 1, graphStart, "", 0, map[string]any{"graph_name": "g"}))
		if i == 0 {
			tp.messages(event(thread, 2, graphError, "", 1, map[string]any{"error": "No Luck"}))
		}
	}
	rows := func(f Filter, limit int) (keys []string, s Summary) {
		p := newPage(t)
		w := Want{Kind: "runs", Filter: f, Limit: limit}
		if err := tp.Subscribe(p, w, func(string) {}); err != nil {
			t.Fatal(err)
		}
		for _, c := range p.channels {
			if err := json.Unmarshal(c["meta"]["summary"], &s); err != nil {
				t.Fatal(err)
			}
			for _, b := range c["runs"] {
				var r Row
				if err := json.Unmarshal(b, &r); err != nil {
					t.Fatal(err)
				}
				keys = append(keys, r.Thread)
			}
		}
		return keys, s
	}
	if keys, s := rows(Filter{}, 5); len(keys) != 5 || !slices.Contains(keys, "conv-0") ||
		s.Total != 30 || s.Failed != 1 || s.Running != 29 {
		t.Errorf("%v, %+v: the failed one is the oldest, and has to be there", keys, s)
	}
	for _, tt := range []struct {
		filter Filter
		want   int
	}{
		{Filter{Outcome: "failed"}, 1}, {Filter{Text: "no luck"}, 1}, {Filter{Text: "CONV-1"}, 11},
		{Filter{Graph: "other"}, 0}, {Filter{Tenant: "acme"}, 30}, {Filter{Tenant: "b"}, 0},
		{Filter{From: start + 1001}, 0}, {Filter{To: start}, 0},
	} {
		if keys, s := rows(tt.filter, 100); len(keys) != tt.want || s.Matches != tt.want {
			t.Errorf("%+v: %d rows, %d matches, want %d", tt.filter, len(keys), s.Matches, tt.want)
		}
	}
}

func TestMemoryIsBoundedAndOlderRunsAreALine(t *testing.T) {
	tp := newTopicOf(t, 1<<20)
	for i := range 200 {
		thread := fmt.Sprint("t", i)
		tp.messages(event(thread, 1, graphStart, "", 0, map[string]any{"graph_name": "g"}))
		for n := range 10 {
			tp.messages(state(thread, uint64(n+2), fmt.Sprintf(`{"x":"%s"}`,
				bytes.Repeat([]byte{'x'}, 1500))))
		}
	}
	if used, limit := tp.store.Bytes(); used > limit {
		t.Errorf("%d bytes are kept, limit %d", used, limit)
	}
	if _, err := tp.At("t0", Moment{}); err != ErrLineOnly {
		t.Errorf("the oldest: %v, want %v", err, ErrLineOnly)
	}
	if _, err := tp.At("never", Moment{}); err != ErrUnknownThread {
		t.Errorf("%v, want %v", err, ErrUnknownThread)
	}
	if s := tp.shown("t199", Moment{}); len(s.Timeline) != 11 {
		t.Errorf("the newest has %d entries, want 11", len(s.Timeline))
	}
	p := newPage(t)
	tp.follow(p, "t199")
	lines := 0
	for _, b := range p.channels[Want{Kind: "runs", Limit: 100}.keyOf()]["runs"] {
		if bytes.Contains(b, []byte(FlagLine)) {
			lines++
		}
	}
	if lines == 0 {
		t.Error("no row says that it is only a line")
	}
}
