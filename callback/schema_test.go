package callback_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// schemaOf sends a graph and returns its nodes and edges as readers get them. The checker examines
// them too.
func schemaOf(t *testing.T, g *callback.Graph) (nodes, edges []map[string]any) {
	t.Helper()
	rec := callbacktest.NewRecorder()
	client := rec.Client(t)
	client.StartRun(callback.RunInfo{ThreadID: "t", Graph: g}).End(nil)
	if _, err := client.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	for _, m := range rec.Messages("t") {
		for e := range m.Events() {
			if e.GetEventType() != pb.EventType_EVENT_TYPE_GRAPH_START {
				continue
			}
			var schema struct{ Nodes, Edges []map[string]any }
			if err := json.Unmarshal(
				[]byte(e.GetAttributes()["graph_schema_json"].GetStringValue()),
				&schema); err != nil {
				t.Fatal(err)
			}
			if n := e.GetAttributes()["graph_edge_count"].GetIntValue(); int(n) !=
				len(schema.Edges) {
				t.Errorf("graph_edge_count is %d of %d edges", n, len(schema.Edges))
			}
			return schema.Nodes, schema.Edges
		}
	}
	t.Fatal("no GRAPH_START")
	return nil, nil
}

func TestNodesAreOfTheTypesThatReadersKnow(t *testing.T) {
	for given, want := range map[string]string{
		"": "transform", "function": "transform", "lambda": "transform", "LLM": "llm",
		"tool": "tool", "human_in_loop": "human_in_loop",
		"custom": "custom", "retriever": "custom",
	} {
		nodes, _ := schemaOf(t,
			&callback.Graph{Nodes: []callback.GraphNode{{Name: "a", Type: given,
				Attributes: map[string]string{"k": "v"}}}})
		attributes, _ := nodes[0]["attributes"].(map[string]any)
		if nodes[0]["node_type"] != want || attributes["k"] != "v" ||
			(attributes["type"] == given) != (given == "retriever") {
			t.Errorf("%q is sent as %v", given, nodes[0])
		}
	}
}

func TestEachTargetOfAConditionIsDrawnOnce(t *testing.T) {
	type edges = []callback.GraphEdge
	conditional := callback.ConditionalEdge
	for name, tt := range map[string]struct {
		edges edges
		want  string
	}{
		"one edge with all": {edges{{From: "a", To: "c", Type: conditional,
			Targets: map[string]string{"x": "b", "y": "c", "z": "b"}}},
			`[{"from":"a","to":"c","edge_type":"conditional","conditional_targets":["c","b"]}]`},
		"without an end of its own": {edges{{From: "a", Type: conditional,
			Targets: map[string]string{"x": "b", "y": "c"}}},
			`[{"from":"a","to":"b","edge_type":"conditional","conditional_targets":["b","c"]}]`},
		"one for each, with all in each": {edges{
			{From: "a", To: "b", Type: conditional,
				Label: "b", Targets: map[string]string{"b": "b", "c": "c"}},
			{From: "a", To: "c", Type: conditional,
				Label: "c", Targets: map[string]string{"b": "b", "c": "c"}},
			{From: "b", To: "c", Type: conditional,
				Label: "c", Targets: map[string]string{"c": "c"}},
		}, `[{"from":"a","to":"b","edge_type":"conditional","conditional_targets":["b","c"]},
			{"from":"b","to":"c","edge_type":"conditional","label":"c","conditional_targets":["c"]}]`},
		"one for each, without a list": {edges{{From: "a", To: "b", Type: conditional, Label: "x"},
			{From: "a", To: "c", Type: conditional}},
			`[{"from":"a","to":"b","edge_type":"conditional","label":"x"},{"from":"a","to":"c","edge_type":"conditional"}]`},
		"a list, and one of it": {edges{{From: "a", To: "b", Type: conditional},
			{From: "a", To: "b", Type: callback.DirectEdge},
			{From: "a", Type: conditional, Targets: map[string]string{"x": "b", "y": "c"}}},
			`[{"from":"a","to":"b","edge_type":"direct"},
			{"from":"a","to":"b","edge_type":"conditional","conditional_targets":["b","c"]}]`},
		"none": {nil, `[]`},
	} {
		_, got := schemaOf(t, &callback.Graph{Edges: tt.edges})
		var want []map[string]any
		if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}
