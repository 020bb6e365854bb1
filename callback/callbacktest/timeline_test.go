package callbacktest_test

import (
	"errors"
	"log/slog"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

func TestTimelineShowsWhatIsInsideOfWhat(t *testing.T) {
	rec := callbacktest.NewRecorder()
	run := rec.Client(t).StartRun(callback.RunInfo{ThreadID: "t",
		Graph: &callback.Graph{Name: "qa", EntryPoint: "plan"}})
	plan := run.StartNode("plan", slog.String("why", "not so\n"), slog.Bool("deep", true),
		slog.Group("of", slog.Int("n", 1), slog.Float64("x", .5)))
	llm := plan.StartLLM(callback.LLMRequest{Model: "m"})
	llm.Token("Hel")
	llm.Token("lo")
	llm.End(callback.LLMResult{PromptTokens: 1, FinishReason: callback.FinishStop}, nil)
	tool := plan.StartTool(callback.ToolCall{ID: "c", Name: "search", Arguments: `{"q":1}`})
	tool.Retry(errors.New("busy"))
	tool.Complete("found")
	plan.SetState(map[string]int{"k": 1})
	plan.End(nil)
	run.Interrupt("ask")
	const want = `GRAPH_START graph_edge_count=0 graph_entry_point=plan graph_name=qa ` +
		`graph_node_count=0
  NODE_START plan deep=true of={n=1 x=0.5} why="not so\n"
    LLM_START plan model=m
      TOKENS "Hello"
    LLM_END plan finish_reason=stop model=m prompt_tokens=1 total_tokens=1
    TOOL_STARTED search {"q":1}
    TOOL_RETRYING search busy
    TOOL_COMPLETED search found
    STATE_DIFF
  NODE_END plan
  HUMAN_INTERRUPT reason=ask
`
	if got := rec.Timeline("t"); got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}
