package callbacktest_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// Plain Go is a runtime, too: functions that callback.Traced makes nodes of.
func TestPlainGoConforms(t *testing.T) { callbacktest.Conform(t, plainGo) }

var errPlain = errors.New("no luck")

func plainGo(
	ctx context.Context, s callbacktest.Scenario, p callbacktest.Play,
) (result any, err error) {
	if s == callbacktest.ScenarioShortCircuit {
		return nil, fmt.Errorf("%w: functions have no plug-ins", callbacktest.ErrCannot)
	}
	ctx, run := p.Client.StartRunContext(ctx, callback.RunInfo{ThreadID: p.Thread})
	defer func() {
		if run := callback.FromContext(ctx); recover() != nil {
			run.End(errPlain)
			panic(errPlain)
		}
		run.End(err)
	}()
	if s == callbacktest.ScenarioInterrupt {
		_ = node(ctx, "a", nil)
		run.Interrupt("ask")
		ctx, run = p.Client.StartRunContext(ctx,
			callback.RunInfo{ThreadID: p.Thread, Resume: true})
		err := node(ctx, "b", nil)
		run.End(err)
		return "resumed", err
	}
	return string(s), play(ctx, s)
}

func play(ctx context.Context, s callbacktest.Scenario) error {
	switch s {
	case callbacktest.ScenarioSequence:
		return errors.Join(node(ctx, "a", nil), node(ctx, "b", nil))
	case callbacktest.ScenarioBranch:
		return errors.Join(node(ctx, "a", nil), node(ctx, "c", nil))
	case callbacktest.ScenarioLoop:
		return errors.Join(node(ctx, "a", nil), node(ctx, "a", nil), node(ctx, "a", nil))
	case callbacktest.ScenarioParallel:
		var wg sync.WaitGroup
		wg.Go(func() { _ = node(ctx, "a", nil) })
		wg.Go(func() { _ = node(ctx, "b", nil) })
		wg.Wait()
		return node(ctx, "c", nil)
	case callbacktest.ScenarioNested:
		return node(ctx, "a", func(ctx context.Context) error { return node(ctx, "b", nil) })
	case callbacktest.ScenarioNodeError:
		return node(ctx, "a", func(context.Context) error { return errPlain })
	case callbacktest.ScenarioNodePanic:
		return node(ctx, "a", func(context.Context) error { panic(errPlain) })
	case callbacktest.ScenarioCancel:
		ctx, cancel := context.WithCancel(ctx)
		return node(ctx, "a", func(ctx context.Context) error {
			cancel()
			return ctx.Err()
		})
	}
	return call(ctx, s)
}

// node runs a node that does f, if that is not nil.
func node(ctx context.Context, name string, f func(context.Context) error) error {
	return callback.Traced(ctx, name, func(ctx context.Context) error {
		if f == nil {
			return nil
		}
		return f(ctx)
	})
}

// call plays what models and tools do.
func call(ctx context.Context, s callbacktest.Scenario) error {
	n := callback.NodeFromContext(ctx)
	if s == callbacktest.ScenarioToolError {
		n.StartTool(callback.ToolCall{Name: "search"}).Fail(errPlain)
		return nil
	}
	llm := n.StartLLM(callback.LLMRequest{Model: "m"})
	switch s {
	case callbacktest.ScenarioModelError:
		llm.End(callback.LLMResult{}, errPlain)
		return errPlain
	case callbacktest.ScenarioRetry:
		llm.Retry(2, errPlain)
	case callbacktest.ScenarioTokens:
		llm.Token("Hel")
		llm.Token("lo")
	case callbacktest.ScenarioUnread:
		llm.Token("Hel")
	}
	llm.End(callback.LLMResult{}, nil)
	return nil
}
