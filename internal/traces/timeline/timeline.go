// Package timeline prints what was streamed as text, for tests and documents.
package timeline

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// line is a message that is printed.
type line struct {
	at         int64
	id, parent string
	kind, text string
	start      bool
}

var attributes = []string{"graph_name", "node_type", "provider", "model", "response_model",
	"tool_name", "prompt_tokens", "completion_tokens", "cached_tokens", "cache_write_tokens",
	"reasoning_tokens", "finish_reason", "arguments", "result", "prompt", "completion",
	"canceled", "unended", "error"}

// Of returns a line for each event, in the order of their times: the ms since the first one, the
// event, indented by what it is in, and what it says.
func Of(messages []*pb.DashStreamMessage) string {
	var lines []line
	for _, m := range messages {
		for e := range m.Events() {
			lines = append(lines, lineOf(e))
		}
	}
	slices.SortStableFunc(lines, func(a, b line) int { return cmp.Compare(a.at, b.at) })
	parents := map[string]string{}
	for _, l := range lines {
		if l.start {
			parents[l.id] = l.parent
		}
	}
	var out strings.Builder
	for _, l := range lines {
		depth := 0
		for at := l.parent; at != "" && depth < 100; at = parents[at] {
			depth++
		}
		if !l.start && depth > 0 {
			depth-- // it stands below its start
		}
		text := strings.TrimSpace(l.kind + " " + l.text)
		fmt.Fprintf(&out, "%8.1f %s%s\n", float64(l.at-lines[0].at)/1000,
			strings.Repeat("  ", depth), text)
	}
	return out.String()
}

func lineOf(e *pb.Event) line {
	h := e.GetHeader()
	l := line{at: h.GetTimestampUs(), id: string(h.GetMessageId()),
		parent: string(h.GetParentId()),
		kind:   strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_")}
	l.start = strings.HasSuffix(l.kind, "_START")
	var parts []string
	if strings.HasPrefix(l.kind, "NODE_") {
		parts = append(parts, e.GetNodeId())
	}
	for _, key := range attributes {
		a, ok := e.GetAttributes()[key]
		if !ok {
			continue
		}
		text := a.GetStringValue()
		switch v := a.GetValue().(type) {
		case *pb.AttributeValue_IntValue:
			text = fmt.Sprint(v.IntValue)
		case *pb.AttributeValue_BoolValue:
			text = fmt.Sprint(v.BoolValue)
		}
		if strings.ContainsAny(text, " \n\"") {
			text = fmt.Sprintf("%q", text)
		}
		parts = append(parts, key+"="+text)
	}
	l.text = strings.Join(parts, " ")
	return l
}
