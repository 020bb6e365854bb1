package dashadk

import (
	"context"
	"testing"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/internal/jsreader"
)

func TestABrowserReadsEveryScenario(t *testing.T) {
	scenarios := []callbacktest.Scenario{callbacktest.ScenarioSequence,
		callbacktest.ScenarioParallel, callbacktest.ScenarioNested, callbacktest.ScenarioTokens,
		callbacktest.ScenarioRetry, callbacktest.ScenarioModelError, callbacktest.ScenarioToolError,
		callbacktest.ScenarioNodePanic, callbacktest.ScenarioInterrupt}
	var streams [][][]byte
	for _, s := range scenarios {
		rec := callbacktest.NewRecorder()
		_, _ = play(context.Background(), s, callbacktest.Play{Client: rec.Client(t),
			Thread: "thread"})
		var values [][]byte
		for _, r := range rec.Records() {
			values = append(values, r.Value)
		}
		streams = append(streams, values)
	}
	drawn := 0
	for i, threads := range jsreader.ReadAll(t, streams) {
		for _, thread := range threads {
			if wrong := thread.Sound(); wrong != "" {
				t.Errorf("%s: %s", scenarios[i], wrong)
			}
			drawn += thread.Graphs
		}
	}
	if drawn < len(scenarios) {
		t.Errorf("%d graphs were drawn, of %d runs", drawn, len(scenarios))
	}
}
