package wire

import (
	"encoding/binary"
	"math/rand/v2"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func TestStateDiffIsWhatTheGeneratedEncoderWrites(t *testing.T) {
	ops := []*pb.DiffOperation{
		{Op: pb.DiffOperation_OP_TYPE_ADD, Path: "/messages/-", Value: []byte(`{"role":"user"}`)},
		{Op: pb.DiffOperation_OP_TYPE_REMOVE, Path: "/a~1b"},
		{Op: pb.DiffOperation_OP_TYPE_REPLACE, Path: "", Value: []byte("1")},
		{Op: pb.DiffOperation_OP_TYPE_MOVE, Path: "/b", From: "/a"},
		{Op: pb.DiffOperation_OP_TYPE_COPY, Path: "/c", From: "/b"},
	}
	var encoded []byte
	for _, op := range ops {
		encoded = AppendOperation(encoded, byte(op.Op), op.Path, op.Value, op.From)
	}
	patch := decodeBody(t, encoded, &pb.StateDiff{})
	equalMessages(t, patch, &pb.StateDiff{Operations: ops})
	message := append([]byte{pb.FramingPlain, 0x12, byte(len(encoded))}, encoded...)
	if (pb.Decoder{}).OmitsDefaults(message) {
		t.Errorf("% x leaves out a type or an encoding", encoded)
	}
	for name, tt := range map[string]struct {
		diff StateDiff
		want *pb.StateDiff
	}{
		"empty": {StateDiff{}, &pb.StateDiff{}},
		"patch": {StateDiff{Base: []byte("base"), Operations: encoded, Hash: []byte("hash")},
			&pb.StateDiff{BaseCheckpointId: []byte("base"), Operations: ops,
				StateHash: []byte("hash")}},
		"a whole": {StateDiff{Hash: []byte("h"), Full: []byte("{}")},
			&pb.StateDiff{StateHash: []byte("h"), FullState: []byte("{}")}},
	} {
		t.Run(name, func(t *testing.T) {
			got := AppendStateDiff(nil, &tt.diff)
			equalMessages(t, decodeBody(t, got, &pb.StateDiff{}), tt.want)
			if SizeStateDiff(&tt.diff) != len(got) {
				t.Errorf("announced %d, wrote %d", SizeStateDiff(&tt.diff), len(got))
			}
		})
	}
}

func TestCheckpointIsWhatTheGeneratedEncoderWrites(t *testing.T) {
	c := Checkpoint{ID: []byte("id"), State: []byte("{}"), Checksum: []byte("sum"), Type: "json"}
	got := AppendCheckpoint(nil, &c)
	want := marshal(t, &pb.Checkpoint{CheckpointId: c.ID, State: c.State, StateType: c.Type,
		Checksum: c.Checksum})
	if string(got) != string(want) || SizeCheckpoint(&c) != len(want) {
		t.Errorf("% x (announced %d), want % x", got, SizeCheckpoint(&c), want)
	}
}

func TestRenumberLowersTheNumberAndNothingElse(t *testing.T) {
	r := rand.New(rand.NewPCG(1, 5))
	for range 20_000 {
		seq := r.Uint64()>>r.IntN(63) | 2
		shift := r.Uint64N(seq-1) + 1
		h := Header{Micros: r.Int64(), Thread: AppendThread(nil, "tenant", "thread"), Sequence: seq,
			Type: 1}
		binary.LittleEndian.PutUint64(h.ID[:], r.Uint64())
		if r.IntN(2) == 0 {
			h.Parent = h.ID
		}
		event := Event{Type: 10, Node: "node"}
		b := AppendEvent(nil, &h, VarintLen(seq), &event, SizeEventBody(&event))
		b = append(b, b...)
		was := string(b)
		if err := RenumberEvents(b, shift); err != nil {
			t.Fatal(err)
		}
		got, before := &pb.EventBatch{}, &pb.EventBatch{}
		if err := proto.Unmarshal(b, got); err != nil {
			t.Fatal(err)
		}
		if err := proto.Unmarshal([]byte(was), before); err != nil {
			t.Fatal(err)
		}
		for _, e := range before.Events {
			e.Header.Sequence -= shift
		}
		if !proto.Equal(got, before) {
			t.Fatalf("%d less %d: %v, want %v", seq, shift, got, before)
		}
	}
}

func TestRenumberSaysWhatHasNoNumber(t *testing.T) {
	header := Header{Thread: AppendThread(nil, "t", "t"), Sequence: 7, Type: 1}
	whole := AppendHeader(nil, &header, 1)
	for name, b := range map[string][]byte{
		"nothing": {}, "no header": {0x08, 1}, "no number": AppendHeader(nil, &Header{Type: 1}, 0),
		"cut": whole[:len(whole)-3], "garbage": {0x0a, 2, 0xff, 0xff},
	} {
		if err := Renumber(append([]byte(nil), b...), 1); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	if err := Renumber(whole, 7); err == nil {
		t.Error("a number became 0")
	}
}

func FuzzRenumber(f *testing.F) {
	event := Event{Type: 10, Node: "node"}
	h := Header{Thread: AppendThread(nil, "t", "t"), Sequence: 300, Type: 1}
	f.Add(AppendEvent(nil, &h, 2, &event, SizeEventBody(&event)), uint64(200))
	f.Fuzz(func(t *testing.T, b []byte, shift uint64) {
		n := len(b)
		_ = Renumber(b, shift)
		_ = RenumberEvents(b, shift)
		if len(b) != n {
			t.Error("the length changed")
		}
	})
}
