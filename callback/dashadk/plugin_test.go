package dashadk

import (
	"bytes"
	"context"
	"errors"
	"log"
	"log/slog"
	"strings"
	"testing"

	"google.golang.org/genai"

	"google.golang.org/adk/v2/agent"
	"google.golang.org/adk/v2/plugin"
	"google.golang.org/adk/v2/runner"
	"google.golang.org/adk/v2/session"
	"google.golang.org/adk/v2/tool/agenttool"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// record runs an agent with a streaming model, and returns the timeline.
func record(t *testing.T, a agent.Agent, opts ...Option) string {
	t.Helper()
	rec := callbacktest.NewRecorder()
	p := New(rec.Client(t), opts...)
	t.Cleanup(func() { _ = p.Close() })
	r := must(runner.New(runner.Config{AppName: "app", Agent: a,
		SessionService: session.InMemoryService(), AutoCreateSession: true,
		PluginConfig: runner.PluginConfig{Plugins: []*plugin.Plugin{p}}}))
	for range r.Run(context.Background(), "user", "thread",
		genai.NewContentFromText("question", "user"),
		agent.RunConfig{StreamingMode: agent.StreamingModeSSE}) {
	}
	if err := rec.Check().Err(); err != nil {
		t.Error(err)
	}
	return rec.Timeline("thread")
}

func TestTimelines(t *testing.T) {
	finding := newTool("search", func(c agent.Context) error { return c.State().Set("k", "v") })
	failing := newTool("search", func(agent.Context) error { return errors.New("down\nstack") })
	panicking := newTool("search", func(agent.Context) error { panic("oh") })
	asking := newModel(0)
	asking.Args = map[string]any{"request": "x"}
	inner := agenttool.New(llm("inner", newModel(0)), nil)
	tests := map[string]struct {
		agent agent.Agent
		opts  []Option
		want  []string
		never []string
	}{
		"a tool": {agent: llm("a", newModel(0), finding), want: []string{
			`    TOOL_STARTED search {"q":"x"}`, `    TOOL_COMPLETED search {"q":"x"}`,
			`    STATE_DIFF`},
			never: []string{`"x"}` + "\n    TOOL_STARTED"}},
		"parallel tools have no node around them": {
			agent: llm("a", newModel(0), finding, newTool("look", func(agent.Context) error {
				return nil
			})), want: []string{"TOOL_COMPLETED search", "TOOL_COMPLETED look"},
			never: []string{"merged"}},
		"an error is its first line": {agent: llm("a", newModel(0), failing),
			want: []string{"TOOL_FAILED search down\n"}, never: []string{"stack"}},
		"the panic of a tool is its first line": {agent: llm("a", newModel(0), panicking),
			want:  []string{`TOOL_FAILED search panic in tool "search": oh` + "\n"},
			never: []string{"goroutine", ".go:"}},
		"a model's error is the run's": {agent: llm("a", newModel(1)), want: []string{
			`LLM_ERROR a error="no luck"`, `NODE_ERROR a error="no luck"`,
			`GRAPH_ERROR error="no luck"`}},
		"so it is without spans": {agent: llm("a", newModel(1)), opts: []Option{WithoutSpans()},
			want: []string{`NODE_ERROR a error="no luck"`, `GRAPH_ERROR error="no luck"`}},
		"no texts": {agent: llm("a", newModel(0), finding), opts: []Option{WithoutTexts()},
			want:  []string{"LLM_END a", "TOOL_COMPLETED search\n"},
			never: []string{`TOKENS "`, "Hel", "question", `"x"`, "STATE"}},
		"no state": {agent: llm("a", newModel(0), finding), opts: []Option{WithoutState()},
			want: []string{`TOKENS "Hello"`}, never: []string{"STATE"}},
		"an agent that is a tool": {agent: llm("a", asking, inner), want: []string{
			"TOOL_STARTED inner", "NODE_START inner", "  LLM_START inner", "NODE_END inner",
			"TOOL_COMPLETED inner"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			got := record(t, tt.agent, tt.opts...)
			left := got
			for _, want := range tt.want {
				_, behind, ok := strings.Cut(left, want)
				if !ok && !strings.Contains(got, want) {
					t.Errorf("%q is missing", want)
				}
				if ok {
					left = behind
				}
			}
			for _, never := range tt.never {
				if strings.Contains(got, never) {
					t.Errorf("it has %q", never)
				}
			}
			if t.Failed() {
				t.Log("\n" + got)
			}
		})
	}
}

// ADK logs a line for each call of Path, RunID and FunctionCallID in a callback that has none.
func TestNothingIsLogged(t *testing.T) {
	var lines bytes.Buffer
	log.SetOutput(&lines)
	defer log.SetOutput(log.Default().Writer())
	slog.SetDefault(slog.New(slog.NewTextHandler(&lines, nil)))
	record(t, llm("a", newModel(0), newTool("search", func(agent.Context) error { return nil })))
	if lines.Len() > 0 {
		t.Error(lines.String())
	}
}

func TestAClientThatDoesNothingCostsNothing(t *testing.T) {
	p := New(nil)
	if p.BeforeRunCallback() != nil || p.AfterModelCallback() != nil || p.Close() != nil {
		t.Error("it has callbacks")
	}
}
