package chaos

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

// record is the value of a record with one event of a thread. Its message id follows from id.
func record(t *testing.T, id, sequence uint64, number int64) []byte {
	t.Helper()
	return encode(t, &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: &pb.Event{
		Header: &pb.Header{MessageId: fmt.Appendf(nil, "%16d", id<<1), ThreadId: "t",
			Sequence: sequence, Type: pb.MessageType_MESSAGE_TYPE_EVENT, SchemaVersion: 1},
		EventType: pb.EventType_EVENT_TYPE_NODE_PROGRESS,
		Attributes: map[string]*pb.AttributeValue{"n": {
			Value: &pb.AttributeValue_IntValue{IntValue: number}}},
	}}})
}

// loss is the value of a record that states a loss of a thread.
func loss(t *testing.T, first, last, count, events int) []byte {
	t.Helper()
	text := fmt.Sprintf(`{"thread_id":"t","first":"%d","last":"%d","count":"%d","events":"%d",`+
		`"message_type":"event","reason":"queue_full"}`, first, last, count, events)
	return encode(t, &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{
		Metrics: &pb.Metrics{
			Header: &pb.Header{MessageId: fmt.Appendf(nil, "%16d", first),
				ThreadId: pb.ReportThreadPrefix + "i", SchemaVersion: 1,
				Type: pb.MessageType_MESSAGE_TYPE_METRICS},
			Scope: pb.LossScope, ScopeId: "i",
			Metrics: map[string]*pb.MetricValue{"1": {
				Value: &pb.MetricValue_StringValue{StringValue: text}, Unit: pb.LossUnit}},
		}}})
}

func encode(t *testing.T, m *pb.DashStreamMessage) []byte {
	t.Helper()
	value, err := pb.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// The audit itself finds what must not be, and nothing else. Each thread has five events.
func TestAuditFindsWhatIsWrong(t *testing.T) {
	at := func(sequence uint64, number int64) []byte {
		return record(t, sequence, sequence, number)
	}
	said := func(first, last, count, events int) []byte {
		return loss(t, first, last, count, events)
	}
	whole := [][]byte{at(1, 1), at(2, 2), at(3, 3), at(4, 4), at(5, 5)}
	for _, tt := range []struct {
		name    string
		records [][]byte
		wrong   string // kinds of violations
		want    explanation
	}{
		{"all arrived", whole, "", explanation{}},
		{"repeated records are duplicates", append(slices.Clone(whole), whole...), "",
			explanation{}},
		{"two ids of one event", append(slices.Clone(whole), record(t, 9, 6, 5)),
			"arrived twice, out of order", explanation{}},
		{"another order", [][]byte{at(1, 1), at(3, 3), at(2, 2), at(4, 4), at(5, 5)},
			"out of order", explanation{numbers: 1}},
		{"numbers that disagree with events", [][]byte{at(1, 2), at(2, 1), at(3, 3), at(4, 4),
			at(5, 5)}, "gap that is no loss, out of order", explanation{}},
		{"a loss that leaves no gap", [][]byte{at(1, 1), at(2, 3), at(3, 4), at(4, 5)},
			"gap that is no loss", explanation{}},
		{"a gap without a loss", [][]byte{at(1, 1), at(2, 2), at(3, 3), at(5, 4), at(6, 5)},
			"gap that is no loss", explanation{numbers: 1}},
		{"an event that nobody emitted", append(slices.Clone(whole), at(6, 6)),
			"event never emitted", explanation{}},
		{"a gap that nothing explains", [][]byte{at(1, 1), at(4, 4), at(5, 5)}, "",
			explanation{numbers: 2}},
		{"a gap that is explained", [][]byte{at(1, 1), at(4, 4), said(2, 3, 2, 2), at(5, 5)}, "",
			explanation{stated: 2}},
		{"a statement that comes twice", [][]byte{said(2, 2, 1, 1), said(2, 2, 1, 1), at(1, 1),
			at(4, 4), at(5, 5)}, "", explanation{stated: 1, numbers: 1}},
		{"a coarse statement explains no more than its count", [][]byte{at(1, 1), at(5, 5),
			said(2, 4, 1, 1)}, "", explanation{stated: 1, numbers: 2}},
		{"a coarse statement of two gaps", [][]byte{at(1, 1), at(3, 3), at(5, 5),
			said(1, 5, 2, 2)}, "", explanation{stated: 2}},
		{"joined tokens under one number", [][]byte{at(1, 1), at(3, 4), at(4, 5),
			said(2, 2, 1, 2)}, "", explanation{stated: 2}},
		{"lost at the start", [][]byte{said(1, 2, 2, 2), at(3, 3), at(4, 4), at(5, 5)}, "",
			explanation{stated: 2}},
		{"lost at the end", [][]byte{at(1, 1), at(2, 2), at(3, 3), said(4, 4, 1, 1)}, "",
			explanation{stated: 1, events: 1}},
		{"lost as a whole", [][]byte{said(1, 5, 5, 5)}, "", explanation{stated: 5}},
		{"a statement of what arrived", append(slices.Clone(whole), said(2, 3, 2, 2)), "",
			explanation{}},
		{"an invalid statement", append(slices.Clone(whole), said(3, 2, 1, 1)),
			"invalid statement", explanation{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := newAudit([]*player{{thread: "t", emitted: 5}})
			for _, value := range tt.records {
				a.add(value, reduce.Source{})
			}
			a.end()
			if got := strings.Join(slices.Sorted(maps.Keys(a.counts)), ", "); got != tt.wrong {
				t.Errorf("wrong: %q, want %q: %q", got, tt.wrong, a.wrong)
			}
			if got := a.threads["t"].explain(a.losses["t"], nil); got != tt.want {
				t.Errorf("%+v, want %+v", got, tt.want)
			}
			reducer := a.reduced()
			if (reducer > 0) != (tt.want.numbers > 0) && tt.wrong == "" {
				t.Errorf("the reducer says that %d numbers are unexplained, want %d", reducer,
					tt.want.numbers)
			}
		})
	}
}

func TestWhatIsNotStatedIsInTheReport(t *testing.T) {
	a := newAudit([]*player{{thread: "t", emitted: 8}})
	for _, value := range [][]byte{record(t, 1, 1, 1), record(t, 4, 4, 4), loss(t, 2, 2, 1, 1)} {
		a.add(value, reduce.Source{})
	}
	a.end()
	reported := []pb.Loss{{First: 3, Last: 3, Count: 1, Events: 1},
		{First: 5, Last: 7, Count: 3, Events: 3}}
	want := explanation{stated: 1, reported: 4, events: 1}
	if got := a.threads["t"].explain(a.losses["t"], reported); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
