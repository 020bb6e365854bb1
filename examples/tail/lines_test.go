package main

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/internal/jsonlines"

	"github.com/twmb/franz-go/pkg/kgo"
	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

var update = flag.Bool("update", false, "write the golden files anew")

// began is when the messages of these tests begin, in µs.
const began = 1_700_000_000_000_000

func header(thread string, sequence uint64, kind pb.MessageType) *pb.Header {
	return &pb.Header{
		MessageId:   append(bytes.Repeat([]byte{0xab}, 15), byte(sequence)),
		TimestampUs: began + 1500*int64(sequence), TenantId: "default",
		ThreadId: thread, Sequence: sequence, Type: kind, SchemaVersion: pb.SchemaVersion,
	}
}

func text(s string) *pb.AttributeValue {
	return &pb.AttributeValue{Value: &pb.AttributeValue_StringValue{StringValue: s}}
}

func whole(n int64) *pb.AttributeValue {
	return &pb.AttributeValue{Value: &pb.AttributeValue_IntValue{IntValue: n}}
}

func event(
	thread string, sequence uint64, t pb.EventType, node string, micros int64,
	attrs map[string]*pb.AttributeValue,
) *pb.Event {
	return &pb.Event{
		Header: header(thread, sequence, pb.MessageType_MESSAGE_TYPE_EVENT), EventType: t,
		NodeId: node, DurationUs: micros, Attributes: attrs,
	}
}

func record(offset int64, key string, m *pb.DashStreamMessage) *kgo.Record {
	body, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		panic(err)
	}
	return &kgo.Record{Offset: offset, Key: []byte(key), Value: append([]byte{pb.FramingPlain},
		body...), Timestamp: time.UnixMicro(began)}
}

func message(thread string, sequence uint64, m *pb.DashStreamMessage) *kgo.Record {
	proto.Reset(m.Header())
	proto.Merge(m.Header(), header(thread, sequence, m.Kind()))
	return record(int64(sequence), thread, m)
}

// everything is a topic with every kind of message, and what a reader must survive.
func everything() []*kgo.Record {
	const thread = "conversation-7"
	h := func() *pb.Header { return &pb.Header{} }
	batch := &pb.EventBatch{Header: header(thread, 0, pb.MessageType_MESSAGE_TYPE_EVENT_BATCH),
		Events: []*pb.Event{
			event(thread, 1, pb.EventType_EVENT_TYPE_GRAPH_START, "", 0,
				map[string]*pb.AttributeValue{
					"graph_name": text("answers"), "graph_node_count": whole(3),
					"graph_edge_count": whole(4), "graph_entry_point": text("plan"),
					"graph_schema_json": text("{}"), "schema_id": text("0123456789abcdef"),
					"user": text("ada"),
				}),
			event(thread, 2, pb.EventType_EVENT_TYPE_NODE_START, "plan", 0, nil),
			event(thread, 3, pb.EventType_EVENT_TYPE_LLM_END, "plan", 1_234_567,
				map[string]*pb.AttributeValue{
					"model": text("gpt-4o"), "completion": text("Say \"yes\".\nThen go."),
					"prompt": text(`{"a": 1}`), "total_tokens": whole(812),
					"queue_us": whole(1500), "duration_us": whole(1_234_567),
					"options": {Value: &pb.AttributeValue_MapValue{
						MapValue: &pb.AttributeMap{Values: map[string]*pb.AttributeValue{
							"stop": {Value: &pb.AttributeValue_ArrayValue{
								ArrayValue: &pb.AttributeArray{
									Values: []*pb.AttributeValue{text("a"), {}}}}},
							"heat": {Value: &pb.AttributeValue_FloatValue{FloatValue: .5}},
							"raw": {Value: &pb.AttributeValue_BytesValue{BytesValue: []byte{0xff,
								0}}},
							"on": {Value: &pb.AttributeValue_BoolValue{BoolValue: true}},
						}}}},
				}),
			event(thread, 4, pb.EventType_EVENT_TYPE_NODE_ERROR, "plan", 2_000_000,
				map[string]*pb.AttributeValue{"error": text("no \x1b[31mred\x07 alert")}),
			event(thread, 5, pb.EventType_EVENT_TYPE_CONDITIONAL_BRANCH, "plan", 0,
				map[string]*pb.AttributeValue{
					"from": text("plan"), "to": text("search,read"),
					"edge_type":        text("conditional"),
					"condition_result": text("unsure"),
				}),
			event(thread, 6, pb.EventType_EVENT_TYPE_EDGE_TRAVERSAL, "search", 0,
				map[string]*pb.AttributeValue{
					"from": text("search"), "to": text("__end__"), "edge_type": text("direct"),
				}),
			event(thread, 7, pb.EventType(999), "", 0, nil),
		}}
	alone := func(sequence uint64, m *pb.DashStreamMessage) *kgo.Record {
		return message(thread, sequence, m)
	}
	return []*kgo.Record{
		record(0, thread,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_EventBatch{EventBatch: batch}}),
		alone(8,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_TokenChunk{
				TokenChunk: &pb.TokenChunk{Header: h(), RequestId: "r", Text: "Go", ChunkIndex: 3,
					TokenIds: []uint32{1, 2}, Logprobs: []float32{-.25}}}}),
		alone(9,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_TokenChunk{
				TokenChunk: &pb.TokenChunk{
					Header: h(), RequestId: "r", Text: "ne.", ChunkIndex: 4, IsFinal: true,
					FinishReason: pb.TokenChunk_FINISH_REASON_TOOL_CALLS,
					Stats: &pb.TokenStats{PromptTokens: 800, CompletionTokens: 12,
						TotalTokens: 812},
				}}}),
		alone(10,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_ToolExecution{
				ToolExecution: &pb.ToolExecution{
					Header: h(), CallId: "c1",
					ToolName: "search", Stage: pb.ToolExecution_EXECUTION_STAGE_STARTED,
					Arguments: []byte(`{ "q": "Go", "n": 9007199254740993 }`),
				}}}),
		alone(11,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_ToolExecution{
				ToolExecution: &pb.ToolExecution{
					Header: h(), CallId: "c1",
					ToolName: "search", Stage: pb.ToolExecution_EXECUTION_STAGE_COMPLETED,
					Result: []byte("three pages"), DurationUs: 2345,
				}}}),
		alone(12,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_ToolExecution{
				ToolExecution: &pb.ToolExecution{
					Header: h(), CallId: "c2",
					ToolName: "read", Stage: pb.ToolExecution_EXECUTION_STAGE_FAILED,
					Error: "not found", DurationUs: 999_999, RetryCount: 2,
				}}}),
		// 13 to 15 were lost.
		alone(16,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{StateDiff: &pb.StateDiff{
				Header: h(), BaseCheckpointId: []byte("cp-1"), StateHash: []byte{1, 2, 0xff},
				Operations: []*pb.DiffOperation{
					{Op: pb.DiffOperation_OP_TYPE_ADD, Path: "/messages/-",
						Value: []byte(`{"role":"user"}`)},
					{Op: pb.DiffOperation_OP_TYPE_MOVE, Path: "/a", From: "/b"},
				},
			}}}),
		alone(17,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{
				StateDiff: &pb.StateDiff{Header: h(), FullState: []byte(`{"n":1}`)}}}),
		// 18 was lost.
		alone(19,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Checkpoint{
				Checkpoint: &pb.Checkpoint{
					Header: h(), CheckpointId: bytes.Repeat([]byte{0xfe}, 16),
					State:     []byte(`[1, 2]`),
					StateType: "plan", StorageUri: "s3://bucket/1", Checksum: []byte{0xaa},
				}}}),
		alone(20, &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: &pb.Metrics{
			Header: h(), Scope: "quality", ScopeId: thread,
			Tags: map[string]string{"tenant_id": "default"}, Metrics: map[string]*pb.MetricValue{
				"passed": {Value: &pb.MetricValue_BoolValue{BoolValue: true},
					Unit: "bool", Type: pb.MetricValue_METRIC_TYPE_GAUGE},
				"quality_score": {Value: &pb.MetricValue_FloatValue{FloatValue: .75},
					Unit: "ratio"},
				"spent": {Value: &pb.MetricValue_IntValue{IntValue: 3}, Unit: "cents"},
			},
		}}}),
		alone(21, &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Error{Error: &pb.Error{
			Header: h(), ErrorCode: "E42", Message: "it broke", Severity: pb.Error_SEVERITY_FATAL,
			ExceptionType: "*net.OpError",
			Context:       map[string]string{"node": "read"}, Suggestions: []string{"try again"},
		}}}),
		alone(22,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_ExecutionTrace{
				ExecutionTrace: &pb.ExecutionTrace{
					Header: h(), ThreadId: thread, ExecutionId: "x", TotalDurationMs: 61_234,
					TotalTokens: 812,
					NodesExecuted: []*pb.NodeExecutionRecord{{Node: "plan", DurationMs: 5,
						Output: []byte{0xff}}},
					Errors:     []*pb.ErrorRecord{{Node: "read", Message: "not found"}},
					FinalState: []byte(`{"done":true}`),
					Metadata:   map[string][]byte{"graph_name": []byte(`"answers"`)},
				}}}),
		alone(22,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: &pb.Event{Header: h(),
				EventType: pb.EventType_EVENT_TYPE_GRAPH_END, DurationUs: 61_234_000}}}),
		{Offset: 23, Partition: 3, Key: []byte(thread), Value: []byte{7, 1, 2},
			Timestamp: time.UnixMicro(began)},
		{Offset: 24, Partition: 3, Key: []byte("other\n"), Timestamp: time.UnixMicro(began)},
		record(25, "a-thread-without-a-header",
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{
				Event: &pb.Event{EventType: pb.EventType_EVENT_TYPE_NODE_START, NodeId: "lost"}}}),
	}
}

// printed runs records through a tailer.
func printed(t *testing.T, f format, thread, kind string, count int, records []*kgo.Record) string {
	t.Helper()
	wanted, err := newFilter(thread, kind)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	tailer := tailer{filter: &wanted, format: f, sequences: jsonlines.NewSequences(),
		owners: jsonlines.NewOwners(), out: &out, count: count}
	for _, r := range records {
		tailer.record(r)
	}
	return out.String()
}

// golden compares with a file in testdata.
func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	gotLines, wantLines := strings.Split(got, "\n"), strings.Split(string(want), "\n")
	for i := range max(len(gotLines), len(wantLines)) {
		g, w := "(nothing)", "(nothing)"
		if i < len(gotLines) {
			g = gotLines[i]
		}
		if i < len(wantLines) {
			w = wantLines[i]
		}
		if g != w {
			t.Errorf("%s, line %d:\n got %s\nwant %s", path, i+1, g, w)
		}
	}
}

func utcLines() *textLines { return &textLines{location: time.UTC} }

func TestEveryKindHasALineForPeople(t *testing.T) {
	golden(t, "lines.txt", printed(t, utcLines(), "", "", 0, everything()))
}

func TestLinesAreColoredByKind(t *testing.T) {
	golden(t, "colored.txt", printed(t, &textLines{location: time.UTC, colored: true}, "", "", 0,
		everything()))
}

func TestEveryKindHasAJSONObject(t *testing.T) {
	got := printed(t, jsonLines{}, "", "", 0, everything())
	for line := range strings.Lines(got) {
		if !json.Valid([]byte(line)) {
			t.Errorf("not JSON: %s", line)
		}
	}
	golden(t, "lines.jsonl", got)
}

func TestOnlyWhatIsAskedForIsShown(t *testing.T) {
	other := message("conversation-8", 1,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: &pb.Event{
			Header: &pb.Header{}, EventType: pb.EventType_EVENT_TYPE_NODE_START,
			NodeId: "elsewhere",
		}}})
	records := append(everything(), other)
	for _, c := range []struct {
		thread, kind string
		count, lines int
		has          string
	}{
		{"", "", 0, 26, "elsewhere"},
		{"conversation-8", "", 0, 1, "elsewhere"},
		{"conversation-*", "", 0, 24, "elsewhere"},
		{"conversation", "", 0, 0, ""},
		{"*", "node_start", 0, 5, "lost"}, // and two records that do not decode
		{"", "event", 0, 12, "graph_end"},
		{"conversation-7", "gap", 0, 4, "13..15"},
		{"conversation-7", "gap,error", 0, 5, "it broke"},
		{"conversation-7", " Tool_Execution , llm_end", 0, 5, "three pages"},
		{"conversation-7", "metrics", 0, 2, "quality_score"},
		{"", "", 5, 5, "search,read"},
		{"conversation-8", "", 1, 1, "elsewhere"},
	} {
		got := printed(t, utcLines(), c.thread, c.kind, c.count, records)
		if n := strings.Count(got, "\n"); n != c.lines || !strings.Contains(got, c.has) {
			t.Errorf("thread %q, kind %q, count %d: %d lines, want %d with %q:\n%s", c.thread,
				c.kind, c.count, n, c.lines, c.has, got)
		}
	}
}

func TestStrangeTextCannotReachTheTerminal(t *testing.T) {
	hostile := "\x1b]0;owned\x07\r\n\u202e"
	e := event(hostile, 1, pb.EventType_EVENT_TYPE_NODE_ERROR, hostile, 0,
		map[string]*pb.AttributeValue{hostile: text(hostile), "error": text(hostile)})
	got := printed(t, utcLines(), "", "", 0,
		[]*kgo.Record{record(0, hostile,
			&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: e}})})
	if strings.ContainsAny(got, "\x1b\x07\r\u202e") || strings.Count(got, "\n") != 1 {
		t.Errorf("printed %q", got)
	}
}

func TestLongTextsAreCutOnCharacters(t *testing.T) {
	long := strings.Repeat("é", 3*maxText)
	if got := cut(long); got != strings.Repeat("é", maxText)+"…" {
		t.Errorf("cut to %q", got)
	}
	if got := quoted(long); got != `"`+strings.Repeat("é", maxText)+`"…` {
		t.Errorf("quoted as %q", got)
	}
	if exact := strings.Repeat("é", maxText); cut(exact) != exact {
		t.Errorf("cut to %q", cut(exact))
	}
}

func TestDurationsAreWrittenForPeople(t *testing.T) {
	for d, want := range map[time.Duration]string{
		0: "0s", 999 * time.Nanosecond: "999ns", 1234 * time.Nanosecond: "1.23µs",
		2345 * time.Microsecond: "2.35ms", 999_999 * time.Microsecond: "1s",
		1_234_567 * time.Microsecond: "1.23s", 61_234 * time.Millisecond: "1m1.2s",
		-1500 * time.Microsecond: "-1.5ms",
	} {
		if got := duration(d); got != want {
			t.Errorf("%v is %s, want %s", d, got, want)
		}
	}
}
