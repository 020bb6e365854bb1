package reduce

import (
	"bytes"
	"encoding/json"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
	"google.golang.org/protobuf/proto"
)

// FuzzReducer adds arbitrary messages, twice, and looks for panics, wrong counts, and states that
// are not canonical.
func FuzzReducer(f *testing.F) {
	s := newStream()
	start := s.event(graphStart, "", ID{}, "initial_state_json", `{"a":1}`)
	for _, m := range []*pb.DashStreamMessage{
		start, s.event(nodeStart, "n", id(start)), s.event(nodeEnd, "n", id(start)),
		s.diff(full(`{"a":2}`)), s.diff(patch("", "/a", "2")),
		s.checkpoint(&pb.Checkpoint{CheckpointId: []byte("c"), State: []byte("1")}),
		s.batch(s.event(graphEnd, "", id(start)), s.event(resume, "", ID{})),
		new(states).of(producerA, lost("t", 1, 2, 2), lost("t", 2, 1<<63, 1), lost("u", 1, 1, 1)),
	} {
		body, err := proto.Marshal(m)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(body, true)
	}
	f.Fuzz(func(t *testing.T, body []byte, known bool) {
		r := Reducer{MaxNodes: 3, MaxIDs: 3, MaxThreads: 2}
		if known {
			s := newStream()
			s.last = 3
			mustAdd(t, &r, s.diff(full(`{"a":{"b":[1,2,3]}}`)))
		}
		m := new(pb.DashStreamMessage)
		if proto.Unmarshal(body, m) != nil {
			return
		}
		for range 2 {
			change, _ := r.Add(m)
			for _, l := range r.Unseen() {
				checkLosses(t, l)
			}
			th := change.Thread
			if th == nil {
				th = r.Thread("t")
			}
			if th == nil {
				return
			}
			checkLosses(t, th.Losses())
			if state, ok := th.State(); ok {
				if again, err := statediff.Canonical(nil, state); err != nil ||
					!bytes.Equal(again, state) {
					t.Fatalf("state %q is not canonical: %v", state, err)
				}
			}
			if text, err := json.Marshal(th); err != nil || !json.Valid(text) {
				t.Fatalf("%s, %v", text, err)
			}
			sum := 0
			for other := range r.Threads() {
				sum += other.bytes
			}
			if sum != r.bytes || th.tree.texts < 0 {
				t.Fatalf("%d bytes counted, %d there", r.bytes, sum)
			}
		}
	})
}

func checkLosses(t *testing.T, l Losses) {
	for _, g := range l.Gaps {
		if g.Explained > g.Missing || g.From > g.To || g.Missing-1 > g.To-g.From {
			t.Fatalf("%+v", g)
		}
	}
}
