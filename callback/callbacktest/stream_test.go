package callbacktest

import (
	"crypto/sha256"
	"encoding/binary"
	"strconv"
	"testing"

	"github.com/klauspost/compress/zstd"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// stream is a topic of one partition that a test can break before it is encoded.
type stream struct {
	records []*record
	// events, and the headers of other messages as the event of their name
	byName  map[string]*pb.Event
	numbers map[string]uint64
	ids     uint64
	reports int
}

// record is a Record whose value is not encoded yet.
type record struct {
	name string
	Record
	message *pb.DashStreamMessage
	framing byte
	raw     []byte // if not nil, sent as it is
}

func newStream() *stream {
	return &stream{byName: map[string]*pb.Event{}, numbers: map[string]uint64{}}
}

func (s *stream) header(thread string, kind pb.MessageType, parent *pb.Event) *pb.Header {
	s.ids++
	id := make([]byte, pb.MessageIDBytes)
	binary.BigEndian.PutUint64(id[8:], s.ids)
	h := &pb.Header{
		MessageId: id, TimestampUs: int64(s.ids), TenantId: "tenant", ThreadId: thread, Type: kind,
		SchemaVersion: pb.SchemaVersion,
		ParentId:      parent.GetHeader().GetMessageId(),
	}
	if kind != pb.MessageType_MESSAGE_TYPE_EVENT_BATCH && thread != reportThread {
		s.numbers[thread]++
		h.Sequence = s.numbers[thread]
	}
	return h
}

func (s *stream) put(name, thread string, m *pb.DashStreamMessage) {
	s.records = append(s.records, &record{name: name, message: m, Record: Record{
		Key: []byte(thread), Headers: []Header{{pb.HeaderProducer, []byte("p1")},
			{pb.HeaderEpoch, []byte("7")}},
	}})
	if e := m.GetEvent(); e != nil {
		s.byName[name] = e
	} else if m.GetEventBatch() == nil {
		s.byName[name] = &pb.Event{Header: m.Header()}
	}
}

// newEvent makes an event inside parent; an end has a duration.
func (s *stream) newEvent(
	thread string, event pb.EventType, node string, parent *pb.Event,
) *pb.Event {
	e := &pb.Event{Header: s.header(thread, pb.MessageType_MESSAGE_TYPE_EVENT, parent),
		EventType: event, NodeId: node,
		Attributes: map[string]*pb.AttributeValue{}}
	switch event {
	case pb.EventType_EVENT_TYPE_GRAPH_ERROR, pb.EventType_EVENT_TYPE_NODE_ERROR:
		e.Attributes["error"] = text("failed")
		fallthrough
	case pb.EventType_EVENT_TYPE_GRAPH_END, pb.EventType_EVENT_TYPE_NODE_END:
		e.DurationUs = 5
		e.Attributes[durationAttribute] = number(5)
	}
	return e
}

func (s *stream) event(
	name, thread string, event pb.EventType, node string, parent *pb.Event,
) *pb.Event {
	e := s.newEvent(thread, event, node, parent)
	s.put(name, thread, &pb.DashStreamMessage{Message: &pb.DashStreamMessage_Event{Event: e}})
	return e
}

func (s *stream) batch(name, thread string, events ...*pb.Event) {
	s.put(name, thread,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_EventBatch{EventBatch: &pb.EventBatch{
			Header: s.header(thread, pb.MessageType_MESSAGE_TYPE_EVENT_BATCH, nil), Events: events,
		}}})
}

func text(s string) *pb.AttributeValue {
	return &pb.AttributeValue{Value: &pb.AttributeValue_StringValue{StringValue: s}}
}

func number(n int64) *pb.AttributeValue {
	return &pb.AttributeValue{Value: &pb.AttributeValue_IntValue{IntValue: n}}
}

const (
	testThread   = "t"
	reportThread = pb.ReportThreadPrefix + "p1"
)

// perfectStream follows every rule, and has something of every kind.
func perfectStream() *stream {
	s := newStream()
	graph := s.event("graph start", testThread, pb.EventType_EVENT_TYPE_GRAPH_START, "", nil)
	graph.Attributes = map[string]*pb.AttributeValue{
		"graph_name": text("g"), "schema_id": text("0123456789abcdef"),
		"graph_node_count": number(1), "initial_state_json": text(`{"a":1}`),
		"graph_schema_json": text(
			`{"name":"g","nodes":[{"name":"plan","node_type":"llm"}],"entry_point":"plan","edges":[
			{"from":"plan","to":"search","edge_type":"conditional","conditional_targets":["search","__end__"]}]}`),
	}
	s.report("report 1", "start")
	s.plan(graph)
	s.search(graph)
	s.rest(graph)
	s.secondRun()
	s.report("report 2", "final")
	return s
}

func (s *stream) plan(graph *pb.Event) {
	plan := s.event("plan start", testThread, pb.EventType_EVENT_TYPE_NODE_START, "plan", graph)
	state := []byte(`{"a":2}`)
	hash := sha256.Sum256(state)
	s.diff("whole state", plan, &pb.StateDiff{FullState: state, StateHash: hash[:]})
	s.event("plan end", testThread, pb.EventType_EVENT_TYPE_NODE_END, "plan", plan)
}

// search runs two nodes of one name concurrently, in batches.
func (s *stream) search(graph *pb.Event) {
	edge := s.newEvent(testThread, pb.EventType_EVENT_TYPE_EDGE_TRAVERSAL, "plan", graph)
	edge.Attributes["to"] = text("search")
	parallel := s.newEvent(testThread, pb.EventType_EVENT_TYPE_PARALLEL_START, "search,search",
		graph)
	first := s.newEvent(testThread, pb.EventType_EVENT_TYPE_NODE_START, "search", graph)
	second := s.newEvent(testThread, pb.EventType_EVENT_TYPE_NODE_START, "search", graph)
	s.batch("starts", testThread, edge, parallel, first, second)

	llm := s.event("llm start", testThread, pb.EventType_EVENT_TYPE_LLM_START, "search", first)
	s.put("tokens", testThread,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_TokenChunk{TokenChunk: &pb.TokenChunk{
			Header: s.header(testThread, pb.MessageType_MESSAGE_TYPE_TOKEN_CHUNK, llm),
			Text:   "hello",
		}}})
	s.event("llm end", testThread, pb.EventType_EVENT_TYPE_LLM_END, "search", llm)

	s.tool("tool requested", second, pb.ToolExecution_EXECUTION_STAGE_REQUESTED, `{"q":1}`)
	s.tool("tool completed", s.byName["tool requested"], pb.ToolExecution_EXECUTION_STAGE_COMPLETED,
		"")
	state := []byte(`{"a":3}`)
	sum := sha256.Sum256(state)
	s.put("checkpoint", testThread,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Checkpoint{Checkpoint: &pb.Checkpoint{
			Header:       s.header(testThread, pb.MessageType_MESSAGE_TYPE_CHECKPOINT, second),
			CheckpointId: []byte("cp-1"), State: state, Checksum: sum[:],
		}}})
	s.diff("patch", second, &pb.StateDiff{BaseCheckpointId: []byte("cp-1"),
		Operations: []*pb.DiffOperation{
			{Op: pb.DiffOperation_OP_TYPE_REPLACE, Path: "/a", Value: []byte("4")},
			{Op: pb.DiffOperation_OP_TYPE_MOVE, Path: "/b~1c", From: "/a"},
			{Op: pb.DiffOperation_OP_TYPE_REMOVE, Path: ""},
		}})

	ends := []*pb.Event{
		s.newEvent(testThread, pb.EventType_EVENT_TYPE_NODE_ERROR, "search", second),
		s.newEvent(testThread, pb.EventType_EVENT_TYPE_NODE_END, "search", first),
		s.newEvent(testThread, pb.EventType_EVENT_TYPE_PARALLEL_END, "search,search", parallel),
	}
	s.batch("ends", testThread, ends...)
}

// rest interrupts and resumes the graph, and ends it.
func (s *stream) rest(graph *pb.Event) {
	s.put("quality", testThread,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: &pb.Metrics{
			Header: s.header(testThread, pb.MessageType_MESSAGE_TYPE_METRICS, graph),
			Scope:  "quality", ScopeId: testThread,
			Metrics: map[string]*pb.MetricValue{
				"accuracy": {Value: &pb.MetricValue_FloatValue{FloatValue: 1}},
				"passed":   {Value: &pb.MetricValue_BoolValue{BoolValue: true}},
			},
		}}})
	s.put("error", testThread,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Error{Error: &pb.Error{
			Header:  s.header(testThread, pb.MessageType_MESSAGE_TYPE_ERROR, graph),
			Message: "no route",
		}}})
	s.event("interrupt", testThread, pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT, "", graph)
	s.event("resume", testThread, pb.EventType_EVENT_TYPE_HUMAN_RESUME, "", graph)
	s.put("trace", testThread,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_ExecutionTrace{
			ExecutionTrace: &pb.ExecutionTrace{
				Header:   s.header(testThread, pb.MessageType_MESSAGE_TYPE_EXECUTION_TRACE, graph),
				ThreadId: testThread, FinalState: []byte(`{}`),
			}}})
	s.event("graph end", testThread, pb.EventType_EVENT_TYPE_GRAPH_END, "", graph)
}

// secondRun fails, and is then resumed.
func (s *stream) secondRun() {
	graph := s.event("second start", testThread, pb.EventType_EVENT_TYPE_GRAPH_START, "", nil)
	s.diff("second state", graph, &pb.StateDiff{FullState: []byte(`{}`)})
	s.event("second error", testThread, pb.EventType_EVENT_TYPE_GRAPH_ERROR, "", graph)
	s.event("second resume", testThread, pb.EventType_EVENT_TYPE_HUMAN_RESUME, "", graph)
	s.event("second end", testThread, pb.EventType_EVENT_TYPE_GRAPH_END, "", graph)
	s.event("warning", testThread, pb.EventType_EVENT_TYPE_NODE_WARNING, "", nil)
}

func (s *stream) diff(name string, parent *pb.Event, d *pb.StateDiff) {
	d.Header = s.header(testThread, pb.MessageType_MESSAGE_TYPE_STATE_DIFF, parent)
	s.put(name, testThread,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_StateDiff{StateDiff: d}})
}

func (s *stream) tool(
	name string, parent *pb.Event, stage pb.ToolExecution_ExecutionStage, arguments string,
) {
	s.put(name, testThread,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_ToolExecution{
			ToolExecution: &pb.ToolExecution{
				Header: s.header(testThread, pb.MessageType_MESSAGE_TYPE_TOOL_EXECUTION, parent),
				Stage:  stage, Arguments: []byte(arguments),
			}}})
}

func (s *stream) report(name, reason string) {
	s.reports++
	tags := map[string]string{"reason": reason}
	for _, tag := range reportTags[:len(reportTags)-1] {
		tags[tag] = ""
	}
	tags[pb.ReportNumberTag] = strconv.Itoa(s.reports)
	s.put(name, reportThread,
		&pb.DashStreamMessage{Message: &pb.DashStreamMessage_Metrics{Metrics: &pb.Metrics{
			Header: s.header(reportThread, pb.MessageType_MESSAGE_TYPE_METRICS, nil),
			Scope:  pb.ReportScope, ScopeId: "p1", Tags: tags,
		}}})
}

// record finds a record by its name.
func (s *stream) record(name string) *record {
	for _, r := range s.records {
		if r.name == name {
			return r
		}
	}
	panic("no record " + name)
}

// batchEvent is an event of a batch.
func (s *stream) batchEvent(name string, i int) *pb.Event {
	return s.record(name).message.GetEventBatch().GetEvents()[i]
}

// lose removes records from the stream.
func (s *stream) lose(names ...string) {
	for _, name := range names {
		for i, r := range s.records {
			if r.name == name {
				s.records = append(s.records[:i:i], s.records[i+1:]...)
				break
			}
		}
	}
}

// move puts a record behind another one.
func (s *stream) move(name, behind string) {
	moved := s.record(name)
	s.lose(name)
	for i, r := range s.records {
		if r.name == behind {
			s.records = append(s.records[:i+1:i+1], append([]*record{moved}, s.records[i+1:]...)...)
			return
		}
	}
	panic("no record " + behind)
}

// addTo feeds the stream to the checker.
func (s *stream) addTo(t testing.TB, c *Checker) {
	t.Helper()
	w, err := zstd.NewWriter(nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, r := range s.records {
		if r.Value, err = pb.Encode(r.message); err != nil {
			t.Fatal(err)
		}
		if r.framing == pb.FramingZstd {
			r.Value = w.EncodeAll(r.Value[1:], []byte{pb.FramingZstd})
		}
		if r.raw != nil {
			r.Value = r.raw
		}
		r.Offset = int64(i)
		c.Add(r.Record)
	}
}

func (s *stream) stateDiff(name string) *pb.StateDiff {
	return s.record(name).message.GetStateDiff()
}

func (s *stream) checkpoint() *pb.Checkpoint {
	return s.record("checkpoint").message.GetCheckpoint()
}

func (s *stream) metrics(name string) *pb.Metrics { return s.record(name).message.GetMetrics() }

// addHeaderless adds a batch with an event that has no header.
func (s *stream) addHeaderless() {
	e := s.newEvent(testThread, pb.EventType_EVENT_TYPE_NODE_WARNING, "", nil)
	e.Header = nil
	s.numbers[testThread]--
	s.batch("headerless", testThread, e)
}

func sum(s string) []byte {
	b := sha256.Sum256([]byte(s))
	return b[:]
}
