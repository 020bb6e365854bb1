package wire

import (
	"bytes"
	"fmt"
	"log/slog"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// recordOfEvents returns a record with n events, the first with the number from.
func recordOfEvents(n int, from uint64) []byte {
	thread := AppendThread(nil, "default", "thread")
	h := Header{ID: ID{1, 2, 3}, Micros: 5, Thread: thread, Type: 8}
	content := AppendHeader(nil, &h, 0)
	for i := range n {
		e := Event{Type: 10, Node: fmt.Sprint("node ", i), Attrs: []slog.Attr{slog.Int("i", i)}}
		h := Header{ID: ID{9, byte(i)}, Thread: thread, Sequence: from + uint64(i), Type: 1}
		content = AppendEvent(content, &h, width(h.Sequence), &e, SizeEventBody(&e))
	}
	b := append(make([]byte, Frame), content...)
	return b[PutFrame(b, Frame, 8, len(content)):]
}

func decodeRecord(t *testing.T, record []byte) *pb.EventBatch {
	t.Helper()
	m := new(pb.DashStreamMessage)
	if record[0] != 0 {
		t.Fatalf("the record begins with %#x", record[0])
	}
	if err := proto.Unmarshal(record[1:], m); err != nil {
		t.Fatal(err)
	}
	return m.GetEventBatch()
}

// Down to single events, all events are present, unchanged and in order, and no two records have
// the same ID.
func TestSplitEventsKeepsEvents(t *testing.T) {
	for _, n := range []int{2, 3, 7, 100} {
		whole := recordOfEvents(n, 120) // numbers of one byte and of two
		before := bytes.Clone(whole)
		var events []*pb.Event
		ids := make(map[string]bool)
		var walk func(record []byte, want Half)
		walk = func(record []byte, want Half) {
			first, second, ok := SplitEvents(record)
			if !ok {
				b := decodeRecord(t, record)
				if len(b.Events) != 1 || want.Events != 1 ||
					b.Events[0].Header.Sequence != want.First || want.First != want.Last {
					t.Errorf("%+v has the events %v", want, b.Events)
				}
				if ids[string(b.Header.MessageId)] || len(b.Header.MessageId) != 16 ||
					b.Header.ThreadId != "thread" {
					t.Errorf("the header is %v", b.Header)
				}
				ids[string(b.Header.MessageId)] = true
				events = append(events, b.Events...)
				return
			}
			if first.Events+second.Events != want.Events || first.First != want.First ||
				second.Last != want.Last ||
				first.Last+1 != second.First || first.Events < second.Events {
				t.Errorf("%d events from %d to %d are divided into %+v and %+v", want.Events,
					want.First, want.Last, first, second)
			}
			walk(first.Value, first)
			walk(second.Value, second)
		}
		walk(whole, Half{Events: n, First: 120, Last: 120 + uint64(n) - 1})
		want := decodeRecord(t, whole).Events
		if len(events) != len(want) || len(ids) != n {
			t.Fatalf("%d events in %d records, want %d", len(events), len(ids), n)
		}
		for i := range want {
			if !proto.Equal(events[i], want[i]) {
				t.Errorf("event %d is %v, want %v", i, events[i], want[i])
			}
		}
		if !bytes.Equal(whole, before) {
			t.Error("the record itself has changed")
		}
	}
}

func TestSplitEventsIsTheSameAgain(t *testing.T) {
	record := recordOfEvents(10, 1)
	_, a, _ := SplitEvents(record)
	_, b, _ := SplitEvents(record)
	if !bytes.Equal(a.Value, b.Value) {
		t.Error("the same record was divided in two ways")
	}
}

func TestSplitEventsLeavesOthersAlone(t *testing.T) {
	state := protowire.AppendBytes(protowire.AppendTag([]byte{0}, 2, protowire.BytesType),
		[]byte("state"))
	zstd := recordOfEvents(4, 1)
	zstd[0] = 1
	for name, record := range map[string][]byte{
		"nothing": nil, "one event": recordOfEvents(1, 1), "no event": recordOfEvents(0, 1),
		"another message": state,
		"another frame":   zstd, "half a record": recordOfEvents(4, 1)[:50],
		"no record": []byte("{}"),
	} {
		if _, _, ok := SplitEvents(record); ok {
			t.Errorf("%s was divided", name)
		}
	}
}

func FuzzSplitEvents(f *testing.F) {
	f.Add(recordOfEvents(2, 1))
	f.Add(recordOfEvents(5, 126))
	f.Fuzz(func(t *testing.T, record []byte) {
		first, second, ok := SplitEvents(record)
		if ok && (first.Events < 1 || second.Events < 1 || first.Events-second.Events > 1) {
			t.Errorf("%d and %d events", first.Events, second.Events)
		}
	})
}
