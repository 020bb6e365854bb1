package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/internal/jsonlines"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// hidden are attributes that a line has no use for: the duration stands in the event itself, and a
// graph is too long to read.
var hidden = []string{"duration_us", "graph_schema_json", "graph_manifest", "schema_id",
	"execution_id"}

// eventText says what happened: how long it took, what went wrong, where it led, and the
// attributes.
func eventText(e *pb.Event) string {
	rest := maps.Clone(e.GetAttributes())
	for _, key := range hidden {
		delete(rest, key)
	}
	var parts []string
	if d := e.GetDurationUs(); d != 0 {
		parts = append(parts, "in "+duration(time.Duration(d)*time.Microsecond))
	}
	if v := rest["error"]; v.GetStringValue() != "" {
		parts = append(parts, "error: "+cut(v.GetStringValue()))
		delete(rest, "error")
	}
	switch e.GetEventType() {
	case pb.EventType_EVENT_TYPE_EDGE_TRAVERSAL, pb.EventType_EVENT_TYPE_CONDITIONAL_BRANCH:
		if to := rest["to"].GetStringValue(); to != "" {
			parts = append(parts, "→ "+cut(to))
			if result := rest["condition_result"].GetStringValue(); result != "" && result != to {
				parts = append(parts, "("+cut(result)+")")
			}
			for _, key := range []string{"from", "to", "edge_type", "condition_result"} {
				delete(rest, key)
			}
		}
	case pb.EventType_EVENT_TYPE_GRAPH_START:
		if name := rest["graph_name"].GetStringValue(); name != "" {
			parts = append(parts, cut(name)+",", attribute(rest["graph_node_count"]), "nodes,",
				attribute(rest["graph_edge_count"]), "edges,",
				"from "+attribute(rest["graph_entry_point"]))
			for _, key := range []string{"graph_name", "graph_node_count", "graph_edge_count",
				"graph_entry_point"} {
				delete(rest, key)
			}
		}
	}
	return strings.Join(append(parts, attributes(rest)...), " ")
}

// messageText says what a message of any kind but Event holds, and which node or scope it is about:
// owner is the node that is known from its parent. verdict is that on its state.
func messageText(m *pb.DashStreamMessage, owner, verdict string) (about, what string) {
	owner = cmp.Or(owner, "-")
	switch x := m.GetMessage().(type) {
	case *pb.DashStreamMessage_TokenChunk:
		return owner, tokensText(x.TokenChunk)
	case *pb.DashStreamMessage_ToolExecution:
		return owner, toolText(x.ToolExecution)
	case *pb.DashStreamMessage_StateDiff:
		return owner, diffText(x.StateDiff, verdict)
	case *pb.DashStreamMessage_Checkpoint:
		return owner, checkpointText(x.Checkpoint, verdict)
	case *pb.DashStreamMessage_Metrics:
		if x.Metrics.GetScope() == pb.ReportScope {
			return x.Metrics.GetScope(), reportText(x.Metrics)
		}
		if m.LossStatement() != nil {
			return x.Metrics.GetScope(), statementText(x.Metrics)
		}
		return cmp.Or(x.Metrics.GetScope(), "-"), metricsText(x.Metrics)
	case *pb.DashStreamMessage_Error:
		return cmp.Or(x.Error.GetContext()["node"], owner), errorText(x.Error)
	case *pb.DashStreamMessage_ExecutionTrace:
		return "-", traceText(x.ExecutionTrace)
	}
	return "-", ""
}

func tokensText(c *pb.TokenChunk) string {
	what := fmt.Sprintf("#%d %s", c.GetChunkIndex(), quoted(c.GetText()))
	if c.GetIsFinal() {
		what += " final, " + enumText(c.GetFinishReason(), "FINISH_REASON_")
	}
	if s := c.GetStats(); s != nil {
		what += fmt.Sprintf(", %d+%d tokens", s.GetPromptTokens(), s.GetCompletionTokens())
	}
	return what
}

func enumText(v fmt.Stringer, prefix string) string {
	return strings.ToLower(strings.TrimPrefix(v.String(), prefix))
}

func toolText(x *pb.ToolExecution) string {
	what := enumText(x.GetStage(), "EXECUTION_STAGE_")
	if x.GetToolName() != "" {
		what = cut(x.GetToolName()) + " " + what
	}
	if n := x.GetRetryCount(); n > 0 {
		what += fmt.Sprintf(" (retry %d)", n)
	}
	if d := x.GetDurationUs(); d != 0 {
		what += " in " + duration(time.Duration(d)*time.Microsecond)
	}
	if x.GetError() != "" {
		what += ", error: " + cut(x.GetError())
	}
	if a := x.GetArguments(); len(a) > 0 {
		what += " " + bytesText(a)
	}
	if r := x.GetResult(); len(r) > 0 {
		what += " → " + bytesText(r)
	}
	return what
}

// diffText says how the state changed: what each operation does, where, and with how much. verdict
// says whether that holds.
func diffText(d *pb.StateDiff, verdict string) string {
	if full := d.GetFullState(); len(full) > 0 {
		return fmt.Sprintf("the whole state, %s, %s: %s", size(int64(len(full))), verdict,
			bytesText(full))
	}
	var operations []string
	values := 0
	for _, o := range d.GetOperations() {
		text := enumText(o.GetOp(), "OP_TYPE_") + " " + cut(o.GetPath())
		if o.GetFrom() != "" {
			text += " from " + cut(o.GetFrom())
		}
		if n := len(o.GetValue()); n > 0 {
			values += n
			text += fmt.Sprintf(" (%s) %s", size(int64(n)), bytesText(o.GetValue()))
		}
		operations = append(operations, text)
	}
	return fmt.Sprintf("%s, %s, %s: %s", counted(len(operations), "operation"), size(int64(values)),
		verdict, cut(strings.Join(operations, "; ")))
}

func checkpointText(c *pb.Checkpoint, verdict string) string {
	what := cut(jsonlines.IDText(c.GetCheckpointId())) + ", " + size(int64(len(c.GetState())))
	for _, more := range []string{verdict, c.GetStateType(), c.GetStorageUri()} {
		if more != "" {
			what += ", " + cut(more)
		}
	}
	return what
}

func counted(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return grouped(int64(n)) + " " + what
}

func metricsText(m *pb.Metrics) string {
	var parts []string
	if m.GetScopeId() != "" && m.GetScopeId() != m.GetHeader().GetThreadId() {
		parts = append(parts, word(m.GetScopeId()))
	}
	for _, name := range slices.Sorted(maps.Keys(m.GetMetrics())) {
		v := m.GetMetrics()[name]
		text := clean(name) + "=" + metricValue(v)
		if u := v.GetUnit(); u != "" && u != "1" && u != "ratio" && u != "bool" {
			text += " " + cut(u)
		}
		parts = append(parts, text)
	}
	return strings.Join(parts, " ")
}

func metricValue(v *pb.MetricValue) string {
	switch x := v.GetValue().(type) {
	case *pb.MetricValue_IntValue:
		return strconv.FormatInt(x.IntValue, 10)
	case *pb.MetricValue_FloatValue:
		return strconv.FormatFloat(x.FloatValue, 'g', -1, 64)
	case *pb.MetricValue_StringValue:
		return word(x.StringValue)
	case *pb.MetricValue_BoolValue:
		return strconv.FormatBool(x.BoolValue)
	case *pb.MetricValue_BytesValue:
		return bytesText(x.BytesValue)
	}
	return "null"
}

func errorText(e *pb.Error) string {
	what := enumText(e.GetSeverity(), "SEVERITY_")
	for _, name := range []string{e.GetErrorCode(), e.GetExceptionType()} {
		if name != "" {
			what += " " + cut(name)
		}
	}
	what += ": " + cut(e.GetMessage())
	if s := e.GetSuggestions(); len(s) > 0 {
		what += " (" + cut(strings.Join(s, "; ")) + ")"
	}
	return what
}

func traceText(t *pb.ExecutionTrace) string {
	how := "completed"
	if !t.GetCompleted() {
		how = "not completed"
	}
	what := fmt.Sprintf("%s in %s, %d nodes, %d tokens", how,
		duration(time.Duration(t.GetTotalDurationMs())*time.Millisecond),
		len(t.GetNodesExecuted()), t.GetTotalTokens())
	if n := len(t.GetErrors()); n > 0 {
		what += fmt.Sprintf(", %d errors, the first: %s", n, cut(t.GetErrors()[0].GetMessage()))
	}
	return what
}
