package dasheino

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

func decode(t *testing.T, value []byte) *pb.DashStreamMessage {
	t.Helper()
	m, err := pb.Decode(value)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestOneLineInstrumentsEveryGraph(t *testing.T) {
	tp := newTopic(t)
	callbacks.AppendGlobalHandlers(NewHandler(tp.client))
	defer callbacks.InitCallbackHandlers(nil)
	for _, name := range []string{"first", "second"} {
		r := newGraph(t).node("n").path("start", "n", "end").compile(named(name))
		if _, err := r.Invoke(WithThread(context.Background(), name), "in"); err != nil {
			t.Fatal(err)
		}
	}
	s := tp.read()
	for _, name := range []string{"first", "second"} {
		if got := s.find(name, "GRAPH_START").attr("graph_name"); got != name ||
			s.count(name, "") != 5 {
			t.Errorf("thread %s is of graph %q:\n%s", name, got, strings.Join(s.lines(name), "\n"))
		}
	}
}

func TestNoClientDoesNothing(t *testing.T) {
	disabled, err := callback.New(callback.Config{Disabled: true,
		Logger: slog.New(slog.DiscardHandler)})
	if err != nil {
		t.Fatal(err)
	}
	for name, h := range map[string]*Handler{"nil client": NewHandler(nil),
		"disabled client": NewHandler(disabled), "nil handler": nil, "zero handler": {}} {
		t.Run(name, func(t *testing.T) {
			if h.Needed(context.Background(), nil, callbacks.TimingOnStart) {
				t.Error("Eino is told to call it")
			}
			ctx := context.Background()
			info := &callbacks.RunInfo{Component: compose.ComponentOfGraph}
			if h.OnStart(ctx, info, "") != ctx || h.OnEnd(ctx, info, "") != ctx ||
				h.OnError(ctx, info, nil) != ctx {
				t.Error("the context changed")
			}
			in, out := schema.Pipe[callbacks.CallbackInput](1)
			h.OnStartWithStreamInput(ctx, info, in)
			if !out.Send(1, nil) {
				t.Error("the copy of the input is open")
			}
			or, ow := schema.Pipe[callbacks.CallbackOutput](1)
			h.OnEndWithStreamOutput(ctx, info, or)
			if !ow.Send(1, nil) {
				t.Error("the copy of the output is open")
			}
			if err := h.Wait(ctx); err != nil {
				t.Error(err)
			}
			invoke(t, h, newGraph(t).node("n").path("start", "n", "end").compile())
		})
	}
}

func TestCallbacksThatDoNotPairDoNothing(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	ctx := context.Background()
	graph := &callbacks.RunInfo{Name: "graph", Component: compose.ComponentOfGraph}
	other := &callbacks.RunInfo{Component: compose.ComponentOfLambda}
	if h.OnStart(ctx, other, "") != ctx {
		t.Error("a component outside of a run began something")
	}
	h.OnEnd(ctx, graph, "")
	run := h.OnStart(ctx, graph, "")
	if h.OnStart(run, graph, "") != run {
		t.Error("a handler that was given twice began something twice")
	}
	h.OnStart(run, nil, "")
	h.OnEnd(run, nil, "")
	h.OnEnd(run, other, "")
	h.OnError(run, other, nil)
	h.OnError(run, graph, nil)
	h.OnEnd(run, graph, "")
	if h.OnStart(run, other, "") != run {
		t.Error("something began in a run that has ended")
	}
	tp.read().want("", `
		GRAPH_START
		GRAPH_ERROR error=dasheino: failed without an error`)
}

func TestThreadOfARun(t *testing.T) {
	type key struct{}
	ctx := context.WithValue(context.Background(), key{}, "from the function")
	fromKey := func(ctx context.Context) string { return ctx.Value(key{}).(string) }
	for _, c := range []struct {
		name string
		ctx  context.Context
		opts []Option
		want string
	}{
		{"set", WithThread(ctx, "set"), []Option{WithThreadFunc(fromKey)}, "set"},
		{"by function", ctx, []Option{WithThreadFunc(fromKey)}, "from the function"},
		{"emptied", WithThread(ctx, ""), []Option{WithThreadFunc(fromKey)}, "from the function"},
		{"function panics", context.Background(), []Option{WithThreadFunc(fromKey)}, ""},
		{"none", ctx, nil, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			tp := newTopic(t)
			h := NewHandler(tp.client, c.opts...)
			r := newGraph(t).node("n").path("start", "n", "end").compile(named("threads"))
			if _, err := r.Invoke(c.ctx, "in", compose.WithCallbacks(h)); err != nil {
				t.Fatal(err)
			}
			s := tp.read()
			if len(s.order) != 1 || c.want != "" && s.order[0] != c.want || s.order[0] == "" {
				t.Errorf("threads %q, want %q", s.order, c.want)
			}
		})
	}
}

func TestHandlersOfTwoClientsDoNotMix(t *testing.T) {
	first, second := newTopic(t), newTopic(t)
	inner := newGraph(t).node("one").path("start", "one", "end").compile(named("two inside"))
	r := newGraph(t).do("caller", func(ctx context.Context, in string) (string, error) {
		return inner.Invoke(ctx, in)
	}).
		path("start", "caller", "end").compile(named("two"))
	if _, err := r.Invoke(context.Background(),
		"in", compose.WithCallbacks(NewHandler(first.client), NewHandler(second.client))); err !=
		nil {
		t.Fatal(err)
	}
	a, b := strings.Join(first.read().lines(""), "\n"), strings.Join(second.read().lines(""), "\n")
	if a != b || strings.Count(a, "\n") != 9 {
		t.Errorf("one got\n%s\nthe other\n%s", a, b)
	}
}

// compileCounter counts its calls.
type compileCounter struct{ n atomic.Int64 }

func (c *compileCounter) OnFinish(context.Context, *compose.GraphInfo) { c.n.Add(1) }

func TestCompileCallbacksOfTheProgramAreKept(t *testing.T) {
	tp := newTopic(t)
	mine := &compileCounter{}
	NewHandler(tp.client, WithCompileCallbacks(mine))
	NewHandler(tp.client)
	newGraph(t).node("n").path("start", "n", "end").compile(named("counted"))
	if n := mine.n.Load(); n != 1 {
		t.Errorf("called %d times, want once", n)
	}
}

func TestRememberedGraphsAreBounded(t *testing.T) {
	var r registry
	var names []string
	for i := range maxTopologies + 10 {
		info := &compose.GraphInfo{Name: fmt.Sprint("graph ", i)}
		names = append(names, info.Name)
		r.OnFinish(context.Background(), info)
		r.OnFinish(context.Background(), info)
	}
	r.OnFinish(context.Background(), nil)
	if len(r.list) != maxTopologies || len(r.candidates(names[9], nil)) != 0 ||
		len(r.candidates(names[10], nil)) != 1 {
		t.Errorf("%d graphs are remembered", len(r.list))
	}
}

func TestManyRunsAtOnceStayApart(t *testing.T) {
	synctest.Test(t, manyRuns) // the bubble fails if a goroutine is left behind
}

func manyRuns(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	inner := newGraph(t).node("search").path("start", "search", "end")
	b := newGraph(t)
	b.must(b.AddGraphNode("docs", inner.Graph, compose.WithOutputKey("docs")))
	b.must(b.AddLambdaNode("source", compose.InvokableLambda(func(_ context.Context,
		in string) (string, error) {
		return in, nil
	}), compose.WithOutputKey("source")))
	stream := func(_ context.Context, in map[string]any) (*schema.StreamReader[string], error) {
		return schema.StreamReaderFromArray([]string{"a", "b"}), nil
	}
	b.must(b.AddLambdaNode("answer", compose.StreamableLambda(stream)))
	r := b.path("start", "docs", "answer").path("start", "source", "answer", "end").
		compile(named("many"))
	const runs = 200
	var wg sync.WaitGroup
	for range runs {
		wg.Go(func() {
			if _, err := r.Invoke(context.Background(), "in", compose.WithCallbacks(h)); err !=
				nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if err := h.Wait(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := tp.read()
	if len(s.threads) != runs {
		t.Errorf("%d threads", len(s.threads))
	}
	for id, items := range s.threads {
		if len(items) != 17 {
			t.Fatalf("%d messages:\n%s", len(items), strings.Join(s.lines(id), "\n"))
		}
	}
}
