package dasheino

import (
	"context"
	"sync"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/schema"

	"github.com/dashstream/dashstream-go/callback"
)

// Handler is a callbacks.Handler of Eino that streams what it is told to a client. Create one with
// [NewHandler]. A nil Handler does nothing. All methods are safe for concurrent use; none of them
// fails or panics.
type Handler struct {
	client *callback.Client // nil when there is nothing to do
	opts   options

	mu     sync.Mutex
	ending int              // number of runs whose graph has returned, and that have not ended
	idle   chan struct{}    // closed when ending is 0 again; nil while nobody waits
	agents map[string]*span // top-level agents that have not ended, by their token
	paused paused           // what graphs that wait for a human had done
}

var (
	_ callbacks.Handler       = (*Handler)(nil)
	_ callbacks.TimingChecker = (*Handler)(nil)
)

// NewHandler returns a handler that streams to client. With a nil or disabled client, it does
// nothing and costs nothing.
//
// It sets Eino's global compile callbacks, through which it learns the structure of graphs. So
// create it before graphs are compiled, while nothing else compiles any. See [WithCompileCallbacks]
// if the program has compile callbacks of its own.
func NewHandler(client *callback.Client, opts ...Option) *Handler {
	h := &Handler{}
	for _, o := range opts {
		o(&h.opts)
	}
	if client.InstanceID() == "" {
		return h
	}
	h.client = client
	if !h.opts.noCompile {
		compiled.install(h.opts.compileCallbacks)
	}
	return h
}

// Needed tells Eino whether to call the handler, and to copy streams for it.
func (h *Handler) Needed(context.Context, *callbacks.RunInfo, callbacks.CallbackTiming) bool {
	return h != nil && h.client != nil
}

// OnStart begins a run, a node, or a call of a model or tool.
func (h *Handler) OnStart(
	ctx context.Context, info *callbacks.RunInfo, input callbacks.CallbackInput,
) context.Context {
	return h.begin(ctx, info, input)
}

// OnStartWithStreamInput is OnStart for an input that is a stream, which it does not read.
func (h *Handler) OnStartWithStreamInput(
	ctx context.Context, info *callbacks.RunInfo,
	input *schema.StreamReader[callbacks.CallbackInput],
) context.Context {
	input.Close()
	return h.begin(ctx, info, nil)
}

// OnEnd ends what OnStart began. An agent ends only when its last event has come.
func (h *Handler) OnEnd(
	ctx context.Context, info *callbacks.RunInfo, output callbacks.CallbackOutput,
) context.Context {
	if s := h.spanOf(ctx, info); s != nil {
		if isAgent(info.Component) {
			if next := eventsOf(output); next != nil && s.drains() {
				s.returned()
				go s.follow(ctx, next)
				return ctx
			}
		}
		s.returned()
		s.work.result(output)
		s.finish(outcome{})
		s.linger()
	}
	return ctx
}

// OnEndWithStreamOutput ends what OnStart began when the stream ends.
func (h *Handler) OnEndWithStreamOutput(
	ctx context.Context, info *callbacks.RunInfo,
	output *schema.StreamReader[callbacks.CallbackOutput],
) context.Context {
	s := h.spanOf(ctx, info)
	if s == nil || !s.drains() {
		output.Close()
		return ctx
	}
	s.returned()
	go s.drain(ctx, output)
	return ctx
}

// OnError ends what OnStart began, with an error or an interrupt.
func (h *Handler) OnError(ctx context.Context, info *callbacks.RunInfo, err error) context.Context {
	if s := h.spanOf(ctx, info); s != nil {
		s.finish(outcomeOf(err))
		s.linger()
	}
	return ctx
}

// Wait returns when every run whose graph has returned has also ended in the stream. A run ends
// with the last of its streams, which may be slightly after its consumer has seen the end. Call it
// between the last graph and client.Shutdown, so that nothing is emitted after that. Its error is
// that of ctx.
func (h *Handler) Wait(ctx context.Context) error {
	if h == nil {
		return nil
	}
	h.mu.Lock()
	if h.ending == 0 {
		h.mu.Unlock()
		return nil
	}
	if h.idle == nil {
		h.idle = make(chan struct{})
	}
	idle := h.idle
	h.mu.Unlock()
	select {
	case <-idle:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// forget removes the agent with a token.
func (h *Handler) forget(token string) {
	if token == "" {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	delete(h.agents, token)
}

func (h *Handler) countEnding(n int) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.ending += n; h.ending == 0 && h.idle != nil {
		close(h.idle)
		h.idle = nil
	}
}
