package main

import (
	"fmt"
	"io"
	"strings"
	"sync"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// tree prints the run of one thread as it comes out of Kafka.
type tree struct {
	out    io.Writer
	paint  func(color, string) string
	thread string

	mu     sync.Mutex
	start  int64             // µs, of GRAPH_START
	depth  map[string]int    // by message id
	tokens map[string]string // by request
	ended  chan struct{}     // closed when the run has ended
}

type color string

const (
	plain  color = ""
	dim    color = "\x1b[2m"
	bold   color = "\x1b[1m"
	green  color = "\x1b[32m"
	yellow color = "\x1b[33m"
	red    color = "\x1b[31m"
	reset        = "\x1b[0m"
)

func newTree(out io.Writer, colored bool, thread string) *tree {
	paint := func(_ color, s string) string { return s }
	if colored {
		paint = func(c color, s string) string {
			if c == plain || s == "" {
				return s
			}
			return string(c) + s + reset
		}
	}
	return &tree{out: out, paint: paint, thread: thread, depth: map[string]int{},
		tokens: map[string]string{}, ended: make(chan struct{})}
}

// add prints what a message says of the run.
func (t *tree) add(m *pb.DashStreamMessage) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if m.Header().GetThreadId() != t.thread {
		return
	}
	for e := range m.Events() {
		t.event(e)
	}
	if c := m.GetTokenChunk(); c != nil {
		t.tokens[c.GetRequestId()] += c.GetText()
	}
	if x := m.GetToolExecution(); x != nil {
		t.tool(x)
	}
	if d := m.GetStateDiff(); d != nil {
		t.state(d)
	}
}

// state shows what has changed of the graph's state.
func (t *tree) state(d *pb.StateDiff) {
	what := clip(string(d.GetFullState()), 160)
	if what == "" {
		var paths []string
		for _, op := range d.GetOperations() {
			paths = append(paths, op.GetPath())
		}
		what = strings.Join(paths, ", ")
	}
	t.line(d.GetHeader(), t.depth[string(d.GetHeader().GetParentId())]+1, dim, "≡ state", what)
}

func (t *tree) event(e *pb.Event) {
	h := e.GetHeader()
	parent := t.depth[string(h.GetParentId())]
	took := time.Duration(e.GetDurationUs()) * time.Microsecond
	switch e.GetEventType() {
	case pb.EventType_EVENT_TYPE_GRAPH_START:
		t.start = h.GetTimestampUs()
		t.depth[string(h.GetMessageId())] = 0
		t.line(h, 0, bold, "run of "+attr(e, "graph_name"),
			strings.TrimSpace(attr(e, "initial_state_json")+" on thread "+h.GetThreadId()))
	case pb.EventType_EVENT_TYPE_NODE_START:
		t.depth[string(h.GetMessageId())] = parent + 1
		t.line(h, parent+1, plain, "▶ "+e.GetNodeId(), "")
	case pb.EventType_EVENT_TYPE_NODE_END:
		t.line(h, parent, green, "✔ "+e.GetNodeId(), human(took))
	case pb.EventType_EVENT_TYPE_NODE_ERROR:
		t.line(h, parent, red, "✘ "+e.GetNodeId(), human(took)+": "+attr(e, "error"))
	case pb.EventType_EVENT_TYPE_CONDITIONAL_BRANCH:
		t.line(h, parent+1, yellow, "◆ "+attr(e, "from"), "→ "+attr(e, "to"))
	case pb.EventType_EVENT_TYPE_PARALLEL_START:
		t.depth[string(h.GetMessageId())] = parent
		t.line(h, parent+1, dim, "∥ at once", strings.ReplaceAll(e.GetNodeId(), ",", ", "))
	case pb.EventType_EVENT_TYPE_NODE_THINKING:
		t.line(h, parent+1, dim, "…", attr(e, "thought"))
	case pb.EventType_EVENT_TYPE_NODE_WARNING:
		t.line(h, parent+1, yellow, "! "+attr(e, "message"), attr(e, "error"))
	case pb.EventType_EVENT_TYPE_LLM_START:
		t.depth[string(h.GetMessageId())] = parent + 1
	case pb.EventType_EVENT_TYPE_LLM_END:
		t.line(h, parent, plain, "☰ answer", fmt.Sprintf("%s, %s tokens", human(took),
			attr(e, "total_tokens")))
		for _, line := range strings.Split(strings.TrimSpace(t.tokens[e.GetLlmRequestId()]), "\n") {
			t.line(nil, parent, dim, "  "+clip(line, 160), "")
		}
	case pb.EventType_EVENT_TYPE_GRAPH_END:
		t.end(h, green, "✔ done", human(took))
	case pb.EventType_EVENT_TYPE_GRAPH_ERROR:
		t.end(h, red, "✘ failed", human(took)+": "+attr(e, "error"))
	}
}

func (t *tree) tool(x *pb.ToolExecution) {
	h := x.GetHeader()
	took := time.Duration(x.GetDurationUs()) * time.Microsecond
	if _, known := t.depth[string(h.GetMessageId())]; !known &&
		x.GetStage() == pb.ToolExecution_EXECUTION_STAGE_STARTED {
		t.depth[string(h.GetMessageId())] = t.depth[string(h.GetParentId())] + 1
	}
	depth := t.depth[string(h.GetParentId())]
	switch x.GetStage() {
	case pb.ToolExecution_EXECUTION_STAGE_RETRYING:
		t.line(h, depth, yellow, "↻ "+x.GetToolName(), "again: "+x.GetError())
	case pb.ToolExecution_EXECUTION_STAGE_COMPLETED:
		t.line(h, depth, plain, "⚙ "+x.GetToolName(), fmt.Sprintf("%s, %d bytes", human(took),
			len(x.GetResult())))
	case pb.ToolExecution_EXECUTION_STAGE_FAILED:
		t.line(h, depth, red, "⚙ "+x.GetToolName(), human(took)+": "+x.GetError())
	}
}

func (t *tree) end(h *pb.Header, c color, what, detail string) {
	t.line(h, 0, c, what, detail)
	select {
	case <-t.ended:
	default:
		close(t.ended)
	}
}

// line prints the time since the run began, the depth as indentation, what happened and the
// details.
func (t *tree) line(h *pb.Header, depth int, c color, what, detail string) {
	at := strings.Repeat(" ", 10)
	if h != nil {
		at = fmt.Sprintf("%7.1f ms", float64(h.GetTimestampUs()-t.start)/1000)
	}
	if detail != "" {
		detail = "  " + t.paint(dim, detail)
	}
	fmt.Fprintf(t.out, "%s %s%s%s\n", t.paint(dim, at), strings.Repeat("│  ", depth),
		t.paint(c, what), detail)
}

func attr(e *pb.Event, key string) string {
	switch v := e.GetAttributes()[key].GetValue().(type) {
	case *pb.AttributeValue_StringValue:
		return v.StringValue
	case *pb.AttributeValue_IntValue:
		return fmt.Sprint(v.IntValue)
	case *pb.AttributeValue_FloatValue:
		return fmt.Sprint(v.FloatValue)
	case *pb.AttributeValue_BoolValue:
		return fmt.Sprint(v.BoolValue)
	}
	return ""
}

func human(d time.Duration) string {
	switch {
	case d < time.Millisecond:
		return fmt.Sprintf("%d µs", d.Microseconds())
	case d < time.Second:
		return fmt.Sprintf("%.1f ms", float64(d.Microseconds())/1000)
	}
	return fmt.Sprintf("%.2f s", d.Seconds())
}

// clip shortens a text to at most so many characters.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
