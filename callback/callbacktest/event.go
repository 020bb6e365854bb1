package callbacktest

import (
	"regexp"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// attributeType is the type of an attribute's value.
type attributeType string

const (
	stringType attributeType = "string"
	intType    attributeType = "int"
	floatType  attributeType = "float"
	boolType   attributeType = "bool"
)

type attributeTypes map[string]attributeType

var (
	configured = attributeTypes{"config_version": intType, "config_hash": stringType, "config_updated_by": stringType}
	failed     = attributeTypes{"error": stringType}
	edge       = attributeTypes{"from": stringType, "to": stringType, "edge_type": stringType, "condition_result": stringType}
)

// attributesOf has the attributes that readers know, by type of event. None of them has to be there.
var attributesOf = map[pb.EventType]attributeTypes{
	pb.EventType_EVENT_TYPE_GRAPH_START: {
		"graph_name": stringType, "graph_schema_json": stringType, "schema_id": stringType, "graph_entry_point": stringType,
		"graph_node_count": intType, "graph_edge_count": intType, "initial_state_json": stringType, "graph_manifest": stringType,
	},
	pb.EventType_EVENT_TYPE_GRAPH_ERROR:        failed,
	pb.EventType_EVENT_TYPE_NODE_ERROR:         failed,
	pb.EventType_EVENT_TYPE_NODE_START:         configured,
	pb.EventType_EVENT_TYPE_NODE_END:           configured,
	pb.EventType_EVENT_TYPE_EDGE_TRAVERSAL:     edge,
	pb.EventType_EVENT_TYPE_CONDITIONAL_BRANCH: edge,
	pb.EventType_EVENT_TYPE_NODE_PROGRESS:      {"message": stringType, "percent": floatType},
	pb.EventType_EVENT_TYPE_NODE_THINKING:      {"thought": stringType, "step": intType},
	pb.EventType_EVENT_TYPE_NODE_SUBSTEP:       {"substep_name": stringType, "status": stringType},
	pb.EventType_EVENT_TYPE_OPTIMIZATION_START: {"optimization_id": stringType, "target_param": stringType, "strategy": stringType},
	pb.EventType_EVENT_TYPE_OPTIMIZATION_END: {
		"optimization_id": stringType, "variants_tested": intType, "improvement_delta": floatType, "termination_reason": stringType,
		"best_score": floatType, "found_improvement": boolType,
	},
}

const durationAttribute = "duration_us"

var schemaID = regexp.MustCompile(`^[0-9a-f]{16}$`)

// checkEvent checks an event by itself.
func (c *Checker) checkEvent(at item) {
	e, event := at.event, at.event.GetEventType()
	if _, known := pb.EventType_name[int32(event)]; !known || event == pb.EventType_EVENT_TYPE_UNSPECIFIED {
		c.violate(at, RuleEvent, "event_type is %d", event)
		return
	}
	for name, want := range attributesOf[event] {
		if v, ok := e.GetAttributes()[name]; ok && typeOf(v) != want {
			c.violate(at, RuleEvent, "attribute %s of %v is no %s", name, event, want)
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

func typeOf(v *pb.AttributeValue) attributeType {
	switch v.GetValue().(type) {
	case *pb.AttributeValue_StringValue:
		return stringType
	case *pb.AttributeValue_IntValue:
		return intType
	case *pb.AttributeValue_FloatValue:
		return floatType
	case *pb.AttributeValue_BoolValue:
		return boolType
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
		c.violate(at, RuleDuration, "%v has no attribute %s", at.event.GetEventType(), durationAttribute)
	case typeOf(v) != intType || v.GetIntValue() != took:
		c.violate(at, RuleDuration, "%v has attribute %s %v, and %d in the field", at.event.GetEventType(), durationAttribute, v, took)
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
