package dashstreampb

import "slices"

// Attribute is an attribute that events of a type may have: a line of the table in
// dashstream.proto.
type Attribute struct {
	Event EventType
	Key   string
	// Type is that of its AttributeValue: "string", "int", "float" or "bool".
	Type string
	// From says who writes it: "sdk", every producer that uses this SDK; "eino", its handler for
	// Eino; "app", an application that has it.
	From string
}

// Attributes returns the attributes that are known, in the order of the table. The caller owns the
// slice.
func Attributes() []Attribute { return slices.Clone(attributes) }
