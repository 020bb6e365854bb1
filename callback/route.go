package callback

import (
	"log/slog"
	"strings"
	"sync"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// EdgeType is the type of an edge, as graph schemas and events write it.
type EdgeType string

// The types of edges.
const (
	DirectEdge      EdgeType = "direct"
	ConditionalEdge EdgeType = "conditional"
	ParallelEdge    EdgeType = "parallel"
)

// EndNode is the name of the node that edges out of the graph lead to.
const EndNode = "__end__"

// Edge says that the run went from one node to another, or to several at once (EDGE_TRAVERSAL). A nil Run does nothing.
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

// Branch says that a condition was evaluated at from, and where it led (CONDITIONAL_BRANCH). A nil Run does nothing.
func (r *Run) Branch(from, result string, to ...string) {
	if r != nil {
		r.root.branch(from, result, to)
	}
}

// Edge is [Run.Edge] inside a subgraph: the event hangs under n. A nil Node does nothing.
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

// Branch is [Run.Branch] inside a subgraph: the event hangs under n. A nil Node does nothing.
func (n *Node) Branch(from, result string, to ...string) {
	if n != nil {
		n.branch(from, result, to)
	}
}

func (n *Node) branch(from, result string, to []string) {
	n.route(pb.EventType_EVENT_TYPE_CONDITIONAL_BRANCH, from, to, ConditionalEdge, []slog.Attr{slog.String("condition_result", result)})
}

func (n *Node) route(t pb.EventType, from string, to []string, kind EdgeType, more []slog.Attr) {
	from = n.thread.client.valid(from)
	var own [4]slog.Attr
	attrs := append(own[:0], slog.String("from", from), slog.String("to", strings.Join(to, ",")), slog.String("edge_type", string(kind)))
	n.sayFor(from, t, append(attrs, more...), nil)
}

// ParallelStart says that the named nodes begin to run at once (PARALLEL_START). A nil Run does nothing.
func (r *Run) ParallelStart(names ...string) { r.Root().ParallelStart(names...) }

// ParallelEnd says that the named nodes, which ran at once, have all ended (PARALLEL_END). They are named as they were to
// [Run.ParallelStart], in the same order. A nil Run does nothing.
func (r *Run) ParallelEnd(names ...string) { r.Root().ParallelEnd(names...) }

// ParallelStart is [Run.ParallelStart] inside a subgraph. A nil Node does nothing.
func (n *Node) ParallelStart(names ...string) {
	if n == nil {
		return
	}
	joined := n.thread.client.valid(strings.Join(names, ","))
	id := n.sayFor(joined, pb.EventType_EVENT_TYPE_PARALLEL_START, nil, nil)
	n.run.parallel.start(step{n, joined}, id)
}

// ParallelEnd is [Run.ParallelEnd] inside a subgraph. A nil Node does nothing.
func (n *Node) ParallelEnd(names ...string) {
	if n == nil {
		return
	}
	joined := n.thread.client.valid(strings.Join(names, ","))
	start, ok := n.run.parallel.end(step{n, joined})
	if !ok {
		start = n.id // what never started
	}
	e := wire.Event{Type: byte(pb.EventType_EVENT_TYPE_PARALLEL_END), Node: joined}
	n.thread.emit(&e, &envelope{parent: start, trace: n.trace, at: time.Now()})
}

// step is a number of nodes that run at once.
type step struct {
	in    *Node
	nodes string
}

// steps holds the PARALLEL_STARTs that have not ended, since the end of one names its start.
type steps struct {
	mu   sync.Mutex
	open map[step][]wire.ID // in a loop, one may begin before the one of the round before has ended
}

func (s *steps) start(k step, id wire.ID) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.open == nil {
		s.open = map[step][]wire.ID{}
	}
	s.open[k] = append(s.open[k], id)
}

// end takes the oldest one.
func (s *steps) end(k step) (id wire.ID, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	ids := s.open[k]
	if len(ids) == 0 {
		return id, false
	}
	if len(ids) == 1 {
		delete(s.open, k)
	} else {
		s.open[k] = ids[1:]
	}
	return ids[0], true
}
