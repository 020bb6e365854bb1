package main

import (
	"errors"
	"io"
	"strconv"
	"time"

	"github.com/dashstream/dashstream-go/internal/jsonlines"

	"github.com/twmb/franz-go/pkg/kgo"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// item is one event, or one message of another kind.
type item struct {
	record  *kgo.Record
	header  *pb.Header
	event   *pb.Event // nil if it is none
	message *pb.DashStreamMessage
	verdict string // of the state that the message brings; "" if it brings none
	owner   string // the node in which it happens; "" if that is not known, or there is none
	why     string // why numbers are missing before it, as far as that is stated already
}

// thread returns the item's thread; the record's key if its header names none.
func (i *item) thread() string {
	if id := i.header.GetThreadId(); id != "" {
		return id
	}
	return string(i.record.Key)
}

// number returns the item's number in its thread; that of a producer's report or statement of
// losses is in its tags. 0 stands for none.
func (i *item) number() uint64 {
	n := i.header.GetSequence()
	if m := i.message.GetMetrics(); n == 0 && (m.GetScope() == pb.ReportScope ||
		m.GetScope() == pb.LossScope) {
		n, _ = strconv.ParseUint(m.GetTags()[pb.ReportNumberTag], 10, 64) // 0 if there is none
	}
	return n
}

// at returns when it happened; when the record was written if the header does not say.
func (i *item) at() time.Time {
	if us := i.header.GetTimestampUs(); us != 0 {
		return time.UnixMicro(us)
	}
	return i.record.Timestamp
}

// kind returns the name of the item's kind in --kind and JSON: that of its field in
// DashStreamMessage.
func (i *item) kind() string {
	return jsonlines.Kind(i.event, i.message)
}

// format writes lines.
type format interface {
	// item writes an item.
	item(w io.Writer, i *item)
	// jump writes what is missing before an item, or that the item comes late or again.
	jump(w io.Writer, i *item, j jsonlines.Jump)
	// explained writes a loss that an item states.
	explained(w io.Writer, i *item, loss pb.Loss)
	// state writes a thread's state after an item.
	state(w io.Writer, i *item, t *reduce.Thread)
	// broken writes a record that does not decode.
	broken(w io.Writer, r *kgo.Record, reason *pb.DecodeError)
}

// tailer turns records into lines.
type tailer struct {
	filter    *filter
	format    format
	sequences *jsonlines.Sequences
	owners    *jsonlines.Owners
	states    states
	// the thread of which the state is written, and nothing else; "" for lines of everything
	stateOf string
	out     io.Writer
	count   int // of lines to write; 0 for no limit
	written int
}

// enough says whether as many lines were written as were asked for.
func (t *tailer) enough() bool { return t.count > 0 && t.written >= t.count }

// record writes a record's lines, but no more than were asked for.
func (t *tailer) record(r *kgo.Record) {
	if t.enough() {
		return
	}
	m, err := pb.Decode(r.Value)
	if reason, refused := errors.AsType[*pb.DecodeError](err); refused {
		if t.stateOf == "" && t.filter.wantsThread(string(r.Key)) {
			t.format.broken(t.out, r, reason)
			t.written++
		}
		return
	}
	if t.stateOf != "" {
		t.state(r, m)
		return
	}
	var verdict string
	statement := m.LossStatement()
	if statement != nil || t.filter.wantsThread(m.Header().GetThreadId()) {
		verdict = t.states.see(r, m)
	}
	if m.GetEventBatch() == nil {
		i := &item{record: r, header: m.Header(), event: m.GetEvent(), message: m,
			verdict: verdict}
		t.item(i)
		t.explain(i, statement)
		return
	}
	for e := range m.Events() {
		t.item(&item{record: r, header: e.GetHeader(), event: e, message: m})
	}
}

// state writes the state of the thread that is watched, if a message changes it or how far it can
// be trusted.
func (t *tailer) state(r *kgo.Record, m *pb.DashStreamMessage) {
	if m.LossStatement() != nil {
		t.states.see(r, m) // for the summary
	}
	if m.Header().GetThreadId() != t.stateOf {
		return
	}
	changed, verdict := t.states.follow(r, m)
	if th := t.states.reducer.Thread(t.stateOf); changed && th != nil {
		t.format.state(t.out, &item{record: r, header: m.Header(), message: m, verdict: verdict},
			th)
		t.written++
	}
}

func (t *tailer) item(i *item) {
	if !t.filter.wantsThread(i.thread()) || t.enough() {
		return
	}
	i.owner = t.owners.See(i.thread(), i.header, i.event, i.message)
	if j := t.sequences.See(i.thread(), i.record.Partition, i.header.GetSequence()); j !=
		(jsonlines.Jump{}) && t.filter.wantsKind(kindGap) {
		i.why = t.states.why(i.thread(), j)
		t.format.jump(t.out, i, j)
		t.written++
	}
	names := []string{i.kind()}
	if i.event != nil {
		names = append(names, typeName(i.event.GetEventType()))
	}
	if t.filter.wantsKind(names...) && !t.enough() {
		t.format.item(t.out, i)
		t.written++
	}
}
