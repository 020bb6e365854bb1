package dasheino

import (
	"log/slog"
	"sync/atomic"

	"github.com/dashstream/dashstream-go/callback"
)

// runWork is a run.
type runWork struct {
	run   *callback.Run
	scope *scope
	span  *span
}

func (w *runWork) result(any) {}
func (w *runWork) part(any)   {}

func (w *runWork) end(o outcome) {
	w.scope.close(o)
	w.scope.state.end(w.run.Root())
	if o.interrupt != nil {
		w.span.tree.h.paused.put(w.run.ThreadID(), w.span.tree.pausing(w.scope, ""))
		w.run.Interrupt(o.interrupt.reason, o.interrupt.attrs...)
		return
	}
	w.run.End(o.failure(), o.attrs()...)
}

// nodeWork is a node that is not a model call.
type nodeWork struct {
	node  *callback.Node
	scope *scope // of the graph that the node is; nil if it is not a graph
	span  *span
	parts atomic.Int64
	more  atomic.Pointer[[]slog.Attr] // attributes from the result
}

func (w *nodeWork) result(output any) {
	if attrs := resultAttrs(output); len(attrs) > 0 {
		w.more.Store(&attrs)
	}
}

func (w *nodeWork) part(any) { w.parts.Add(1) }

func (w *nodeWork) end(o outcome) {
	if w.scope != nil {
		w.scope.close(o)
		if o.interrupt != nil {
			w.span.tree.pausing(w.scope, w.span.path)
		}
	}
	attrs := o.attrs()
	if n := w.parts.Load(); n > 0 {
		attrs = append(attrs, slog.Int64("stream_parts", n))
	}
	if more := w.more.Load(); more != nil {
		attrs = append(attrs, *more...)
	}
	w.node.End(o.failure(), attrs...)
}

// attrs returns the attributes of a node's or run's end that describe its outcome. An interrupted
// one has not failed: it continues when the run is resumed.
func (o outcome) attrs() (attrs []slog.Attr) {
	if o.interrupt != nil {
		attrs = append(attrs, slog.Bool("interrupted", true))
	}
	if o.abandoned {
		attrs = append(attrs, slog.Bool("abandoned", true))
	}
	return attrs
}
