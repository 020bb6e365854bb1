package callback

import (
	"log/slog"
	"sync/atomic"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// Node is one execution of a node. It is created by [Run.StartNode], [Node.StartNode] or
// [StartNodeContext] and ended, once, by [Node.End]. A nil Node does nothing. All methods are safe
// for concurrent use.
type Node struct {
	run     *Run
	thread  *thread
	name    string
	id      wire.ID // message id of its NODE_START; of GRAPH_START for the root
	parent  *Node   // nil for the root
	trace   *batching.Trace
	started stamp
	ended   atomic.Bool
}

// StartNode begins a node inside n, such as a node of a subgraph, and emits its NODE_START.
func (n *Node) StartNode(name string, attrs ...slog.Attr) *Node {
	if n == nil {
		return nil
	}
	return n.start(name, nil, attrs)
}

func (n *Node) start(name string, trace *batching.Trace, attrs []slog.Attr) *Node {
	if trace == nil {
		trace = n.trace
	}
	at, given, attrs := n.thread.client.when(attrs, n.started)
	if given != nil {
		trace = given
	}
	child := &Node{run: n.run, thread: n.thread, name: n.thread.client.valid(name), parent: n,
		trace: trace, started: at}
	e := wire.Event{Type: byte(pb.EventType_EVENT_TYPE_NODE_START), Node: child.name, Attrs: attrs}
	child.id = n.thread.emit(&e, &envelope{parent: n.id, trace: trace, at: child.started})
	n.run.open.add(child)
	return child
}

// Name returns the node's name. It is "" for a nil Node and for a run's root.
func (n *Node) Name() string {
	if n == nil {
		return ""
	}
	return n.name
}

// Run returns the run that the node belongs to; nil for a nil Node.
func (n *Node) Run() *Run {
	if n == nil {
		return nil
	}
	return n.run
}

// End ends the node: NODE_END, or NODE_ERROR if err is not nil. Only the first call does anything.
func (n *Node) End(err error, attrs ...slog.Attr) { n.end(err, attrs) }

// end is End, and reports whether it is what ended the node.
func (n *Node) end(err error, attrs []slog.Attr) bool {
	if n == nil || n.parent == nil || !n.ended.CompareAndSwap(false, true) {
		return false
	}
	n.run.open.remove(n)
	at, _, attrs := n.thread.client.when(attrs, n.started)
	end := ending{kind: pb.EventType_EVENT_TYPE_NODE_END, node: n.name, start: n.id,
		started: n.started, at: at}
	var space [2]slog.Attr
	own := space[:0]
	var failure string
	if err != nil {
		end.kind, end.urgent = pb.EventType_EVENT_TYPE_NODE_ERROR, true
		failure = n.thread.client.errorText(err)
		own = append(own, slog.String("error", failure))
	}
	n.emitEnd(&end, own, attrs)
	if n.run.record != nil {
		n.run.record.addNode(n, err == nil, failure, end.at)
	}
	return true
}

// ending describes the end of something that began at started with the message start.
type ending struct {
	kind    pb.EventType
	node    string // the name of the node
	start   wire.ID
	started stamp
	at      stamp
	urgent  bool
	request string // for a language-model call
}

// emitEnd emits an end event, with its duration in the field and in an attribute.
func (n *Node) emitEnd(x *ending, own, attrs []slog.Attr) {
	e := wire.Event{
		Type: byte(x.kind), Node: x.node, Own: own, Attrs: attrs, LLMRequestID: x.request,
		Micros: x.at.sub(x.started).Microseconds(), Timed: true,
	}
	n.thread.emit(&e, &envelope{parent: x.start, trace: n.trace, at: x.at, urgent: x.urgent})
}

// envelope returns the envelope of a message inside the node.
func (n *Node) envelope(at stamp) *envelope {
	return &envelope{parent: n.id, trace: n.trace, at: at}
}

// emit emits an event inside the node.
func (n *Node) emit(t pb.EventType, own, attrs []slog.Attr) wire.ID {
	return n.emitUnder(n.id, n.name, t, own, attrs)
}

// emitUnder emits an event whose parent is the message parent, and which names one or several other
// nodes.
func (n *Node) emitUnder(
	parent wire.ID, name string, t pb.EventType, own, attrs []slog.Attr,
) wire.ID {
	at, _, attrs := n.thread.client.when(attrs, n.started)
	return n.emitAt(at, parent, name, t, own, attrs)
}

func (n *Node) emitAt(
	at stamp, parent wire.ID, name string, t pb.EventType, own, attrs []slog.Attr,
) wire.ID {
	e := wire.Event{Type: byte(t), Node: name, Own: own, Attrs: attrs}
	return n.thread.emit(&e, &envelope{parent: parent, trace: n.trace, at: at})
}

// Progress reports the fraction of the node's work that is done, from 0 to 1 (NODE_PROGRESS).
func (n *Node) Progress(fraction float64, message string, attrs ...slog.Attr) {
	if n != nil {
		n.emit(pb.EventType_EVENT_TYPE_NODE_PROGRESS, []slog.Attr{slog.String("message", message),
			slog.Float64("percent", fraction)}, attrs)
	}
}

// Thinking reports a step of the node's reasoning (NODE_THINKING). Steps count from 1.
func (n *Node) Thinking(step int, thought string, attrs ...slog.Attr) {
	if n != nil {
		n.emit(pb.EventType_EVENT_TYPE_NODE_THINKING, []slog.Attr{slog.String("thought", thought),
			slog.Int("step", step)}, attrs)
	}
}

// Substep reports a part of the node's work and its status, such as "started" or "done"
// (NODE_SUBSTEP).
func (n *Node) Substep(name, status string, attrs ...slog.Attr) {
	if n != nil {
		n.emit(pb.EventType_EVENT_TYPE_NODE_SUBSTEP, []slog.Attr{slog.String("substep_name", name),
			slog.String("status", status)}, attrs)
	}
}

// Warning reports a problem that does not stop the node (NODE_WARNING).
func (n *Node) Warning(message string, attrs ...slog.Attr) {
	if n != nil {
		n.emit(pb.EventType_EVENT_TYPE_NODE_WARNING, []slog.Attr{slog.String("message", message)},
			attrs)
	}
}
