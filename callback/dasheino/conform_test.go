package dasheino

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"testing"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/components"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	"github.com/dashstream/dashstream-go/internal/jsreader"
)

var write = flag.Bool("write", false, "write testdata/conform.txt")

func TestEinoConforms(t *testing.T) {
	driver := func(ctx context.Context, s callbacktest.Scenario, p callbacktest.Play) (any, error) {
		return einoPlay{t: t, s: s}.play(ctx, p)
	}
	found := callbacktest.Conform(t, driver)
	found.Compare(t, "testdata/conform.txt", *write)
	jsreader.CheckAll(t, found.Streams())
}

// einoPlay is one execution of a scenario.
type einoPlay struct {
	t      *testing.T
	s      callbacktest.Scenario
	cancel context.CancelFunc // of the run's context
}

func (x einoPlay) play(ctx context.Context, p callbacktest.Play) (result any, err error) {
	var opts []compose.Option
	if p.Client != nil {
		h := NewHandler(p.Client)
		opts = append(opts, compose.WithCallbacks(h))
		defer func() { err = errors.Join(err, h.Wait(context.Background())) }()
	}
	ctx, x.cancel = context.WithCancel(WithThread(ctx, p.Thread))
	defer x.cancel()
	defer func() {
		// A panic's text has its stack, which is never the same.
		if err != nil && !errors.Is(err, callbacktest.ErrCannot) {
			err = errors.New(withoutStacks(err.Error()))
		}
	}()
	switch x.s {
	case callbacktest.ScenarioShortCircuit:
		return nil, fmt.Errorf("%w: callbacks cannot answer in the place of a component",
			callbacktest.ErrCannot)
	case callbacktest.ScenarioTokens, callbacktest.ScenarioUnread:
		return x.stream(ctx, opts)
	case callbacktest.ScenarioModelError:
		r := modelGraph(x.t, "model error", &chatModel{err: errPlayed})
		return r.Invoke(ctx, question, opts...)
	case callbacktest.ScenarioToolError:
		r := toolGraph(x.t, "tool error",
			&chatModel{answers: []*schema.Message{ask(`{"q":"new"}`)}}, lookup{})
		return r.Invoke(ctx, question, opts...)
	case callbacktest.ScenarioInterrupt:
		return x.interrupt(ctx, opts)
	}
	return x.graph().Invoke(ctx, "in", opts...)
}

var errPlayed = errors.New("no luck")

// graph is the graph of a scenario that has only that.
func (x einoPlay) graph() compose.Runnable[string, string] {
	g := newGraph(x.t)
	switch x.s {
	case callbacktest.ScenarioBranch:
		g.node("a", "b", "c").path("start", "a").path("b", "end").path("c", "end")
		g.branch("a", func(context.Context, string) (string, error) { return "c", nil }, "b", "c")
	case callbacktest.ScenarioLoop:
		g.node("a").path("start", "a")
		g.branch("a", func(_ context.Context, in string) (string, error) {
			if in == "in a a a" {
				return compose.END, nil
			}
			return "a", nil
		}, "a", compose.END)
	case callbacktest.ScenarioParallel:
		for _, name := range []string{"a", "b"} {
			g.must(g.AddLambdaNode(name, compose.InvokableLambda(
				func(_ context.Context, in string) (string, error) { return in + name, nil }),
				compose.WithOutputKey(name)))
		}
		g.must(g.AddLambdaNode("c", compose.InvokableLambda(
			func(_ context.Context, in map[string]any) (string, error) {
				return fmt.Sprint(in["a"], in["b"]), nil
			})))
		g.path("start", "a", "c", "end").path("start", "b", "c")
	case callbacktest.ScenarioNested:
		inner := newGraph(x.t).node("b").path("start", "b", "end")
		g.must(g.AddGraphNode("a", inner.Graph))
		g.path("start", "a", "end")
	case callbacktest.ScenarioRetry, callbacktest.ScenarioNodeError,
		callbacktest.ScenarioNodePanic, callbacktest.ScenarioCancel:
		g.do("a", x.node).path("start", "a", "end")
	default:
		g.node("a", "b").path("start", "a", "b", "end")
	}
	return g.compile(named(string(x.s)))
}

// node is what the node does of a scenario in which one does something.
func (x einoPlay) node(ctx context.Context, in string) (string, error) {
	switch x.s {
	case callbacktest.ScenarioNodeError:
		return "", errPlayed
	case callbacktest.ScenarioNodePanic:
		panic(errPlayed)
	case callbacktest.ScenarioCancel:
		x.cancel()
		return "", ctx.Err()
	}
	ctx = callbacks.ReuseHandlers(ctx, &callbacks.RunInfo{Type: "Fake",
		Component: components.ComponentOfChatModel})
	messages := []*schema.Message{schema.UserMessage(in)}
	if _, err := (&chatModel{err: errPlayed, reports: true}).Generate(ctx, messages); err == nil {
		return "", errors.New("a model that fails answered")
	}
	m := &chatModel{answers: []*schema.Message{schema.AssistantMessage("yes", nil)}, reports: true}
	answer, err := m.Generate(ctx, messages)
	if err != nil {
		return "", err
	}
	return answer.Content, nil
}

// stream reads an answer that is streamed, to its end or its first part.
func (x einoPlay) stream(ctx context.Context, opts []compose.Option) (any, error) {
	r := modelGraph(x.t, string(x.s), &chatModel{answers: []*schema.Message{
		schema.AssistantMessage("Hel", nil),
		{Role: schema.Assistant, Content: "lo", ResponseMeta: usage(7, 3)}}})
	stream, err := r.Stream(ctx, question, opts...)
	if err != nil {
		return nil, err
	}
	defer stream.Close()
	text := ""
	for {
		part, err := stream.Recv()
		if errors.Is(err, io.EOF) {
			return text, nil
		}
		if err != nil {
			return text, err
		}
		text += part.Content
		if x.s == callbacktest.ScenarioUnread {
			return text, nil
		}
	}
}

// interrupt runs a graph that waits for a human in its node, and resumes it.
func (x einoPlay) interrupt(ctx context.Context, opts []compose.Option) (any, error) {
	r := newGraph(x.t).do("a", func(ctx context.Context, in string) (string, error) {
		if was, _, _ := compose.GetInterruptState[any](ctx); was {
			return in, nil
		}
		return "", compose.Interrupt(ctx, "is this right?")
	}).path("start", "a", "end").compile(named(string(x.s)),
		compose.WithCheckPointStore(&checkpoints{}))
	opts = append(opts, compose.WithCheckPointID("cp"))
	_, err := r.Invoke(ctx, "in", opts...)
	info, ok := compose.ExtractInterruptInfo(err)
	if !ok {
		return nil, fmt.Errorf("no interrupt: %w", err)
	}
	return r.Invoke(compose.Resume(ctx, info.InterruptContexts[0].ID), "", opts...)
}
