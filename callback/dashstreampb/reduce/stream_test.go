package reduce

import (
	"crypto/sha256"
	"encoding/binary"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/statediff"
)

// stream makes the messages of one thread, numbered and with increasing ids and times.
type stream struct {
	thread string
	prefix byte // of the message ids, so that two streams of a thread have different ones
	last   uint64
	ids    uint64
	time   int64
}

func newStream() *stream { return &stream{thread: "t", prefix: 1, time: 1_700_000_000_000_000} }

func (s *stream) header(kind pb.MessageType, parent ID) *pb.Header {
	s.last++
	s.ids++
	s.time += 1000
	id := binary.BigEndian.AppendUint64([]byte{7: s.prefix}, s.ids)
	h := &pb.Header{MessageId: id, TimestampUs: s.time, ThreadId: s.thread, Sequence: s.last,
		Type: kind, SchemaVersion: pb.SchemaVersion}
	if parent != (ID{}) {
		h.ParentId = parent[:]
	}
	return h
}

func attributes(pairs ...string) map[string]*pb.AttributeValue {
	all := map[string]*pb.AttributeValue{}
	for i := 0; i < len(pairs); i += 2 {
		all[pairs[i]] = &pb.AttributeValue{Value: &pb.AttributeValue_StringValue{
			StringValue: pairs[i+1]}}
	}
	return all
}

func (s *stream) event(
	kind pb.EventType, node string, parent ID, attrs ...string,
) *pb.DashStreamMessage {
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: &pb.Event{
		Header: s.header(pb.MessageType_MESSAGE_TYPE_EVENT, parent), EventType: kind, NodeId: node,
		Attributes: attributes(attrs...), DurationUs: 1500,
	}}}
}

func (s *stream) diff(d *pb.StateDiff) *pb.DashStreamMessage {
	d.Header = s.header(pb.MessageType_MESSAGE_TYPE_STATE_DIFF, ID{})
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{StateDiff: d}}
}

func (s *stream) checkpoint(c *pb.Checkpoint) *pb.DashStreamMessage {
	c.Header = s.header(pb.MessageType_MESSAGE_TYPE_CHECKPOINT, ID{})
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Checkpoint{Checkpoint: c}}
}

func (s *stream) tokens() *pb.DashStreamMessage {
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_TokenChunk{
		TokenChunk: &pb.TokenChunk{
			Header: s.header(pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK, ID{}), Text: "…",
		}}}
}

// batch makes an EventBatch from existing events.
func (s *stream) batch(events ...*pb.DashStreamMessage) *pb.DashStreamMessage {
	h := s.header(pb.MessageType_MESSAGE_TYPE_EVENT_BATCH, ID{})
	s.last--
	h.Sequence = 0
	b := &pb.EventBatch{Header: h}
	for _, m := range events {
		b.Events = append(b.Events, m.GetEvent())
	}
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_EventBatch{EventBatch: b}}
}

func hash(json string) []byte {
	text, err := statediff.Canonical(nil, []byte(json))
	if err != nil {
		panic(err)
	}
	sum := sha256.Sum256(text)
	return sum[:]
}

// full is a StateDiff with a whole state and its hash.
func full(json string) *pb.StateDiff {
	return &pb.StateDiff{FullState: []byte(json), StateHash: hash(json)}
}

// patch is a StateDiff with operations that add one value each, and with the hash of the state that
// they lead to unless that is "".
func patch(to string, pairs ...string) *pb.StateDiff {
	d := &pb.StateDiff{}
	for i := 0; i < len(pairs); i += 2 {
		d.Operations = append(d.Operations, &pb.DiffOperation{Op: pb.DiffOperation_OP_TYPE_ADD,
			Path: pairs[i], Value: []byte(pairs[i+1])})
	}
	if to != "" {
		d.StateHash = hash(to)
	}
	return d
}

func id(m *pb.DashStreamMessage) ID { return idOf(m.Header().GetMessageId()) }

func mustAdd(t testing.TB, r *Reducer, messages ...*pb.DashStreamMessage) *Thread {
	t.Helper()
	for _, m := range messages {
		if _, err := r.Add(m); err != nil {
			t.Fatal(err)
		}
	}
	return r.Thread("t")
}
