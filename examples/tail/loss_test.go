package main

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/jsonlines"
)

func recordOf(t *testing.T, m *pb.DashStreamMessage) *kgo.Record {
	t.Helper()
	value, err := pb.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return &kgo.Record{Key: []byte(m.Header().GetThreadId()), Value: value,
		Headers: []kgo.RecordHeader{{Key: pb.HeaderProducer, Value: []byte("i")},
			{Key: pb.HeaderEpoch, Value: []byte("7")}}}
}

func numbered(t *testing.T, thread string, n uint64) *kgo.Record {
	t.Helper()
	return recordOf(t, &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: &pb.Event{
		Header: &pb.Header{MessageId: fmt.Appendf(nil, "%8s%8d", thread, n), ThreadId: thread,
			TimestampUs: int64(n), Sequence: n, SchemaVersion: pb.SchemaVersion},
		EventType: pb.EventType_EVENT_TYPE_NODE_START, NodeId: "n"}}})
}

func stating(t *testing.T, number int, losses ...pb.Loss) *kgo.Record {
	t.Helper()
	m, _ := pb.NewLossStatement("i", map[string]string{"service": "demo", "instance": "i",
		"epoch": "7", pb.LossNumberTag: fmt.Sprint(number)}, losses)
	m.Header = &pb.Header{MessageId: fmt.Appendf(nil, "statement%7d", number),
		ThreadId: pb.ReportThreadPrefix + "i", SchemaVersion: pb.SchemaVersion}
	return recordOf(t, &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: m}})
}

func lossIn(thread string, first, last, count uint64, reason string) pb.Loss {
	return pb.Loss{Thread: thread, First: first, Last: last, Count: count, Events: count,
		Type: pb.MessageType_MESSAGE_TYPE_EVENT, Reason: reason}
}

// lossy is a topic with gaps that are explained before and after they are seen, in part, and not at
// all.
func lossy(t *testing.T) []*kgo.Record {
	joined := lossIn("t", 9, 9, 1, "shed")
	joined.Type, joined.Events = pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK, 12
	return []*kgo.Record{
		numbered(t, "t", 1),
		stating(t, 1, lossIn("t", 2, 3, 2, "queue_full"), lossIn("u", 2, 2, 1, "timeout")),
		numbered(t, "t", 4),
		numbered(t, "t", 6),
		numbered(t, "t", 8),
		stating(t, 2, lossIn("t", 5, 7, 2, "queue_full"), joined),
		numbered(t, "t", 11),
		numbered(t, "u", 1),
		numbered(t, "u", 4),
		stating(t, 4, lossIn("never", 1, 2, 2, "closed"), lossIn("u", 7, 7, 1, "shutdown")),
	}
}

func tailed(t *testing.T, f format, thread, kind, state string, count int) (string, string) {
	t.Helper()
	wanted, err := newFilter(thread, kind)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	tl := tailer{filter: &wanted, format: f, sequences: jsonlines.NewSequences(),
		owners: jsonlines.NewOwners(), stateOf: state, out: &out, count: count}
	for _, r := range lossy(t) {
		tl.record(r)
	}
	return out.String(), tl.summary()
}

func TestGapsAreShownWithTheirReasons(t *testing.T) {
	out, _ := tailed(t, utcLines(), "", "gap", "", 0)
	var got []string
	for line := range strings.Lines(out) {
		fields := strings.Fields(line)
		got = append(got, fields[1]+": "+strings.Join(fields[5:], " "))
	}
	want := []string{
		"t: explained: 2..3 lost, event queue_full",
		"u: explained: 2 lost, event timeout",
		"t: gap: 2..3 missing, explained: event queue_full 2",
		"t: gap: 5 missing",
		"t: gap: 7 missing",
		"t: explained: 2 of 5..7 lost, event queue_full",
		"t: explained: 9 lost, token_chunk shed, 12 events",
		"t: gap: 9..10 missing, 1 explained: token_chunk shed 1",
		"u: gap: 2..3 missing, 1 explained: event timeout 1",
		"never: explained: 1..2 lost, event closed",
		"u: explained: 7 lost, event shutdown",
	}
	if strings.Join(got, "\n") != strings.Join(want, "\n") {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}

func TestTheSummaryCountsExplainedAndOtherGaps(t *testing.T) {
	for _, tt := range []struct{ thread, state, want string }{
		{"", "", "missing numbers: 13; 9 explained (event queue_full 4, token_chunk shed 1, " +
			"event timeout 1, event shutdown 1, event closed 2), 2 unexplained, 2 that may still " +
			"come; missing statements of losses: 1"},
		{"t", "", "missing numbers: 6; 5 explained (event queue_full 4, token_chunk shed 1), " +
			"1 unexplained; missing statements of losses: 1"},
		{"", "u", "missing numbers: 5; 2 explained (event timeout 1, event shutdown 1), " +
			"1 unexplained, 2 that may still come; missing statements of losses: 1"},
		{"none", "", ""},
	} {
		_, got := tailed(t, jsonLines{}, tt.thread, "", tt.state, 0)
		if sorted(got) != sorted(tt.want) {
			t.Errorf("%+v: %s", tt, got)
		}
	}
}

// sorted ignores the order in which threads are added up.
func sorted(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return strings.ContainsRune("(), ", r) })
	slices.Sort(words)
	return strings.Join(words, " ")
}

func TestExplainedGapsAreLinesOfTheirThread(t *testing.T) {
	out, _ := tailed(t, jsonLines{}, "never", "", "", 0)
	if want := `{"partition":0,"offset":"0","explained":{"thread_id":"never","first":"1",` +
		`"last":"2","count":"2","events":"2","message_type":"event","reason":"closed"}}` +
		"\n"; out != want {
		t.Errorf("got %s, want %s", out, want)
	}
	if out, _ := tailed(t, jsonLines{}, "", "gap", "", 2); strings.Count(out, "\n") != 2 {
		t.Errorf("more than two lines:\n%s", out)
	}
	if out, _ := tailed(t, jsonLines{}, "never", "event", "", 0); out != "" {
		t.Errorf("only events: %s", out)
	}
}

func TestAStatementHasALineOfItsOwn(t *testing.T) {
	out, _ := tailed(t, utcLines(), "dashstream-callback/*", "", "", 1)
	if !strings.Contains(out, "dashstream-callback/i      1  metrics             "+
		"dashstream_loss  demo: 3 lost in 2 ranges of 2 threads") {
		t.Error(out)
	}
}

func TestLinesSayTheSameOfStatements(t *testing.T) {
	lines := jsonlines.New(pb.Decoder{})
	var written []byte
	for _, r := range lossy(t) {
		written = append(written, lines.Record(place(r), r.Value)...)
	}
	if printed, _ := tailed(t, jsonLines{}, "", "", "", 0); printed != string(written) {
		t.Errorf("written:\n%s\nprinted:\n%s", written, printed)
	}
}
