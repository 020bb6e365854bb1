package view

import (
	"encoding/json"
	"slices"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
)

const (
	maxGraphNodes = 500
	maxGraphEdges = 2000
)

// graphOf reads a graph's description; nil if there is none, or it is not one.
func graphOf(g *reduce.Graph) *Graph {
	var src struct {
		Name  string `json:"name"`
		Entry string `json:"entry_point"`
		Nodes []struct {
			Name        string `json:"name"`
			Type        string `json:"node_type"`
			Description string `json:"description"`
		} `json:"nodes"`
		Edges []struct {
			From    string          `json:"from"`
			To      string          `json:"to"`
			Type    string          `json:"edge_type"`
			Label   string          `json:"label"`
			Targets json.RawMessage `json:"conditional_targets"`
		} `json:"edges"`
	}
	if len(g.Schema) == 0 || json.Unmarshal(g.Schema, &src) != nil {
		return nil
	}
	out := &Graph{Name: name(src.Name), Entry: name(src.Entry), Nodes: []GraphNode{},
		Edges: []GraphEdge{}}
	if out.Entry == "" {
		out.Entry = name(g.EntryPoint)
	}
	for _, n := range src.Nodes {
		if len(out.Nodes) == maxGraphNodes {
			out.Cut = true
			break
		}
		if !slices.Contains(pb.NodeTypes(), n.Type) {
			n.Type = pb.NodeCustom
		}
		out.Nodes = append(out.Nodes, GraphNode{name(n.Name), n.Type, text(n.Description)})
	}
	for _, e := range src.Edges {
		var targets []string
		if json.Unmarshal(e.Targets, &targets) != nil || len(targets) == 0 {
			targets = []string{e.To}
		}
		for _, to := range targets {
			if len(out.Edges) == maxGraphEdges {
				out.Cut = true
				return out
			}
			out.Edges = append(out.Edges, GraphEdge{name(e.From), name(to), name(e.Type),
				name(e.Label)})
		}
	}
	return out
}
