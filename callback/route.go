package callback

import (
	"log/slog"
	"strings"
	"sync/atomic"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// EdgeType is the type of an edge, as written in graph schemas and events.
type EdgeType string

// The types of edges.
const (
	DirectEdge      EdgeType = "direct"
	ConditionalEdge EdgeType = "conditional"
	ParallelEdge    EdgeType = "parallel"
)

// EndNode is the name of the node that edges out of the graph lead to.
const EndNode = "__end__"

// Edge reports that the run went from one node to another, or to several at once (EDGE_TRAVERSAL).
// A nil Run does nothing.
func (r *Run) Edge(from string, to ...string) {
	if r == nil {
		return
	}
	kind := DirectEdge
	if len(to) > 1 {
		kind = ParallelEdge
	}
	r.root.route(pb.EventType_EVENT_TYPE_EDGE_TRAVERSAL, from, to, kind, nil)
}

// Branch reports that a condition was evaluated at from, and where it led (CONDITIONAL_BRANCH). A
// nil Run does nothing.
func (r *Run) Branch(from, result string, to ...string) {
	if r != nil {
		r.root.branch(from, result, to)
	}
}

// Edge is [Run.Edge] inside a subgraph: n is the event's parent. A nil Node does nothing.
func (n *Node) Edge(from string, to ...string) {
	if n == nil {
		return
	}
	kind := DirectEdge
	if len(to) > 1 {
		kind = ParallelEdge
	}
	n.route(pb.EventType_EVENT_TYPE_EDGE_TRAVERSAL, from, to, kind, nil)
}

// Branch is [Run.Branch] inside a subgraph: n is the event's parent. A nil Node does nothing.
func (n *Node) Branch(from, result string, to ...string) {
	if n != nil {
		n.branch(from, result, to)
	}
}

func (n *Node) branch(from, result string, to []string) {
	n.route(pb.EventType_EVENT_TYPE_CONDITIONAL_BRANCH, from, to, ConditionalEdge,
		[]slog.Attr{slog.String("condition_result", result)})
}

func (n *Node) route(t pb.EventType, from string, to []string, kind EdgeType, more []slog.Attr) {
	from = n.thread.client.valid(from)
	var own [4]slog.Attr
	attrs := append(own[:0], slog.String("from", from), slog.String("to", strings.Join(to, ",")),
		slog.String("edge_type", string(kind)))
	n.emitUnder(n.id, from, t, append(attrs, more...), nil)
}

// Parallel is a group of nodes that run concurrently. It is created by StartParallel and ended,
// once, by [Parallel.End]. A nil Parallel does nothing. It is safe for concurrent use.
type Parallel struct {
	node    *Node
	id      wire.ID // of its PARALLEL_START
	names   string
	started stamp
	ended   atomic.Bool
}

// StartParallel reports that the named nodes begin to run concurrently (PARALLEL_START). A nil Run
// does nothing.
func (r *Run) StartParallel(names ...string) *Parallel { return r.Root().StartParallel(names...) }

// StartParallel is [Run.StartParallel] inside a subgraph. A nil Node does nothing.
func (n *Node) StartParallel(names ...string) *Parallel {
	if n == nil {
		return nil
	}
	p := &Parallel{node: n, names: n.thread.client.valid(strings.Join(names, ",")),
		started: n.thread.client.now()}
	p.id = n.emitAt(p.started, n.id, p.names, pb.EventType_EVENT_TYPE_PARALLEL_START, nil, nil)
	n.run.open.add(p)
	return p
}

// End reports that all of the nodes have ended (PARALLEL_END). Only the first call does anything.
func (p *Parallel) End(attrs ...slog.Attr) { p.end(attrs) }

func (p *Parallel) end(attrs []slog.Attr) bool {
	if p == nil || !p.ended.CompareAndSwap(false, true) {
		return false
	}
	p.node.run.open.remove(p)
	at, _, attrs := p.node.thread.client.when(attrs, p.started)
	var own [1]slog.Attr
	end := ending{kind: pb.EventType_EVENT_TYPE_PARALLEL_END, node: p.names, start: p.id,
		started: p.started, at: at}
	p.node.emitEnd(&end, own[:0], attrs)
	return true
}
