package callback_test

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

var errOops = errors.New("oops")

// event is an event of the scene's node, or of no node if name is empty.
func event(kind pb.EventType, name string, attrs ...any) *pb.Event {
	return &pb.Event{EventType: kind, NodeId: name, Attributes: attributes(attrs...)}
}

// ended is an event for the end of something that took d, with that duration in the field and in
// the attribute.
func ended(kind pb.EventType, name string, d time.Duration, attrs ...any) *pb.Event {
	e := event(kind, name, append(attrs, "duration_us", int(d.Microseconds()))...)
	e.DurationUs = d.Microseconds()
	return e
}

var exampleGraph = &callback.Graph{
	Name: "answer", Description: "answers <questions>",
	EntryPoint: "plan", Metadata: map[string]string{"team": "a & b"},
	Nodes: []callback.GraphNode{
		{Name: "plan", Type: "llm", Description: "plans", OutputFields: []string{"plan"}},
		{Name: "search", Type: "tool", InputFields: []string{"plan"},
			Attributes: map[string]string{"k": "5"}},
	},
	Edges: []callback.GraphEdge{
		{From: "plan", To: "search", Type: callback.ConditionalEdge, Label: "enough?",
			Targets: map[string]string{"no": "search", "yes": "__end__"}},
		{From: "search", To: callback.EndNode, Type: callback.DirectEdge},
	},
}

// exampleSchema is graph_schema_json of exampleGraph, as the wire format defines it.
var exampleSchema = jsonOf(
	`{"name": "answer", "version": "1.0.0", "description": "answers <questions>",
	"nodes": [
		{"name": "plan", "description": "plans", "node_type": "llm", "output_fields": ["plan"]},
		{"name": "search", "node_type": "tool", "input_fields": ["plan"], "attributes": {"k": "5"}}],
	"edges": [
		{"from": "plan", "to": "search", "edge_type": "conditional", "label": "enough?",
			"conditional_targets": ["search", "__end__"]},
		{"from": "search", "to": "__end__", "edge_type": "direct"}],
	"entry_point": "plan", "metadata": {"team": "a & b"}}`)

func runRows() []row {
	const sec = time.Second
	wait := func() { time.Sleep(sec) }
	trace := func(completed bool, errs ...*pb.ErrorRecord) *pb.ExecutionTrace {
		return &pb.ExecutionTrace{
			ThreadId: "thread", ExecutionId: "e2", TotalDurationMs: 1000, Completed: completed,
			Errors:    errs,
			StartedAt: "2000-01-01T00:00:00Z", EndedAt: "2000-01-01T00:00:01Z",
		}
	}
	return []row{
		{"Client.StartRun of nothing known",
			func(s *scene) {
				s.client.StartRun(callback.RunInfo{ThreadID: "thread", ExecutionID: "e2"})
			}, []sent{
				{event(pb.EventType_EVENT_TYPE_GRAPH_START, "", "execution_id", "e2"), none, 0},
			}},
		{"Client.StartRun of a graph", func(s *scene) {
			s.client.StartRun(callback.RunInfo{
				ThreadID: "thread", ExecutionID: "e2", Graph: exampleGraph,
				InitialState: map[string]any{"question": "why?"},
				Attrs:        []slog.Attr{slog.String("user", "u1")},
			})
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_GRAPH_START, "", "execution_id", "e2", "user", "u1",
				"graph_name", "answer",
				"graph_schema_json", exampleSchema, "schema_id", exampleGraph.ID(),
				"graph_entry_point", "plan", "graph_node_count", 2,
				"graph_edge_count", 2, "initial_state_json", `{"question":"why?"}`), none, 0},
		}},
		{"Client.StartRun that resumes", func(s *scene) {
			s.client.StartRun(callback.RunInfo{ThreadID: "thread", ExecutionID: "e2", Resume: true,
				Attrs: []slog.Attr{slog.Bool("approved", true)}})
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_HUMAN_RESUME, "", "execution_id", "e2",
				"approved", true), ofRun, 0},
		}},
		{"Client.StartRun that resumes with a state", func(s *scene) {
			s.client.StartRun(callback.RunInfo{ThreadID: "thread", ExecutionID: "e2", Resume: true,
				InitialState: map[string]any{"a": 1}})
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_HUMAN_RESUME, "", "execution_id", "e2",
				"initial_state_json", `{"a":1}`), ofRun, 0},
		}},
		{"Client.StartRunContext", func(s *scene) {
			ctx, run := s.client.StartRunContext(context.Background(),
				callback.RunInfo{ThreadID: "thread", ExecutionID: "e2"})
			_, n := callback.StartNodeContext(ctx, "inner", slog.Int("k", 5))
			n.End(nil)
			run.End(nil)
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_GRAPH_START, "", "execution_id", "e2"), none, 0},
			{event(pb.EventType_EVENT_TYPE_NODE_START, "inner", "k", 5), theFirst, 0},
			{ended(pb.EventType_EVENT_TYPE_NODE_END, "inner", 0), theSecond, 0},
			{ended(pb.EventType_EVENT_TYPE_GRAPH_END, "", 0), theFirst, 0},
		}},
		{"Run.End", func(s *scene) { wait(); s.run.End(nil, slog.String("answer", "42")) }, []sent{
			{ended(pb.EventType_EVENT_TYPE_GRAPH_END, "", sec, "answer", "42"), ofRun, sec},
		}},
		{"Run.End with an error", func(s *scene) { wait(); s.run.End(errOops) }, []sent{
			{ended(pb.EventType_EVENT_TYPE_GRAPH_ERROR, "", sec, "error", "oops"), ofRun, sec},
		}},
		{"Run.End canceled",
			func(s *scene) { s.run.End(fmt.Errorf("graph: %w", context.Canceled)) }, []sent{
				{ended(pb.EventType_EVENT_TYPE_GRAPH_ERROR, "", 0,
					"error", "graph: context canceled",
					"canceled", true), ofRun, 0},
			}},
		{"Run.End out of time", func(s *scene) { s.run.End(context.DeadlineExceeded) }, []sent{
			{ended(pb.EventType_EVENT_TYPE_GRAPH_ERROR, "", 0, "error", "context deadline exceeded",
				"canceled", true, "deadline_exceeded", true), ofRun, 0},
		}},
		{"Run.End with a trace", func(s *scene) {
			run := s.client.StartRun(callback.RunInfo{ThreadID: "thread", ExecutionID: "e2",
				Trace: true})
			wait()
			run.End(nil)
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_GRAPH_START, "", "execution_id", "e2"), none, 0},
			{trace(true), theFirst, sec},
			{ended(pb.EventType_EVENT_TYPE_GRAPH_END, "", sec), theFirst, sec},
		}},
		{"Run.End with a trace and an error", func(s *scene) {
			run := s.client.StartRun(callback.RunInfo{ThreadID: "thread", ExecutionID: "e2",
				Trace: true})
			wait()
			run.End(errOops)
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_GRAPH_START, "", "execution_id", "e2"), none, 0},
			{trace(false, &pb.ErrorRecord{Message: "oops", Timestamp: "2000-01-01T00:00:01Z"}),
				theFirst, sec},
			{ended(pb.EventType_EVENT_TYPE_GRAPH_ERROR, "", sec, "error", "oops"), theFirst, sec},
		}},
		{"Run.Interrupt", func(s *scene) { wait(); s.run.Interrupt("approve?", slog.Int("n", 1)) },
			[]sent{
				{ended(pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT, "", sec, "reason", "approve?",
					"n", 1),
					ofRun, sec},
			}},
		{"Run.Interrupt with a trace", func(s *scene) {
			run := s.client.StartRun(callback.RunInfo{ThreadID: "thread", ExecutionID: "e2",
				Trace: true})
			wait()
			run.Interrupt("approve?")
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_GRAPH_START, "", "execution_id", "e2"), none, 0},
			{trace(false), theFirst, sec},
			{ended(pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT, "", sec, "reason", "approve?"),
				theFirst, sec},
		}},
		{"Run.StartNode",
			func(s *scene) { s.run.StartNode("next", slog.String("config_hash", "sha256:00")) },
			[]sent{
				{event(pb.EventType_EVENT_TYPE_NODE_START, "next", "config_hash", "sha256:00"),
					ofRun,
					0},
			}},
		{"Run.Edge", func(s *scene) { s.run.Edge("a", "b") }, []sent{
			{event(pb.EventType_EVENT_TYPE_EDGE_TRAVERSAL, "a", "from", "a", "to", "b", "edge_type",
				"direct"), ofRun, 0},
		}},
		{"Run.Edge to several", func(s *scene) { s.run.Edge("a", "b", "c") }, []sent{
			{event(pb.EventType_EVENT_TYPE_EDGE_TRAVERSAL, "a", "from", "a", "to", "b,c",
				"edge_type", "parallel"), ofRun, 0},
		}},
		{"Run.Branch", func(s *scene) { s.run.Branch("a", "yes", "b") }, []sent{
			{event(pb.EventType_EVENT_TYPE_CONDITIONAL_BRANCH,
				"a", "from", "a", "to", "b", "edge_type", "conditional", "condition_result", "yes"),
				ofRun, 0},
		}},
		{"Node.Edge", func(s *scene) { s.node.Edge("a", "b") }, []sent{
			{event(pb.EventType_EVENT_TYPE_EDGE_TRAVERSAL, "a", "from", "a", "to", "b", "edge_type",
				"direct"), ofNode, 0},
		}},
		{"Node.Branch", func(s *scene) { s.node.Branch("a", "no", "b", "c") }, []sent{
			{event(pb.EventType_EVENT_TYPE_CONDITIONAL_BRANCH, "a", "from", "a", "to", "b,c",
				"edge_type", "conditional", "condition_result", "no"), ofNode, 0},
		}},
		{"Run.StartParallel", func(s *scene) { s.run.StartParallel("a", "b") }, []sent{
			{event(pb.EventType_EVENT_TYPE_PARALLEL_START, "a,b"), ofRun, 0},
		}},
		{"Node.StartParallel", func(s *scene) { s.node.StartParallel("a", "b") }, []sent{
			{event(pb.EventType_EVENT_TYPE_PARALLEL_START, "a,b"), ofNode, 0},
		}},
		{"Parallel.End", func(s *scene) {
			p := s.node.StartParallel("a", "b")
			wait()
			p.End()
			p.End()
		}, []sent{
			{event(pb.EventType_EVENT_TYPE_PARALLEL_START, "a,b"), ofNode, 0},
			{ended(pb.EventType_EVENT_TYPE_PARALLEL_END, "a,b", sec), theFirst, sec},
		}},
	}
}
