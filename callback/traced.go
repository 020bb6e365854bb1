package callback

import (
	"context"
	"errors"
	"iter"
	"log/slog"
	"strings"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// Traced calls fn as a node of the run that ctx carries, inside the node that it carries if there
// is one (see [StartNodeContext]), and returns its error. The context of fn carries the node, which
// ends with the error of fn. If fn panics, the node ends with an error that says so, and the panic
// goes on. If ctx carries neither run nor node, only fn is called.
//
// For nodes that run at once, call it in the goroutines of an errgroup:
//
//	g.Go(func() error { return callback.Traced(ctx, "search", search) })
func Traced(
	ctx context.Context, name string, fn func(context.Context) error, attrs ...slog.Attr,
) error {
	ctx, node := StartNodeContext(ctx, name, attrs...)
	defer node.endPanicked()
	err := fn(ctx)
	node.End(err)
	return err
}

// TracedValue is [Traced] for a function that returns a value, too.
func TracedValue[V any](
	ctx context.Context, name string, fn func(context.Context) (V, error), attrs ...slog.Attr,
) (V, error) {
	ctx, node := StartNodeContext(ctx, name, attrs...)
	defer node.endPanicked()
	v, err := fn(ctx)
	node.End(err)
	return v, err
}

// TracedSeq returns a sequence of which each use is a node, as with [Traced]: fn is called when a
// loop over the sequence begins, and gives what is looped over. The node ends when the sequence
// ends, without an error, or with the panic of the sequence. If the loop is left before, also by a
// panic of its own, the node's end has an attribute "abandoned".
func TracedSeq[V any](
	ctx context.Context, name string, fn func(context.Context) iter.Seq[V], attrs ...slog.Attr,
) iter.Seq[V] {
	return func(yield func(V) bool) {
		ctx, node := StartNodeContext(ctx, name, attrs...)
		loop := loop{node: node}
		defer loop.end()
		fn(ctx)(func(v V) bool {
			loop.inside = true
			more := yield(v)
			loop.inside, loop.left = false, !more
			return more
		})
		loop.ended = true
	}
}

// TracedSeq2 is [TracedSeq] for a sequence of values with errors. The node ends with the last error
// that the sequence gave, also where the loop is left because of it.
func TracedSeq2[V any](
	ctx context.Context, name string, fn func(context.Context) iter.Seq2[V, error],
	attrs ...slog.Attr,
) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		ctx, node := StartNodeContext(ctx, name, attrs...)
		loop := loop{node: node}
		defer loop.end()
		fn(ctx)(func(v V, err error) bool {
			loop.inside = true
			if err != nil {
				loop.err = err
			}
			more := yield(v, err)
			loop.inside, loop.left = false, !more
			return more
		})
		loop.ended = true
	}
}

// loop is a use of a sequence.
type loop struct {
	node   *Node
	inside bool // in the body of the loop
	left   bool // the body has left the loop
	ended  bool // the sequence has returned
	err    error
}

// end ends the node. It is to be deferred.
func (l *loop) end() {
	switch {
	case l.err != nil && (l.ended || l.inside):
		l.node.End(l.err)
	case l.left && l.ended || l.inside:
		l.node.End(nil, slog.Bool("abandoned", true))
	case l.ended:
		l.node.End(nil)
	case l.node != nil:
		p := recover()
		l.node.End(panicError(p))
		if p != nil {
			panic(p)
		}
	}
}

// endPanicked is to be deferred around user code. If that panics, or ends its goroutine, before the
// node has ended, it ends the node with an error. The panic goes on.
func (n *Node) endPanicked() {
	if n == nil || n.ended.Load() {
		return
	}
	p := recover()
	n.End(panicError(p))
	if p != nil {
		panic(p)
	}
}

// panicError is the error of a node whose code has panicked with p, or has ended its goroutine.
func panicError(p any) error {
	if p == nil {
		return errors.New("callback: the goroutine was ended in the node")
	}
	return errors.New("callback: panic" + strings.TrimPrefix(guard.Text(p), "!PANIC"))
}
