package gopher

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/components"
	"github.com/cloudwego/eino/components/tool"

	"github.com/dashstream/dashstream-go/callback/dasheino"
)

var (
	errBudget    = errors.New("nothing that fits in the first tenth of the sources")
	errNoNetwork = errors.New("this agent has no network")
)

// search is a tool of the agent: it looks for passages in one place.
type search struct {
	name string
	find func(ctx context.Context, concepts []concept) ([]evidence, error)
}

// searches are the agent's tools. They run at once; the last one always fails, and the agent has to
// live with it.
func searches(c *Corpus) []search {
	return []search{
		{"search_docs", func(_ context.Context, q []concept) ([]evidence, error) {
			return c.docs.search(q, len(c.docs.entries), 6), nil
		}},
		{"search_examples", func(_ context.Context, q []concept) ([]evidence, error) {
			return c.examples.search(q, len(c.examples.entries), 3), nil
		}},
		{"search_sources", c.searchSources},
		{"search_web", func(context.Context, []concept) ([]evidence, error) {
			return nil,
				errNoNetwork
		}},
	}
}

// searchSources takes a quick look at a tenth of the sources first, and looks again at all of them
// when it found nothing that fits.
func (c *Corpus) searchSources(ctx context.Context, q []concept) ([]evidence, error) {
	all := len(c.sources.entries)
	found := c.sources.search(q, all/10, 3)
	if len(found) == 0 || found[0].Covers < enough {
		dasheino.ToolFromContext(ctx).Retry(errBudget)
		found = c.sources.search(q, all, 3)
	}
	return found, nil
}

// call runs the tool as Eino's own components do: what it is called with and what it gives go to
// the callbacks, by which it is seen.
func (s search) call(ctx context.Context, concepts []concept) ([]evidence, error) {
	arguments, err := json.Marshal(map[string]any{"concepts": concepts})
	if err != nil {
		return nil, err
	}
	ctx = callbacks.EnsureRunInfo(ctx, "stdlib", components.ComponentOfTool)
	ctx = callbacks.ReuseHandlers(ctx, &callbacks.RunInfo{Name: s.name,
		Type: "stdlib", Component: components.ComponentOfTool})
	ctx = callbacks.OnStart(ctx, &tool.CallbackInput{ArgumentsInJSON: string(arguments)})
	found, err := s.find(ctx, concepts)
	if err != nil {
		err = fmt.Errorf("%s: %w", s.name, err)
		callbacks.OnError(ctx, err)
		return nil, err
	}
	response, err := json.Marshal(found)
	if err != nil {
		return nil, err
	}
	callbacks.OnEnd(ctx, &tool.CallbackOutput{Response: string(response)})
	return found, nil
}
