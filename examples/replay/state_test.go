package main

import (
	"encoding/json"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// finalStates verifies that a reader of the ledger's messages has each recording's whole
// conversation as the state of its run, each hash verified.
func finalStates(t *testing.T, l *ledger, file []byte) {
	t.Helper()
	var runs []struct{ Traj json.RawMessage }
	if err := json.Unmarshal(file, &runs); err != nil {
		t.Fatal(err)
	}
	var r reduce.Reducer
	diffs := uint64(0)
	for _, m := range l.decoded {
		if _, err := r.Add(m); err != nil {
			t.Fatal(err)
		}
		if m.GetStateDiff() != nil {
			diffs++
		}
	}
	verified := uint64(0)
	for id := range l.threads {
		n, err := strconv.Atoi(id[strings.LastIndexByte(id, '-')+1:])
		if err != nil {
			t.Fatal(err)
		}
		want, err := statediff.Canonical(nil,
			[]byte(`{"messages":`+string(runs[(n-1)%len(runs)].Traj)+`}`))
		if err != nil {
			t.Fatal(err)
		}
		th := r.Thread(id)
		if got, _ := th.State(); string(got) != string(want) || th.NeedsResync() {
			t.Errorf("%s, %v: the state is\n%.500s, want\n%.500s", id, th.Trust(), got, want)
		}
		verified += th.Hashes().Verified
	}
	if verified != diffs || diffs == 0 {
		t.Errorf("%d hashes of %d were verified", verified, diffs)
	}
}

func TestTheConversationIsTheStateOfTheRun(t *testing.T) {
	file, err := os.ReadFile(sample)
	if err != nil {
		t.Fatal(err)
	}
	l := new(ledger)
	o := replayed(t, t.Context(), callback.Config{Sender: l, CheckpointPatches: 3}, "--runs=7",
		sample)
	if o.code != exitDone {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	l.verify(t, map[string]int{"EVENT_TYPE_GRAPH_END": 7})
	finalStates(t, l, file)
	// 5 messages of the first recording after those of the system, 5 of the second, 5 of the third.
	if s := o.result.State; s.Patches+s.Whole+s.Checkpoints != 7*5 || s.Whole != 7 ||
		s.Checkpoints == 0 || s.Bytes == 0 {
		t.Errorf("states are counted as %+v", s)
	}
}

func TestAStateComesBeforeTheEndOfItsNode(t *testing.T) {
	l := new(ledger)
	if o := replayed(t, t.Context(), callback.Config{Sender: l}, "--concurrency=1", "--runs=1",
		sample); o.code != exitDone {
		t.Fatalf("exit code %d: %s", o.code, o.stderr)
	}
	var order []string
	for _, m := range l.decoded {
		if d := m.GetStateDiff(); d != nil {
			order = append(order, "state")
		}
		for e := range m.Events() {
			if e.GetEventType() == pb.EventType_EVENT_TYPE_NODE_END {
				order = append(order, e.GetNodeId())
			}
		}
	}
	if got, want := strings.Join(order, " "), "state user state agent state tools state agent "+
		"state user"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
}

func TestStatesCanBeLeftOut(t *testing.T) {
	l := new(ledger)
	o := replayed(t, t.Context(), callback.Config{Sender: l}, "--state=false", sample)
	if o.code != exitDone || o.result.State != (states{}) {
		t.Errorf("exit code %d, states %+v: %s", o.code, o.result.State, o.stderr)
	}
	for _, m := range l.decoded {
		if m.GetStateDiff() != nil || m.GetCheckpoint() != nil {
			t.Fatalf("%v", m)
		}
	}
}

func TestTheAccountKnowsWhatWasUnchanged(t *testing.T) {
	s := callback.Stats{}
	s.Total.Emitted, s.Total.Delivered, s.Total.Unchanged = 5, 3, 2
	r := account(&s, highWater{}, 0, 0)
	if !r.closes() || r.Unchanged != 2 {
		t.Errorf("%+v does not close", r)
	}
	if r.Unchanged = 0; r.closes() {
		t.Error("an account that lacks two events closes")
	}
}
