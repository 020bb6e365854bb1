// Package traces reads exports of traces: OTLP in JSON, as OpenTelemetry's collector writes it to
// files, and Langfuse's traces and observations. It makes of them the runs that the spans were, by
// package spanmap.
package traces

import (
	"cmp"
	"slices"
	"time"

	"github.com/dashstream/dashstream-go/internal/spanmap"
)

// Span is a span of an export.
type Span struct {
	Trace, ID, Parent string
	Start, End        time.Time // End is zero if it did not end
	spanmap.Span
	// Attributes are those of the span, for those who want to record it again.
	Attributes []Attribute
}

// Attribute is an attribute of a span.
type Attribute struct {
	Key   string
	Value any // a string, int64, float64, bool, or []string; nil for anything else
}

// Run is a run that spans make.
type Run struct {
	Root   *Node
	Thread string
	// Steps are the starts and ends of the run's nodes and calls, in the order of their times.
	// Those of the root are among them only if it is something in the run, too.
	Steps []Step
}

// Node is a span that is shown.
type Node struct {
	*Span
	// Kind is what it is shown as: a node, or a call of a model or tool.
	Kind spanmap.Kind
	// Outer is what encloses it; the root's is nil.
	Outer *Node

	from, to time.Time // nothing starts before what encloses it, or ends before its start
	depth    int
}

// Step is a start or an end.
type Step struct {
	At   time.Time
	Node *Node
	Ends bool
}

// maxDepth is how deep spans may be in each other. What is deeper is at the top.
const maxDepth = 10_000

// Runs returns the runs that spans make, in the order of their starts.
func Runs(spans []Span) []Run {
	f := forest{spans: spans, byID: make(map[[2]string]int, len(spans)),
		own: make([]*Node, len(spans)), around: make([]*Node, len(spans)),
		state: make([]uint8, len(spans))}
	for i := range spans {
		f.byID[[2]string{spans[i].Trace, spans[i].ID}] = i
	}
	order := make([]int, len(spans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return spans[a].Start.Compare(spans[b].Start)
	})
	for _, i := range order {
		f.place(i, 0)
	}
	for _, i := range order {
		if n := f.own[i]; n != nil {
			n.hold()
		}
	}
	var runs []*run
	byRoot := map[*Node]*run{}
	for _, i := range order {
		n := f.own[i]
		if n == nil {
			continue
		}
		root := n.root()
		r := byRoot[root]
		if r == nil {
			r = &run{root: root}
			byRoot[root] = r
			runs = append(runs, r)
		}
		r.nodes = append(r.nodes, n)
	}
	out := make([]Run, len(runs))
	for i, r := range runs {
		out[i] = Run{Root: r.root, Thread: r.thread(), Steps: r.steps()}
	}
	return out
}

// forest is what is known of spans while runs are made of them.
type forest struct {
	spans  []Span
	byID   map[[2]string]int
	own    []*Node // what a span is shown as; nil if it is not shown
	around []*Node // the same, or else what is shown around it
	state  []uint8
}

// The states of a span in a forest.
const (
	_ uint8 = iota
	placing
	placed
)

// place finds what encloses a span, and returns what is shown of them: the span, or what is around
// it. A circle of parents is open where it is met.
func (f *forest) place(i, depth int) *Node {
	if f.state[i] != 0 || depth > maxDepth {
		return f.around[i]
	}
	f.state[i] = placing
	s := &f.spans[i]
	var outer *Node
	if parent, ok := f.byID[[2]string{s.Trace, s.Parent}]; ok && s.Parent != "" {
		outer = f.place(parent, depth+1)
	}
	f.state[i], f.around[i] = placed, outer
	kind := s.Kind()
	switch {
	case kind == spanmap.Unknown, kind == spanmap.Hidden, kind == spanmap.Wrapper && outer != nil:
		return outer
	case kind == spanmap.Wrapper, kind == spanmap.Undecided:
		kind = spanmap.Node
	}
	n := &Node{Span: s, Kind: kind, Outer: outer, from: s.Start, to: s.End}
	if outer != nil {
		n.depth = outer.depth + 1
		if n.from.Before(outer.from) {
			n.from = outer.from
		}
	}
	if n.to.Before(n.from) {
		n.to = n.from
	}
	f.own[i], f.around[i] = n, n
	return n
}

// hold makes what encloses n last until n has ended. A span that has no end, or whose end was
// reported too early, has what is in it all the same.
func (n *Node) hold() {
	for o := n.Outer; o != nil && o.to.Before(n.to); o = o.Outer {
		o.to = n.to
	}
}

func (n *Node) root() *Node {
	for n.Outer != nil {
		n = n.Outer
	}
	return n
}

// Apart reports whether a run's root is something in the run, too: a call, or a node that has a
// type.
func (n *Node) Apart() bool { return n.Kind != spanmap.Node || n.NodeType() != "" }

// run is a run with the nodes that are in it, in the order of their starts.
type run struct {
	root  *Node
	nodes []*Node
}

func (r *run) thread() string {
	for _, n := range r.nodes {
		if t := n.Thread(); t != "" {
			return t
		}
	}
	return ""
}

// steps brings starts and ends in the order of their times. What encloses starts first and ends
// last. Otherwise, what ends comes before what starts at the same time.
func (r *run) steps() []Step {
	starts := r.nodes
	if !r.root.Apart() {
		starts = slices.DeleteFunc(slices.Clone(starts), func(n *Node) bool { return n == r.root })
	}
	ends := slices.Clone(starts)
	slices.SortStableFunc(starts, func(a, b *Node) int {
		return cmp.Or(a.from.Compare(b.from), cmp.Compare(a.depth, b.depth))
	})
	slices.SortStableFunc(ends, func(a, b *Node) int {
		return cmp.Or(a.to.Compare(b.to), cmp.Compare(b.depth, a.depth))
	})
	began := map[*Node]bool{}
	var steps []Step
	for len(ends) > 0 {
		if n := ends[0]; began[n] && !n.startsBefore(starts) {
			steps, ends = append(steps, Step{At: n.to, Node: n, Ends: true}), ends[1:]
			continue
		}
		n := starts[0] // there is one: what ends first has not begun, or something begins before
		began[n] = true
		steps, starts = append(steps, Step{At: n.from, Node: n}), starts[1:]
	}
	return steps
}

// startsBefore reports whether one of the starts, which are in order, comes before the end of n.
func (n *Node) startsBefore(starts []*Node) bool {
	for _, s := range starts {
		switch c := s.from.Compare(n.to); {
		case c < 0, c == 0 && s.in(n):
			return true
		case c > 0:
			return false
		}
	}
	return false
}

// in reports whether outer encloses n.
func (n *Node) in(outer *Node) bool {
	for n.depth > outer.depth {
		n = n.Outer
	}
	return n == outer
}
