package callback

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"log/slog"
	"maps"
	"slices"
	"strings"
	"sync"
)

// Graph describes a graph to those who watch its runs. One Graph serves all runs; it must not change once a run has been started with it.
type Graph struct {
	// Name is the graph's name. Version is "1.0.0" if it is empty.
	Name, Version, Description string
	// Nodes and Edges are the graph. EntryPoint is the node that runs first.
	Nodes      []GraphNode
	Edges      []GraphEdge
	EntryPoint string
	// Metadata is added as it is.
	Metadata map[string]string

	once   sync.Once
	schema []slog.Attr
}

// GraphNode is a node of a [Graph].
type GraphNode struct {
	Name        string `json:"name"`
	Description string `json:"description,omitempty"`
	// Type says what the node is: "function", "tool", "llm", "router", "validator" and the like.
	Type         string            `json:"node_type"`
	InputFields  []string          `json:"input_fields,omitempty"`
	OutputFields []string          `json:"output_fields,omitempty"`
	Attributes   map[string]string `json:"attributes,omitempty"`
}

// GraphEdge is an edge of a [Graph]. [EndNode] is the node at which the graph ends.
type GraphEdge struct {
	From string   `json:"from"`
	To   string   `json:"to"`
	Type EdgeType `json:"edge_type"`
	// Label names the edge. Targets maps the results of a condition to the nodes that they lead to.
	Label   string            `json:"label,omitempty"`
	Targets map[string]string `json:"conditional_targets,omitempty"`
}

// attrs appends what GRAPH_START says of the graph. It is worked out once. A nil Graph adds nothing.
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
	var schema bytes.Buffer
	enc := json.NewEncoder(&schema)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(struct { // strings and maps of strings: nothing in it can fail
		Name        string            `json:"name"`
		Version     string            `json:"version"`
		Description string            `json:"description,omitempty"`
		Nodes       []GraphNode       `json:"nodes"`
		Edges       []GraphEdge       `json:"edges"`
		EntryPoint  string            `json:"entry_point"`
		Metadata    map[string]string `json:"metadata,omitempty"`
	}{g.Name, version, g.Description, nonNil(g.Nodes), nonNil(g.Edges), g.EntryPoint, g.Metadata})
	return []slog.Attr{
		slog.String("graph_name", g.Name),
		slog.String("graph_schema_json", strings.TrimSuffix(schema.String(), "\n")),
		slog.String("schema_id", g.ID()),
		slog.String("graph_entry_point", g.EntryPoint),
		slog.Int("graph_node_count", len(g.Nodes)),
		slog.Int("graph_edge_count", len(g.Edges)),
	}
}

func nonNil[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

// ID returns 16 hexadecimal digits that are equal for graphs with the same entry point, nodes and edges in any order. It is "" for a nil
// Graph.
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
