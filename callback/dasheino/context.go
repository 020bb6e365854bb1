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

// WithThread returns a context whose runs belong to the thread id, such as a conversation. With "",
// each run gets a thread of its own.
func WithThread(ctx context.Context, id string) context.Context {
	return context.WithValue(ctx, threadKey{}, id)
}

// WithPosition returns a context whose run continues its thread where another process left it (see
// [callback.Run.Position]).
func WithPosition(ctx context.Context, after callback.Position) context.Context {
	return context.WithValue(ctx, positionKey{}, after)
}

// WithInput returns a context whose run reports input as its input. It is for graphs that are
// called by Stream, Collect or Transform, which get their input as a stream. The handler does not
// read that stream ahead of the graph, so its contents are unknown when the run begins.
// [WithoutTexts] and [WithoutState] leave the input out.
func WithInput(ctx context.Context, input any) context.Context {
	return context.WithValue(ctx, inputKey{}, input)
}

// LLMFromContext returns the chat-model call that is being made with ctx, or nil. It is for the
// model's own code, to report retries; the handler ends the call.
func LLMFromContext(ctx context.Context) *callback.LLM {
	llm, _ := ctx.Value(llmKey{}).(*callback.LLM)
	return llm
}

// ToolFromContext returns the tool call that is being made with ctx, or nil. It is for the tool's
// own code, to report retries; the handler ends the call.
func ToolFromContext(ctx context.Context) *callback.Tool {
	tool, _ := ctx.Value(toolKey{}).(*callback.Tool)
	return tool
}

// thread returns the thread of a run that begins with ctx, "" for a new one.
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

// began reports a run to the program.
func (o *options) began(ctx context.Context, run *callback.Run) {
	if o.onRun == nil {
		return
	}
	defer func() { _ = recover() }()
	o.onRun(ctx, run)
}
