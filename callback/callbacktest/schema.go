package callbacktest

import (
	"encoding/json"
	"slices"
	"unicode/utf8"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// graphSchema is the part of graph_schema_json that readers need.
type graphSchema struct {
	Name  string
	Nodes []struct {
		Name       string
		Type       string            `json:"node_type"`
		Attributes map[string]string `json:"attributes"`
	}
	Edges      []graphEdge
	EntryPoint string `json:"entry_point"`
}

type graphEdge struct {
	From, To string
	Type     string          `json:"edge_type"`
	Targets  json.RawMessage `json:"conditional_targets"`
}

var edgeTypes = []string{"direct", "conditional", "parallel"}

func (c *Checker) checkSchema(at item, text []byte) {
	var schema graphSchema
	c.checkJSON(at, "graph_schema_json", text, &schema)
	for _, n := range schema.Nodes {
		if !slices.Contains(pb.NodeTypes(), n.Type) {
			c.violate(at, RuleSchema, "node %q is of type %q", n.Name, n.Type)
		}
	}
	type line struct{ from, to, kind string }
	drawn := map[line]bool{} // drawn by a list
	for _, e := range schema.Edges {
		if !slices.Contains(edgeTypes, e.Type) {
			c.violate(at, RuleSchema, "the edge from %q to %q is of type %q", e.From, e.To, e.Type)
		}
		ends, isList := c.ends(at, e)
		for _, to := range ends {
			l := line{e.From, to, e.Type}
			if before, found := drawn[l]; found && (before || isList) {
				c.violate(at, RuleSchema, "the edge from %q to %q is drawn twice", e.From, to)
			}
			drawn[l] = drawn[l] || isList
		}
	}
}

// ends returns the nodes that an edge is drawn to, and whether they come from its list.
func (c *Checker) ends(at item, e graphEdge) (nodes []string, isList bool) {
	if len(e.Targets) == 0 || string(e.Targets) == "null" {
		return []string{e.To}, false
	}
	var targets []string
	switch err := json.Unmarshal(e.Targets, &targets); {
	case err != nil || !utf8.Valid(e.Targets):
		c.violate(at, RuleSchema, "conditional_targets of the edge from %q to %q is not a list of "+
			"names", e.From, e.To)
		return []string{e.To}, false
	case len(targets) == 0:
		c.violate(at, RuleSchema, "conditional_targets of the edge from %q to %q is empty", e.From,
			e.To)
	}
	return targets, true
}
