package main

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
	errBudget    = errors.New("nothing in the first tenth of the sources")
	errNoNetwork = errors.New("this agent has no network")
)

// search is a tool of the agent: it looks for passages in one place.
type search struct {
	name string
	find func(ctx context.Context, words []string) ([]evidence, error)
}

// searches are the agent's tools. They run at once; the last one always fails, and the agent has to live with it.
func searches(c *corpus) []search {
	return []search{
		{"search_docs", func(_ context.Context, words []string) ([]evidence, error) { return c.rank(c.docs, words, 6), nil }},
		{"search_examples", func(_ context.Context, words []string) ([]evidence, error) { return c.rank(c.examples, words, 3), nil }},
		{"search_sources", func(ctx context.Context, words []string) ([]evidence, error) {
			found, err := c.declarations(ctx, words, len(c.sources)/10) // a quick look first
			if errors.Is(err, errBudget) {
				dasheino.ToolFromContext(ctx).Retry(err)
				found, err = c.declarations(ctx, words, len(c.sources))
			}
			return found, err
		}},
		{"search_web", func(context.Context, []string) ([]evidence, error) { return nil, errNoNetwork }},
	}
}

// call runs the tool as Eino's own components do: what it is called with and what it gives go to the callbacks, by which it is seen.
func (s search) call(ctx context.Context, words []string) ([]evidence, error) {
	arguments, err := json.Marshal(map[string]any{"words": words})
	if err != nil {
		return nil, err
	}
	ctx = callbacks.EnsureRunInfo(ctx, "stdlib", components.ComponentOfTool)
	ctx = callbacks.ReuseHandlers(ctx, &callbacks.RunInfo{Name: s.name, Type: "stdlib", Component: components.ComponentOfTool})
	ctx = callbacks.OnStart(ctx, &tool.CallbackInput{ArgumentsInJSON: string(arguments)})
	found, err := s.find(ctx, words)
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
