package dasheino

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/callback"
)

func TestGraphInsideAGraphIsANode(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	inner := newGraph(t).node("search", "rank").path("start", "search", "rank", "end")
	b := newGraph(t).node("plan")
	b.must(b.AddGraphNode("research", inner.Graph))
	r := b.path("start", "plan", "research", "end").compile(named("outer"))
	invoke(t, h, r)
	s := tp.read()
	s.want("", `
		GRAPH_START
		  NODE_START plan
		  NODE_END plan
		  EDGE_TRAVERSAL plan to=research
		  NODE_START research
		    NODE_START research/search
		    NODE_END research/search
		    EDGE_TRAVERSAL research/search to=research/rank
		    NODE_START research/rank
		    NODE_END research/rank
		    EDGE_TRAVERSAL research/rank to=__end__
		  NODE_END research
		  EDGE_TRAVERSAL research to=__end__
		GRAPH_END`)
	nodes, edges, entry := schemaOf(t, s, "")
	wantList(t, "nodes", nodes, "plan transform", "research custom", "research/search transform",
		"research/rank transform")
	wantList(t, "edges", edges, "plan direct research", "research direct __end__",
		"research direct research/search", "research/search direct research/rank")
	if entry != "plan" {
		t.Errorf("entry point %q", entry)
	}
}

func TestGraphThatANodeCallsIsANodeInsideIt(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	inner := newGraph(t).node("one").path("start", "one", "end").compile(named("inner"))
	r := newGraph(t).do("caller", func(ctx context.Context, in string) (string, error) {
		return inner.Invoke(ctx, in)
	}).
		path("start", "caller", "end").compile(named("calling"))
	invoke(t, h, r)
	tp.read().want("", `
		GRAPH_START
		  NODE_START caller
		    NODE_START caller/inner
		      NODE_START caller/inner/one
		      NODE_END caller/inner/one
		      EDGE_TRAVERSAL caller/inner/one to=__end__
		    NODE_END caller/inner
		  NODE_END caller
		  EDGE_TRAVERSAL caller to=__end__
		GRAPH_END`)
}

func TestNodesOfTheApplicationAreBetween(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	inner := newGraph(t).node("one").path("start", "one", "end").compile(named("below"))
	r := newGraph(t).do("caller", func(ctx context.Context, in string) (string, error) {
		ctx, n := callback.StartNodeContext(ctx, "own")
		defer n.End(nil)
		return inner.Invoke(ctx, in)
	}).path("start", "caller", "end").compile(named("between"))
	invoke(t, h, r)
	tp.read().want("", `
		GRAPH_START
		  NODE_START caller
		    NODE_START own
		      NODE_START caller/below
		        NODE_START caller/below/one
		        NODE_END caller/below/one
		        EDGE_TRAVERSAL caller/below/one to=__end__
		      NODE_END caller/below
		    NODE_END own
		  NODE_END caller
		  EDGE_TRAVERSAL caller to=__end__
		GRAPH_END`)
}

func TestGraphInsideARunOfTheApplicationIsANode(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := newGraph(t).node("one").path("start", "one", "end").compile(named("mine"))
	ctx, run := tp.client.StartRunContext(context.Background(), callback.RunInfo{})
	if _, err := r.Invoke(ctx, "in", compose.WithCallbacks(h)); err != nil {
		t.Fatal(err)
	}
	run.End(nil)
	tp.read().want("", `
		GRAPH_START
		  NODE_START mine
		    NODE_START mine/one
		    NODE_END mine/one
		    EDGE_TRAVERSAL mine/one to=__end__
		  NODE_END mine
		GRAPH_END`)
}

func TestFailedNodeFailsTheRun(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := newGraph(t).do("bad", func(context.Context, string) (string, error) {
		return "",
			errors.New("no luck")
	}).
		path("start", "bad", "end").compile(named("failing"))
	if _, err := r.Invoke(context.Background(), "in", compose.WithCallbacks(h)); err == nil {
		t.Fatal("no error")
	}
	s := tp.read()
	s.before("", "GRAPH_START", "NODE_START bad", "NODE_ERROR bad error=no luck")
	if got := s.find("", "GRAPH_ERROR").attr("error"); !strings.Contains(got, "no luck") {
		t.Errorf("the run's error is %q", got)
	}
}

func TestNodeThatPanicsEndsWithItsRun(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := newGraph(t).do("bad", func(context.Context, string) (string, error) {
		panic("at the disco")
	}).
		path("start", "bad", "end").compile(named("panicking"))
	if _, err := r.Invoke(context.Background(), "in", compose.WithCallbacks(h)); err == nil {
		t.Fatal("no error")
	}
	s := tp.read()
	for _, event := range []string{"NODE_ERROR bad", "GRAPH_ERROR"} {
		got := s.find("", event).attr("error")
		if !strings.Contains(got, "panic error: at the disco") ||
			strings.Contains(got, "goroutine") {
			t.Errorf("%s has error %q, want what the panic said and no stack", event, got)
		}
	}
}

func TestCanceledRunSaysSo(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	ctx, cancel := context.WithCancel(context.Background())
	r := newGraph(t).do("slow", func(ctx context.Context, _ string) (string, error) {
		cancel()
		<-ctx.Done()
		return "", ctx.Err()
	}).path("start", "slow", "end").compile(named("canceled"))
	if _, err := r.Invoke(ctx, "in", compose.WithCallbacks(h)); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v", err)
	}
	s := tp.read()
	s.before("", "NODE_START slow", "NODE_ERROR slow error=context canceled")
	if s.find("", "GRAPH_ERROR").attr("canceled") != "true" {
		t.Error("the run does not say that it was canceled")
	}
}

func TestRunThatTakesTooManyStepsFails(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := newGraph(t).node("again").path("start", "again").
		branch("again", func(context.Context, string) (string, error) { return "again", nil },
			"again", "end").compile(named("endless"), compose.WithMaxRunSteps(3))
	if _, err := r.Invoke(context.Background(), "in", compose.WithCallbacks(h)); !errors.Is(err,
		compose.ErrExceedMaxSteps) {
		t.Fatalf("error %v", err)
	}
	s := tp.read()
	if n := s.count("", "NODE_START"); n != 3 || s.count("", "GRAPH_ERROR") != 1 {
		t.Errorf("%d nodes in\n%s", n, strings.Join(s.lines(""), "\n"))
	}
}
