package callbacktest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// untimely are attributes that differ from run to run, or are as long as a graph.
var untimely = map[string]bool{"duration_us": true, "time_to_first_token_us": true,
	"execution_id": true, "graph_schema_json": true, "schema_id": true}

// Timeline writes what was sent for people, and for comparison with what was expected: a line for
// each message, in their order, further to the right than the start that encloses it. It leaves out
// times, durations, and ids that are random. Tokens that came in several messages are one line.
// Attributes that would make a line longer than 92 columns are on the next one, indented.
func (r *Recorder) Timeline(threads ...string) string {
	t := timeline{depths: map[string]int{}}
	for _, m := range r.Messages(threads...) {
		if m.GetEventBatch() == nil {
			t.message(m)
		}
		for e := range m.Events() {
			t.event(e)
		}
	}
	return strings.Join(t.lines, "\n") + "\n"
}

type timeline struct {
	lines  []string
	depths map[string]int // of what is inside of a start, by its message id
	tokens string         // those of the last line
}

func (t *timeline) event(e *pb.Event) {
	h, kind := e.GetHeader(), e.GetEventType()
	depth := t.depths[string(h.GetParentId())]
	switch _, isEnd := startOf[kind]; {
	case isEnd:
		depth = max(0, depth-1)
	case strings.HasSuffix(kind.String(), "_START"), kind == pb.EventType_EVENT_TYPE_HUMAN_RESUME:
		t.depths[string(h.GetMessageId())] = depth + 1
	}
	text := strings.TrimPrefix(kind.String(), "EVENT_TYPE_")
	if e.GetNodeId() != "" {
		text += " " + e.GetNodeId()
	}
	attrs, indented := e.GetAttributes(), false
	for _, key := range slices.Sorted(maps.Keys(attrs)) {
		if untimely[key] {
			continue
		}
		attr := " " + key + "=" + attributeText(attrs[key])
		if 2*depth+len(text)+len(attr) > maxColumns {
			t.add(depth, text)
			if text = attr[1:]; !indented {
				depth, indented = depth+2, true
			}
			continue
		}
		text += attr
	}
	t.add(depth, text)
}

const maxColumns = 92

// message adds a message that is no event.
func (t *timeline) message(m *pb.DashStreamMessage) {
	h := m.Header()
	depth := t.depths[string(h.GetParentId())]
	if x := m.GetTokenChunk(); x != nil {
		if t.tokens == "" {
			t.add(depth, "")
		}
		t.tokens += x.GetText()
		t.lines[len(t.lines)-1] = strings.Repeat("  ", depth) + fmt.Sprintf("TOKENS %q", t.tokens)
		return
	}
	text := strings.TrimPrefix(m.Kind().String(), "MESSAGE_TYPE_")
	if x := m.GetToolExecution(); x != nil {
		stage := strings.TrimPrefix(x.GetStage().String(), "EXECUTION_STAGE_")
		text = strings.TrimSpace(fmt.Sprintf("TOOL_%s %s %s", stage, x.GetToolName(),
			append(append(x.GetArguments(), x.GetResult()...), x.GetError()...)))
		if x.GetStage() <= pb.ToolExecution_EXECUTION_STAGE_STARTED {
			t.depths[string(h.GetMessageId())] = depth
		}
	}
	t.add(depth, text)
}

func (t *timeline) add(depth int, text string) {
	t.tokens = ""
	t.lines = append(t.lines, strings.Repeat("  ", depth)+text)
}

func attributeText(v *pb.AttributeValue) string {
	switch x := v.GetValue().(type) {
	case *pb.AttributeValue_StringValue:
		if x.StringValue == "" || strings.ContainsAny(x.StringValue, " \n\"=") {
			return fmt.Sprintf("%q", x.StringValue)
		}
		return x.StringValue
	case *pb.AttributeValue_IntValue:
		return fmt.Sprint(x.IntValue)
	case *pb.AttributeValue_FloatValue:
		return fmt.Sprint(x.FloatValue)
	case *pb.AttributeValue_BoolValue:
		return fmt.Sprint(x.BoolValue)
	case *pb.AttributeValue_BytesValue:
		return fmt.Sprintf("%x", x.BytesValue)
	case *pb.AttributeValue_ArrayValue:
		var all []string
		for _, one := range x.ArrayValue.GetValues() {
			all = append(all, attributeText(one))
		}
		return "[" + strings.Join(all, " ") + "]"
	case *pb.AttributeValue_MapValue:
		var all []string
		values := x.MapValue.GetValues()
		for _, key := range slices.Sorted(maps.Keys(values)) {
			all = append(all, key+"="+attributeText(values[key]))
		}
		return "{" + strings.Join(all, " ") + "}"
	}
	return "null"
}
