package dasheino

import (
	"context"

	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/callback"
)

// Option changes what a [Handler] does.
type Option func(*options)

type options struct {
	textless         bool
	stateless        bool
	threadOf         func(context.Context) string
	onRun            func(context.Context, *callback.Run)
	compileCallbacks []compose.GraphCompileCallback
	noCompile        bool
}

// WithoutTexts leaves out the data that the graph works on: its input and state, prompts, answers,
// and arguments and results of tools. Names, times, token counts and errors are still sent.
func WithoutTexts() Option { return func(o *options) { o.textless = true } }

// WithoutState leaves out the states of graphs: the input with which a run begins, and the graph's
// local state.
func WithoutState() Option { return func(o *options) { o.stateless = true } }

// WithThreadFunc sets a function that returns the thread of a run if [WithThread] did not set one:
// for programs whose contexts carry the id of a conversation already. If it returns "", or panics,
// the run has a thread of its own.
func WithThreadFunc(threadOf func(ctx context.Context) string) Option {
	return func(o *options) { o.threadOf = threadOf }
}

// WithRunFunc sets a function that is called for each run that begins, with the context of the
// graph's caller, before anything happens in the run. It can be used to ask for the
// [callback.Run.Position] after an interrupt, so that another process can continue the run. A panic
// in it is caught.
func WithRunFunc(began func(ctx context.Context, run *callback.Run)) Option {
	return func(o *options) { o.onRun = began }
}

// WithCompileCallbacks keeps the program's own compile callbacks. Eino has one global list of them,
// which can only be replaced, and [NewHandler] replaces it. So callbacks that were passed to
// compose.InitGraphCompileCallbacks before must be passed here again.
func WithCompileCallbacks(cbs ...compose.GraphCompileCallback) Option {
	return func(o *options) { o.compileCallbacks = append(o.compileCallbacks, cbs...) }
}

// WithoutCompileCallback leaves Eino's global compile callbacks unchanged. Then the runs of a graph
// have its topology, its edges and branches only if it is compiled with [CompileCallback].
func WithoutCompileCallback() Option { return func(o *options) { o.noCompile = true } }
