package callback

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"sort"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// graphSchema is the JSON form of graph_schema_json.
type graphSchema struct {
	Name        string            `json:"name"`
	Version     string            `json:"version"`
	Description string            `json:"description,omitempty"`
	Nodes       []GraphNode       `json:"nodes"`
	Edges       []schemaEdge      `json:"edges"`
	EntryPoint  string            `json:"entry_point"`
	Metadata    map[string]string `json:"metadata,omitempty"`
}

func (s *graphSchema) encode() string {
	var text strings.Builder
	enc := json.NewEncoder(&text)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(s) // cannot fail: it has only strings and maps of strings
	return strings.TrimSuffix(text.String(), "\n")
}

// shortenSchema cuts a schema to limit bytes, so that readers can still draw it. It removes the
// descriptions of nodes and edges first, then the last nodes with their edges. The metadata records
// the original size.
func shortenSchema(text string, limit int) (short string, ok bool) {
	var s graphSchema
	if err := json.Unmarshal([]byte(text), &s); err != nil {
		return "", false
	}
	s.Description = ""
	s.Metadata = map[string]string{"$truncated": fmt.Sprintf("%d nodes, %d edges, %d bytes",
		len(s.Nodes), len(s.Edges), len(text))}
	for i, n := range s.Nodes {
		s.Nodes[i] = GraphNode{Name: n.Name, Type: n.Type}
	}
	for i := range s.Edges {
		s.Edges[i].Label = ""
	}
	if i := slices.IndexFunc(s.Nodes, func(n GraphNode) bool { return n.Name == s.EntryPoint }); i >
		0 {
		s.Nodes[0], s.Nodes[i] = s.Nodes[i], s.Nodes[0]
	}
	kept := sort.Search(len(s.Nodes)+1,
		func(n int) bool { return len(s.first(n).encode()) > limit }) - 1
	if kept < 0 {
		return "", false
	}
	return s.first(kept).encode(), true
}

// first returns the schema of the first n nodes.
func (s *graphSchema) first(n int) *graphSchema {
	part := *s
	part.Nodes, part.Edges = s.Nodes[:n], []schemaEdge{}
	there := map[string]bool{EndNode: true}
	for _, node := range part.Nodes {
		there[node.Name] = true
	}
	for _, e := range s.Edges {
		if len(e.Targets) > 0 {
			e.Targets = slices.DeleteFunc(slices.Clone(e.Targets), func(to string) bool {
				return !there[to]
			})
			if len(e.Targets) == 0 {
				continue
			}
			e.To = e.Targets[0]
		}
		if there[e.From] && there[e.To] {
			part.Edges = append(part.Edges, e)
		}
	}
	return &part
}

// schemaEdge is an edge in the form that readers expect. An edge with targets is drawn to each of
// them.
type schemaEdge struct {
	From    string   `json:"from"`
	To      string   `json:"to"`
	Type    EdgeType `json:"edge_type"`
	Label   string   `json:"label,omitempty"`
	Targets []string `json:"conditional_targets,omitempty"`
}

// schemaNodes returns the nodes with types that readers know. An unknown type is kept as an
// attribute.
func (g *Graph) schemaNodes() []GraphNode {
	nodes := make([]GraphNode, len(g.Nodes))
	for i, n := range g.Nodes {
		known := schemaType(n.Type)
		if known == pb.NodeCustom && n.Type != pb.NodeCustom && n.Attributes["type"] == "" {
			n.Attributes = maps.Clone(n.Attributes)
			if n.Attributes == nil {
				n.Attributes = map[string]string{}
			}
			n.Attributes["type"] = n.Type
		}
		n.Type = known
		nodes[i] = n
	}
	return nodes
}

// schemaType maps the type named by an application or an adapter to one that readers know.
func schemaType(given string) string {
	switch t := strings.ToLower(given); {
	case slices.Contains(pb.NodeTypes(), t):
		return t
	case t == "" || t == "function" || t == "lambda":
		return pb.NodeTransform
	}
	return pb.NodeCustom
}

// schemaEdges returns the edges as readers draw them. All edges of a node that have targets become
// one with all of those targets. An edge that this one already draws is left out.
func (g *Graph) schemaEdges() []schemaEdge {
	type origin struct {
		from string
		kind EdgeType
	}
	edges, conditions := []schemaEdge{}, map[origin]int{}
	for _, e := range g.Edges {
		if len(e.Targets) == 0 {
			edges = append(edges, schemaEdge{From: e.From, To: e.To, Type: edgeType(&e),
				Label: e.Label})
			continue
		}
		from := origin{e.From, edgeType(&e)}
		i, found := conditions[from]
		if !found {
			i = len(edges)
			conditions[from] = i
			edges = append(edges, schemaEdge{From: e.From, Type: from.kind, Label: e.Label})
		} else if edges[i].Label != e.Label {
			edges[i].Label = "" // it describes only one of the targets
		}
		edges[i].Targets = addTargets(edges[i].Targets, &e)
	}
	for _, i := range conditions {
		edges[i].To = edges[i].Targets[0]
	}
	return slices.DeleteFunc(edges, func(e schemaEdge) bool {
		i, found := conditions[origin{e.From, e.Type}]
		return found && len(e.Targets) == 0 && slices.Contains(edges[i].Targets, e.To)
	})
}

// edgeType returns an edge type that readers know. An unknown type becomes conditional if the edge
// has targets, and direct otherwise.
func edgeType(e *GraphEdge) EdgeType {
	switch e.Type {
	case DirectEdge, ConditionalEdge, ParallelEdge:
		return e.Type
	}
	if len(e.Targets) > 0 {
		return ConditionalEdge
	}
	return DirectEdge
}

// addTargets appends the nodes that an edge leads to: its own end first, then the others in the
// order of their results.
func addTargets(to []string, e *GraphEdge) []string {
	add := func(node string) {
		if node != "" && !slices.Contains(to, node) {
			to = append(to, node)
		}
	}
	add(e.To)
	for _, result := range slices.Sorted(maps.Keys(e.Targets)) {
		add(e.Targets[result])
	}
	if len(to) == 0 {
		to = append(to, "") // all its ends are unnamed
	}
	return to
}
