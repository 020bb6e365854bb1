package callback_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/protobuf/proto"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// traceOf returns the last ExecutionTrace, without its header.
func traceOf(rec *callbacktest.Recorder) (trace *pb.ExecutionTrace) {
	for _, m := range rec.Messages() {
		if x := m.GetExecutionTrace(); x != nil {
			trace = proto.CloneOf(x)
			trace.Header = nil
		}
	}
	return trace
}

func TestExecutionTraceTellsTheWholeRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t)
		run := client.StartRun(callback.RunInfo{ThreadID: "thread", ExecutionID: "execution",
			Graph: exampleGraph, Trace: true})
		time.Sleep(time.Second)
		plan := run.StartNode("plan")
		time.Sleep(time.Second)
		plan.StartLLM(callback.LLMRequest{}).End(callback.LLMResult{PromptTokens: 10,
			CompletionTokens: 5}, nil)
		inner := plan.StartNode("inner")
		inner.StartLLM(callback.LLMRequest{}).End(callback.LLMResult{PromptTokens: 1,
			CompletionTokens: 2, TotalTokens: 4}, errOops)
		inner.StartLLM(callback.LLMRequest{}).End(callback.LLMResult{PromptTokens: 3}, nil)
		inner.End(errOops)
		plan.End(nil)
		run.Root().StartLLM(callback.LLMRequest{}).End(callback.LLMResult{TotalTokens: 100}, nil)
		run.StartNode("never ends").StartLLM(callback.LLMRequest{}).
			End(callback.LLMResult{TotalTokens: 1000}, nil)
		time.Sleep(time.Second)
		run.End(nil)
		want := &pb.ExecutionTrace{
			ThreadId: "thread", ExecutionId: "execution", TotalDurationMs: 3000,
			TotalTokens: 15 + 4 + 3 + 100 + 1000, Completed: true,
			StartedAt: "2000-01-01T00:00:00Z", EndedAt: "2000-01-01T00:00:03Z",
			Metadata: map[string][]byte{"graph_name": []byte(`"answer"`)},
			NodesExecuted: []*pb.NodeExecutionRecord{
				{Node: "inner", StartedAt: "2000-01-01T00:00:02Z", EndedAt: "2000-01-01T00:00:02Z",
					PromptTokens: 4, CompletionTokens: 2, TotalTokens: 7},
				{Node: "plan", StartedAt: "2000-01-01T00:00:01Z", EndedAt: "2000-01-01T00:00:02Z",
					DurationMs: 1000, Succeeded: true,
					PromptTokens: 10, CompletionTokens: 5, TotalTokens: 15},
			},
			Errors: []*pb.ErrorRecord{{Node: "inner", Message: "oops",
				Timestamp: "2000-01-01T00:00:02Z"}},
		}
		if got := traceOf(rec); !proto.Equal(got, want) {
			t.Errorf("the trace is\n%v, want\n%v", got, want)
		}
	})
}

func TestExecutionTraceIsAskedFor(t *testing.T) {
	for _, tt := range []struct{ config, run, want bool }{{false, false, false},
		{true, false, true}, {false, true, true}, {true, true, true}} {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, func(cfg *callback.Config) { cfg.ExecutionTrace = tt.config })
		client.StartRun(callback.RunInfo{Trace: tt.run}).End(nil)
		if got := traceOf(rec) != nil; got != tt.want {
			t.Errorf("asked for by configuration %v, by the run %v: there is a trace: %v",
				tt.config, tt.run, got)
		}
	}
}

// The trace of a run of endless nodes is bounded, and says how many nodes are left out.
func TestExecutionTraceIsBounded(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t, func(cfg *callback.Config) {
		cfg.MaxMessageBytes,
			cfg.QueueBytes = 8<<20, 64<<20
	})
	run := client.StartRun(callback.RunInfo{Trace: true})
	const nodes = 10_100
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for range nodes / 4 {
				run.StartNode("n").End(nil)
			}
		})
	}
	wg.Wait()
	run.End(nil)
	got := traceOf(rec)
	if n := len(got.GetNodesExecuted()); n != 10_000 ||
		string(got.GetMetadata()["nodes_omitted"]) != "100" {
		t.Errorf("%d nodes in the trace, %s omitted", n, got.GetMetadata()["nodes_omitted"])
	}
}

func TestGraphIDIsThatOfTheSameGraphInAnyOrder(t *testing.T) {
	a, b := callback.GraphNode{Name: "a", Type: "llm"}, callback.GraphNode{Name: "b", Type: "tool"}
	ab := callback.GraphEdge{From: "a", To: "b", Type: callback.DirectEdge}
	be := callback.GraphEdge{From: "b", To: callback.EndNode, Type: callback.ConditionalEdge,
		Targets: map[string]string{"x": "1", "y": "2"}}
	graph := func(entry string, nodes []callback.GraphNode,
		edges []callback.GraphEdge) *callback.Graph {
		return &callback.Graph{EntryPoint: entry, Nodes: nodes, Edges: edges}
	}
	same := graph("a", []callback.GraphNode{a, b}, []callback.GraphEdge{ab, be}).ID()
	if len(same) != 16 || strings.Trim(same, "0123456789abcdef") != "" {
		t.Errorf("the id is %q, want 16 hexadecimal digits", same)
	}
	if got := graph("a", []callback.GraphNode{b, a}, []callback.GraphEdge{be, ab}).ID(); got !=
		same {
		t.Errorf("another order gives another id: %s, %s", got, same)
	}
	renamed := graph("a", []callback.GraphNode{a, b}, []callback.GraphEdge{ab, be})
	renamed.Name, renamed.Description, renamed.Nodes[0].Description = "x", "y", "z"
	if got := renamed.ID(); got != same {
		t.Errorf("another description gives another id: %s, %s", got, same)
	}
	for what, g := range map[string]*callback.Graph{
		"entry point": graph("b", []callback.GraphNode{a, b}, []callback.GraphEdge{ab, be}),
		"nodes":       graph("a", []callback.GraphNode{a}, []callback.GraphEdge{ab, be}),
		"edges":       graph("a", []callback.GraphNode{a, b}, []callback.GraphEdge{ab}),
		"nothing":     {},
	} {
		if g.ID() == same {
			t.Errorf("other %s give the same id", what)
		}
	}
}

func TestOneGraphServesManyRuns(t *testing.T) {
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	graph := &callback.Graph{Name: "empty"}
	var wg sync.WaitGroup
	for i := range 20 {
		wg.Go(func() {
			client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint(i), Graph: graph}).
				End(nil)
		})
	}
	wg.Wait()
	starts := 0
	for _, e := range rec.Events() {
		if e.GetEventType() != pb.EventType_EVENT_TYPE_GRAPH_START {
			continue
		}
		starts++
		var schema struct{ Nodes, Edges []any }
		text := e.GetAttributes()["graph_schema_json"].GetStringValue()
		if err := json.Unmarshal([]byte(text), &schema); err != nil || schema.Nodes == nil ||
			schema.Edges == nil {
			t.Errorf("the schema is %s: %v", text, err)
		}
	}
	if starts != 20 {
		t.Errorf("%d starts, want 20", starts)
	}
}
