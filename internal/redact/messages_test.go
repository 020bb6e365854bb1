package redact

import (
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"google.golang.org/protobuf/proto"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// The model of messages redacts decoded ones, field by field. It knows nothing of bytes, lengths
// and literals.

type messageModel struct{ r *Redactor }

func (m messageModel) text(s string) string {
	out, _ := m.r.String("", s)
	return out
}

func (m messageModel) document(b []byte) []byte {
	if out, changed, err := m.r.JSON(nil, b); err == nil {
		if changed {
			return out
		}
		return b
	}
	return []byte(m.text(string(b)))
}

func (m messageModel) named(name, s string) string {
	v := m.r.names.judge(name)
	switch {
	case v.secret && m.r.on[v.rule] && !v.isDirectory(s):
		if m.r.keeps(&v, s) || isDocument(name) && m.r.keeps(&v, strings.Trim(s, `"`)) {
			return s
		}
		if isDocument(name) {
			return strconv.Quote(m.r.marks[v.rule])
		}
		return m.r.marks[v.rule]
	case isDocument(name):
		return string(m.document([]byte(s)))
	}
	return m.text(s)
}

func attributeText(s string) *pb.AttributeValue {
	return &pb.AttributeValue{Value: &pb.AttributeValue_StringValue{StringValue: s}}
}

func (m messageModel) attribute(name string, v verdict, a *pb.AttributeValue) *pb.AttributeValue {
	hidden := v.secret && m.r.on[v.rule] && !v.narrow
	number := func(s string, whole bool) *pb.AttributeValue {
		if m.r.allowances.allow(s) {
			return a
		}
		if hidden {
			return attributeText(m.r.marks[v.rule])
		}
		if whole && m.r.on[ruleCard] && !strings.HasPrefix(s, "-") && isCard(s) {
			return attributeText(m.r.marks[ruleCard])
		}
		return a
	}
	switch x := a.Value.(type) {
	case *pb.AttributeValue_StringValue:
		return attributeText(m.named(name, x.StringValue))
	case *pb.AttributeValue_BytesValue:
		return &pb.AttributeValue{Value: &pb.AttributeValue_BytesValue{
			BytesValue: []byte(m.named(name, string(x.BytesValue)))}}
	case *pb.AttributeValue_IntValue:
		return number(strconv.FormatInt(x.IntValue, 10), true)
	case *pb.AttributeValue_FloatValue:
		return number(strconv.FormatFloat(x.FloatValue, 'g', -1, 64), false)
	case *pb.AttributeValue_ArrayValue:
		if hidden && len(x.ArrayValue.Values) > 0 {
			return attributeText(m.r.marks[v.rule])
		}
		out := &pb.AttributeArray{}
		for _, e := range x.ArrayValue.Values {
			out.Values = append(out.Values, m.attribute(name, v, e))
		}
		return &pb.AttributeValue{Value: &pb.AttributeValue_ArrayValue{ArrayValue: out}}
	case *pb.AttributeValue_MapValue:
		if hidden && len(x.MapValue.Values) > 0 {
			return attributeText(m.r.marks[v.rule])
		}
		return &pb.AttributeValue{Value: &pb.AttributeValue_MapValue{
			MapValue: &pb.AttributeMap{Values: m.attributes(x.MapValue.Values)}}}
	}
	return a
}

func (m messageModel) attributes(in map[string]*pb.AttributeValue) map[string]*pb.AttributeValue {
	return modelMap(m, in, func(name string, a *pb.AttributeValue) *pb.AttributeValue {
		if name == "duration_us" {
			return a
		}
		return m.attribute(name, m.r.names.judge(name), a)
	})
}

// modelMap redacts keys and values. Its order is that of the encoder.
func modelMap[V any](m messageModel, in map[string]V, value func(name string, v V) V) map[string]V {
	if in == nil {
		return nil
	}
	out := map[string]V{}
	made := map[string]bool{}
	for _, name := range slices.Sorted(maps.Keys(in)) {
		key, changed := lookAt(m.r, name)
		unique := key
		for n := 2; ; n++ {
			was, taken := made[unique]
			if !taken || !was && !changed {
				break
			}
			unique = fmt.Sprintf("%s#%d", key, n)
		}
		made[unique] = changed || unique != name || made[unique]
		out[unique] = value(name, in[name])
	}
	return out
}

func (m messageModel) strings(in map[string]string) map[string]string {
	return modelMap(m, in, m.named)
}

func (m messageModel) all(list []string) (out []string) {
	for _, s := range list {
		out = append(out, m.text(s))
	}
	return out
}

func (m messageModel) message(in proto.Message) proto.Message {
	out := proto.Clone(in)
	switch x := out.(type) {
	case *pb.EventBatch:
		for i := range x.Events {
			x.Events[i] = m.message(x.Events[i]).(*pb.Event)
		}
	case *pb.Event:
		x.NodeId, x.LlmRequestId, x.Attributes = m.text(x.NodeId), m.text(x.LlmRequestId),
			m.attributes(x.Attributes)
	case *pb.TokenChunk:
		x.RequestId, x.Text, x.Model = m.text(x.RequestId), m.text(x.Text), m.text(x.Model)
	case *pb.ToolExecution:
		x.CallId, x.ToolName, x.Error = m.text(x.CallId), m.text(x.ToolName), m.text(x.Error)
		x.Arguments, x.Result = m.document(x.Arguments), m.document(x.Result)
		if x.ErrorDetails != nil {
			x.ErrorDetails = m.message(x.ErrorDetails).(*pb.Error)
		}
	case *pb.Error:
		x.ErrorCode, x.Message, x.StackTrace, x.ExceptionType = m.text(x.ErrorCode),
			m.text(x.Message), m.text(x.StackTrace), m.text(x.ExceptionType)
		x.Context, x.Suggestions = m.strings(x.Context), m.all(x.Suggestions)
	case *pb.Metrics:
		x.Scope, x.ScopeId, x.Tags = m.text(x.Scope), m.text(x.ScopeId), m.strings(x.Tags)
		x.Metrics = modelMap(m, x.Metrics, func(name string, v *pb.MetricValue) *pb.MetricValue {
			switch t := v.Value.(type) {
			case *pb.MetricValue_StringValue:
				t.StringValue = m.named(name, t.StringValue)
			case *pb.MetricValue_BytesValue:
				t.BytesValue = []byte(m.named(name, string(t.BytesValue)))
			}
			return v
		})
	case *pb.Checkpoint:
		was := x.State
		x.State, x.StateType, x.StorageUri, x.Metadata = m.document(x.State), m.text(x.StateType),
			m.text(x.StorageUri), m.strings(x.Metadata)
		if !bytes.Equal(was, x.State) && len(x.Checksum) > 0 {
			sum := sha256.Sum256(x.State)
			x.Checksum = sum[:]
		}
	case *pb.ExecutionTrace:
		x.FinalState = m.document(x.FinalState)
		x.Metadata = modelMap(m, x.Metadata, func(name string, v []byte) []byte {
			return []byte(m.named(name, string(v)))
		})
		for _, n := range x.NodesExecuted {
			n.Node, n.Input, n.Output, n.Metadata = m.text(n.Node), m.document(n.Input),
				m.document(n.Output), m.strings(n.Metadata)
		}
		for _, e := range x.Errors {
			e.Node, e.Message, e.ErrorCode, e.StackTrace = m.text(e.Node), m.text(e.Message),
				m.text(e.ErrorCode), m.text(e.StackTrace)
		}
	}
	return out
}

// redactEncoded calls the method for a message's kind.
func redactEncoded(m *Messages, in proto.Message, dst, body []byte) ([]byte, bool) {
	switch in.(type) {
	case *pb.EventBatch:
		return m.Events(dst, body)
	case *pb.Event:
		return m.Event(dst, body)
	case *pb.TokenChunk:
		return m.Tokens(dst, body)
	case *pb.ToolExecution:
		return m.Tool(dst, body)
	case *pb.Error:
		return m.Error(dst, body)
	case *pb.Metrics:
		return m.Metrics(dst, body)
	case *pb.Checkpoint:
		return m.Checkpoint(dst, body)
	}
	return m.Trace(dst, body)
}

func encoded(t testing.TB, m proto.Message) []byte {
	t.Helper()
	b, err := proto.MarshalOptions{Deterministic: true}.Marshal(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// checkMessage checks all that is promised of an encoded message's redaction, and returns the
// result.
func checkMessage(t *testing.T, m *Messages, in proto.Message) []byte {
	t.Helper()
	body := encoded(t, in)
	before := bytes.Clone(body)
	clean := m.Clean(body)
	out, changed := redactEncoded(m, in, []byte("dst:"), body)
	if !bytes.Equal(body, before) {
		t.Fatalf("the source of %v was written to", in)
	}
	out, ok := bytes.CutPrefix(out, []byte("dst:"))
	if !ok || !changed && len(out) > 0 {
		t.Fatalf("%v: changed %v, but dst becomes %q", in, changed, out)
	}
	if changed && clean {
		t.Fatalf("%v seemed clean and is changed", in)
	}
	if !changed {
		out = body
	}
	got := in.ProtoReflect().New().Interface()
	if err := proto.Unmarshal(out, got); err != nil {
		t.Fatalf("%v\nbecomes %x: %v", in, out, err)
	}
	want := messageModel{m.r}.message(in)
	// a field that is so dense that it comes to the end of its budget by itself has more of it as a
	// part of a message
	if !proto.Equal(got, want) && !bytes.Contains(encoded(t, want), []byte(markOf("unsearched"))) {
		t.Fatalf("%v\nredacted and decoded is\n%v\ndecoded and redacted is\n%v", in, got, want)
	}
	if changed && proto.Equal(in, got) {
		t.Fatalf("%v is called changed and is not", in)
	}
	if again, changed := redactEncoded(m, in, nil, out); changed {
		t.Fatalf("%v\nbecomes %q\nand then %q", in, out, again)
	}
	return out
}

// messagesWith returns messages of all kinds, each of which holds name and text in one of its
// places.
func messagesWith(name, text string) map[string]proto.Message {
	a := func(s string) *pb.AttributeValue { return attributeText(s) }
	attrs := func(m map[string]*pb.AttributeValue) proto.Message {
		return &pb.Event{EventType: pb.EventType_EVENT_TYPE_NODE_END, NodeId: "node", Attributes: m,
			DurationUs: 17, LlmRequestId: "r"}
	}
	list := &pb.AttributeValue{Value: &pb.AttributeValue_ArrayValue{ArrayValue: &pb.AttributeArray{
		Values: []*pb.AttributeValue{a("x"), a(text), a("y")}}}}
	group := &pb.AttributeValue{Value: &pb.AttributeValue_MapValue{
		MapValue: &pb.AttributeMap{Values: map[string]*pb.AttributeValue{"a": a("x"),
			name: a(text)}}}}
	blob := &pb.AttributeValue{Value: &pb.AttributeValue_BytesValue{BytesValue: []byte(text)}}
	doc := []byte(`{"a":[1,` + quoted(text) + `]}`)
	strs := map[string]string{"a": "b", name: text, "z": "y"}
	header := &pb.Header{MessageId: []byte("0123456789ABCDEF"), ThreadId: "thread", Sequence: 3}
	event := attrs(map[string]*pb.AttributeValue{"a": a("b"), name: a(text)}).(*pb.Event)
	event.Header = header
	quiet := attrs(map[string]*pb.AttributeValue{"model": a("large"),
		"prompt_tokens": {Value: &pb.AttributeValue_IntValue{IntValue: 3}}}).(*pb.Event)
	return map[string]proto.Message{
		"attribute": attrs(map[string]*pb.AttributeValue{name: a(text), "b": a("c")}),
		"list":      attrs(map[string]*pb.AttributeValue{name: list}),
		"group":     attrs(map[string]*pb.AttributeValue{"g": group, "h": list}),
		"list of groups": attrs(
			map[string]*pb.AttributeValue{
				"g": {Value: &pb.AttributeValue_ArrayValue{ArrayValue: &pb.AttributeArray{
					Values: []*pb.AttributeValue{group, list}}}}}),
		"bytes":            attrs(map[string]*pb.AttributeValue{name: blob}),
		"attribute's name": attrs(map[string]*pb.AttributeValue{text: a("x"), "b": a(text)}),
		"JSON attribute": attrs(
			map[string]*pb.AttributeValue{"initial_state_json": a(string(doc)),
				"graph_manifest": a(quoted(text))}),
		"node": &pb.Event{NodeId: text, LlmRequestId: text},
		"batch": &pb.EventBatch{Header: header, Events: []*pb.Event{quiet, event, quiet,
			event}},
		"tokens": &pb.TokenChunk{RequestId: "r", Text: text, TokenIds: []uint32{1, 2},
			Logprobs: []float32{-1}, Model: "m"},
		"tool": &pb.ToolExecution{CallId: "c", ToolName: "t", Arguments: doc,
			Result: []byte(text), Error: text, DurationUs: 1 << 40},
		"JSON string": &pb.ToolExecution{Result: []byte(quoted(text)),
			ErrorDetails: &pb.Error{Header: header, Message: text, Context: strs}},
		"error": &pb.Error{ErrorCode: text, Message: "m", StackTrace: "at f\n" + text,
			Context: strs, ExceptionType: "T", Suggestions: []string{"a", text}},
		"metrics": &pb.Metrics{Scope: "node", Tags: strs, Metrics: map[string]*pb.MetricValue{
			"n":  {Value: &pb.MetricValue_FloatValue{FloatValue: 2}},
			name: {Value: &pb.MetricValue_StringValue{StringValue: text}, Unit: "u"},
			"b":  {Value: &pb.MetricValue_BytesValue{BytesValue: doc}},
		}},
		"checkpoint": &pb.Checkpoint{CheckpointId: []byte("c"), State: doc,
			Checksum: bytes.Repeat([]byte{7}, 32), StorageUri: "s3://b " + text, Metadata: strs},
		"trace": &pb.ExecutionTrace{ThreadId: "t", FinalState: doc,
			Metadata: map[string][]byte{name: []byte(text), "d": doc}, TotalTokens: 12,
			NodesExecuted: []*pb.NodeExecutionRecord{{Node: "a", Input: []byte(text), Output: doc,
				Metadata: strs}, {Node: "b"}},
			Errors: []*pb.ErrorRecord{{Message: text, StackTrace: text}}},
	}
}

func TestSecretsAreFoundInEncodedMessages(t *testing.T) {
	m := NewMessages(redactor(t, Rules{}))
	for _, p := range secrets() {
		for where, in := range messagesWith("content", p.text) {
			if out := checkMessage(t, m, in); bytes.Contains(out, []byte(p.secret)) {
				t.Errorf("%s: %s survives in %q", where, p.what, out)
			}
		}
	}
}

func TestSecretsByNameAreFoundInEncodedMessages(t *testing.T) {
	m := NewMessages(redactor(t, Rules{}))
	for _, name := range []string{"password", "PassWord", "db_pw", "DB PASS", "apiKey",
		"X-Auth-Token", "credentials", "connect.sid", "pASSWORD",
		"jwt", "csrf", "cookie", "shared_access_signature", "authorization code"} {
		for where, in := range messagesWith(name, "swordfish") {
			out := checkMessage(t, m, in)
			switch where {
			case "attribute", "list", "group", "list of groups", "bytes", "batch":
				if n := bytes.Count(out, []byte("swordfish")); n > 1 ||
					n == 1 && where != "group" && where != "list of groups" {
					t.Errorf("%s: %s: the value survives in %q", where, name, out)
				}
			}
		}
	}
}

func TestHarmlessMessagesAreNotTouched(t *testing.T) {
	m := NewMessages(redactor(t, Rules{}))
	for _, text := range corpus.Harmless() {
		for where, in := range messagesWith("content", text) {
			if where == "attribute's name" {
				continue // as names, some are those of secrets
			}
			if out, changed := redactEncoded(m, in, nil, encoded(t, in)); changed {
				t.Errorf("%s: %q becomes %q", where, text, out)
			}
		}
	}
	for _, name := range corpus.HarmlessNames {
		for where, in := range messagesWith(name, "swordfish7") {
			if out, changed := redactEncoded(m, in, nil, encoded(t, in)); changed {
				t.Errorf("%s: %q becomes %q", where, name, out)
			}
		}
	}
}

func TestStructuresInMessagesCommute(t *testing.T) {
	m := NewMessages(redactor(t, Rules{}))
	for i, doc := range structures()[:2000] {
		in := messagesWith("arguments", doc)
		for _, where := range []string{"attribute", "tool", "trace", "checkpoint"} {
			out := checkMessage(t, m, in[where])
			if i < 100 && where == "checkpoint" {
				var cp pb.Checkpoint
				if err := proto.Unmarshal(out, &cp); err != nil || !json.Valid(cp.State) {
					t.Errorf("%s: %v", out, err)
				}
			}
		}
	}
}
