package callback

import (
	"crypto/sha256"
	"encoding/hex"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Graph describes a graph to those who watch its runs. One Graph serves all runs. It must not
// change after a run has been started with it.
type Graph struct {
	// Name is the graph's name. Version is "1.0.0" if it is empty.
	Name, Version, Description string
	// Nodes and Edges define the graph. EntryPoint is the node that runs first.
	Nodes      []GraphNode
	Edges      []GraphEdge
	EntryPoint string
	// Metadata is sent as it is.
	Metadata map[string]string

	once   sync.Once
	schema []slog.Attr
}

// GraphNode is a node of a [Graph].
type GraphNode struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Type is the kind of node, as used on the wire: "transform" (the general one), "llm", "tool",
	// "router", "aggregator", "validator", "human_in_loop", "checkpoint" or "custom"
	// (dashstreampb.NodeTypes). "", "function" and "lambda" are sent as "transform". Anything else
	// is sent as "custom", with an attribute "type" that names it.
	Type         string            `json:"node_type"`
	InputFields  []string          `json:"input_fields,omitempty"`
	OutputFields []string          `json:"output_fields,omitempty"`
	Attributes   map[string]string `json:"attributes,omitempty"`
}

// GraphEdge is an edge of a [Graph]. [EndNode] is the node at which the graph ends.
type GraphEdge struct {
	From, To string
	// Type is the edge's type. A type unknown to readers is sent as conditional if the edge has
	// Targets, and as direct otherwise.
	Type EdgeType
	// Label names the edge.
	Label string
	// Targets maps the results of a condition to the nodes that they lead to; To may be among them.
	// An edge with targets is sent with their list and drawn to each of them. Several such edges of
	// one node are sent as one. Without Targets, add one edge for each node that the condition may
	// lead to.
	Targets map[string]string
}

// attrs appends the attributes that describe the graph in GRAPH_START. They are computed once. A
// nil Graph adds nothing.
func (g *Graph) attrs(to []slog.Attr) []slog.Attr {
	if g == nil {
		return to
	}
	g.once.Do(func() { g.schema = g.describe() })
	return append(to, g.schema...)
}

func (g *Graph) describe() []slog.Attr {
	version := g.Version
	if version == "" {
		version = "1.0.0"
	}
	schema := graphSchema{g.Name, version, g.Description, g.schemaNodes(), g.schemaEdges(),
		g.EntryPoint, g.Metadata}
	return []slog.Attr{
		slog.String("graph_name", g.Name),
		slog.String("graph_schema_json", schema.encode()),
		slog.String("schema_id", g.ID()),
		slog.String("graph_entry_point", g.EntryPoint),
		slog.Int("graph_node_count", len(g.Nodes)),
		slog.Int("graph_edge_count", len(schema.Edges)),
	}
}

// ID returns 16 hexadecimal digits. They are equal for graphs with the same entry point, nodes and
// edges, in any order. It is "" for a nil Graph.
func (g *Graph) ID() string {
	if g == nil {
		return ""
	}
	lines := make([]string, 0, len(g.Nodes)+len(g.Edges))
	for _, n := range g.Nodes {
		lines = append(lines, "node\x00"+n.Name+"\x00"+n.Type)
	}
	for _, e := range g.Edges {
		line := "edge\x00" + e.From + "\x00" + e.To + "\x00" + string(e.Type)
		for _, result := range slices.Sorted(maps.Keys(e.Targets)) {
			line += "\x00" + result + "\x00" + e.Targets[result]
		}
		lines = append(lines, line)
	}
	slices.Sort(lines)
	sum := sha256.Sum256([]byte(g.EntryPoint + "\n" + strings.Join(lines, "\n")))
	return hex.EncodeToString(sum[:8])
}
