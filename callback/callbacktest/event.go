package callbacktest

import (
	"regexp"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// attributesOf has the attributes that readers know, with their types, by type of event.
var attributesOf = func() map[pb.EventType]map[string]string {
	of := map[pb.EventType]map[string]string{}
	for _, a := range pb.Attributes() {
		if a.Key == durationAttribute {
			continue // has a rule of its own
		}
		if of[a.Event] == nil {
			of[a.Event] = map[string]string{}
		}
		of[a.Event][a.Key] = a.Type
	}
	return of
}()

const durationAttribute = pb.AttrDurationUS

var schemaID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// checkEvent checks an event by itself.
func (c *Checker) checkEvent(at item) {
	e, event := at.event, at.event.GetEventType()
	if _, known := pb.EventType_name[int32(event)]; !known ||
		event == pb.EventType_EVENT_TYPE_UNSPECIFIED {
		c.violate(at, RuleEvent, "event_type is %d", event)
		return
	}
	for name, want := range attributesOf[event] {
		if v, ok := e.GetAttributes()[name]; ok && typeOf(v) != want {
			c.violate(at, RuleEvent, "attribute %s of %v is not of type %s", name, event, want)
		}
	}
	switch event {
	case pb.EventType_EVENT_TYPE_GRAPH_START:
		c.checkGraph(at)
	case pb.EventType_EVENT_TYPE_NODE_START:
		if e.GetNodeId() == "" {
			c.violate(at, RuleEvent, "%v names no node", event)
		}
	case pb.EventType_EVENT_TYPE_GRAPH_END, pb.EventType_EVENT_TYPE_NODE_END:
		c.checkDuration(at)
	case pb.EventType_EVENT_TYPE_GRAPH_ERROR, pb.EventType_EVENT_TYPE_NODE_ERROR:
		c.checkDuration(at)
		c.checkFailure(at)
	}
}

// typeOf returns the name of an attribute's type in the table of attributes; "" for a type not in
// the table.
func typeOf(v *pb.AttributeValue) string {
	switch v.GetValue().(type) {
	case *pb.AttributeValue_StringValue:
		return "string"
	case *pb.AttributeValue_IntValue:
		return "int"
	case *pb.AttributeValue_FloatValue:
		return "float"
	case *pb.AttributeValue_BoolValue:
		return "bool"
	}
	return ""
}

func (c *Checker) checkFailure(at item) {
	if at.event.GetAttributes()["error"] == nil {
		c.violate(at, RuleEvent, "%v has no attribute error", at.event.GetEventType())
	}
}

func (c *Checker) checkDuration(at item) {
	v, took := at.event.GetAttributes()[durationAttribute], at.event.GetDurationUs()
	switch {
	case took < 0:
		c.violate(at, RuleDuration, "%v took %d µs", at.event.GetEventType(), took)
	case v == nil:
		c.violate(at, RuleDuration, "%v has no attribute %s", at.event.GetEventType(),
			durationAttribute)
	case typeOf(v) != "int" || v.GetIntValue() != took:
		c.violate(at, RuleDuration, "%v has attribute %s %v, and %d in the field",
			at.event.GetEventType(), durationAttribute, v, took)
	}
}

func (c *Checker) checkGraph(at item) {
	attributes := at.event.GetAttributes()
	if v := attributes["graph_schema_json"]; v != nil {
		c.checkSchema(at, []byte(v.GetStringValue()))
	}
	if v := attributes["initial_state_json"]; v != nil {
		c.checkJSON(at, "initial_state_json", []byte(v.GetStringValue()), nil)
	}
	if v := attributes["schema_id"]; v != nil && !schemaID.MatchString(v.GetStringValue()) {
		c.violate(at, RuleEvent, "schema_id is %q, not 16 hexadecimal digits", v.GetStringValue())
	}
}
