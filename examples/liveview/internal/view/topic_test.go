package view

import (
	"encoding/binary"
	"encoding/json"
	"hash/fnv"
	"strconv"
	"strings"
	"testing"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
)

// clock is a clock that tests move.
type clock struct{ now time.Time }

func (c *clock) read() time.Time { return c.now }

// topic is a view, and the records that it is given.
type topic struct {
	*View
	t      *testing.T
	clock  *clock
	intake *intake.Intake
	offset int64
	// written is when records were that are history, the zero time for other records.
	written time.Time
}

const start = 1_700_000_000_000_000

func newTopic(t *testing.T) *topic {
	t.Helper()
	return newTopicOf(t, 16<<20)
}

func newTopicOf(t *testing.T, memory int) *topic {
	t.Helper()
	in, err := intake.New()
	if err != nil {
		t.Fatal(err)
	}
	c := &clock{time.UnixMicro(start)}
	v := New(Config{Store: NewMemory(memory), Now: c.read, MaxBytes: 64 << 20,
		Clients: func() int { return 3 }})
	return &topic{View: v, t: t, clock: c, intake: in}
}

// records adds values of records of a thread.
func (tp *topic) records(key string, values ...[]byte) {
	for _, value := range values {
		in := Incoming{Key: []byte(key), Size: len(value), Time: tp.clock.now, Partition: 1,
			Offset: tp.offset, Source: reduce.Source{Producer: "p1", Epoch: "1"}}
		if tp.offset++; !tp.written.IsZero() {
			in.History, in.Time = true, tp.written
		}
		in.Record, in.Failure = tp.intake.Read(value)
		tp.Add([]Incoming{in})
	}
}

// messages adds messages.
func (tp *topic) messages(all ...*pb.DashStreamMessage) {
	for _, m := range all {
		tp.records(m.Header().GetThreadId(), encode(tp.t, m))
	}
}

func encode(t *testing.T, m *pb.DashStreamMessage) []byte {
	t.Helper()
	b, err := pb.Encode(m)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// shown is what a page has of a thread.
func (tp *topic) shown(thread string, at Moment) shownThread {
	tp.t.Helper()
	b, err := tp.At(thread, at)
	if err != nil {
		tp.t.Fatal(err)
	}
	var s shownThread
	if err := json.Unmarshal(b, &s); err != nil {
		tp.t.Fatalf("%v in %s", err, b)
	}
	return s
}

type shownThread struct {
	Meta     map[string]Thread
	Runs     map[string]Run
	Nodes    map[string]Node
	Edges    map[string]Edge
	Calls    map[string]Call
	Timeline map[string]Entry
	State    map[string]State
}

// UnmarshalJSON reads what a page reads.
func (n *Whole) UnmarshalJSON(b []byte) error {
	v, err := strconv.ParseUint(strings.Trim(string(b), `"`), 10, 64)
	*n = Whole(v)
	return err
}

func (s shownThread) entries(kind string) (found []Entry) {
	for _, e := range s.Timeline {
		if e.Kind == kind {
			found = append(found, e)
		}
	}
	return found
}

// id returns the message_id of the message with a number of the thread t.
func id(n uint64) []byte { return idIn("t", n) }

func idIn(thread string, n uint64) []byte {
	b := make([]byte, 16)
	h := fnv.New64a()
	h.Write([]byte(thread))
	h.Sum(b[:0])
	binary.BigEndian.PutUint64(b[8:], n)
	return b
}

func header(thread string, n uint64, kind pb.MessageType) *pb.Header {
	return &pb.Header{MessageId: idIn(thread, n), TimestampUs: start + 1000*int64(n),
		TenantId: "acme", ThreadId: thread, Sequence: n, Type: kind,
		SchemaVersion: pb.SchemaVersion}
}

// event is an event whose enclosing start is the message with the number parent.
func event(
	thread string, n uint64, kind pb.EventType, node string, parent uint64, attrs map[string]any,
) *pb.DashStreamMessage {
	e := &pb.Event{Header: header(thread, n, pb.MessageType_MESSAGE_TYPE_EVENT), EventType: kind,
		NodeId: node, Attributes: map[string]*pb.AttributeValue{}}
	if parent > 0 {
		e.Header.ParentId = idIn(thread, parent)
	}
	for key, v := range attrs {
		switch v := v.(type) {
		case string:
			e.Attributes[key] = &pb.AttributeValue{
				Value: &pb.AttributeValue_StringValue{StringValue: v}}
		case int:
			e.Attributes[key] = &pb.AttributeValue{
				Value: &pb.AttributeValue_IntValue{IntValue: int64(v)}}
		}
	}
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: e}}
}

func state(thread string, n uint64, full string) *pb.DashStreamMessage {
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{StateDiff: &pb.StateDiff{
		Header:    header(thread, n, pb.MessageType_MESSAGE_TYPE_STATE_DIFF),
		FullState: []byte(full)}}}
}

func patch(thread string, n uint64, path, value string) *pb.DashStreamMessage {
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{StateDiff: &pb.StateDiff{
		Header: header(thread, n, pb.MessageType_MESSAGE_TYPE_STATE_DIFF),
		Operations: []*pb.DiffOperation{{Op: pb.DiffOperation_OP_TYPE_REPLACE, Path: path,
			Value: []byte(value)}}}}}
}

func tool(
	thread string, n uint64, stage pb.ToolExecution_ExecutionStage, parent uint64,
	arguments, result, failure string,
) *pb.DashStreamMessage {
	x := &pb.ToolExecution{Header: header(thread, n, pb.MessageType_MESSAGE_TYPE_TOOL_EXECUTION),
		CallId: "call-1", ToolName: "search", Stage: stage, Arguments: []byte(arguments),
		Result: []byte(result), Error: failure}
	x.Header.ParentId = idIn(thread, parent)
	return &pb.DashStreamMessage{Message: &pb.DashStreamMessage_ToolExecution{ToolExecution: x}}
}

const (
	graphStart = pb.EventType_EVENT_TYPE_GRAPH_START
	graphEnd   = pb.EventType_EVENT_TYPE_GRAPH_END
	graphError = pb.EventType_EVENT_TYPE_GRAPH_ERROR
	nodeStart  = pb.EventType_EVENT_TYPE_NODE_START
	nodeEnd    = pb.EventType_EVENT_TYPE_NODE_END
	nodeError  = pb.EventType_EVENT_TYPE_NODE_ERROR
	llmStart   = pb.EventType_EVENT_TYPE_LLM_START
	llmEnd     = pb.EventType_EVENT_TYPE_LLM_END
	edgeTaken  = pb.EventType_EVENT_TYPE_EDGE_TRAVERSAL

	started   = pb.ToolExecution_EXECUTION_STAGE_STARTED
	completed = pb.ToolExecution_EXECUTION_STAGE_COMPLETED
	failed    = pb.ToolExecution_EXECUTION_STAGE_FAILED
)

const schemaJSON = `{"name":"g","entry_point":"plan","nodes":[{"name":"plan","node_type":"llm"},
{"name":"act","node_type":"strange"}],"edges":[{"from":"plan","to":"act","edge_type":"direct"},
{"from":"act","to":"plan","edge_type":"conditional","conditional_targets":["plan","__end__"]}]}`

// aRun is the messages of a run with a bit of everything, 1 to 14.
func aRun(thread string) []*pb.DashStreamMessage {
	return []*pb.DashStreamMessage{
		event(thread, 1, graphStart, "", 0, map[string]any{"graph_name": "g",
			"graph_schema_json": schemaJSON, "initial_state_json": `{"n":0,"big":9007199254740993}`}),
		event(thread, 2, nodeStart, "plan", 1, nil),
		event(thread, 3, llmStart, "plan", 2, map[string]any{"model": "m", "prompt": "why?"}),
		event(thread, 4, llmEnd, "plan", 3, map[string]any{"model": "m", "total_tokens": 12,
			"completion": "because"}),
		state(thread, 5, `{"n":1,"big":9007199254740993}`),
		event(thread, 6, nodeEnd, "plan", 2, map[string]any{"duration_us": 5}),
		event(thread, 7, edgeTaken, "plan", 1, map[string]any{"from": "plan", "to": "act",
			"edge_type": "direct"}),
		event(thread, 8, nodeStart, "act", 1, nil),
		tool(thread, 9, started, 8, `{"q":"x"}`, "", ""),
		tool(thread, 10, completed, 9, "", `{"found":[1,2]}`, ""),
		patch(thread, 11, "/n", "2"),
		event(thread, 12, nodeEnd, "act", 8, nil),
		event(thread, 13, edgeTaken, "act", 1, map[string]any{"from": "act", "to": "__end__"}),
		event(thread, 14, graphEnd, "", 1, nil),
	}
}

// page is a client that applies what it gets, as PROTOCOL.md says.
type page struct {
	t        *testing.T
	channels map[string]data
	ids      map[string]uint64
	why      []string
	deaf     bool // it takes no update
}

func newPage(t *testing.T) *page {
	return &page{t: t, channels: map[string]data{}, ids: map[string]uint64{}}
}

func (p *page) Push(frame []byte) bool {
	if p.deaf {
		return false
	}
	p.take(frame)
	return true
}

func (p *page) PushSnapshot(frame []byte) { p.take(frame) }

func (p *page) take(frame []byte) {
	p.t.Helper()
	var f struct {
		Type, Channel, Why string
		ID                 uint64
		Data, Set          data
		Del                map[string][]string
	}
	if err := json.Unmarshal(frame, &f); err != nil {
		p.t.Fatalf("%v in %s", err, frame)
	}
	if f.Type == "snapshot" {
		p.channels[f.Channel], p.ids[f.Channel] = f.Data, f.ID
		p.why = append(p.why, f.Why)
		return
	}
	if f.ID != p.ids[f.Channel]+1 {
		p.t.Errorf("%s: update %d after %d", f.Channel, f.ID, p.ids[f.Channel])
	}
	p.ids[f.Channel] = f.ID
	for collection, entities := range f.Set {
		if p.channels[f.Channel][collection] == nil {
			p.channels[f.Channel][collection] = map[string]json.RawMessage{}
		}
		for key, e := range entities {
			p.channels[f.Channel][collection][key] = e
		}
	}
	for collection, keys := range f.Del {
		for _, key := range keys {
			delete(p.channels[f.Channel][collection], key)
		}
	}
}
