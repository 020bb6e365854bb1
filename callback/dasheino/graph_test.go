package dasheino

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/compose"
)

func TestChainOfNodesIsARunWithItsEdges(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := newGraph(t).node("plan", "answer").path("start", "plan", "answer", "end").
		compile(named("qa"))
	invoke(t, h, r)
	s := tp.read()
	s.want("", `
		GRAPH_START
		  NODE_START plan
		  NODE_END plan
		  EDGE_TRAVERSAL plan to=answer
		  NODE_START answer
		  NODE_END answer
		  EDGE_TRAVERSAL answer to=__end__
		GRAPH_END`)
	start := s.find("", "GRAPH_START")
	for key, want := range map[string]string{
		"graph_name": "qa", "graph_entry_point": "plan", "graph_node_count": "2",
		"graph_edge_count": "2", "initial_state_json": `"in"`,
	} {
		if got := start.attr(key); got != want {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
}

type graphSchema struct {
	Name  string
	Nodes []struct {
		Name string
		Type string `json:"node_type"`
	}
	Edges []struct {
		From, To string
		Type     string   `json:"edge_type"`
		Targets  []string `json:"conditional_targets"`
	}
	EntryPoint string `json:"entry_point"`
}

// schemaOf returns the schema of the run, edges as "from type to".
func schemaOf(t *testing.T, s *stream, id string) (nodes, edges []string, entry string) {
	t.Helper()
	var x graphSchema
	if err := json.Unmarshal([]byte(s.find(id, "GRAPH_START").attr("graph_schema_json")),
		&x); err != nil {
		t.Fatal(err)
	}
	for _, n := range x.Nodes {
		nodes = append(nodes, n.Name+" "+n.Type)
	}
	for _, e := range x.Edges {
		ends := e.Targets
		if len(ends) == 0 {
			ends = []string{e.To}
		}
		for _, to := range ends {
			edges = append(edges, e.From+" "+e.Type+" "+to)
		}
	}
	return nodes, edges, x.EntryPoint
}

func wantList(t *testing.T, what string, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s: got %q, want %q", what, got, want)
	}
}

func TestLoopReportsTheBranchThatWasTakenEachTime(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	rounds := 0
	again := func(context.Context, string) (string, error) {
		if rounds++; rounds < 3 {
			return "broaden", nil
		}
		return "answer", nil
	}
	r := newGraph(t).node("search", "broaden", "answer").path("start", "search").branch("search",
		again, "broaden", "answer").
		path("broaden", "search").path("answer", "end").compile(named("loop"))
	invoke(t, h, r)
	s := tp.read()
	round := `
		  NODE_START search
		  NODE_END search
		  CONDITIONAL_BRANCH search to=broaden condition_result=broaden
		  NODE_START broaden
		  NODE_END broaden
		  EDGE_TRAVERSAL broaden to=search`
	s.want("", `
		GRAPH_START`+round+round+`
		  NODE_START search
		  NODE_END search
		  CONDITIONAL_BRANCH search to=answer condition_result=answer
		  NODE_START answer
		  NODE_END answer
		  EDGE_TRAVERSAL answer to=__end__
		GRAPH_END`)
	nodes, edges, entry := schemaOf(t, s, "")
	wantList(t, "nodes", nodes, "search transform", "answer transform", "broaden transform")
	wantList(t, "edges", edges, "search conditional answer", "search conditional broaden",
		"answer direct __end__", "broaden direct search")
	if entry != "search" {
		t.Errorf("entry point %q", entry)
	}
}

func TestNodesThatRunAtOnceAreAParallelStep(t *testing.T) {
	for _, mode := range []compose.NodeTriggerMode{compose.AnyPredecessor, compose.AllPredecessor} {
		t.Run(string(mode), func(t *testing.T) {
			tp := newTopic(t)
			h := NewHandler(tp.client)
			b := newGraph(t).node("plan")
			join := func(context.Context, map[string]any) (string, error) { return "joined", nil }
			for _, key := range []string{"docs", "source"} {
				b.must(b.AddLambdaNode(key,
					compose.InvokableLambda(func(_ context.Context, in string) (string, error) {
						return in, nil
					}), compose.WithOutputKey(key)))
				b.path("plan", key)
			}
			b.must(b.AddLambdaNode("rank", compose.InvokableLambda(join)))
			r := b.path("start", "plan").path("docs", "rank").path("source", "rank", "end").
				compile(named("parallel"+string(mode)), compose.WithNodeTriggerMode(mode))
			invoke(t, h, r)
			s := tp.read()
			for _, key := range []string{"docs", "source"} {
				s.before("", "NODE_END plan", "EDGE_TRAVERSAL plan to=docs,source",
					"PARALLEL_START docs,source", "NODE_START "+key,
					"NODE_END "+key, "PARALLEL_END docs,source", "EDGE_TRAVERSAL "+key+" to=rank",
					"NODE_START rank")
			}
			if n := s.count("", ""); n != 16 {
				t.Errorf("%d messages, want 16:\n%s", n, strings.Join(s.lines(""), "\n"))
			}
			_, edges, _ := schemaOf(t, s, "")
			wantList(t, "edges", edges, "plan parallel docs", "plan parallel source",
				"docs direct rank", "source direct rank", "rank direct __end__")
		})
	}
}

func TestNodeThatWaitsForAnotherIsNoPartOfAParallelStep(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	b := newGraph(t)
	pass := func(_ context.Context, in map[string]any) (string, error) {
		return fmt.Sprint(in),
			nil
	}
	b.must(b.AddLambdaNode("plan", compose.InvokableLambda(func(_ context.Context,
		in string) (string, error) {
		return in, nil
	}), compose.WithOutputKey("plan")))
	b.must(b.AddLambdaNode("search", compose.InvokableLambda(pass),
		compose.WithOutputKey("search")))
	b.must(b.AddLambdaNode("join", compose.InvokableLambda(pass)))
	r := b.path("start", "plan", "join", "end").path("plan", "search", "join").
		compile(named("waits"), compose.WithNodeTriggerMode(compose.AllPredecessor))
	invoke(t, h, r)
	s := tp.read()
	s.before("", "EDGE_TRAVERSAL plan to=join,search", "NODE_START search",
		"EDGE_TRAVERSAL search to=join", "NODE_START join")
	if n := s.count("", "PARALLEL"); n != 0 {
		t.Errorf("a parallel step in\n%s", strings.Join(s.lines(""), "\n"))
	}
}

func TestBranchBackToANodeIsReportedThoughAnEdgeLedThereBefore(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	b := newGraph(t).node("a", "b", "c", "d").path("start", "a", "b", "c").path("d", "end")
	b.must(b.AddBranch("c", compose.NewGraphMultiBranch(func(context.Context,
		string) (map[string]bool, error) {
		return nil, nil
	}, map[string]bool{"b": true, "d": true})))
	b.compile(named("back"))
	run := beginGraph(context.Background(), h, "back")
	for _, key := range []string{"a", "b", "c"} {
		run.node(key).end()
	}
	d, again := run.node("d"), run.node("b") // as the branch chose both
	d.end()
	again.end()
	run.end()
	tp.read().before("", "EDGE_TRAVERSAL a to=b", "EDGE_TRAVERSAL b to=c",
		"CONDITIONAL_BRANCH c to=d condition_result=d",
		"CONDITIONAL_BRANCH c to=b condition_result=b")
}

func TestInputIsTheInitialState(t *testing.T) {
	for name, c := range map[string]struct {
		in    any
		state string
	}{
		"text":    {"in", `"in"`},
		"long":    {strings.Repeat("x", 100_000), `"` + strings.Repeat("x", 100_000) + `"`},
		"no JSON": {make(chan int), `{"$unreadable":"json: unsupported type: chan int"}`},
		"panics":  {panics{}, `{"$unreadable":"!PANIC: at the disco"}`},
		"one NaN": {map[string]any{"q": "why?", "score": math.NaN()},
			`{"q":"why?","score":{"$unreadable":"json: unsupported value: NaN"}}`},
	} {
		t.Run(name, func(t *testing.T) {
			tp := newTopic(t)
			h := NewHandler(tp.client)
			info := &callbacks.RunInfo{Name: "input", Component: compose.ComponentOfGraph}
			h.OnEnd(h.OnStart(context.Background(), info, c.in), info, nil)
			if state := tp.read().find("", "GRAPH_START").attr("initial_state_json"); state !=
				c.state {
				t.Errorf("state of %d bytes %.20q", len(state), state)
			}
		})
	}
}

func TestInputOfAGraphThatIsStreamedCanBeSaid(t *testing.T) {
	for _, c := range []struct {
		name, want string
		ctx        context.Context
		opts       []Option
	}{
		{"said", `"why?"`, WithInput(context.Background(), "why?"), nil},
		{"not said", "", context.Background(), nil},
		{"left out", "", WithInput(context.Background(), "why?"), []Option{WithoutTexts()}},
		{"left out with states", "", WithInput(context.Background(), "why?"),
			[]Option{WithoutState()}},
	} {
		t.Run(c.name, func(t *testing.T) {
			tp := newTopic(t)
			h := NewHandler(tp.client, c.opts...)
			out, err := sourceGraph(t, "given", 1).Stream(c.ctx, "in", compose.WithCallbacks(h))
			if err != nil {
				t.Fatal(err)
			}
			out.Close()
			if err := h.Wait(context.Background()); err != nil {
				t.Fatal(err)
			}
			if got := tp.read().find("", "GRAPH_START").attr("initial_state_json"); got != c.want {
				t.Errorf("initial state %q, want %q", got, c.want)
			}
		})
	}
}

type panics struct{}

func (panics) MarshalJSON() ([]byte, error) { panic("at the disco") }

func TestSeveralEntryPointsBeginAtStart(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	b := newGraph(t)
	b.must(b.AddLambdaNode("a", compose.InvokableLambda(func(_ context.Context, in string) (string,
		error) {
		return in, nil
	}), compose.WithOutputKey("a")))
	b.must(b.AddLambdaNode("b", compose.InvokableLambda(func(_ context.Context, in string) (string,
		error) {
		return in, nil
	}), compose.WithOutputKey("b")))
	b.must(b.AddLambdaNode("join", compose.InvokableLambda(func(context.Context,
		map[string]any) (string, error) {
		return "", nil
	})))
	r := b.path("start", "a", "join").path("start", "b", "join", "end").compile(named("entries"))
	invoke(t, h, r)
	s := tp.read()
	s.before("", "GRAPH_START", "EDGE_TRAVERSAL start to=a,b", "PARALLEL_START a,b",
		"PARALLEL_END a,b", "EDGE_TRAVERSAL a to=join", "EDGE_TRAVERSAL b to=join",
		"NODE_START join")
	nodes, edges, entry := schemaOf(t, s, "")
	wantList(t, "nodes", nodes, "start router", "a transform", "b transform", "join transform")
	wantList(t, "edges", edges, "start parallel a", "start parallel b", "a direct join",
		"b direct join", "join direct __end__")
	if entry != "start" {
		t.Errorf("entry point %q", entry)
	}
}

func TestBranchThatLeadsToSeveralNodesReportsEach(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	b := newGraph(t).node("plan")
	b.must(b.AddLambdaNode("join", compose.InvokableLambda(func(_ context.Context,
		in map[string]any) (string, error) {
		return strings.Join(slices.Sorted(maps.Keys(in)), ""), nil
	})))
	for _, key := range []string{"a", "b", "c"} {
		b.must(b.AddLambdaNode(key,
			compose.InvokableLambda(func(_ context.Context, in string) (string, error) {
				return in,
					nil
			}), compose.WithOutputKey(key)))
		b.path(key, "join")
	}
	b.must(b.AddBranch("plan", compose.NewGraphMultiBranch(func(context.Context,
		string) (map[string]bool, error) {
		return map[string]bool{"a": true, "c": true}, nil
	}, map[string]bool{"a": true, "b": true, "c": true})))
	r := b.path("start", "plan").path("join", "end").compile(named("multi"),
		compose.WithNodeTriggerMode(compose.AllPredecessor))
	invoke(t, h, r)
	s := tp.read()
	s.before("", "CONDITIONAL_BRANCH plan to=a condition_result=a", "NODE_START a")
	s.before("", "CONDITIONAL_BRANCH plan to=c condition_result=c", "NODE_START c")
	if n := s.count("", "CONDITIONAL_BRANCH"); n != 2 {
		t.Errorf("%d branches, want 2", n)
	}
}

func TestNodesThatPassThroughAreOnTheWay(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	b := newGraph(t).node("a", "b")
	b.must(b.AddPassthroughNode("pass"))
	r := b.path("start", "a", "pass", "b", "end").compile(named("pass"))
	invoke(t, h, r)
	tp.read().want("", `
		GRAPH_START
		  NODE_START a
		  NODE_END a
		  EDGE_TRAVERSAL a to=pass
		  EDGE_TRAVERSAL pass to=b
		  NODE_START b
		  NODE_END b
		  EDGE_TRAVERSAL b to=__end__
		GRAPH_END`)
}
