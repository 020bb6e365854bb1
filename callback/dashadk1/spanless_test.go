package dashadk1

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"google.golang.org/adk/plugin"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// Without spans, all is there but the error of an agent that the program has written.
func TestADK1ConformsWithoutSpans(t *testing.T) {
	callbacktest.Conform(t, func(
		ctx context.Context, s callbacktest.Scenario, p callbacktest.Play,
	) (any, error) {
		if s == callbacktest.ScenarioNodeError {
			return nil, fmt.Errorf("%w: only spans tell", callbacktest.ErrCannot)
		}
		if p.Client != nil {
			plugins.LoadOrStore(p.Client, sync.OnceValue(func() *plugin.Plugin {
				return New(p.Client, WithoutSpans())
			}))
		}
		return play(ctx, s, p)
	})
}
