package callback

import (
	"log/slog"
	"sync/atomic"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// Node is one execution of a node. It is made by StartNode and ended, once, by [Node.End]. A nil
// Node does nothing. All methods are safe for concurrent use.
type Node struct {
	run     *Run
	thread  *thread
	name    string
	id      wire.ID // of its NODE_START; of GRAPH_START for the root
	parent  *Node   // nil for the root
	trace   *batching.Trace
	started moment
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
	child := &Node{run: n.run, thread: n.thread, name: n.thread.client.valid(name), parent: n,
		trace: trace, started: n.thread.client.clock.now()}
	e := wire.Event{Type: byte(pb.EventType_EVENT_TYPE_NODE_START), Node: child.name, Attrs: attrs}
	child.id = n.thread.emit(&e, &envelope{parent: n.id, trace: trace, at: child.started})
	return child
}

// Name returns the node's name; "" for a nil Node and for a run's root.
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
func (n *Node) End(err error, attrs ...slog.Attr) {
	if n == nil || n.parent == nil || !n.ended.CompareAndSwap(false, true) {
		return
	}
	end := ending{kind: pb.EventType_EVENT_TYPE_NODE_END, node: n.name, start: n.id,
		started: n.started, at: n.thread.client.clock.now()}
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
}

// ending is the end of what began at started with the message start.
type ending struct {
	kind    pb.EventType
	node    string // the name of what ends
	start   wire.ID
	started moment
	at      moment
	urgent  bool
	request string // of a call of a language model
}

// emitEnd emits an end: its duration stands in the field and in an attribute.
func (n *Node) emitEnd(x *ending, own, attrs []slog.Attr) {
	e := wire.Event{
		Type: byte(x.kind), Node: x.node, Own: own, Attrs: attrs, LLMRequestID: x.request,
		Micros: x.at.sub(x.started).Microseconds(), Timed: true,
	}
	n.thread.emit(&e, &envelope{parent: x.start, trace: n.trace, at: x.at, urgent: x.urgent})
}

// envelope is that of a message inside the node.
func (n *Node) envelope(at moment) *envelope {
	return &envelope{parent: n.id, trace: n.trace, at: at}
}

// say emits an event inside the node.
func (n *Node) say(t pb.EventType, own, attrs []slog.Attr) wire.ID {
	return n.sayUnder(n.id, n.name, t, own, attrs)
}

// sayUnder emits an event that hangs under the message parent and names another node, or several.
func (n *Node) sayUnder(
	parent wire.ID, name string, t pb.EventType, own, attrs []slog.Attr,
) wire.ID {
	e := wire.Event{Type: byte(t), Node: name, Own: own, Attrs: attrs}
	return n.thread.emit(&e, &envelope{parent: parent, trace: n.trace,
		at: n.thread.client.clock.now()})
}

// Progress says how far the node is: percent is a share from 0 to 1 (NODE_PROGRESS).
func (n *Node) Progress(percent float64, message string, attrs ...slog.Attr) {
	if n != nil {
		n.say(pb.EventType_EVENT_TYPE_NODE_PROGRESS, []slog.Attr{slog.String("message", message),
			slog.Float64("percent", percent)}, attrs)
	}
}

// Thinking shows a step of the node's reasoning (NODE_THINKING). Steps count from 1.
func (n *Node) Thinking(step int, thought string, attrs ...slog.Attr) {
	if n != nil {
		n.say(pb.EventType_EVENT_TYPE_NODE_THINKING, []slog.Attr{slog.String("thought", thought),
			slog.Int("step", step)}, attrs)
	}
}

// Substep names a part of the node's work and its status, such as "started" or "done"
// (NODE_SUBSTEP).
func (n *Node) Substep(name, status string, attrs ...slog.Attr) {
	if n != nil {
		n.say(pb.EventType_EVENT_TYPE_NODE_SUBSTEP, []slog.Attr{slog.String("substep_name", name),
			slog.String("status", status)}, attrs)
	}
}

// Warning says that something is not as it should be and the node goes on (NODE_WARNING).
func (n *Node) Warning(message string, attrs ...slog.Attr) {
	if n != nil {
		n.say(pb.EventType_EVENT_TYPE_NODE_WARNING, []slog.Attr{slog.String("message", message)},
			attrs)
	}
}
