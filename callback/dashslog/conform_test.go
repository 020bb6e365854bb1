package dashslog_test

import (
	"context"
	"flag"
	"log/slog"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/callback/dashslog"
	"github.com/dashstream/dashstream-go/internal/jsreader"
	"github.com/dashstream/dashstream-go/internal/plaingo"
)

var write = flag.Bool("write", false, "write testdata/conform.txt")

// Every node of the program logs.
func TestDashslogConforms(t *testing.T) {
	logger := slog.New(dashslog.NewHandler(slog.DiscardHandler))
	cannot := map[callbacktest.Scenario]string{}
	for _, s := range []callbacktest.Scenario{callbacktest.ScenarioTokens,
		callbacktest.ScenarioRetry, callbacktest.ScenarioModelError, callbacktest.ScenarioToolError,
		callbacktest.ScenarioUnread, callbacktest.ScenarioShortCircuit} {
		cannot[s] = "a log has lines, and no calls of models or tools"
	}
	found := callbacktest.Conform(t, plaingo.Program{
		Node: func(ctx context.Context, _ *callback.Client) error {
			logger.InfoContext(ctx, "begun", "k", 1)
			logger.WarnContext(ctx, "late")
			return nil
		}, Cannot: cannot,
	}.Play)
	found.Compare(t, "testdata/conform.txt", *write)
	jsreader.CheckAll(t, found.Streams())
}
