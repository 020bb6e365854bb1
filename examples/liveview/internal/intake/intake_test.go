package intake

import (
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/klauspost/compress/zstd"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func newIntake(t testing.TB) *Intake {
	t.Helper()
	in, err := New()
	if err != nil {
		t.Fatal(err)
	}
	return in
}

func header() *pb.Header {
	return &pb.Header{MessageId: make([]byte, 16), ThreadId: "t", Sequence: 1, SchemaVersion: 1}
}

func event(kind pb.EventType, attrs map[string]string) *pb.DashStreamMessage {
	e := &pb.Event{Header: header(), EventType: kind, Attributes: map[string]*pb.AttributeValue{}}
	for key, v := range attrs {
		e.Attributes[key] = &pb.AttributeValue{
			Value: &pb.AttributeValue_StringValue{StringValue: v}}
	}
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: e}}
}

func encode(t testing.TB, m *pb.DashStreamMessage) []byte {
	t.Helper()
	b, err := pb.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func compressed(t *testing.T, body []byte, sized bool) []byte {
	t.Helper()
	var b bytes.Buffer
	w, err := zstd.NewWriter(&b)
	if err != nil {
		t.Fatal(err)
	}
	if sized {
		return append([]byte{pb.FramingZstd}, w.EncodeAll(body, nil)...)
	}
	_, _ = w.Write(body[:len(body)/2])
	_ = w.Flush()
	_, _ = w.Write(body[len(body)/2:])
	_ = w.Close()
	return append([]byte{pb.FramingZstd}, b.Bytes()...)
}

func TestEveryReasonIsFoundAndLeadsToWhatTheTableSays(t *testing.T) {
	good := encode(t, event(pb.EventType_EVENT_TYPE_NODE_START, nil))
	newer := event(pb.EventType_EVENT_TYPE_NODE_START, nil)
	newer.GetEvent().Header.SchemaVersion = 2
	homeless := event(pb.EventType_EVENT_TYPE_NODE_START, nil)
	homeless.GetEvent().Header.ThreadId = ""
	huge := bytes.Repeat([]byte{0}, 11<<20)
	parts := append([]byte{0, 0x42}, protoBytes(bytes.Repeat([]byte{0x12, 0}, 1<<19))...)
	damaged := compressed(t, bytes.Repeat(good[1:], 20), true)
	damaged[len(damaged)-3] ^= 0xff
	tests := []struct {
		reason Reason
		leads  Leads
		value  []byte
	}{
		{Empty, Skip, nil},
		{UnknownFrameByte, Resync, []byte{7, 1, 2}},
		{PayloadTooLarge, Resync, huge},
		{ZstdSizeUnknown, Resync, compressed(t, bytes.Repeat(good[1:], 2000), false)},
		{DecompressedLarge, Resync, compressed(t, huge, true)},
		{DecompressFailed, Resync, damaged},
		{TooManyElements, Resync, parts},
		{ProtobufFailed, Resync, []byte{0, 0xff, 0xff}},
		{EmptyMessage, Skip, []byte{0}},
		{SchemaTooNew, Stop, encode(t, newer)},
		{MissingThreadID, Skip, encode(t, homeless)},
	}
	in := newIntake(t)
	for _, tt := range tests {
		_, f := in.Read(tt.value)
		if f == nil || f.Reason != tt.reason || f.Reason.Leads() != tt.leads {
			t.Errorf("%s: got %+v, want it to lead to %s", tt.reason, f, tt.leads)
		}
	}
	var found []Reason
	for _, tt := range tests {
		found = append(found, tt.reason)
	}
	if !slices.Equal(found, Reasons()) {
		t.Errorf("tested %v, there are %v", found, Reasons())
	}
	for _, r := range pb.Reasons() { // each one of the decoder's has its row
		if !slices.ContainsFunc(table, func(row struct {
			reason  Reason
			leads   Leads
			decoder pb.Reason
		}) bool {
			return row.decoder == r
		}) {
			t.Errorf("the decoder's %s is not in the table", r)
		}
	}
	if r, f := in.Read(good); f != nil || !bytes.Equal(r.Value, good) {
		t.Errorf("a good record: %+v", f)
	}
}

func protoBytes(b []byte) []byte {
	n := len(b)
	var out []byte
	for n >= 0x80 {
		out = append(out, byte(n)|0x80)
		n >>= 7
	}
	return append(append(out, byte(n)), b...)
}

func TestJSONOverALimitIsNotedAndGoesNoFurther(t *testing.T) {
	deep := strings.Repeat(`[`, 100_000) + strings.Repeat(`]`, 100_000)
	large := `{"x":"` + strings.Repeat("x", MaxStateBytes) + `"}`
	start := pb.EventType_EVENT_TYPE_GRAPH_START
	state := func(full string) *pb.DashStreamMessage {
		return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{
			StateDiff: &pb.StateDiff{Header: header(), FullState: []byte(full)}}}
	}
	operation := func(value string) *pb.DashStreamMessage {
		return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{
			StateDiff: &pb.StateDiff{Header: header(),
				Operations: []*pb.DiffOperation{{Path: "/x", Value: []byte(value)}}}}}
	}
	checkpoint := func(text string) *pb.DashStreamMessage {
		return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Checkpoint{
			Checkpoint: &pb.Checkpoint{Header: header(), State: []byte(text)}}}
	}
	tool := func(arguments, result string) *pb.DashStreamMessage {
		return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_ToolExecution{
			ToolExecution: &pb.ToolExecution{Header: header(), Arguments: []byte(arguments),
				Result: []byte(result)}}}
	}
	in := newIntake(t)
	for _, tt := range []struct {
		message *pb.DashStreamMessage
		want    Part
	}{
		{event(start, map[string]string{pb.AttrGraphSchemaJSON: deep}),
			Part{0, pb.AttrGraphSchemaJSON, len(deep), TooDeep}},
		{event(start, map[string]string{pb.AttrGraphSchemaJSON: large}),
			Part{0, pb.AttrGraphSchemaJSON, len(large), TooLarge}},
		{event(start, map[string]string{pb.AttrInitialStateJSON: deep}),
			Part{0, pb.AttrInitialStateJSON, len(deep), TooDeep}},
		{state(deep), Part{0, "full_state", len(deep), TooDeep}},
		{state(large), Part{0, "full_state", len(large), TooLarge}},
		{operation(large), Part{0, "operation", len(large), TooLarge}},
		{checkpoint(deep), Part{0, "state", len(deep), TooDeep}},
		{tool(deep, ""), Part{0, "arguments", len(deep), TooLarge}},
		{tool(deep[99_000:101_000], ""), Part{0, "arguments", 2000, TooDeep}},
		{tool("", large), Part{0, "result", len(large), TooLarge}},
		{tool("", strings.Repeat("x", 1<<20)), Part{0, "result", 1 << 20, Cut}},
		{event(pb.EventType_EVENT_TYPE_LLM_START, map[string]string{pb.AttrPrompt: deep}),
			Part{0, pb.AttrPrompt, len(deep), TooLarge}},
	} {
		r, f := in.Read(encode(t, tt.message))
		if f != nil || len(r.Parts) != 1 || r.Parts[0] != tt.want {
			t.Errorf("%+v, %+v, want %+v", f, r.Parts, tt.want)
		}
		if len(r.Value) > MaxTextBytes+1000 {
			t.Errorf("%s: %d bytes are kept", tt.want.What, len(r.Value))
		}
	}
	if tooDeep([]byte(`{"a":"[[[[[[","b":[[1]]}`), 3) || !tooDeep([]byte(`[[[[1]]]]`), 3) ||
		!tooDeep([]byte(`["\"",[[[1]]]]`), 3) {
		t.Error("depth is not counted as JSON nests")
	}
}

func TestAttributesBeyondTheContractAreNames(t *testing.T) {
	secret := "s3cret-" + fmt.Sprint(42)
	attrs := map[string]string{pb.AttrModel: "m"}
	for i := range 40 {
		attrs[fmt.Sprintf("own_%02d_%s", i, strings.Repeat("x", 100))] = secret
	}
	in := newIntake(t)
	r, f := in.Read(encode(t, event(pb.EventType_EVENT_TYPE_LLM_START, attrs)))
	if f != nil {
		t.Fatal(f)
	}
	count, names := Others(r.Message.GetEvent())
	if count != 40 || len(names) != 20 || len(names[0]) != 64 {
		t.Errorf("%d others, %d names, the first of %d characters", count, len(names),
			len(names[0]))
	}
	if bytes.Contains(r.Value, []byte(secret)) {
		t.Error("a value is kept that is not in the contract")
	}
	if again := Again(r.Value).GetEvent(); again.GetAttributes()[pb.AttrModel].GetStringValue() !=
		"m" {
		t.Error("an attribute of the contract is lost")
	}
	wrong := event(pb.EventType_EVENT_TYPE_LLM_START, nil)
	wrong.GetEvent().Attributes = map[string]*pb.AttributeValue{pb.AttrModel: {
		Value: &pb.AttributeValue_BytesValue{BytesValue: []byte(secret)}}}
	if r, _ := in.Read(encode(t, wrong)); bytes.Contains(r.Value, []byte(secret)) {
		t.Error("a value is kept whose type is not the contract's")
	}
	report := &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: &pb.Metrics{
		Header: header(), Scope: pb.ReportScope, Tags: map[string]string{"mine": secret,
			"service": "shop token=ghp_" + strings.Repeat("a1B2", 9)},
		Metrics: map[string]*pb.MetricValue{"x": {
			Value: &pb.MetricValue_StringValue{StringValue: secret}}}}}}
	r, _ = in.Read(encode(t, report))
	if bytes.Contains(r.Value, []byte(secret)) || bytes.Contains(r.Value, []byte("ghp_")) {
		t.Errorf("tags are kept: %v", r.Message.GetMetrics().GetTags())
	}
	others := &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Error{Error: &pb.Error{
		Header: header(), Context: map[string]string{"k": secret}}}}
	if r, _ = in.Read(encode(t, others)); bytes.Contains(r.Value, []byte(secret)) {
		t.Error("the context of an error is kept")
	}
}

func FuzzRead(f *testing.F) {
	in := newIntake(f)
	f.Add([]byte{0})
	f.Add(encode(f, event(pb.EventType_EVENT_TYPE_GRAPH_START,
		map[string]string{"x": "y", pb.AttrInitialStateJSON: "{}"})))
	f.Fuzz(func(t *testing.T, value []byte) {
		r, failure := in.Read(value)
		if (failure == nil) != (r.Message != nil) {
			t.Fatal("neither a message nor a failure")
		}
		if failure == nil && Again(r.Value) == nil {
			t.Error("what is kept does not decode")
		}
	})
}
