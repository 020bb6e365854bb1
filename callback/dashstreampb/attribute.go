package dashstreampb

import "slices"

// Attribute is an attribute that events of a type may have: one line of the table in
// dashstream.proto.
type Attribute struct {
	Event EventType
	Key   string
	// Type is the type of its AttributeValue: "string", "int", "float" or "bool".
	Type string
	// From says who writes it: "sdk" is every producer that uses this SDK, "eino" its handler for
	// Eino, "app" an application that chooses to.
	From string
}

// Attributes returns the known attributes, in the order of the table. The caller owns the slice.
func Attributes() []Attribute { return slices.Clone(attributes) }
