package jsreader

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// thread makes the messages of a thread: its states as patches, whole if that is smaller, and as
// checkpoints at intervals.
type thread struct {
	id         string
	every      int // number of states from one checkpoint to the next; 0 for none
	messages   []*pb.DashStreamMessage
	checkpoint []byte
	states     int
	unverified int // states with a number that no double can represent, which have no hash

	canonicalizer statediff.Canonicalizer
	differ        statediff.Differ
	summer        statediff.Summer
	base          *statediff.Document
}

func (t *thread) header(kind pb.MessageType) *pb.Header {
	n := uint64(len(t.messages)) + 1
	sum := sha256.Sum256(binary.BigEndian.AppendUint64([]byte(t.id), n))
	return &pb.Header{
		MessageId: sum[:pb.MessageIDBytes], TimestampUs: int64(n), ThreadId: t.id, Sequence: n,
		Type: kind, SchemaVersion: pb.SchemaVersion,
	}
}

func (t *thread) start(initial string) {
	e := &pb.Event{Header: t.header(pb.MessageType_MESSAGE_TYPE_EVENT),
		EventType: pb.EventType_EVENT_TYPE_GRAPH_START}
	if initial != "" {
		e.Attributes = map[string]*pb.AttributeValue{
			"initial_state_json": {Value: &pb.AttributeValue_StringValue{StringValue: initial}}}
	}
	t.messages = append(t.messages,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: e}})
}

func (t *thread) diff(d *pb.StateDiff) {
	d.Header = t.header(pb.MessageType_MESSAGE_TYPE_STATE_DIFF)
	t.messages = append(t.messages,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{StateDiff: d}})
}

// state adds the state after a step.
func (t *thread) state(tb testing.TB, src []byte) {
	tb.Helper()
	next := new(statediff.Document)
	if err := t.canonicalizer.ParseAfter(next, src, t.base); err != nil {
		tb.Fatal(err)
	}
	if t.states++; t.every > 0 && t.states%t.every == 0 {
		sum := t.summer.Sum(next, t.base)
		t.checkpoint = binary.BigEndian.AppendUint64(nil, uint64(t.states))
		c := &pb.Checkpoint{
			Header: t.header(pb.MessageType_MESSAGE_TYPE_CHECKPOINT), CheckpointId: t.checkpoint,
			State: bytes.Clone(next.Bytes()), Checksum: sum[:],
		}
		t.messages = append(t.messages,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Checkpoint{Checkpoint: c}})
		t.base = next
		return
	}
	d := &pb.StateDiff{}
	if next.Verifiable() {
		sum := t.summer.Sum(next, t.base)
		d.StateHash = sum[:]
	} else {
		t.unverified++
	}
	ops, _, ok := []statediff.Op(nil), 0, false
	if t.base != nil {
		ops, _, ok = t.differ.Diff(t.base, next)
	}
	if !ok {
		d.FullState = bytes.Clone(next.Bytes())
	} else {
		d.BaseCheckpointId = t.checkpoint
		for _, o := range ops {
			d.Operations = append(d.Operations,
				&pb.DiffOperation{Op: pb.DiffOperation_OpType(o.Kind), Path: o.Path, From: o.From,
					Value: bytes.Clone(o.Value)})
		}
	}
	t.diff(d)
	t.base = next
}

func hash(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:])
}

func marshal(tb testing.TB, v any) []byte {
	tb.Helper()
	b, err := json.Marshal(v)
	if err != nil {
		tb.Fatal(err)
	}
	return b
}
