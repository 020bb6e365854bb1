package reduce

import (
	"crypto/sha256"
	"errors"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func TestStateFollowsWhatIsProven(t *testing.T) {
	// Each step adds a message. Then the state, the trust and the reason of the refusal, if any,
	// must be those of the step.
	type step struct {
		make   func(s *stream) *pb.DashStreamMessage
		state  string
		trust  Trust
		reason Reason
	}
	state := func(d *pb.StateDiff) func(s *stream) *pb.DashStreamMessage {
		return func(s *stream) *pb.DashStreamMessage { return s.diff(d) }
	}
	after := func(lost uint64,
		make func(s *stream) *pb.DashStreamMessage) func(s *stream) *pb.DashStreamMessage {
		return func(s *stream) *pb.DashStreamMessage {
			s.last += lost
			return make(s)
		}
	}
	start := func(attrs ...string) func(s *stream) *pb.DashStreamMessage {
		return func(s *stream) *pb.DashStreamMessage {
			return s.event(pb.EventType_EVENT_TYPE_GRAPH_START, "", ID{}, attrs...)
		}
	}
	checkpoint := func(c *pb.Checkpoint) func(s *stream) *pb.DashStreamMessage {
		return func(s *stream) *pb.DashStreamMessage { return s.checkpoint(c) }
	}
	based := func(id string, d *pb.StateDiff) func(s *stream) *pb.DashStreamMessage {
		d.BaseCheckpointId = []byte(id)
		return state(d)
	}
	tokens := func(s *stream) *pb.DashStreamMessage { return s.tokens() }
	unnumbered := func(make func(s *stream) *pb.DashStreamMessage) func(
		s *stream) *pb.DashStreamMessage {
		return func(s *stream) *pb.DashStreamMessage {
			m := make(s)
			m.Header().Sequence = 0
			s.last--
			return m
		}
	}
	sum := func(s string) []byte { b := sha256.Sum256([]byte(s)); return b[:] }
	other := hash(`"another state"`)
	const big = `{"a":9007199254740993}`
	tests := map[string][]step{
		"nothing has a state": {{start(), "", Unknown, ""}, {tokens, "", Unknown, ""}},
		"the initial state, then patches": {
			{start("initial_state_json", ` {"b":1.0} `), `{"b":1}`, Current, ""},
			{state(patch(`{"a":2,"b":1}`, "/a", "2")), `{"a":2,"b":1}`, Current, ""},
			{tokens, `{"a":2,"b":1}`, Current, ""},
			{state(patch("", "/a", "3")), `{"a":3,"b":1}`, Current, ""},
		},
		"a state that is whole": {{start(), "", Unknown, ""}, {state(full(`{"a":1}`)), `{"a":1}`,
			Current, ""}},
		"a whole state wins over operations": {
			{state(&pb.StateDiff{FullState: []byte(`{"a":1}`),
				Operations: patch("", "/a", "2").Operations}), `{"a":1}`, Current, ""},
		},
		"a second run goes on with the state": {
			{start("initial_state_json", `{"a":1}`), `{"a":1}`, Current, ""},
			{start(), `{"a":1}`, Current, ""},
			{start("initial_state_json", `{"a":2}`), `{"a":2}`, Current, ""},
		},
		"a loss, proven to have hidden nothing": {
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""}, {after(2, tokens), `{"a":1}`, Suspect,
				""},
			{state(patch(`{"a":2}`, "/a", "2")), `{"a":2}`, Current, ""},
		},
		"a loss that hid a change": {
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""},
			{after(1, state(patch(`{"a":2,"b":1}`, "/a", "2"))), `{"a":1}`, Lost, ReasonHash},
			{state(patch(`{"a":3,"b":1}`, "/a", "3")), `{"a":1}`, Lost, ReasonHash},
			{state(full(`{"a":3,"b":1}`)), `{"a":3,"b":1}`, Current, ""},
		},
		"a loss, and no hash to prove anything": {
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""},
			{after(1, state(patch("", "/a", "2"))), `{"a":1}`, Lost, ReasonUnproven},
			{start("initial_state_json", `{"a":3}`), `{"a":3}`, Current, ""},
		},
		"a loss, put right by a checkpoint": {
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""}, {after(1, tokens), `{"a":1}`, Suspect,
				""},
			{checkpoint(&pb.Checkpoint{CheckpointId: []byte("c"), State: []byte(`{"a":2}`)}),
				`{"a":2}`, Current, ""},
			{based("c", patch("", "/a", "3")), `{"a":3}`, Current, ""},
		},
		"a loss before any state": {{start(), "", Unknown, ""}, {after(1, tokens), "", Suspect, ""},
			{state(full(`1`)), `1`, Current, ""}},
		"a patch without a base": {
			{state(patch(`{"a":1}`, "/a", "1")), "", Lost, ReasonNoBase},
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""},
		},
		"a patch that does not apply": {
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""}, {state(patch("", "/x/y", "1")),
				`{"a":1}`, Lost, ReasonBadPatch},
		},
		"an operation that is none": {
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""},
			{state(&pb.StateDiff{Operations: []*pb.DiffOperation{{Op: 300, Path: "/a"}}}),
				`{"a":1}`, Lost, ReasonBadPatch},
		},
		"a value that is not JSON": {
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""},
			{state(&pb.StateDiff{Operations: []*pb.DiffOperation{{Path: "/a", Value: []byte("1"),
				Encoding: pb.DiffOperation_VALUE_ENCODING_RAW}}}), `{"a":1}`, Lost, ReasonBadPatch},
		},
		"a whole state that is not JSON": {
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""},
			{state(&pb.StateDiff{FullState: []byte("{")}), `{"a":1}`, Lost, ReasonBadState},
			{state(patch("", "/a", "2")), `{"a":1}`, Lost, ReasonUnproven},
			{state(patch(`{"a":2}`, "/a", "2")), `{"a":2}`, Current, ""},
		},
		"an initial state that is not JSON": {{start("initial_state_json", "{"), "", Lost,
			ReasonBadState}},
		"a whole state with another hash": {
			{state(&pb.StateDiff{FullState: []byte(`{"a":1}`), StateHash: other}), `{"a":1}`,
				Suspect, ReasonHash},
		},
		"a hash of another length": {{state(&pb.StateDiff{FullState: []byte(`1`),
			StateHash: []byte("1")}), `1`, Suspect, ReasonHash}},
		"beyond 2^53, with no hash": {{state(&pb.StateDiff{FullState: []byte(big)}), big, Current,
			""}, {state(patch("", "/b", "1")), `{"a":9007199254740993,"b":1}`, Current, ""}},
		"beyond 2^53, with a hash that a browser computes": {
			{state(&pb.StateDiff{FullState: []byte(big), StateHash: other}), big, Current, ""},
			{after(1, tokens), big, Suspect, ""},
			{state(&pb.StateDiff{Operations: patch("", "/b", "1").Operations, StateHash: other}),
				big, Lost, ReasonUnproven},
		},
		"a checkpoint that never came": {
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""}, {based("c", patch("", "/a", "2")),
				`{"a":1}`, Lost, ReasonCheckpoint},
		},
		"a checkpoint that never came, and a hash": {
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""},
			{based("c", patch(`{"a":2}`, "/a", "2")), `{"a":2}`, Current, ""},
		},
		"a checkpoint that is elsewhere": {
			{state(full(`{"a":1}`)), `{"a":1}`, Current, ""},
			{checkpoint(&pb.Checkpoint{CheckpointId: []byte("c"), StorageUri: "s3://…"}), `{"a":1}`,
				Current, ""},
			{based("c", patch("", "/a", "2")), `{"a":2}`, Current, ""},
		},
		"a checkpoint with its checksum": {
			{checkpoint(&pb.Checkpoint{State: []byte(`{"a": 1}`), Checksum: sum(`{"a": 1}`)}),
				`{"a":1}`, Current, ""}},
		"a checkpoint without its checksum": {
			{checkpoint(&pb.Checkpoint{CheckpointId: []byte("c"), State: []byte(`{"a":1}`),
				Checksum: other}), "", Lost, ReasonBadState}},
		"a checkpoint that is not JSON": {{checkpoint(&pb.Checkpoint{State: []byte(`{`)}), "",
			Lost, ReasonBadState}},
		"a checkpoint that is compressed": {{checkpoint(&pb.Checkpoint{State: []byte(`1`),
			CompressionInfo: &pb.CompressionInfo{Type: pb.CompressionType_COMPRESSION_ZSTD}}), "",
			Lost, ReasonBadState}},
		"a state without a number": {{state(full(`1`)), `1`, Current, ""},
			{unnumbered(state(full(`2`))), `1`, Lost, ReasonNoSequence}},
		"a checkpoint without a number": {{state(full(`1`)), `1`, Current, ""},
			{unnumbered(checkpoint(&pb.Checkpoint{State: []byte(`2`)})), `1`, Lost,
				ReasonNoSequence}},
		"an initial state without a number": {{state(full(`1`)), `1`, Current, ""},
			{unnumbered(start("initial_state_json", "2")), `1`, Lost, ReasonNoSequence}},
		"something else without a number": {{state(full(`1`)), `1`, Current, ""},
			{unnumbered(tokens), `1`, Current, ReasonNoSequence}},
		"an empty patch proves what is known": {{state(full(`1`)), `1`, Current, ""},
			{after(1, state(patch(`1`))), `1`, Current, ""}},
	}
	for name, steps := range tests {
		t.Run(name, func(t *testing.T) {
			var r Reducer
			s := newStream()
			for i, step := range steps {
				before := Unknown
				if th := r.Thread("t"); th != nil {
					before = th.Trust()
				}
				change, err := r.Add(step.make(s))
				th := r.Thread("t")
				got, known := th.State()
				if string(got) != step.state || known != (step.state != "") ||
					th.Trust() != step.trust || th.NeedsResync() != (step.trust > Current) {
					t.Fatalf("step %d: %s, %v; want %s, %v", i, got, th.Trust(), step.state,
						step.trust)
				}
				var refusal *Refusal
				if errors.As(err, &refusal) != (step.reason != "") || refusal != nil &&
					refusal.Reason != step.reason {
					t.Fatalf("step %d: %v, want %q", i, err, step.reason)
				}
				if changed := before != step.trust || th.StateSequence() == s.last &&
					step.reason != ReasonNoSequence; change.State != changed {
					t.Errorf("step %d: %+v, want state changed %v", i, change, changed)
				}
			}
		})
	}
}

func TestHashesAreCounted(t *testing.T) {
	var r Reducer
	s := newStream()
	mustAdd(t, &r, s.diff(full(`{"a":1}`)), s.diff(patch(`{"a":2}`, "/a", "2")),
		s.diff(patch("", "/a", "9007199254740993")))
	if _, err := r.Add(s.diff(patch(`{"a":4}`, "/a", "3"))); err == nil {
		t.Error("no error")
	}
	if got, want := r.Thread("t").Hashes(), (Hashes{Verified: 2, Absent: 1, Wrong: 1}); got !=
		want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
