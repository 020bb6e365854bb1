package main

import (
	"crypto/sha256"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/jsonlines"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// TestLinesSayWhetherAStateHolds follows a thread whose fourth message is lost.
func TestLinesSayWhetherAStateHolds(t *testing.T) {
	sum := func(s string) []byte { x := sha256.Sum256([]byte(s)); return x[:] }
	diff := func(n uint64, d *pb.StateDiff) *kgo.Record {
		d.Header = &pb.Header{}
		return message("t", n,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{StateDiff: d}})
	}
	set := func(path, value string) []*pb.DiffOperation {
		return []*pb.DiffOperation{{Op: pb.DiffOperation_OP_TYPE_REPLACE, Path: path,
			Value: []byte(value)}}
	}
	start := event("t", 1, pb.EventType_EVENT_TYPE_GRAPH_START, "", 0,
		map[string]*pb.AttributeValue{"initial_state_json": text(`{"a":1}`)})
	records := []*kgo.Record{
		record(1, "t", &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: start}}),
		diff(2, &pb.StateDiff{Operations: set("/a", "2"), StateHash: sum(`{"a":2}`)}),
		diff(3,
			&pb.StateDiff{Operations: append(set("/a", "3"),
				set("/a", `"`+strings.Repeat("x", 2000)+`"`)...)}),
		diff(5, &pb.StateDiff{Operations: set("/a", "5")}),
		diff(6, &pb.StateDiff{FullState: []byte(`{"a":6}`), StateHash: sum(`{"a":6}`)}),
		message("t", 7,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Checkpoint{
				Checkpoint: &pb.Checkpoint{
					Header: &pb.Header{}, CheckpointId: []byte("c"), State: []byte(`{"a":7}`),
					Checksum: sum(`{"a":7}`),
				}}}),
		diff(8, &pb.StateDiff{Operations: set("/a", "8"), BaseCheckpointId: []byte("c"),
			StateHash: sum(`{"a":9}`)}),
	}
	records = append(records, records[4])
	var got []string
	for line := range strings.Lines(printed(t, utcLines(), "t", "state_diff,checkpoint", 0,
		records)) {
		got = append(got, strings.Join(strings.Fields(line)[2:], " "))
	}
	want := []string{
		"2 state_diff - 1 operation, 1 bytes, verified: replace /a (1 bytes) 2",
		"3 state_diff - 2 operations, 2.0 KiB, no hash: replace /a (1 bytes) 3; replace /a (2.0 " +
			"KiB) \"" + strings.Repeat("x", 74) + "…",
		"5 state_diff - 1 operation, 1 bytes, not followed: unproven: replace /a (1 bytes) 5",
		`6 state_diff - the whole state, 7 bytes, verified: {"a":6}`,
		"7 checkpoint - c, 7 bytes, verified",
		"8 state_diff - 1 operation, 1 bytes, not followed: hash_mismatch: replace /a (1 bytes) 8",
		`6 state_diff - the whole state, 7 bytes, a repetition: {"a":6}`,
	}
	for i := range max(len(got), len(want)) {
		if i >= len(got) || i >= len(want) || got[i] != want[i] {
			t.Fatalf("line %d differs:\n%s\nwant\n%s", i, strings.Join(got, "\n"),
				strings.Join(want, "\n"))
		}
	}
}

func TestTheStateOfAThreadIsShownAsItChanges(t *testing.T) {
	records := sent(t, func(client *callback.Client) {
		client.StartRun(callback.RunInfo{ThreadID: "other", InitialState: map[string]any{"b": 1}})
		run := client.StartRun(callback.RunInfo{ThreadID: "t",
			InitialState: map[string]any{"a": 1}})
		run.SetState(map[string]any{"a": 2})
		run.SetState(map[string]any{"a": 2}) // unchanged
		run.SetState(map[string]any{"a": []int{3}})
		run.End(nil)
	})
	show := func(f format) string {
		all, _ := newFilter("", "")
		var out strings.Builder
		tailer := tailer{filter: &all, format: f, sequences: jsonlines.NewSequences(),
			owners: jsonlines.NewOwners(), stateOf: "t", out: &out}
		for _, r := range records {
			tailer.record(r)
		}
		return out.String()
	}
	var got []string
	for line := range strings.Lines(show(utcLines())) {
		if fields := strings.Fields(line); strings.Contains(line, "state") {
			line = strings.Join(fields[1:], " ")
		}
		got = append(got, strings.TrimSuffix(line, "\n"))
	}
	want := []string{
		"t 1 state - current", "{", `  "a": 1`, "}", "t 2 state - verified", "{", `  "a": 2`, "}",
		"t 3 state - verified", "{", `  "a": [`, "    3", "  ]", "}",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	if got := show(jsonLines{}); !strings.HasSuffix(got,
		`"state":{"thread_id":"t","sequence":"3","trust":"current","state":{"a":[3]}}}`+"\n") ||
		strings.Count(got, "\n") != 3 {
		t.Errorf("in JSON:\n%s", got)
	}
}
