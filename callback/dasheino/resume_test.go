package dasheino

import (
	"context"
	"strings"
	"testing"

	"github.com/cloudwego/eino/compose"
)

// waitingStep is a graph of two nodes that run at the same time, one of which asks a human, and a
// third one that needs both.
func waitingStep(t *testing.T, name string) compose.Runnable[string, string] {
	t.Helper()
	b := newGraph(t)
	add := func(key string, f func(context.Context, string) (string, error)) {
		b.must(b.AddLambdaNode(key, compose.InvokableLambda(f), compose.WithOutputKey(key)))
	}
	add("search", func(_ context.Context, in string) (string, error) { return in, nil })
	add("human", func(ctx context.Context, in string) (string, error) {
		if was, _, _ := compose.GetInterruptState[any](ctx); was {
			return in, nil
		}
		return "", compose.Interrupt(ctx, "sure?")
	})
	b.must(b.AddLambdaNode("join", compose.InvokableLambda(func(context.Context,
		map[string]any) (string, error) {
		return "j", nil
	})))
	return b.path("start", "search", "join", "end").path("start", "human", "join").
		compile(named(name), compose.WithCheckPointStore(&checkpoints{}))
}

// interruptAndResume runs a graph until it is interrupted, and resumes it, with handlers that may
// belong to two processes.
func interruptAndResume(
	t *testing.T, ctx context.Context, r compose.Runnable[string, string], first, second *Handler,
) {
	t.Helper()
	_, err := r.Invoke(ctx, "in", compose.WithCallbacks(first), compose.WithCheckPointID("cp"))
	info, ok := compose.ExtractInterruptInfo(err)
	if !ok {
		t.Fatalf("error %v, want an interrupt", err)
	}
	if _, err := r.Invoke(compose.Resume(ctx, info.InterruptContexts[0].ID), "",
		compose.WithCallbacks(second), compose.WithCheckPointID("cp")); err != nil {
		t.Fatal(err)
	}
}

func TestResumedRunGoesOnWhereItWas(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	interruptAndResume(t, WithThread(context.Background(), "c"), waitingStep(t, "joining"), h, h)
	before, resumed, _ := strings.Cut(strings.Join(tp.read().lines("c"), "\n"), "HUMAN_RESUME")
	if !strings.Contains(before, "PARALLEL_START human,search") {
		t.Errorf("the step is no parallel one:%s", before)
	}
	want := `
  NODE_START human
  NODE_END human
  EDGE_TRAVERSAL human to=join
  EDGE_TRAVERSAL search to=join
  NODE_START join
  NODE_END join
  EDGE_TRAVERSAL join to=__end__
GRAPH_END`
	if resumed != want {
		t.Errorf("after HUMAN_RESUME\n%s\nwant\n%s", resumed, want)
	}
}

func TestGraphInsideAResumedRunGoesOnWhereItWas(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	inner := newGraph(t).node("look").do("human", func(ctx context.Context, in string) (string,
		error) {
		if was, _, _ := compose.GetInterruptState[any](ctx); was {
			return in, nil
		}
		return "", compose.Interrupt(ctx, "sure?")
	}).path("start", "look", "human", "end")
	b := newGraph(t).node("plan")
	b.must(b.AddGraphNode("research", inner.Graph))
	r := b.path("start", "plan", "research", "end").compile(named("inside"),
		compose.WithCheckPointStore(&checkpoints{}))
	interruptAndResume(t, WithThread(context.Background(), "c"), r, h, h)
	_, resumed, _ := strings.Cut(strings.Join(tp.read().lines("c"), "\n"), "HUMAN_RESUME")
	want := `
  NODE_START research
    NODE_START research/human
    NODE_END research/human
    EDGE_TRAVERSAL research/human to=research/__end__
  NODE_END research
  EDGE_TRAVERSAL research to=__end__
GRAPH_END`
	if resumed = strings.ReplaceAll(resumed, "human to=__end__",
		"human to=research/__end__"); resumed != want {
		t.Errorf("after HUMAN_RESUME\n%s\nwant\n%s", resumed, want)
	}
}

// What another process had done is unknown: nothing is reported about it, and nothing is reported
// again.
func TestRunThatAnotherProcessResumesAnnouncesNothingAgain(t *testing.T) {
	tp := newTopic(t)
	interruptAndResume(t, WithThread(context.Background(), "c"), waitingStep(t, "elsewhere"),
		NewHandler(tp.client), NewHandler(tp.client))
	_, resumed, _ := strings.Cut(strings.Join(tp.read().lines("c"), "\n"), "HUMAN_RESUME")
	for _, wrong := range []string{"PARALLEL_START", "EDGE_TRAVERSAL start"} {
		if strings.Contains(resumed, wrong) {
			t.Errorf("%s after HUMAN_RESUME:%s", wrong, resumed)
		}
	}
}

// A run on a thread of its own has nothing to continue.
func TestResumeWithoutAThreadBeginsOne(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	interruptAndResume(t, context.Background(), waitingStep(t, "threadless"), h, h)
	s := tp.read()
	if len(s.order) != 2 {
		t.Fatalf("threads %q, want two", s.order)
	}
	start := s.thread(s.order[1])[0]
	if got := start.String(); got != "GRAPH_START" || start.attr("resumed") != "true" ||
		start.attr("initial_state_json") != "" {
		t.Errorf("the second thread begins with %s %v", got, start.event)
	}
	if s.count(s.order[1], "PARALLEL_START") != 0 || s.count(s.order[1], "GRAPH_END") != 1 {
		t.Errorf("got\n%s", strings.Join(s.lines(s.order[1]), "\n"))
	}
}

func TestRememberedInterruptsAreBounded(t *testing.T) {
	var p paused
	for i := range 2 * maxPaused {
		id := strings.Repeat("x", i)
		p.put(id, &pausedRun{})
		if i%2 == 0 {
			p.take(id)
		}
	}
	if len(p.byID) > maxPaused || len(p.queue) > maxPaused || len(p.byID) == 0 {
		t.Errorf("%d threads, %d in the queue", len(p.byID), len(p.queue))
	}
}
