package dasheino

import (
	"context"
	"strings"
	"testing"

	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/components/tool"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/flow/agent"
	"github.com/cloudwego/eino/flow/agent/react"
	"github.com/cloudwego/eino/schema"
)

// Graphs with the same name run in turns, in both orders of compilation. "twin" is one constant, as
// a library's name is.
func TestGraphsOfOneNameAreToldApart(t *testing.T) {
	type counter struct{ N int }
	stateful := func() *builder {
		return &builder{t,
			compose.NewGraph[string, string](
				compose.WithGenLocalState(func(context.Context) *counter { return &counter{} }))}
	}
	count := func(ctx context.Context, in string) (string, error) {
		return in, compose.ProcessState(ctx, func(_ context.Context, s *counter) error {
			s.N++
			return nil
		})
	}
	for _, c := range []struct {
		name  string
		build [2]func(name string) compose.Runnable[string, string]
		nodes [2]string
		edges [2]string // those that the schema has and that are reported
	}{
		{"by their first nodes", [2]func(string) compose.Runnable[string, string]{
			func(name string) compose.Runnable[string, string] {
				return newGraph(t).node("a", "end of a").path("start", "a", "end of a",
					"end").compile(named(name))
			},
			func(name string) compose.Runnable[string, string] {
				return newGraph(t).node("b").path("start", "b", "end").compile(named(name))
			},
		}, [2]string{"a, end of a", "b"}, [2]string{"a>end of a, end of a>__end__", "b>__end__"}},
		{"by their state", [2]func(string) compose.Runnable[string, string]{
			func(name string) compose.Runnable[string, string] {
				return stateful().do("a", count).node("b").path("start", "a", "b", "end").
					compile(named(name))
			},
			func(name string) compose.Runnable[string, string] {
				return newGraph(t).node("a").path("start", "a", "end").compile(named(name))
			},
		}, [2]string{"a, b", "a"}, [2]string{"a>b, b>__end__", "a>__end__"}},
		{"by names of their own", [2]func(string) compose.Runnable[string, string]{
			func(name string) compose.Runnable[string, string] {
				return newGraph(t).node("a", "b").path("start", "a", "b", "end").
					compile(named(GraphName(name)))
			},
			func(name string) compose.Runnable[string, string] {
				return newGraph(t).node("a", "c").path("start", "a", "c", "end").
					compile(named(GraphName(name)))
			},
		}, [2]string{"a, b", "a, c"}, [2]string{"a>b, b>__end__", "a>c, c>__end__"}},
		{"not at all", [2]func(string) compose.Runnable[string, string]{
			func(name string) compose.Runnable[string, string] {
				return newGraph(t).node("a", "both", "b").path("start", "a", "both", "b", "end").
					compile(named(name))
			},
			func(name string) compose.Runnable[string, string] {
				return newGraph(t).node("a", "both", "c").path("start", "a", "both", "c", "end").
					compile(named(name))
			},
		}, [2]string{"a, both", "a, both"}, [2]string{"a>both", "a>both"}},
	} {
		for _, first := range []int{0, 1} {
			t.Run(c.name, func(t *testing.T) {
				t.Cleanup(func() { compiled.forget(c.name) })
				tp := newTopic(t)
				h := NewHandler(tp.client)
				var graphs [2]compose.Runnable[string, string]
				graphs[first] = c.build[first](c.name)
				graphs[1-first] = c.build[1-first](c.name)
				for i, r := range graphs {
					ctx := WithThread(context.Background(), string("xy"[i]))
					if _, err := r.Invoke(ctx, "in", compose.WithCallbacks(h)); err != nil {
						t.Fatal(err)
					}
				}
				s := tp.read()
				for i := range graphs {
					id := string("xy"[i])
					nodes, edges, entry := schemaOf(t, s, id)
					wantList(t, "nodes", cutAt(nodes, " transform", " function"),
						strings.Split(c.nodes[i], ", ")...)
					wantList(t, "edges", replaceAll(edges, " direct ", ">"),
						strings.Split(c.edges[i], ", ")...)
					if entry != c.nodes[i][:1] {
						t.Errorf("entry point %q", entry)
					}
					for _, e := range strings.Split(c.edges[i], ", ") {
						from, to, _ := strings.Cut(e, ">")
						if s.count(id, "EDGE_TRAVERSAL "+from+" to="+to) != 1 {
							t.Errorf("the edge %s is not reported:\n%s", e,
								strings.Join(s.lines(id), "\n"))
						}
					}
					if states := s.count(id, "STATE"); (states > 0) !=
						(c.name == "by their state" && i == 0) {
						t.Errorf("%d states", states)
					}
				}
			})
		}
	}
}

// forget removes the graphs compiled with a name, from which another test would have to distinguish
// its own.
func (r *registry) forget(name string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	var kept []*topology
	for _, t := range r.list {
		if t.name != name {
			kept = append(kept, t)
		}
	}
	r.list = kept
}

func cutAt(list []string, marks ...string) (out []string) {
	for _, s := range list {
		for _, m := range marks {
			s, _, _ = strings.Cut(s, m)
		}
		out = append(out, s)
	}
	return out
}

func replaceAll(list []string, old, new string) (out []string) {
	for _, s := range list {
		out = append(out, strings.ReplaceAll(s, old, new))
	}
	return out
}

// agentModel is a model for agents that reports the given type.
type agentModel struct {
	chatModel
	kind string
}

func (m *agentModel) GetType() string { return m.kind }

func (m *agentModel) WithTools([]*schema.ToolInfo) (model.ToolCallingChatModel, error) {
	return m, nil
}

func reactAgent(t *testing.T, kind, name string, answers ...*schema.Message) *react.Agent {
	t.Helper()
	a, err := react.NewAgent(context.Background(), &react.AgentConfig{
		GraphName:        name,
		ToolCallingModel: &agentModel{chatModel{answers: answers}, kind},
		ToolsConfig:      compose.ToolsNodeConfig{Tools: []tool.BaseTool{lookup{}}},
	})
	if err != nil {
		t.Fatal(err)
	}
	return a
}

// Eino uses one name for the graph of every ReAct agent.
func TestAgentsOfOneNameShowTheirOwnGraphs(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	done := schema.AssistantMessage("done", nil)
	agents := map[string]*react.Agent{}
	for _, kind := range []string{"First", "Second"} {
		agents[kind] = reactAgent(t, kind, "", ask(`{"q":"known"}`), done)
	}
	for kind, a := range agents {
		if _, err := a.Generate(WithThread(context.Background(), kind), question,
			agent.WithComposeOptions(compose.WithCallbacks(h))); err != nil {
			t.Fatal(err)
		}
	}
	s := tp.read()
	for kind := range agents {
		if got := s.find(kind, "GRAPH_START").attr("graph_schema_json"); !strings.Contains(got,
			`"implementation":"`+kind+`"`) {
			t.Errorf("the agent of model %s shows %s", kind, got)
		}
		s.before(kind, "NODE_START chat", "CONDITIONAL_BRANCH chat to=tools condition_result=tools",
			"NODE_START tools", "CONDITIONAL_BRANCH tools to=chat condition_result=chat",
			"CONDITIONAL_BRANCH chat to=__end__ condition_result=end")
		if s.count(kind, "STATE") < 2 {
			t.Errorf("the agent's state is not in\n%s", strings.Join(s.lines(kind), "\n"))
		}
	}
}

// Code that runs before the first node finds no run if the graph is not known yet, and does not
// fail because of that.
func TestRunThatEndsBeforeItsFirstNodeIsInTheStream(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	for _, key := range []string{"a", "b"} {
		newGraph(t).node(key).path("start", key, "end").compile(named("early"))
	}
	run := beginGraph(context.Background(), h, "early")
	run.fail(context.Canceled)
	tp.read().want("", `
		GRAPH_START
		GRAPH_ERROR error=context canceled canceled=true`)
}
