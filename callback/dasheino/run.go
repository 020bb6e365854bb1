package dasheino

import (
	"encoding/json"
	"log/slog"
	"sync/atomic"

	"github.com/dashstream/dashstream-go/callback"
)

// runWork is a run.
type runWork struct {
	run   *callback.Run
	scope *scope
}

func (w *runWork) result(any) {}
func (w *runWork) part(any)   {}

func (w *runWork) end(o outcome) {
	w.scope.close(o)
	w.scope.state.end(w.run.Root())
	if o.interrupt != nil {
		w.run.Interrupt(o.interrupt.reason, o.interrupt.attrs...)
		return
	}
	w.run.End(o.err)
}

// nodeWork is a node that is no call of a model.
type nodeWork struct {
	node  *callback.Node
	scope *scope // of the graph that the node is; nil if it is none
	parts atomic.Int64
}

func (w *nodeWork) result(any) {}
func (w *nodeWork) part(any)   { w.parts.Add(1) }

func (w *nodeWork) end(o outcome) {
	if w.scope != nil {
		w.scope.close(o)
	}
	var attrs []slog.Attr
	if n := w.parts.Load(); n > 0 {
		attrs = append(attrs, slog.Int64("stream_parts", n))
	}
	endNode(w.node, o, attrs...)
}

// endNode ends a node. One that was interrupted has not failed: it goes on when the run is resumed.
func endNode(n *callback.Node, o outcome, attrs ...slog.Attr) {
	if o.interrupt != nil {
		attrs = append(attrs, slog.Bool("interrupted", true))
	}
	n.End(o.err, attrs...)
}

// initialState returns a graph's input as JSON, nil if it cannot be written as JSON.
func initialState(input any) (state any) {
	defer func() {
		if recover() != nil { // of the input's own MarshalJSON
			state = nil
		}
	}()
	text, err := json.Marshal(input)
	if err != nil {
		return nil
	}
	return json.RawMessage(text)
}
