package dasheino

import (
	"context"
	"strings"
	"sync"
	"testing"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
)

// checkpoints is a checkpoint store in memory.
type checkpoints struct{ m sync.Map }

func (c *checkpoints) Get(_ context.Context, id string) ([]byte, bool, error) {
	v, ok := c.m.Load(id)
	if !ok {
		return nil, false, nil
	}
	return v.([]byte), true, nil
}

func (c *checkpoints) Set(_ context.Context, id string, b []byte) error {
	c.m.Store(id, b)
	return nil
}

func TestInterruptEndsTheRunAndResumingContinuesIt(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := newGraph(t).node("plan", "act").path("start", "plan", "act", "end").
		compile(named("waiting"), compose.WithCheckPointStore(&checkpoints{}),
			compose.WithInterruptBeforeNodes([]string{"act"}))
	ctx := WithThread(context.Background(), "conversation")
	_, err := r.Invoke(ctx, "in", compose.WithCallbacks(h), compose.WithCheckPointID("cp"))
	if _, ok := compose.ExtractInterruptInfo(err); !ok {
		t.Fatalf("error %v, want an interrupt", err)
	}
	if _, err := r.Invoke(ctx, "", compose.WithCallbacks(h), compose.WithCheckPointID("cp")); err !=
		nil {
		t.Fatal(err)
	}
	tp.read().want("conversation", `
		GRAPH_START
		  NODE_START plan
		  NODE_END plan
		HUMAN_INTERRUPT reason=before act
		  HUMAN_RESUME
		  EDGE_TRAVERSAL plan to=act
		  NODE_START act
		  NODE_END act
		  EDGE_TRAVERSAL act to=__end__
		GRAPH_END`)
}

func TestNodeThatInterruptsHasNotFailed(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := newGraph(t).do("approve", func(ctx context.Context, in string) (string, error) {
		if was, _, _ := compose.GetInterruptState[any](ctx); was {
			return in, nil
		}
		return "", compose.Interrupt(ctx, "is this right?")
	}).path("start", "approve", "end").compile(named("approving"),
		compose.WithCheckPointStore(&checkpoints{}))
	ctx := WithThread(context.Background(), "conversation")
	_, err := r.Invoke(ctx, "in", compose.WithCallbacks(h), compose.WithCheckPointID("cp"))
	info, ok := compose.ExtractInterruptInfo(err)
	if !ok {
		t.Fatalf("error %v, want an interrupt", err)
	}
	ctx = compose.Resume(ctx, info.InterruptContexts[0].ID)
	if _, err := r.Invoke(ctx, "", compose.WithCallbacks(h), compose.WithCheckPointID("cp")); err !=
		nil {
		t.Fatal(err)
	}
	s := tp.read()
	s.want("conversation", `
		GRAPH_START
		  NODE_START approve
		  NODE_END approve interrupted=true
		HUMAN_INTERRUPT reason=is this right?
		  HUMAN_RESUME
		  NODE_START approve
		  NODE_END approve
		  EDGE_TRAVERSAL approve to=__end__
		GRAPH_END`)
	if got := s.find("conversation", "HUMAN_INTERRUPT").attr("nodes"); got != "approve" {
		t.Errorf("nodes %q", got)
	}
}

func TestToolThatInterruptsRunsAgain(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	r := toolGraph(t, "asking tool", &chatModel{answers: []*schema.Message{ask(`{"q":"known"}`)}},
		lookup{interrupts: true}, compose.WithCheckPointStore(&checkpoints{}))
	ctx := WithThread(context.Background(), "conversation")
	_, err := r.Invoke(ctx, question, compose.WithCallbacks(h), compose.WithCheckPointID("cp"))
	info, ok := compose.ExtractInterruptInfo(err)
	if !ok {
		t.Fatalf("error %v, want an interrupt", err)
	}
	ctx = compose.Resume(ctx, info.InterruptContexts[0].ID)
	if _, err := r.Invoke(ctx, nil, compose.WithCallbacks(h),
		compose.WithCheckPointID("cp")); err != nil {
		t.Fatal(err)
	}
	s := tp.read()
	s.before("conversation", `TOOL STARTED lookup {"q":"known"}`, "NODE_END tools interrupted=true",
		`HUMAN_INTERRUPT reason=may I look up {"q":"known"}?`,
		"HUMAN_RESUME", "NODE_START tools", `TOOL STARTED lookup {"q":"known"}`,
		"TOOL COMPLETED lookup  found", "GRAPH_END")
	if s.count("conversation", "TOOL FAILED") != 0 ||
		s.count("conversation", "TOOL COMPLETED") != 1 {
		t.Errorf("the tool that waited has ended before:\n%s", strings.Join(s.lines("conversation"),
			"\n"))
	}
}

func TestInterruptInsideAGraphInsideAGraph(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client)
	inner := newGraph(t).do("approve", func(ctx context.Context, in string) (string, error) {
		if was, _, _ := compose.GetInterruptState[any](ctx); was {
			return in, nil
		}
		return "", compose.Interrupt(ctx, "sure?")
	}).path("start", "approve", "end")
	b := newGraph(t)
	b.must(b.AddGraphNode("inner", inner.Graph))
	r := b.path("start", "inner", "end").compile(named("nested approval"),
		compose.WithCheckPointStore(&checkpoints{}))
	ctx := WithThread(context.Background(), "conversation")
	_, err := r.Invoke(ctx, "in", compose.WithCallbacks(h), compose.WithCheckPointID("cp"))
	info, ok := compose.ExtractInterruptInfo(err)
	if !ok {
		t.Fatalf("error %v, want an interrupt", err)
	}
	ctx = compose.Resume(ctx, info.InterruptContexts[0].ID)
	if _, err := r.Invoke(ctx, "", compose.WithCallbacks(h), compose.WithCheckPointID("cp")); err !=
		nil {
		t.Fatal(err)
	}
	tp.read().want("conversation", `
		GRAPH_START
		  NODE_START inner
		    NODE_START inner/approve
		    NODE_END inner/approve interrupted=true
		  NODE_END inner interrupted=true
		HUMAN_INTERRUPT reason=sure?
		  HUMAN_RESUME
		  NODE_START inner
		    NODE_START inner/approve
		    NODE_END inner/approve
		    EDGE_TRAVERSAL inner/approve to=__end__
		  NODE_END inner
		  EDGE_TRAVERSAL inner to=__end__
		GRAPH_END`)
}

func TestAnotherProcessContinuesTheThread(t *testing.T) {
	store := &checkpoints{}
	compile := func() compose.Runnable[string, string] {
		return newGraph(t).node("plan", "act").path("start", "plan", "act", "end").
			compile(named("handed over"), compose.WithCheckPointStore(store),
				compose.WithInterruptBeforeNodes([]string{"act"}))
	}
	ctx := WithThread(context.Background(), "conversation")

	first := newTopic(t)
	var run *callback.Run
	h := NewHandler(first.client, WithRunFunc(func(_ context.Context, r *callback.Run) {
		run = r
		panic("is caught")
	}))
	if _, err := compile().Invoke(ctx, "in", compose.WithCallbacks(h),
		compose.WithCheckPointID("cp")); err == nil {
		t.Fatal("no interrupt")
	}
	after := run.Position()

	second := newTopic(t)
	h = NewHandler(second.client)
	if _, err := compile().Invoke(WithPosition(ctx, after), "", compose.WithCallbacks(h),
		compose.WithCheckPointID("cp")); err != nil {
		t.Fatal(err)
	}
	if _, err := second.client.Shutdown(context.Background()); err != nil {
		t.Fatal(err)
	}
	s := &stream{t: t, threads: map[string][]item{}}
	for _, rec := range second.records {
		s.add(decode(t, rec.Value))
	}
	resumed := s.find("conversation", "HUMAN_RESUME")
	if got := resumed.header.GetSequence(); got != after.Sequence+1 {
		t.Errorf("the resumed run begins with number %d, want %d", got, after.Sequence+1)
	}
	if string(resumed.header.GetParentId()) != string(after.Start[:]) {
		t.Error("the resumed run does not hang under the GRAPH_START that it continues")
	}
}

func TestReasonIsShort(t *testing.T) {
	in := interruptOf(&compose.InterruptInfo{InterruptContexts: []*compose.InterruptCtx{{ID: "1",
		Info: strings.Repeat("ä", maxReason)}, nil, {ID: "2"}}})
	if len(in.reason) > maxReason+30 || !strings.HasSuffix(in.reason, "more bytes)") {
		t.Errorf("reason of %d bytes: …%q", len(in.reason), in.reason[len(in.reason)-20:])
	}
	if got := in.attrs[0].Value.String(); got != "1,2" {
		t.Errorf("ids %q", got)
	}
	if got := interruptOf(nil).reason; got != "interrupted" {
		t.Errorf("reason %q of nothing", got)
	}
}

// nilError is an error that a nil pointer does not survive.
type nilError struct{ inner error }

func (e *nilError) Error() string { return e.inner.Error() }
func (e *nilError) Unwrap() error { return e.inner }

func TestARunThatFailsWithATypedNilEnds(t *testing.T) {
	tp := newTopic(t)
	h := NewHandler(tp.client, WithoutCompileCallback())
	info := &callbacks.RunInfo{Name: "graph", Component: compose.ComponentOfGraph}
	ctx := h.OnStart(WithThread(context.Background(), "thread"), info, "in")
	h.OnError(ctx, info, (*nilError)(nil))
	if got := tp.read().find("thread", "GRAPH_ERROR").attr("error"); !strings.HasPrefix(got,
		"!PANIC: ") {
		t.Errorf("the run's error is %q", got)
	}
	if runs := tp.client.Stats().Input.Runs; runs != 0 {
		t.Errorf("%d runs have not ended", runs)
	}
}
