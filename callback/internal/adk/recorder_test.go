package adk

import (
	"context"
	"errors"
	"strings"
	"testing"

	"go.opentelemetry.io/otel"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"google.golang.org/genai"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// callContext is a context of a callback.
type callContext struct {
	context.Context
	agent, branch string
}

func (callContext) InvocationID() string { return "i" }
func (c callContext) AgentName() string  { return c.agent }
func (c callContext) Branch() string     { return c.branch }

func begin(t *testing.T, opts ...Option) (*Recorder, *callbacktest.Recorder) {
	t.Helper()
	rec := callbacktest.NewRecorder()
	r := New(rec.Client(t), opts...)
	t.Cleanup(func() { _ = r.Close() })
	r.BeforeRun(t.Context(), Invocation{ID: "i", Session: "t",
		State:  func(func(string, any) bool) {},
		Agents: []callback.GraphNode{{Name: "a"}}})
	return r, rec
}

func TestWhatHasNoEndEndsWithTheRun(t *testing.T) {
	r, rec := begin(t)
	c := callContext{Context: t.Context(), agent: "a"}
	r.beforeAgent(c)
	r.beforeModel(c, "m", nil)
	r.beforeTool(c, call{id: "1", name: "search"})
	r.beforeModel(c, "m", nil)
	r.AfterRun(t.Context(), "i")
	got := rec.Timeline("t")
	for _, want := range []string{"unreported", "TOOL_FAILED search did not end",
		`LLM_ERROR a error="did not end"`, `NODE_ERROR a error="did not end"`, "GRAPH_END"} {
		if !strings.Contains(got, want) {
			t.Errorf("%s is missing in\n%s", want, got)
		}
	}
	if n := r.client.Stats().Input.Unended; n != 3 {
		t.Errorf("%d are counted, want 3", n)
	}
	if len(r.runs)+len(r.spans) > 0 {
		t.Error("the run is kept")
	}
}

func TestBranchesTellAgentsApart(t *testing.T) {
	r, rec := begin(t)
	at := func(agent, branch string) callContext {
		return callContext{t.Context(), agent, branch}
	}
	r.beforeAgent(at("both", ""))
	r.beforeAgent(at("one", "both.1"))
	r.beforeAgent(at("one", "both.2"))
	r.beforeModel(at("one", "both.1"), "m", nil)
	r.afterModel(at("one", "both.1"), Response{}, nil)
	r.afterAgent(at("one", "both.1"))
	r.beforeModel(at("one", "both.2"), "n", nil)
	r.afterModel(at("one", "both.2"), Response{}, nil)
	r.afterAgent(at("one", "both.2"))
	r.afterAgent(at("both", ""))
	r.AfterRun(t.Context(), "i")
	const want = `  NODE_START both
    NODE_START one
    NODE_START one
      LLM_START one model=m
      LLM_END one model=m
    NODE_END one
      LLM_START one model=n
      LLM_END one model=n
    NODE_END one
  NODE_END both
`
	if got := rec.Timeline("t"); !strings.Contains(got, want) {
		t.Errorf("got\n%s", got)
	}
	starts := map[string]string{} // the parents of calls, by their models
	for _, e := range rec.Events("t") {
		if e.GetEventType() == pb.EventType_EVENT_TYPE_LLM_START {
			starts[e.GetAttributes()["model"].GetStringValue()] = string(e.GetHeader().GetParentId())
		}
	}
	if len(starts) != 2 || starts["m"] == starts["n"] {
		t.Error("both calls are in one agent")
	}
}

func TestAnswersOfOtherPluginsUndoFailures(t *testing.T) {
	r, rec := begin(t)
	c := callContext{Context: t.Context(), agent: "a"}
	r.beforeAgent(c)
	r.beforeModel(c, "m", nil)
	r.modelError(c, errors.New("down"))
	r.afterModel(c, Response{}, nil)
	r.afterAgent(c)
	r.AfterRun(t.Context(), "i")
	if got := rec.Timeline("t"); !strings.Contains(got, "NODE_END a") ||
		!strings.Contains(got, "GRAPH_END") {
		t.Errorf("got\n%s", got)
	}
}

func TestCallbacksOfUnknownRunsAreIgnored(t *testing.T) {
	r, rec := begin(t)
	r.AfterRun(t.Context(), "i")
	sent := len(rec.Messages("t"))
	c := callContext{Context: t.Context(), agent: "a"}
	r.beforeAgent(c)
	r.beforeModel(c, "m", []*genai.Content{nil})
	r.afterTool(c, call{}, nil)
	r.OnEvent("i", &Event{Result: true})
	r.AfterRun(t.Context(), "i")
	if n := len(rec.Messages("t")); n != sent {
		t.Errorf("%d messages more", n-sent)
	}
}

func TestThreads(t *testing.T) {
	tests := map[string]struct {
		threadOf func(context.Context) string
		want     string
	}{
		"the function's":      {func(context.Context) string { return "own" }, "own"},
		"none is the session": {func(context.Context) string { return "" }, "t"},
		"so is a panic":       {func(context.Context) string { panic("oh") }, "t"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			_, rec := begin(t, WithThreadFunc(tt.threadOf))
			if got := rec.Threads(); len(got) != 1 || got[0] != tt.want {
				t.Errorf("threads %q, want %q", got, tt.want)
			}
		})
	}
}

func TestPromptsAreTheNewestThatFit(t *testing.T) {
	long := strings.Repeat("é", maxPrompt/4)
	var contents []*genai.Content
	for _, s := range []string{"old", long, long, "new"} {
		contents = append(contents, genai.NewContentFromText(s, "user"))
	}
	got := prompt(contents)
	if !strings.HasSuffix(got, "\nuser: new") || strings.Contains(got, "old") ||
		len(got) > maxPrompt+len("…") || strings.ContainsRune(got, '\uFFFD') {
		t.Errorf("%d bytes: %.40q", len(got), got)
	}
}

// It has to be the last: a global provider stays.
func TestTracerProviders(t *testing.T) {
	r, _ := begin(t, WithoutSpans(), WithTracerProvider())
	if r.heard != nil {
		t.Error("spans are heard without being wanted")
	}
	if r, _ = begin(t); r.heard != nil {
		t.Error("spans are heard where there are none")
	}
	if r, _ = begin(t, WithTracerProvider()); r.heard == nil {
		t.Fatal("no provider is set")
	}
	if err := r.Close(); err != nil || r.heard != nil {
		t.Error("spans are heard after the end")
	}
	own := sdktrace.NewTracerProvider()
	otel.SetTracerProvider(own)
	if r, _ = begin(t, WithTracerProvider()); r.heard != registrar(own) {
		t.Error("the program's own provider is not heard")
	}
}
