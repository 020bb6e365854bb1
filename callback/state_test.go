package callback_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// forms lists the forms of the states in a thread's messages: "whole", "patch N" (of N operations)
// or "checkpoint".
func forms(messages []*pb.DashStreamMessage) (names []string) {
	for _, m := range messages {
		switch d := m.GetStateDiff(); {
		case m.GetCheckpoint() != nil:
			names = append(names, "checkpoint")
		case d == nil:
		case len(d.GetFullState()) > 0:
			names = append(names, "whole")
		default:
			names = append(names, fmt.Sprint("patch ", len(d.GetOperations())))
		}
	}
	return names
}

// follow applies a thread's messages to a state, and compares every hash with it.
func follow(t *testing.T, state []byte, messages []*pb.DashStreamMessage) []byte {
	t.Helper()
	for _, m := range messages {
		if cp := m.GetCheckpoint(); cp != nil {
			state = cp.GetState()
			if sum := sha256.Sum256(state); !bytes.Equal(sum[:], cp.GetChecksum()) {
				t.Error("a checkpoint's checksum is not that of its state")
			}
		}
		d := m.GetStateDiff()
		if d == nil {
			continue
		}
		if len(d.GetFullState()) > 0 {
			state = d.GetFullState()
		} else {
			var ops []statediff.Op
			for _, op := range d.GetOperations() {
				ops = append(ops, statediff.Op{Kind: statediff.Kind(op.GetOp()), Path: op.GetPath(),
					From: op.GetFrom(), Value: op.GetValue()})
			}
			var err error
			if state, err = statediff.Apply(state, ops); err != nil {
				t.Fatalf("the patch does not apply: %v", err)
			}
		}
		if sum := sha256.Sum256(state); len(d.GetStateHash()) > 0 && !bytes.Equal(sum[:],
			d.GetStateHash()) {
			t.Errorf("the hash is not that of %.200s", state)
		}
	}
	return state
}

func canonical(t *testing.T, v any) string {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	b, err := statediff.Canonical(nil, raw)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

type conversation struct {
	Messages []string `json:"messages"`
	Step     int      `json:"step"`
}

func TestStatesGoOutAsWhatTheyChange(t *testing.T) {
	r := callbacktest.NewRecorder()
	client := r.Client(t)
	run := client.StartRun(callback.RunInfo{ThreadID: "t"})
	state := conversation{Messages: []string{strings.Repeat("a long beginning ", 20)}}
	run.SetState(state)
	run.SetState(state)
	state.Step++
	run.SetState(state)
	state.Messages = append(state.Messages, "more")
	state.Step++
	run.SetState(&state)
	run.SetState(state)
	run.Root().Progress(1, "done")
	run.End(nil)
	messages := r.Messages("t")
	if got, want := fmt.Sprint(forms(messages)), "[whole patch 1 patch 2]"; got != want {
		t.Errorf("%s, want %s", got, want)
	}
	if got := string(follow(t, nil, messages)); got != canonical(t, state) {
		t.Errorf("readers have %s", got)
	}
	complete(t, r) // no number is missing
	st := client.Stats()
	if k := st.Kinds[pb.MessageType_MESSAGE_TYPE_STATE_DIFF]; k.Emitted != 5 || k.Unchanged != 2 ||
		k.Delivered != 3 {
		t.Errorf("the account of states is %+v", k)
	}
	if st.State.Whole != 1 || st.State.Patches != 2 || st.State.Baselines != 1 ||
		st.State.BaselineBytes == 0 {
		t.Errorf("states are counted as %+v", st.State)
	}
}

func TestPositionLeavesOutWhatWasUnchanged(t *testing.T) {
	r := callbacktest.NewRecorder()
	client := r.Client(t)
	run := client.StartRun(callback.RunInfo{ThreadID: "t"})
	for range 200 {
		run.SetState(1)
	}
	run.Root().Progress(1, "done")
	flush(t, client)
	if got := run.Position().Sequence; got != 3 {
		t.Errorf("the thread is at %d, want 3", got)
	}
	run.End(nil)
	complete(t, r)
}

func TestAfterALossTheNextStateIsWhole(t *testing.T) {
	for name, lose := range map[string]func(*callback.Run, *courier, *callback.Client){
		"of a state on its way": func(run *callback.Run, c *courier, client *callback.Client) {
			c.decide(func(*batching.Batch) error { return errRefused })
			run.SetState(conversation{Step: 1})
			flush(t, client)
		},
		"of an event on its way": func(run *callback.Run, c *courier, client *callback.Client) {
			c.decide(func(*batching.Batch) error { return errRefused })
			run.Root().Progress(1, "lost")
			flush(t, client)
		},
		"that may not be one": func(run *callback.Run, c *courier, client *callback.Client) {
			c.decide(func(*batching.Batch) error {
				return &batching.SendError{Outcome: batching.Unacknowledged}
			})
			run.Root().Progress(1, "lost")
			flush(t, client)
		},
		"on emit": func(run *callback.Run, _ *courier, _ *callback.Client) {
			run.Root().StartTool(callback.ToolCall{Name: strings.Repeat("x", 2<<20)})
		},
	} {
		t.Run(name, func(t *testing.T) {
			client, c := withCourier(t)
			run := client.StartRun(callback.RunInfo{ThreadID: "t"})
			long := strings.Repeat("beginning ", 20)
			run.SetState(conversation{Messages: []string{long}})
			flush(t, client)
			lose(run, c, client)
			c.decide(nil)
			run.SetState(conversation{Messages: []string{long}, Step: 2})
			run.SetState(conversation{Messages: []string{long}, Step: 3})
			flush(t, client)
			got := forms(c.Recorder.Messages("t"))
			if want := []string{"whole", "whole", "patch 1"}; !slices.Equal(got, want) {
				t.Errorf("%q, want %q", got, want)
			}
			if n := degraded(client, "resync"); n != 1 {
				t.Errorf("%d resyncs are counted", n)
			}
		})
	}
}

// degraded returns a counter of states that were sent in a lesser form.
func degraded(c *callback.Client, reason string) uint64 {
	for _, d := range c.Stats().State.Degraded {
		if d.Name == reason {
			return d.Count
		}
	}
	return 0
}

func TestAnUnchangedStateGoesOutAfterALoss(t *testing.T) {
	client, c := withCourier(t)
	run := client.StartRun(callback.RunInfo{ThreadID: "t"})
	c.decide(func(*batching.Batch) error { return errRefused })
	run.SetState(conversation{Step: 1})
	flush(t, client)
	c.decide(nil)
	run.SetState(conversation{Step: 1})
	run.SetState(conversation{Step: 1})
	flush(t, client)
	if got := forms(c.Recorder.Messages("t")); !slices.Equal(got, []string{"whole"}) {
		t.Errorf("%q, want one whole state", got)
	}
}

func TestAnotherRunOfTheThreadSendsItsStateWhole(t *testing.T) {
	r := callbacktest.NewRecorder()
	client := r.Client(t)
	a, b := client.StartRun(callback.RunInfo{ThreadID: "t"}),
		client.StartRun(callback.RunInfo{ThreadID: "t"})
	long := []string{strings.Repeat("beginning ", 20)}
	a.SetState(conversation{long, 1})
	b.SetState(conversation{long, 2})
	b.SetState(conversation{long, 3})
	a.SetState(conversation{long, 4})
	if got := forms(r.Messages("t")); !slices.Equal(got, []string{"whole", "whole", "patch 1",
		"whole"}) {
		t.Errorf("%q", got)
	}
}

func TestCheckpointsBoundHowFarAReaderLooksBack(t *testing.T) {
	for name, tt := range map[string]struct {
		change func(*callback.Config)
		want   []string
	}{
		"by patches": {func(c *callback.Config) { c.CheckpointPatches = 3 },
			[]string{"whole", "patch 1", "patch 1", "checkpoint", "patch 1", "patch 1",
				"checkpoint"}},
		"by bytes": {func(c *callback.Config) { c.CheckpointBytes = 1 << 10 },
			[]string{"whole", "patch 1", "checkpoint", "patch 1", "checkpoint", "patch 1",
				"checkpoint"}},
	} {
		t.Run(name, func(t *testing.T) {
			r := callbacktest.NewRecorder()
			client := r.Client(t, tt.change)
			run := client.StartRun(callback.RunInfo{ThreadID: "t"})
			s := conversation{Messages: []string{strings.Repeat("beginning ", 100)}}
			for range 7 {
				run.SetState(s)
				s.Messages = append(s.Messages, strings.Repeat(string(rune('a'+len(s.Messages))),
					550))
			}
			messages := r.Messages("t")
			if got := forms(messages); !slices.Equal(got, tt.want) {
				t.Errorf("%q, want %q", got, tt.want)
			}
			var last []byte
			for _, m := range messages {
				if cp := m.GetCheckpoint(); cp != nil {
					last = cp.GetCheckpointId()
				} else if d := m.GetStateDiff(); d != nil && !bytes.Equal(d.GetBaseCheckpointId(),
					last) {
					t.Errorf("a patch names the checkpoint %x, the last was %x",
						d.GetBaseCheckpointId(), last)
				}
			}
			follow(t, nil, messages)
		})
	}
}

func TestABaselineThatWasLetGoCostsAWholeState(t *testing.T) {
	r := callbacktest.NewRecorder()
	client := r.Client(t, func(c *callback.Config) { c.StateBytes = 64 << 10 })
	long := strings.Repeat("x", 20_000)
	runs := make([]*callback.Run, 5)
	for round := range 2 {
		for i := range runs {
			if round == 0 {
				runs[i] = client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint("t", i)})
			}
			runs[i].SetState(conversation{[]string{long}, round})
			flush(t, client)
			if st := client.Stats().State; st.BaselineBytes > st.MaxBaselineBytes {
				t.Fatalf("%d bytes of baselines", st.BaselineBytes)
			}
		}
	}
	runs[4].SetState(conversation{[]string{long}, 2})
	if got := forms(r.Messages("t0")); !slices.Equal(got, []string{"whole", "whole"}) {
		t.Errorf("%q", got)
	}
	if got := forms(r.Messages("t4")); !slices.Equal(got, []string{"whole", "whole", "patch 1"}) {
		t.Errorf("%q", got)
	}
	if client.Stats().State.Evicted == 0 {
		t.Error("nothing was evicted")
	}
}

func TestAStateOfACheckpointOfTheApplicationsIsNoBaseForPatches(t *testing.T) {
	r := callbacktest.NewRecorder()
	client := r.Client(t)
	run := client.StartRun(callback.RunInfo{ThreadID: "t"})
	run.SetState(conversation{Step: 1})
	run.Root().SaveCheckpoint(callback.Checkpoint{ID: "mine", State: conversation{Step: 7}})
	run.SetState(conversation{Step: 1})
	messages := r.Messages("t")
	if got := forms(messages); !slices.Equal(got, []string{"whole", "checkpoint", "whole"}) {
		t.Errorf("%q", got)
	}
	if got := string(follow(t, nil, messages)); got != canonical(t, conversation{Step: 1}) {
		t.Errorf("readers have %s", got)
	}
}

// headers returns the headers of the numbered messages in m.
func headers(m *pb.DashStreamMessage) (hs []*pb.Header) {
	if batch := m.GetEventBatch(); batch != nil {
		for _, e := range batch.GetEvents() {
			hs = append(hs, e.GetHeader())
		}
		return hs
	}
	for _, with := range []interface{ GetHeader() *pb.Header }{
		m.GetStateDiff(), m.GetCheckpoint(), m.GetTokenChunk(), m.GetToolExecution(),
		m.GetMetrics(), m.GetError(), m.GetExecutionTrace(),
	} {
		if h := with.GetHeader(); h != nil {
			hs = append(hs, h)
		}
	}
	return hs
}

// complete checks the recording against the rules of the stream, and requires every number to be
// there.
func complete(t *testing.T, r *callbacktest.Recorder) {
	t.Helper()
	report := r.Check()
	if err := report.Err(); err != nil {
		t.Error(err)
	}
	if n := report.Missing(); n > 0 {
		t.Errorf("%d numbers are missing", n)
	}
}
