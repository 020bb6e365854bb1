package gopher

import (
	"context"
	"strings"

	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback/dasheino"
)

// Ask runs an agent, and returns its answer when that is complete.
func Ask(
	ctx context.Context, a Agent, question string, options ...compose.Option,
) (string, error) {
	parts, err := a.Stream(dasheino.WithInput(ctx, question), question, options...)
	if err != nil {
		return "", err
	}
	whole, err := schema.ConcatMessageStream(parts)
	if err != nil {
		return "", err
	}
	return strings.TrimSpace(whole.Content), nil
}
