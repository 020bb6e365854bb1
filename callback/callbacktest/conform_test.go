package callbacktest_test

import (
	"context"
	"flag"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/internal/jsreader"
	"github.com/dashstream/dashstream-go/internal/plaingo"
)

var write = flag.Bool("write", false, "write testdata/conform.txt and ../ADAPTERS.md")

// Plain Go is a runtime, too: functions that callback.Traced makes nodes of.
func TestPlainGoConforms(t *testing.T) {
	found := callbacktest.Conform(t, plaingo.Program{
		Model: callModel, Tool: callTool, Cannot: map[callbacktest.Scenario]string{
			callbacktest.ScenarioShortCircuit: "functions have no plug-ins",
		}}.Play)
	found.Compare(t, "testdata/conform.txt", *write)
	jsreader.CheckAll(t, found.Streams())
}

func callTool(ctx context.Context) error {
	callback.NodeFromContext(ctx).StartTool(callback.ToolCall{Name: "search"}).
		Fail(plaingo.ErrPlayed)
	return nil
}

func callModel(ctx context.Context, _ *callback.Client, s callbacktest.Scenario) error {
	llm := callback.NodeFromContext(ctx).StartLLM(callback.LLMRequest{Model: "m"})
	switch s {
	case callbacktest.ScenarioModelError:
		llm.End(callback.LLMResult{}, plaingo.ErrPlayed)
		return plaingo.ErrPlayed
	case callbacktest.ScenarioRetry:
		llm.Retry(2, plaingo.ErrPlayed)
	case callbacktest.ScenarioTokens:
		llm.Token("Hel")
		llm.Token("lo")
	case callbacktest.ScenarioUnread:
		llm.Token("Hel")
	}
	llm.End(callback.LLMResult{}, nil)
	return nil
}
