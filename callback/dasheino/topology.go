package dasheino

import (
	"cmp"
	"maps"
	"reflect"
	"slices"

	"github.com/cloudwego/eino/components"
	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/callback"
)

// topology is the structure of a graph, as far as it matters to its runs.
type topology struct {
	name     string // the very string that Eino has
	input    reflect.Type
	graph    *callback.Graph // including inner graphs; nil for an inner graph
	next     map[string][]string
	previous map[string][]string
	branches map[string][][]string // by their first node: the nodes to which each branch leads
	chosenBy map[string][]branch   // the branches that may lead to a node
	silent   map[string]bool       // nodes about which Eino reports nothing
	cyclic   bool
	stateful bool // it has a local state
	inside   map[string]*topology
}

// branch is one of the branches that start at a node.
type branch struct {
	from  string
	index int
}

func newTopology(info *compose.GraphInfo) *topology {
	t := describe(info)
	t.graph = &callback.Graph{Name: info.Name}
	t.addTo(t.graph, info, "")
	t.graph.EntryPoint = t.entryPoint()
	return t
}

func describe(info *compose.GraphInfo) *topology {
	t := &topology{
		name: info.Name, input: info.InputType, stateful: info.GenStateFn != nil,
		next: map[string][]string{}, previous: map[string][]string{},
		branches: map[string][][]string{},
		chosenBy: map[string][]branch{}, silent: map[string]bool{}, inside: map[string]*topology{},
	}
	for from, to := range info.Edges {
		t.next[from] = slices.Sorted(slices.Values(to))
		for _, n := range to {
			t.previous[n] = append(t.previous[n], from)
		}
	}
	for _, from := range t.previous {
		slices.Sort(from)
	}
	for _, from := range slices.Sorted(maps.Keys(info.Branches)) {
		for i, b := range info.Branches[from] {
			to := slices.Sorted(maps.Keys(b.GetEndNode()))
			t.branches[from] = append(t.branches[from], to)
			for _, n := range to {
				t.chosenBy[n] = append(t.chosenBy[n], branch{from, i})
			}
		}
	}
	for key, n := range info.Nodes {
		t.silent[key] = n.Component == compose.ComponentOfPassthrough
		if n.GraphInfo != nil {
			t.inside[key] = describe(n.GraphInfo)
		}
	}
	t.cyclic = t.hasCycle()
	return t
}

// hasCycle reports whether a node leads back to itself. Eino runs such a graph in steps: a node
// runs when any of its predecessors has run.
func (t *topology) hasCycle() bool {
	const onPath, done = 1, 2
	seen := map[string]int{}
	var visit func(string) bool
	visit = func(n string) bool {
		switch seen[n] {
		case onPath:
			return true
		case done:
			return false
		}
		seen[n] = onPath
		for _, to := range t.reach(n) {
			if visit(to) {
				return true
			}
		}
		seen[n] = done
		return false
	}
	for n := range t.silent {
		if visit(n) {
			return true
		}
	}
	return false
}

// reach returns the nodes to which a node may lead.
func (t *topology) reach(from string) []string {
	to := slices.Clone(t.next[from])
	for _, b := range t.branches[from] {
		to = append(to, b...)
	}
	return to
}

// subgraph returns the topology of the graph that a node is; nil if it is unknown.
func (t *topology) subgraph(key string) *topology {
	if t == nil {
		return nil
	}
	return t.inside[key]
}

// entryPoint returns the node that runs first, or Eino's own start if there are several.
func (t *topology) entryPoint() string {
	if len(t.next[compose.START]) == 1 && len(t.branches[compose.START]) == 0 {
		return t.next[compose.START][0]
	}
	return compose.START
}

// addTo adds the graph's nodes and edges, and those of inner graphs, which begin at their node.
func (t *topology) addTo(g *callback.Graph, info *compose.GraphInfo, prefix string) {
	start := prefix + compose.START
	switch {
	case prefix != "":
		start = prefix[:len(prefix)-1]
	case t.entryPoint() == compose.START:
		g.Nodes = append(g.Nodes, callback.GraphNode{Name: start, Type: "router"})
	}
	name := func(key string) string {
		switch key {
		case compose.START:
			return start
		case compose.END:
			return callback.EndNode
		}
		return prefix + key
	}
	for _, key := range t.order() {
		if n, ok := info.Nodes[key]; ok {
			g.Nodes = append(g.Nodes, graphNode(name(key), n))
		}
		if key != compose.START || prefix != "" || t.entryPoint() == compose.START {
			g.Edges = append(g.Edges, t.edges(key, name, prefix != "")...)
		}
		if in := t.inside[key]; in != nil {
			in.addTo(g, info.Nodes[key].GraphInfo, prefix+key+"/")
		}
	}
}

// edges returns the edges out of a node. The end of an inner graph is where the edges of its node
// begin.
func (t *topology) edges(from string, name func(string) string, inside bool) []callback.GraphEdge {
	var list []callback.GraphEdge
	for _, to := range t.next[from] {
		if inside && to == compose.END {
			continue
		}
		kind := callback.DirectEdge
		if len(t.next[from]) > 1 {
			kind = callback.ParallelEdge
		}
		list = append(list, callback.GraphEdge{From: name(from), To: name(to), Type: kind})
	}
	for _, ends := range t.branches[from] {
		targets := map[string]string{}
		for _, to := range ends {
			targets[to] = name(to)
		}
		for _, to := range ends {
			if inside && to == compose.END {
				continue
			}
			list = append(list, callback.GraphEdge{From: name(from), To: name(to),
				Type: callback.ConditionalEdge, Label: to, Targets: targets})
		}
	}
	return list
}

// order lists the start and all nodes, those nearest to the start first.
func (t *topology) order() []string {
	list, seen := []string{compose.START}, map[string]bool{compose.START: true, compose.END: true}
	add := func(keys []string) {
		for _, k := range keys {
			if !seen[k] {
				seen[k] = true
				list = append(list, k)
			}
		}
	}
	for i := 0; i < len(list); i++ {
		add(t.reach(list[i]))
	}
	add(slices.SortedFunc(maps.Keys(t.silent), cmp.Compare[string])) // reached by data only
	return list
}

const implementationKey = "implementation"

func graphNode(name string, n compose.GraphNodeInfo) callback.GraphNode {
	node := callback.GraphNode{Name: name, Description: n.Name, Type: nodeType(n.Component),
		Attributes: map[string]string{"component": string(n.Component)}}
	if t, ok := components.GetType(n.Instance); ok && t != "" {
		node.Attributes[implementationKey] = t
	}
	return node
}
