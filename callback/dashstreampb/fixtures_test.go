package dashstreampb

import (
	"crypto/sha256"
	"testing"

	"github.com/klauspost/compress/zstd"
)

// fixture is a message of each kind with every field set.
type fixture struct {
	name    string
	message *DashStreamMessage
}

func fixtures() []fixture {
	return []fixture{
		{"event", &DashStreamMessage{Message: &DashStreamMessage_Event{Event: eventFixture(1)}}},
		{"state_diff",
			&DashStreamMessage{Message: &DashStreamMessage_StateDiff{
				StateDiff: stateDiffFixture()}}},
		{"token_chunk",
			&DashStreamMessage{Message: &DashStreamMessage_TokenChunk{
				TokenChunk: tokenChunkFixture()}}},
		{"tool_execution",
			&DashStreamMessage{Message: &DashStreamMessage_ToolExecution{
				ToolExecution: toolExecutionFixture()}}},
		{"checkpoint",
			&DashStreamMessage{Message: &DashStreamMessage_Checkpoint{
				Checkpoint: checkpointFixture()}}},
		{"metrics",
			&DashStreamMessage{Message: &DashStreamMessage_Metrics{Metrics: metricsFixture()}}},
		{"error", &DashStreamMessage{Message: &DashStreamMessage_Error{Error: errorFixture(7)}}},
		{"event_batch",
			&DashStreamMessage{Message: &DashStreamMessage_EventBatch{
				EventBatch: eventBatchFixture()}}},
		{"execution_trace",
			&DashStreamMessage{Message: &DashStreamMessage_ExecutionTrace{
				ExecutionTrace: executionTraceFixture()}}},
	}
}

func headerFixture(kind MessageType, sequence uint64) *Header {
	return &Header{
		MessageId:     id(byte(sequence), byte(kind)),
		TimestampUs:   1_700_000_000_123_456 + int64(sequence),
		TenantId:      "tenant-ü",
		ThreadId:      "thread-1",
		Sequence:      sequence,
		Type:          kind,
		ParentId:      id(0xff, byte(kind)),
		SchemaVersion: SchemaVersion,
	}
}

func id(first, second byte) []byte {
	b := make([]byte, MessageIDBytes)
	b[0], b[1], b[15] = first, second, 0xaa
	return b
}

func eventFixture(sequence uint64) *Event {
	return &Event{
		Header:    headerFixture(MessageType_MESSAGE_TYPE_EVENT, sequence),
		EventType: EventType_EVENT_TYPE_NODE_END,
		NodeId:    "retrieve",
		Attributes: map[string]*AttributeValue{
			"string": {Value: &AttributeValue_StringValue{StringValue: "naïve 東京"}},
			"int":    {Value: &AttributeValue_IntValue{IntValue: -42}},
			"float":  {Value: &AttributeValue_FloatValue{FloatValue: 0.25}},
			"bool":   {Value: &AttributeValue_BoolValue{BoolValue: true}},
			"bytes":  {Value: &AttributeValue_BytesValue{BytesValue: []byte{0, 1, 0xff}}},
			"array": {Value: &AttributeValue_ArrayValue{
				ArrayValue: &AttributeArray{Values: []*AttributeValue{
					{Value: &AttributeValue_IntValue{IntValue: 1}}, {},
				}}}},
			"map": {Value: &AttributeValue_MapValue{
				MapValue: &AttributeMap{Values: map[string]*AttributeValue{
					"inner": {Value: &AttributeValue_StringValue{StringValue: ""}},
				}}}},
		},
		DurationUs:   1_500,
		LlmRequestId: "req-1",
	}
}

func eventBatchFixture() *EventBatch {
	header := headerFixture(MessageType_MESSAGE_TYPE_EVENT_BATCH, 0)
	return &EventBatch{Header: header, Events: []*Event{eventFixture(8), eventFixture(9),
		eventFixture(300)}}
}

func stateDiffFixture() *StateDiff {
	state := []byte(`{"a":1}`)
	hash := sha256.Sum256(state)
	return &StateDiff{
		Header:           headerFixture(MessageType_MESSAGE_TYPE_STATE_DIFF, 2),
		BaseCheckpointId: id(5, 5),
		Operations: []*DiffOperation{
			{Op: DiffOperation_OP_TYPE_ADD, Path: "/a", Value: []byte("1")},
			{Op: DiffOperation_OP_TYPE_REMOVE, Path: "/b"},
			{Op: DiffOperation_OP_TYPE_REPLACE, Path: "/c", Value: []byte{0x93},
				Encoding: DiffOperation_VALUE_ENCODING_MSGPACK},
			{Op: DiffOperation_OP_TYPE_MOVE, Path: "/d", From: "/e"},
			{Op: DiffOperation_OP_TYPE_COPY, Path: "/f", From: "/g"},
			{Op: DiffOperation_OP_TYPE_TEST, Path: "/h", Value: []byte("x"),
				Encoding: DiffOperation_VALUE_ENCODING_RAW},
		},
		StateHash: hash[:],
		FullState: state,
	}
}

func tokenChunkFixture() *TokenChunk {
	return &TokenChunk{
		Header:       headerFixture(MessageType_MESSAGE_TYPE_TOKEN_CHUNK, 3),
		RequestId:    "req-1",
		Text:         "hello ",
		TokenIds:     []uint32{1, 300, 1 << 31},
		Logprobs:     []float32{-0.5, 0},
		ChunkIndex:   4,
		IsFinal:      true,
		FinishReason: TokenChunk_FINISH_REASON_TOOL_CALLS,
		Model:        "model-x",
		Stats:        &TokenStats{PromptTokens: 10, CompletionTokens: 20, TotalTokens: 30},
	}
}

func toolExecutionFixture() *ToolExecution {
	return &ToolExecution{
		Header:       headerFixture(MessageType_MESSAGE_TYPE_TOOL_EXECUTION, 4),
		CallId:       "call-1",
		ToolName:     "search",
		Stage:        ToolExecution_EXECUTION_STAGE_FAILED,
		Arguments:    []byte(`{"q":"go"}`),
		Result:       []byte("partial"),
		Error:        "timeout",
		ErrorDetails: errorFixture(4),
		DurationUs:   99,
		RetryCount:   2,
	}
}

func checkpointFixture() *Checkpoint {
	state := []byte(`{"messages":[]}`)
	sum := sha256.Sum256(state)
	return &Checkpoint{
		Header:       headerFixture(MessageType_MESSAGE_TYPE_CHECKPOINT, 5),
		CheckpointId: id(5, 5),
		State:        state,
		StateType:    "AgentState",
		Checksum:     sum[:],
		StorageUri:   "s3://bucket/key",
		CompressionInfo: &CompressionInfo{
			Type: CompressionType_COMPRESSION_SNAPPY, CompressedSize: 10, UncompressedSize: 20,
			CompressionRatio: 0.5,
		},
		Metadata: map[string]string{"k": "v", "l": ""},
	}
}

func metricsFixture() *Metrics {
	return &Metrics{
		Header:  headerFixture(MessageType_MESSAGE_TYPE_METRICS, 6),
		Scope:   "quality",
		ScopeId: "thread-1",
		Metrics: map[string]*MetricValue{
			"int": {Value: &MetricValue_IntValue{IntValue: -1},
				Type: MetricValue_METRIC_TYPE_COUNTER},
			"float": {Value: &MetricValue_FloatValue{FloatValue: 0.5},
				Unit: "ratio", Type: MetricValue_METRIC_TYPE_GAUGE},
			"string": {Value: &MetricValue_StringValue{StringValue: "s"},
				Type: MetricValue_METRIC_TYPE_SUMMARY},
			"bool": {Value: &MetricValue_BoolValue{},
				Unit: "bool", Type: MetricValue_METRIC_TYPE_HISTOGRAM},
			"bytes": {Value: &MetricValue_BytesValue{BytesValue: []byte{1}}},
		},
		Tags: map[string]string{"tenant_id": "t", "thread_id": "thread-1"},
	}
}

func errorFixture(sequence uint64) *Error {
	return &Error{
		Header:        headerFixture(MessageType_MESSAGE_TYPE_ERROR, sequence),
		ErrorCode:     "E42",
		Message:       "no route",
		StackTrace:    "main.go:1",
		Context:       map[string]string{"host": "a"},
		Severity:      Error_SEVERITY_FATAL,
		ExceptionType: "*net.OpError",
		Suggestions:   []string{"retry", ""},
	}
}

func executionTraceFixture() *ExecutionTrace {
	return &ExecutionTrace{
		Header:      headerFixture(MessageType_MESSAGE_TYPE_EXECUTION_TRACE, 9),
		ThreadId:    "thread-1",
		ExecutionId: "exec-1",
		NodesExecuted: []*NodeExecutionRecord{{
			Node: "plan", DurationMs: 12, PromptTokens: 1, CompletionTokens: 2, TotalTokens: 3,
			Succeeded: true,
			StartedAt: "2024-01-01T00:00:00Z", EndedAt: "2024-01-01T00:00:01Z", Input: []byte(`{}`),
			Output:   []byte(`[]`),
			Metadata: map[string]string{"k": "v"},
		}},
		TotalDurationMs: 1 << 40,
		TotalTokens:     3,
		Errors: []*ErrorRecord{{
			Node: "plan", Message: "m", ErrorCode: "c", Timestamp: "2024-01-01T00:00:00Z",
			Recovered: true, StackTrace: "s",
		}},
		Completed:  true,
		StartedAt:  "2024-01-01T00:00:00Z",
		EndedAt:    "2024-01-01T00:00:02Z",
		FinalState: []byte(`{}`),
		Metadata:   map[string][]byte{"k": {1, 2}},
	}
}

// encodePlain returns the record's value in plain framing, with maps in the order of their keys.
func encodePlain(t testing.TB, m *DashStreamMessage) []byte {
	t.Helper()
	value, err := Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return value
}

// encodeZstd compresses what follows the framing byte of a plain value, as a frame that declares
// its content size.
func encodeZstd(t testing.TB, plain []byte) []byte {
	t.Helper()
	w, err := zstd.NewWriter(nil, zstd.WithSingleSegment(true))
	if err != nil {
		t.Fatal(err)
	}
	return w.EncodeAll(plain[1:], []byte{FramingZstd})
}
