package dasheino

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/components"
	"github.com/cloudwego/eino/components/model"
	"github.com/cloudwego/eino/compose"
	"github.com/cloudwego/eino/schema"
)

// chatModel answers with its answers. Its own callbacks, as in real models, report the model's
// name.
type chatModel struct {
	answers []*schema.Message // one per call, or the parts of one answer for Stream
	err     error             // after the parts
	reports bool              // it calls the callbacks itself
	calls   atomic.Int64
}

func (m *chatModel) GetType() string          { return "Fake" }
func (m *chatModel) IsCallbacksEnabled() bool { return m.reports }

func (m *chatModel) Generate(
	ctx context.Context, in []*schema.Message, _ ...model.Option,
) (*schema.Message, error) {
	if m.reports {
		ctx = callbacks.EnsureRunInfo(ctx, m.GetType(), components.ComponentOfChatModel)
		ctx = callbacks.OnStart(ctx, &model.CallbackInput{Messages: in,
			Config: &model.Config{Model: "fake-1"}})
	}
	if m.err != nil {
		if m.reports {
			callbacks.OnError(ctx, m.err)
		}
		return nil, m.err
	}
	answer := m.answers[int(m.calls.Add(1)-1)%len(m.answers)]
	if m.reports {
		callbacks.OnEnd(ctx, &model.CallbackOutput{Message: answer,
			TokenUsage: &model.TokenUsage{PromptTokens: 7, CompletionTokens: 3, TotalTokens: 10}})
	}
	return answer, nil
}

func (m *chatModel) Stream(
	context.Context, []*schema.Message, ...model.Option,
) (*schema.StreamReader[*schema.Message], error) {
	r, w := schema.Pipe[*schema.Message](0)
	go func() {
		defer w.Close()
		for _, a := range m.answers {
			if w.Send(a, nil) {
				return
			}
		}
		if m.err != nil {
			w.Send(nil, m.err)
		}
	}()
	return r, nil
}

func usage(prompt, completion int) *schema.ResponseMeta {
	return &schema.ResponseMeta{FinishReason: "stop",
		Usage: &schema.TokenUsage{PromptTokens: prompt, CompletionTokens: completion,
			TotalTokens: prompt + completion}}
}

// modelGraph is a graph of one chat model.
func modelGraph(
	t *testing.T, name string, m model.BaseChatModel,
) compose.Runnable[[]*schema.Message, *schema.Message] {
	t.Helper()
	g := compose.NewGraph[[]*schema.Message, *schema.Message]()
	for _, err := range []error{g.AddChatModelNode("model", m), g.AddEdge("start", "model"),
		g.AddEdge("model", "end")} {
		if err != nil {
			t.Fatal(err)
		}
	}
	r, err := g.Compile(context.Background(), named(name))
	if err != nil {
		t.Fatal(err)
	}
	return r
}

var question = []*schema.Message{schema.SystemMessage("be short"), schema.UserMessage("why?")}
