package view

import (
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// again is a copy of a message with another id, number and time.
func again(m *pb.DashStreamMessage, n uint64, mark byte, later int64) *pb.DashStreamMessage {
	m = proto.CloneOf(m)
	m.Header().Sequence = n
	m.Header().MessageId[15] = mark
	m.Header().TimestampUs += later
	return m
}

func TestEveryChangePassesOneGuard(t *testing.T) {
	all := aRun("t")
	base := newTopic(t)
	base.messages(all...)
	want := base.shown("t", Moment{})
	with := func(at int, more ...*pb.DashStreamMessage) []*pb.DashStreamMessage {
		return slices.Insert(slices.Clone(all), at, more...)
	}
	swapped := slices.Clone(all)
	swapped[7], swapped[11] = swapped[11], swapped[7] // a NODE_START after its NODE_END
	reset := again(all[0], 1, 0xee, 0)                // a late GRAPH_START
	reset.GetEvent().Attributes["initial_state_json"] = &pb.AttributeValue{
		Value: &pb.AttributeValue_StringValue{StringValue: `{"n":-1}`}}
	reset.GetEvent().Attributes["graph_name"] = &pb.AttributeValue{
		Value: &pb.AttributeValue_StringValue{StringValue: "another"}}
	tests := map[string][]*pb.DashStreamMessage{
		"every message twice": func() (twice []*pb.DashStreamMessage) {
			for _, m := range all {
				twice = append(twice, m, m)
			}
			return twice
		}(),
		"everything again":            append(slices.Clone(all), all...),
		"overlapping replays":         slices.Concat(all[:9], all[4:11], all[2:]),
		"a late GRAPH_START":          with(10, reset),
		"a NODE_START after its end":  swapped,
		"a number that is taken":      with(8, again(all[4], 5, 0xee, 0)),
		"a state with number 0":       with(8, again(all[4], 0, 0xee, 0)),
		"a number beyond 2^53":        append(slices.Clone(all), again(all[6], 1<<60, 0xee, 9e6)),
		"a newer state with an old n": with(12, again(all[4], 5, 0xee, 9e6)),
	}
	for name, messages := range tests {
		tp := newTopic(t)
		tp.messages(messages...)
		got := tp.shown("t", Moment{})
		same := reflect.DeepEqual(got.State["state"].Value, want.State["state"].Value)
		resync := slices.Contains(got.Meta["thread"].Flags, FlagNeedsResync)
		if !same && !resync {
			t.Errorf("%s: the state is %s, and nothing says that it may be wrong", name,
				got.State["state"].Value.JSON)
		}
		if resync != (got.Meta["thread"].ResyncReason != "") {
			t.Errorf("%s: flags %v, reason %q", name, got.Meta["thread"].Flags,
				got.Meta["thread"].ResyncReason)
		}
		if resync {
			continue
		}
		if !reflect.DeepEqual(got.Runs, want.Runs) {
			t.Errorf("%s: runs %+v\nwant %+v", name, got.Runs, want.Runs)
		}
		if !reflect.DeepEqual(got.Nodes, want.Nodes) {
			t.Errorf("%s: nodes %+v\nwant %+v", name, got.Nodes, want.Nodes)
		}
	}
}

func TestNumbersBeyondDoublesArriveAsStrings(t *testing.T) {
	tp := newTopic(t)
	tp.messages(again(aRun("t")[0], 1<<60, 1, 0))
	b, err := tp.At("t", Moment{})
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range []string{`"sequence":"1152921504606846976"`, `"big":"9007199254740993"`} {
		if !strings.Contains(string(b), part) {
			t.Errorf("%s is not in %s", part, b)
		}
	}
}

func TestRejectedPartsMarkTheRunAndAreInTheTimeline(t *testing.T) {
	tp := newTopic(t)
	all := aRun("t")
	deep := strings.Repeat("[", 1000) + strings.Repeat("]", 1000)
	all[8].GetToolExecution().Arguments = []byte(deep)
	all[4].GetStateDiff().FullState = []byte(`{"x":"` + strings.Repeat("x", 600<<10) + `"}`)
	tp.messages(all...)
	s := tp.shown("t", Moment{})
	entries := s.entries("rejected")
	var texts []string
	for _, e := range entries {
		texts = append(texts, e.Text)
	}
	slices.Sort(texts)
	if want := []string{"arguments of 2000 bytes was rejected: too_deep",
		fmt.Sprintf("full_state of %d bytes was rejected: too_large", 600<<10+8)}; !slices.Equal(
		texts, want) {
		t.Errorf("%q, want %q", texts, want)
	}
	flags := s.Meta["thread"].Flags
	if !slices.Contains(flags, FlagRejected) || !slices.Contains(flags, FlagNeedsResync) ||
		s.Meta["thread"].Rejected != 2 {
		t.Errorf("flags %v, %d rejected", flags, s.Meta["thread"].Rejected)
	}
	if in := s.Calls["tool:call-1"].Input; in.Rejected != "too_deep" || in.Bytes != 2000 ||
		in.JSON != nil {
		t.Errorf("input %+v", in)
	}
}

func TestRecordsThatDoNotDecodeAreListedAndTheOthersShown(t *testing.T) {
	tp := newTopic(t)
	for i := range 41 {
		if i == 20 {
			tp.records("t", []byte{7, 1, 2, 3})
		}
		kind, parent := nodeStart, uint64(1)
		if i == 0 {
			kind, parent = graphStart, 0
		}
		tp.messages(event("t", uint64(i+1), kind, "n", parent, nil))
	}
	s := tp.shown("t", Moment{})
	if len(s.Nodes) != 40 || len(s.entries("undecodable")) != 1 {
		t.Errorf("%d nodes and %d undecodable entries, want 40 and 1", len(s.Nodes),
			len(s.entries("undecodable")))
	}
	p := newPage(t)
	tp.tick()
	if err := tp.Subscribe(p, Want{Kind: "health"}, func(string) {}); err != nil {
		t.Fatal(err)
	}
	f := string(p.channels["health"]["failures"]["0"])
	for _, part := range []string{`"reason":"unknown_frame_byte"`, `"leads_to":"resync"`,
		`"partition":1`, `"offset":20`, `"bytes":4`} {
		if !strings.Contains(f, part) {
			t.Errorf("%s is not in %s", part, f)
		}
	}
	for _, r := range tp.Undecoded() {
		want := Whole(0)
		if r.Reason == "unknown_frame_byte" {
			want = 1
		}
		if r.Count != want {
			t.Errorf("%s counts %d, want %d", r.Reason, r.Count, want)
		}
	}
	if h := tp.Health(); h.Undecoded != 1 || h.Records != 42 || h.Messages != 41 {
		t.Errorf("%+v", h)
	}
}

func TestUndecodedRecordNeedsAResyncUntilAStateIsCertain(t *testing.T) {
	tp := newTopic(t)
	tp.messages(aRun("t")[:6]...)
	tp.records("t", []byte{7})
	if f := tp.shown("t", Moment{}).Meta["thread"]; !slices.Contains(f.Flags, FlagNeedsResync) ||
		!strings.Contains(f.ResyncReason, "unknown_frame_byte") {
		t.Errorf("%+v", f)
	}
	tp.messages(state("t", 7, `{"n":5}`))
	if f := tp.shown("t", Moment{}).Meta["thread"].Flags; slices.Contains(f, FlagNeedsResync) {
		t.Errorf("flags %v after a whole state", f)
	}
}

func TestNewerProducerStopsItsThread(t *testing.T) {
	tp := newTopic(t)
	tp.messages(aRun("t")[:6]...)
	newer := state("t", 7, `{}`)
	newer.Header().SchemaVersion = 2
	tp.messages(newer, aRun("t")[7])
	s := tp.shown("t", Moment{})
	if !slices.Contains(s.Meta["thread"].Flags, FlagStopped) || len(s.Nodes) != 1 {
		t.Errorf("flags %v, %d nodes", s.Meta["thread"].Flags, len(s.Nodes))
	}
}
