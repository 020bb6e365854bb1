package dasheino

import (
	"maps"
	"slices"
	"strconv"

	"github.com/dashstream/dashstream-go/callback"
)

// common returns what several graphs have in common: the graph itself for one, and nil for none.
func common(list []*topology) *topology {
	if len(list) == 0 {
		return nil
	}
	all := list[0]
	for _, t := range list[1:] {
		all = all.shared(t)
	}
	if len(list) > 1 {
		all.graph.Metadata = map[string]string{"candidates": strconv.Itoa(len(list))}
	}
	return all
}

// shared returns what two graphs have in common.
func (t *topology) shared(o *topology) *topology {
	both := &topology{
		name: t.name, input: t.input, stateful: t.stateful && o.stateful, cyclic: t.cyclic ||
			o.cyclic, next: map[string][]string{},
		previous: map[string][]string{}, branches: map[string][][]string{},
		chosenBy: map[string][]branch{}, silent: map[string]bool{},
		inside: map[string]*topology{},
	}
	for key, silent := range t.silent {
		if other, ok := o.silent[key]; ok && silent == other {
			both.silent[key] = silent
		}
	}
	for from, to := range t.next {
		for _, n := range to {
			if slices.Contains(o.next[from], n) {
				both.next[from] = append(both.next[from], n)
				both.previous[n] = append(both.previous[n], from)
			}
		}
	}
	for _, from := range both.previous {
		slices.Sort(from)
	}
	for from, branches := range t.branches {
		if slices.EqualFunc(branches, o.branches[from], slices.Equal[[]string]) {
			both.branches[from] = branches
			for i, to := range branches {
				for _, n := range to {
					both.chosenBy[n] = append(both.chosenBy[n], branch{from, i})
				}
			}
		}
	}
	for key, in := range t.inside {
		if other := o.inside[key]; other != nil {
			both.inside[key] = in.shared(other)
		}
	}
	if t.graph != nil && o.graph != nil {
		both.graph = sharedGraph(t.graph, o.graph)
	}
	return both
}

func sharedGraph(a, b *callback.Graph) *callback.Graph {
	g := &callback.Graph{Name: a.Name}
	for _, n := range a.Nodes {
		i := slices.IndexFunc(b.Nodes, func(o callback.GraphNode) bool {
			return o.Name == n.Name &&
				o.Type == n.Type
		})
		if i < 0 {
			continue
		}
		if n.Description != b.Nodes[i].Description {
			n.Description = ""
		}
		n.Attributes = maps.Clone(n.Attributes)
		maps.DeleteFunc(n.Attributes, func(key, value string) bool {
			return b.Nodes[i].Attributes[key] != value
		})
		g.Nodes = append(g.Nodes, n)
	}
	for _, e := range a.Edges {
		same := func(o callback.GraphEdge) bool {
			return o.From == e.From && o.To == e.To && o.Type == e.Type && maps.Equal(o.Targets,
				e.Targets)
		}
		if slices.ContainsFunc(b.Edges, same) {
			g.Edges = append(g.Edges, e)
		}
	}
	if a.EntryPoint == b.EntryPoint {
		g.EntryPoint = a.EntryPoint
	}
	return g
}
