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

// WithoutTexts leaves out what the graph works on: its input and state, prompts, answers, and
// arguments and results of tools. Names, times, counts of tokens and errors are sent all the same.
func WithoutTexts() Option { return func(o *options) { o.textless = true } }

// WithoutState leaves out the states of graphs: the input with which a run begins, and the graph's
// local state.
func WithoutState() Option { return func(o *options) { o.stateless = true } }

// WithThreadFunc says which thread a run belongs to when [WithThread] did not: for programs whose
// contexts carry the id of a conversation already. It may return "": then the run has a thread of
// its own. A panic in it counts as "".
func WithThreadFunc(threadOf func(ctx context.Context) string) Option {
	return func(o *options) { o.threadOf = threadOf }
}

// WithRunFunc says who is told of each run that begins, with the context of the graph's caller,
// before anything happens in it: for instance to ask for its [callback.Run.Position] after an
// interrupt, so that another process can continue it. A panic in it is caught.
func WithRunFunc(began func(ctx context.Context, run *callback.Run)) Option {
	return func(o *options) { o.onRun = began }
}

// WithCompileCallbacks keeps the program's own compile callbacks. Eino has one global list of them,
// which can only be replaced, and [NewHandler] replaces it: callbacks that
// compose.InitGraphCompileCallbacks was given before have to be given here again.
func WithCompileCallbacks(cbs ...compose.GraphCompileCallback) Option {
	return func(o *options) { o.compileCallbacks = append(o.compileCallbacks, cbs...) }
}

// WithoutCompileCallback leaves Eino's global compile callbacks alone. The runs of a graph carry
// its topology, its edges and branches only if it is compiled with [CompileCallback] then.
func WithoutCompileCallback() Option { return func(o *options) { o.noCompile = true } }
