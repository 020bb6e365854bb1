// Package jsonlines writes a stream as JSON, one object per line. The program tail and the Sender
// of package callback use it, and so write the same lines.
package jsonlines

import (
	"bytes"
	"errors"
	"io"
	"strconv"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// Place is the position of a record in its topic, and its key.
type Place struct {
	Partition int32
	Offset    int64
	Key       []byte
}

// Thread returns the thread in a header, or the record's key if the header names none.
func (p Place) Thread(h *pb.Header) string {
	if id := h.GetThreadId(); id != "" {
		return id
	}
	return string(p.Key)
}

// Kind returns the name of a kind of line: that of the field in DashStreamMessage.
func Kind(e *pb.Event, m *pb.DashStreamMessage) string {
	if e != nil {
		return "event"
	}
	x := m.ProtoReflect()
	if field := x.WhichOneof(x.Descriptor().Oneofs().ByName("message")); field != nil {
		return string(field.Name())
	}
	return "unknown"
}

// Lines turns records into lines. Create one with [New]; it is not safe for concurrent use.
type Lines struct {
	decoder   pb.Decoder
	owners    *Owners
	sequences *Sequences
	before    mark // state of the last record's thread before it
}

// New returns Lines that have seen no record. Records beyond the decoder's limits are reported as
// ones that cannot be decoded.
func New(d pb.Decoder) *Lines {
	return &Lines{decoder: d, owners: NewOwners(), sequences: NewSequences()}
}

// Undo says that the lines of the last record, which is of one thread, were not written: the next
// record of the thread shows them as a gap.
func (l *Lines) Undo() {
	if l.before.lane != (lane{}) {
		l.sequences.reset(l.before)
	}
}

// Record returns the lines of a record: one for each event in it, one for each gap before an event,
// and one for each loss that it states.
func (l *Lines) Record(at Place, value []byte) []byte {
	var out bytes.Buffer
	l.before = mark{}
	m, err := l.decoder.Decode(value)
	if reason, refused := errors.AsType[*pb.DecodeError](err); refused {
		Broken(&out, at, len(value), reason)
		return out.Bytes()
	}
	if m.GetEventBatch() == nil {
		l.item(&out, at, m.Header(), m.GetEvent(), m)
		losses, _ := pb.Losses(m.LossStatement()) // the statement's own line has all
		for _, loss := range losses {
			Explained(&out, at, loss)
		}
		return out.Bytes()
	}
	for e := range m.Events() {
		l.item(&out, at, e.GetHeader(), e, m)
	}
	return out.Bytes()
}

func (l *Lines) item(w io.Writer, at Place, h *pb.Header, e *pb.Event, m *pb.DashStreamMessage) {
	thread := at.Thread(h)
	owner := l.owners.See(thread, h, e, m)
	if l.before.lane == (lane{}) {
		l.before = l.sequences.mark(thread, at.Partition)
	}
	if jump := l.sequences.See(thread, at.Partition, h.GetSequence()); jump != (Jump{}) {
		Missing(w, at, thread, h.GetSequence(), jump)
	}
	Item(w, at, owner, e, m)
}

// Item writes an event, or a message of another kind if e is nil. owner is the node from
// [Owners.See].
func Item(w io.Writer, at Place, owner string, e *pb.Event, m *pb.DashStreamMessage) {
	j := jsonWriter{}
	j.begin(at)
	if owner != "" && owner != e.GetNodeId() {
		j.field("node", owner)
	}
	j.key(Kind(e, m))
	if e != nil {
		j.message(e.ProtoReflect())
	} else {
		x := m.ProtoReflect()
		j.message(x.Get(x.WhichOneof(x.Descriptor().Oneofs().ByName("message"))).Message())
	}
	j.end(w)
}

// Missing writes what is missing before an event, or that the event is late or repeated.
func Missing(w io.Writer, at Place, thread string, sequence uint64, jump Jump) {
	j := jsonWriter{}
	j.begin(at)
	number := func(key string, n uint64) {
		j.key(key)
		j.text(strconv.FormatUint(n, 10))
	}
	if jump.After > 0 {
		j.key("out_of_order")
		j.open('{')
		j.field("thread_id", thread)
		number("sequence", sequence)
		number("after", jump.After)
	} else {
		j.key("gap")
		j.open('{')
		j.field("thread_id", thread)
		number("from", jump.From)
		number("to", jump.To)
	}
	j.close('}')
	j.end(w)
}

// Explained writes a loss that a producer states.
func Explained(w io.Writer, at Place, loss pb.Loss) {
	j := jsonWriter{}
	j.begin(at)
	j.key("explained")
	j.open('{')
	j.field("thread_id", loss.Thread)
	j.field("first", strconv.FormatUint(loss.First, 10))
	j.field("last", strconv.FormatUint(loss.Last, 10))
	j.field("count", strconv.FormatUint(loss.Count, 10))
	j.field("events", strconv.FormatUint(loss.Events, 10))
	j.field("message_type", pb.LossType(loss.Type))
	j.field("reason", loss.Reason)
	j.close('}')
	j.end(w)
}

// State writes the state of a thread.
func State(w io.Writer, at Place, th *reduce.Thread) {
	j := jsonWriter{}
	j.begin(at)
	j.key("state")
	j.open('{')
	j.field("thread_id", th.ID())
	j.key("sequence")
	j.text(strconv.FormatUint(th.StateSequence(), 10))
	j.field("trust", th.Trust().String())
	if text, known := th.State(); known {
		j.key("state")
		j.raw(string(text))
	}
	j.close('}')
	j.end(w)
}

// Broken writes a line for a record of valueBytes bytes that cannot be decoded.
func Broken(w io.Writer, at Place, valueBytes int, reason *pb.DecodeError) {
	j := jsonWriter{}
	j.begin(at)
	j.key("undecodable")
	j.open('{')
	j.field("key", string(at.Key))
	j.field("reason", string(reason.Reason))
	detail := reason.Detail
	if reason.Err != nil {
		detail = reason.Err.Error()
	}
	j.field("detail", detail)
	j.key("value_bytes")
	j.raw(strconv.Itoa(valueBytes))
	j.close('}')
	j.end(w)
}
