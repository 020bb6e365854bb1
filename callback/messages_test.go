package callback_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// scene is the start of every row of the table: a run and a node in it, both started.
type scene struct {
	client *callback.Client
	run    *callback.Run
	node   *callback.Node
}

// Possible parents of a message: the starts of the scene, or an earlier message of the row, counted
// from 0.
const (
	none      = -3
	ofRun     = -2
	ofNode    = -1
	theFirst  = 0
	theSecond = 1
)

// sent is a message that a row must send: its content, its parent, and its time.
type sent struct {
	message proto.Message
	parent  int
	after   time.Duration // from the start of the row
}

// row calls one method, the first word of its name, and lists what must be sent.
type row struct {
	name string
	do   func(s *scene)
	want []sent
}

func (r *row) method() string { return strings.Fields(r.name)[0] }

// attributes makes a map of attributes from names and values.
func attributes(pairs ...any) map[string]*pb.AttributeValue {
	m := map[string]*pb.AttributeValue{}
	for i := 0; i < len(pairs); i += 2 {
		v := &pb.AttributeValue{}
		switch x := pairs[i+1].(type) {
		case string:
			v.Value = &pb.AttributeValue_StringValue{StringValue: x}
		case int:
			v.Value = &pb.AttributeValue_IntValue{IntValue: int64(x)}
		case float64:
			v.Value = &pb.AttributeValue_FloatValue{FloatValue: x}
		case bool:
			v.Value = &pb.AttributeValue_BoolValue{BoolValue: x}
		default:
			panic(fmt.Sprintf("attribute %v is a %T", pairs[i], x))
		}
		m[pairs[i].(string)] = v
	}
	return m
}

// item is a numbered message of a thread: an event, or a message of another kind.
type item struct {
	header  *pb.Header
	kind    pb.MessageType
	content proto.Message
}

// String returns the item's event type, or its kind if it is not an event.
func (i item) String() string {
	if e, ok := i.content.(*pb.Event); ok {
		return fmt.Sprintf("%d %s %s", i.header.GetSequence(), e.GetEventType(), e.GetNodeId())
	}
	return fmt.Sprintf("%d %s", i.header.GetSequence(), i.kind)
}

// itemsOf lists what a thread sent, with batches split into events, in wire order.
func itemsOf(rec *callbacktest.Recorder, thread ...string) []item {
	var items []item
	for _, m := range rec.Messages(thread...) {
		if m.GetEventBatch() == nil {
			items = append(items, item{m.Header(), m.Kind(), contentOf(m)})
		}
		for e := range m.Events() {
			items = append(items, item{e.GetHeader(), pb.MessageType_MESSAGE_TYPE_EVENT, e})
		}
	}
	return items
}

// contentOf returns the message inside a record's message.
func contentOf(m *pb.DashStreamMessage) proto.Message {
	r := m.ProtoReflect()
	return r.Get(r.WhichOneof(r.Descriptor().Oneofs().Get(0))).Message().Interface()
}

// withHeader returns a copy of a message with another header.
func withHeader(m proto.Message, h *pb.Header) proto.Message {
	m = proto.Clone(m)
	r := m.ProtoReflect()
	r.Set(r.Descriptor().Fields().ByName("header"), protoreflect.ValueOfMessage(h.ProtoReflect()))
	return m
}

func TestEveryMethodThatEmits(t *testing.T) {
	for _, r := range table() {
		t.Run(r.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) { checkRow(t, &r) })
		})
	}
}

func checkRow(t *testing.T, r *row) {
	rec := callbacktest.NewRecorder()
	s := scene{client: rec.Client(t)}
	s.run = s.client.StartRun(callback.RunInfo{ThreadID: "thread", ExecutionID: "execution",
		TrackOpen: true})
	s.node = s.run.StartNode("node")
	begin := time.Now()
	r.do(&s)
	items := itemsOf(rec)
	if len(items) != 2+len(r.want) {
		t.Fatalf("%d messages were sent, want %d: %v", len(items)-2, len(r.want), items[2:])
	}
	ids := map[string]bool{}
	for i, want := range r.want {
		got := items[2+i]
		id := got.header.GetMessageId()
		if len(id) != 16 || ids[string(id)] || id[6]>>4 != 8 || id[8]>>6 != 2 {
			t.Errorf("message %d: id %x is not a UUID of its own", i, id)
		}
		ids[string(id)] = true
		header := &pb.Header{
			MessageId: id, TimestampUs: begin.Add(want.after).UnixMicro(),
			TenantId: "default", ThreadId: "thread", Sequence: uint64(3 + i),
			Type: got.kind, SchemaVersion: 1,
		}
		if want.parent != none {
			header.ParentId = items[2+want.parent].header.GetMessageId()
		}
		if expected := withHeader(want.message, header); !proto.Equal(got.content, expected) {
			t.Errorf("message %d is\n%v, want\n%v", i, got.content, expected)
		}
	}
	if report := rec.Check(); len(report.Violations) > 0 {
		t.Errorf("the stream breaks rules: %v", report.Violations)
	}
}

// silent are the methods that emit nothing.
var silent = map[string]bool{
	"Client.InstanceID": true, "Client.Metrics": true, "Client.Stats": true, "Client.Flush": true,
	"Client.Shutdown": true,
	"Client.Pressure": true, "Client.History": true,
	"Run.ThreadID": true, "Run.Position": true, "Run.Root": true, "Node.Name": true,
	"Node.Run": true,
}

// handles are the types whose methods emit, as nil pointers.
var handles = []any{
	(*callback.Client)(nil), (*callback.Run)(nil), (*callback.Node)(nil), (*callback.LLM)(nil),
	(*callback.Tool)(nil), (*callback.Parallel)(nil),
	(*callback.Search)(nil),
}

func methods(f func(name string, m reflect.Value)) {
	for _, h := range handles {
		v := reflect.ValueOf(h)
		for i := range v.NumMethod() {
			f(v.Type().Elem().Name()+"."+v.Type().Method(i).Name, v.Method(i))
		}
	}
}

func TestTableHasEveryMethodEventAndKind(t *testing.T) {
	driven, events, kinds := map[string]bool{}, map[pb.EventType]bool{}, map[string]bool{}
	for _, r := range table() {
		driven[r.method()] = true
		for _, s := range r.want {
			kinds[string(s.message.ProtoReflect().Descriptor().Name())] = true
			if e, ok := s.message.(*pb.Event); ok {
				events[e.GetEventType()] = true
			}
		}
	}
	methods(func(name string, _ reflect.Value) {
		if driven[name] == silent[name] {
			t.Errorf("%s is to be in exactly one of the table and the list of silent methods", name)
		}
	})
	for number, name := range pb.EventType_name {
		if number != 0 && !events[pb.EventType(number)] {
			t.Errorf("no row emits %s", name)
		}
	}
	for _, kind := range []string{"Event", "StateDiff", "TokenChunk", "ToolExecution", "Checkpoint",
		"Metrics", "Error", "ExecutionTrace"} {
		if !kinds[kind] {
			t.Errorf("no row emits a message of kind %s", kind)
		}
	}
}

// jsonOf compacts JSON text, so that rows can format it freely.
func jsonOf(text string) string {
	var b bytes.Buffer
	if err := json.Compact(&b, []byte(text)); err != nil {
		panic(err)
	}
	return b.String()
}

func table() []row {
	return slices.Concat(runRows(), nodeRows(), llmRows(), toolRows(), stateRows(), reportRows(),
		openRows())
}
