package view

import (
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func TestTimelineIsWrittenForPeople(t *testing.T) {
	tp := newTopic(t)
	diff := patch("t", 3, "/a", "1")
	diff.GetStateDiff().Operations = append(diff.GetStateDiff().GetOperations(),
		&pb.DiffOperation{Op: pb.DiffOperation_OP_TYPE_REMOVE, Path: "/b"})
	end := event("t", 4, nodeEnd, "plan", 2, nil)
	end.GetEvent().DurationUs = 25
	tp.messages(event("t", 1, graphStart, "", 0,
		map[string]any{"initial_state_json": `{"a":0,"b":0}`}),
		event("t", 2, nodeStart, "plan", 1, nil), diff, end)
	shown := tp.shown("t", Moment{})
	for key, want := range map[string]string{"2": "replace /a, remove /b", "3": "took 25 µs"} {
		if got := shown.Timeline[key].Text; got != want {
			t.Errorf("entry %s says %q, want %q", key, got, want)
		}
	}
	for us, want := range map[int64]string{1: "1 µs", 1500: "2 ms", 2_340_000: "2.3 s"} {
		if got := took(us); got != want {
			t.Errorf("%d µs are %q, want %q", us, got, want)
		}
	}
}
