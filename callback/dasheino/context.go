package dasheino

import (
	"context"

	"github.com/dashstream/dashstream-go/callback"
)

type (
	threadKey   struct{}
	positionKey struct{}
	inputKey    struct{}
	llmKey      struct{}
	toolKey     struct{}
)

// WithThread returns a context whose runs belong to the thread id, such as a conversation. ""
// stands for a thread of its own.
func WithThread(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, threadKey{}, id)
}

// WithPosition returns a context whose run continues its thread where another process left it (see
// [callback.Run.Position]).
func WithPosition(ctx context.Context, after callback.Position) context.Context {
	return context.WithValue(ctx, positionKey{}, after)
}

// WithInput returns a context whose run is said to have been given input. It is for graphs that are
// called by Stream, Collect or Transform, to which Eino gives the input as a stream: that is not
// read ahead of the graph, so what it holds is not known when the run begins. [WithoutTexts] and
// [WithoutState] leave it out.
func WithInput(ctx context.Context, input any) context.Context {
	return context.WithValue(ctx, inputKey{}, input)
}

// LLMFromContext returns the call of a chat model that is being made with ctx, nil if there is
// none. It is for the model's own code, to report retries; the handler ends it.
func LLMFromContext(ctx context.Context) *callback.LLM {
	llm, _ := ctx.Value(llmKey{}).(*callback.LLM)
	return llm
}

// ToolFromContext returns the call of a tool that is being made with ctx, nil if there is none. It
// is for the tool's own code, to report retries; the handler ends it.
func ToolFromContext(ctx context.Context) *callback.Tool {
	tool, _ := ctx.Value(toolKey{}).(*callback.Tool)
	return tool
}

// thread returns the thread of a run that begins with ctx, "" for one of its own.
func (o *options) thread(ctx context.Context) (id string) {
	if id, ok := ctx.Value(threadKey{}).(string); ok && id != "" {
		return id
	}
	if o.threadOf == nil {
		return ""
	}
	defer func() {
		if recover() != nil {
			id = ""
		}
	}()
	return o.threadOf(ctx)
}

// began tells the program of a run.
func (o *options) began(ctx context.Context, run *callback.Run) {
	if o.onRun == nil {
		return
	}
	defer func() { _ = recover() }()
	o.onRun(ctx, run)
}
