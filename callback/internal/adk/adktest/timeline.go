package adktest

import (
	"fmt"
	"strings"

	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Timeline prints what was sent on a thread, a line for each message, indented by what it is
// inside. It leaves out times and ids.
func Timeline(rec *callbacktest.Recorder, thread string) string {
	var b strings.Builder
	depths := map[string]int{} // of starts, by their ids
	print := func(h *pb.Header, start bool, text string) {
		depth, inside := depths[string(h.GetParentId())]
		if inside && !start {
			depth-- // an end stands where its start does
		}
		if start {
			depths[string(h.GetMessageId())] = depth + 1
		}
		b.WriteString(strings.Repeat("  ", max(depth, 0)) + strings.TrimSpace(text) + "\n")
	}
	for _, m := range rec.Messages(thread) {
		for e := range m.Events() {
			kind := strings.TrimPrefix(e.GetEventType().String(), "EVENT_TYPE_")
			start := strings.HasSuffix(kind, "_START") || kind == "HUMAN_RESUME"
			print(e.GetHeader(), start, strings.TrimSpace(kind+" "+e.GetNodeId())+attributes(e))
		}
		if t := m.GetToolExecution(); t != nil {
			stage := strings.TrimPrefix(t.GetStage().String(), "EXECUTION_STAGE_")
			print(t.GetHeader(), t.GetStage() == pb.ToolExecution_EXECUTION_STAGE_STARTED,
				fmt.Sprintf("TOOL %s %s %s%s%s", stage, t.GetToolName(), t.GetArguments(),
					t.GetResult(), t.GetError()))
		}
		if t := m.GetTokenChunk(); t != nil {
			print(t.GetHeader(), true, fmt.Sprintf("tokens %q", t.GetText()))
		}
		if d := m.GetStateDiff(); d != nil {
			text := "state"
			for _, op := range d.GetOperations() {
				text += fmt.Sprintf(" %s = %s", op.GetPath(), op.GetValue())
			}
			print(d.GetHeader(), true, text+" "+string(d.GetFullState()))
		}
	}
	return b.String()
}

// attributes prints those that the timeline shows.
func attributes(e *pb.Event) (text string) {
	for _, key := range []string{"graph_name", "model", "error", "finish_reason", "total_tokens",
		"completion", "reason"} {
		v := e.GetAttributes()[key]
		switch {
		case v.GetStringValue() != "":
			text += fmt.Sprintf(" %s=%q", key, v.GetStringValue())
		case v.GetIntValue() != 0:
			text += fmt.Sprintf(" %s=%d", key, v.GetIntValue())
		}
	}
	return text
}
