package main

import (
	"maps"
	"slices"

	"github.com/dashstream/dashstream-go/callback"
)

// flow is the graph that the recordings went through: each node with those that followed it in one
// run or another.
type flow struct {
	graph *callback.Graph
	// choices says of each node how many lead on from it: with more than one a condition decides.
	choices map[string]int
}

// nodeTypes are the types of the known nodes, as graph schemas name them; others have none.
var nodeTypes = map[string]string{agentNode: "llm", toolsNode: "tool"}

// flowOf works out the graph. It begins where the first recording begins.
func flowOf(recordings []recording) *flow {
	next := map[string]map[string]bool{}
	entry := ""
	for i := range recordings {
		turns := recordings[i].turns
		if entry == "" && len(turns) > 0 {
			entry = turns[0].node
		}
		for j := range turns {
			from := turns[j].node
			if next[from] == nil {
				next[from] = map[string]bool{}
			}
			next[from][follower(turns, j)] = true
		}
	}
	f := &flow{choices: map[string]int{}}
	f.graph = &callback.Graph{Name: "recorded-agent", Description: "recorded runs of an agent",
		EntryPoint: entry}
	for _, node := range slices.Sorted(maps.Keys(next)) {
		f.graph.Nodes = append(f.graph.Nodes, callback.GraphNode{Name: node, Type: nodeTypes[node]})
		f.choices[node] = len(next[node])
		for _, to := range slices.Sorted(maps.Keys(next[node])) {
			f.graph.Edges = append(f.graph.Edges, edge(node, to, len(next[node]) > 1))
		}
	}
	return f
}

func edge(from, to string, conditional bool) callback.GraphEdge {
	if !conditional {
		return callback.GraphEdge{From: from, To: to, Type: callback.DirectEdge}
	}
	return callback.GraphEdge{From: from, To: to, Type: callback.ConditionalEdge,
		Targets: map[string]string{condition(to): to}}
}

// follower returns the node after a turn.
func follower(turns []turn, i int) string {
	if i+1 < len(turns) {
		return turns[i+1].node
	}
	return callback.EndNode
}

// condition names what a condition found that led to a node.
func condition(to string) string {
	if to == callback.EndNode {
		return "end"
	}
	return to
}

// take says that a run goes on from one node to another.
func (f *flow) take(run *callback.Run, from, to string) {
	if f.choices[from] > 1 {
		run.Branch(from, condition(to), to)
	} else {
		run.Edge(from, to)
	}
}
