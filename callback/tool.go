package callback

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// ToolCall describes a call of a tool.
type ToolCall struct {
	// ID names the call, as the model that requested it does. If it is empty, a random one is used.
	ID string
	// Name is the tool's name.
	Name string
	// Arguments are the arguments of the call; nil for none. A json.RawMessage, []byte or string
	// that holds JSON is sent as it is, and as a JSON string if it holds anything else. Other
	// values are encoded as JSON.
	Arguments any
	// EventsOnly reports the call by the events TOOL_START, TOOL_END and TOOL_ERROR instead of by
	// ToolExecution messages. The arguments and the result are then attributes of those events, as
	// they are or as JSON, just as prompts and answers are attributes of a model call's events.
	// Events share a record; a ToolExecution is a record of its own and ends the batch before it.
	// There are no events for requests and retries: a requested tool is reported when it starts, or
	// ends.
	EventsOnly bool
	// Attrs are added to TOOL_START. A ToolExecution has no attributes: without EventsOnly, only
	// [At] has an effect, here and in the calls of the Tool.
	Attrs []slog.Attr
}

// Tool is one call of a tool. It is created by [Node.RequestTool] or [Node.StartTool] and ended,
// once, by [Tool.Complete] or [Tool.Fail]. A nil Tool does nothing. All methods are safe for
// concurrent use.
type Tool struct {
	node       *Node
	id         wire.ID // of the message with which it began
	call, name string
	arguments  []byte     // of a requested tool, for its start
	pending    *toolStart // of a requested tool, for its start, with eventsOnly
	eventsOnly bool
	started    stamp        // when it was requested, or started
	waited     atomic.Int64 // ns from request to start
	begin      sync.Once    // emits TOOL_START and sets id, with eventsOnly
	retries    atomic.Uint32
	ended      atomic.Bool
	unsent     bool // its start was not sent; the lock of its run's unsampled guards it
}

// toolStart is what TOOL_START says of a call.
type toolStart struct {
	arguments string
	attrs     []slog.Attr
}

// RequestTool reports that a model requested a tool (stage REQUESTED). Call [Tool.Start] when it
// begins to run.
func (n *Node) RequestTool(call ToolCall) *Tool {
	return n.newTool(call, pb.ToolExecution_EXECUTION_STAGE_REQUESTED)
}

// StartTool reports that a tool begins to run (stage STARTED).
func (n *Node) StartTool(call ToolCall) *Tool {
	return n.newTool(call, pb.ToolExecution_EXECUTION_STAGE_STARTED)
}

func (n *Node) newTool(call ToolCall, stage pb.ToolExecution_ExecutionStage) *Tool {
	if n == nil {
		return nil
	}
	c := n.thread.client
	if call.ID == "" {
		call.ID = newUUID()
	}
	at, _, attrs := c.when(call.Attrs, n.started)
	t := &Tool{node: n, call: c.valid(call.ID), name: c.valid(call.Name),
		eventsOnly: call.EventsOnly, started: at}
	if t.eventsOnly {
		start := toolStart{c.jsonString(call.Arguments), attrs}
		if stage == pb.ToolExecution_EXECUTION_STAGE_STARTED {
			t.startEvent(t.started, start)
		} else {
			t.pending = &toolStart{start.arguments, slices.Clone(attrs)}
		}
		n.run.open.add(t)
		return t
	}
	arguments := c.jsonOnly(call.Arguments)
	if stage == pb.ToolExecution_EXECUTION_STAGE_REQUESTED {
		t.arguments = bytes.Clone(arguments)
	}
	t.id = t.message(&wire.Tool{Stage: byte(stage), Arguments: arguments}, n.id, t.started, false)
	n.run.open.add(t)
	return t
}

// Start reports that a requested tool begins to run.
func (t *Tool) Start(attrs ...slog.Attr) {
	if t == nil {
		return
	}
	at, _, attrs := t.node.thread.client.when(attrs, t.started)
	t.waited.CompareAndSwap(0, int64(at.sub(t.started)))
	if t.eventsOnly {
		t.startEvent(at, toolStart{attrs: attrs})
		return
	}
	t.message(&wire.Tool{Stage: byte(pb.ToolExecution_EXECUTION_STAGE_STARTED),
		Arguments: t.arguments}, t.id, at, false)
}

// startEvent emits TOOL_START, once, because the end event refers to it.
func (t *Tool) startEvent(at stamp, start toolStart) {
	t.begin.Do(func() {
		if p := t.pending; p != nil {
			start = toolStart{p.arguments, append(p.attrs, start.attrs...)}
		}
		t.id = t.event(pb.EventType_EVENT_TYPE_TOOL_START,
			slog.String("arguments", start.arguments), start.attrs, t.node.id, at, 0)
		t.unsent = isUnsent(t.id)
		t.pending = nil
	})
}

// announce sends a TOOL_START that was not sent, if the end is.
func (t *Tool) announce(failure bool) {
	t.node.run.unsampled.within(t.node, failure, &t.unsent, func(e *wire.Event) {
		e.Type = byte(pb.EventType_EVENT_TYPE_TOOL_START)
		e.Own = []slog.Attr{slog.String("tool_name", t.name), slog.String("call_id", t.call)}
		t.node.thread.emit(e, &envelope{parent: t.node.id, trace: t.node.trace, at: t.started,
			late: t.id})
	})
}

// Retry reports that the tool failed with err and is called again.
func (t *Tool) Retry(err error, attrs ...slog.Attr) {
	if t == nil {
		return
	}
	n := t.retries.Add(1)
	if t.eventsOnly {
		return
	}
	x := wire.Tool{Stage: byte(pb.ToolExecution_EXECUTION_STAGE_RETRYING), Retries: n}
	if err != nil {
		x.Error = t.node.thread.client.errorText(err)
	}
	at, _, _ := t.node.thread.client.when(attrs, t.started)
	t.message(&x, t.id, at, false)
}

// Complete ends the call with the tool's result; nil for none. A json.RawMessage, []byte or string
// is sent as it is; any other value is encoded as JSON. Only the first call of Complete or Fail
// does anything.
func (t *Tool) Complete(result any, attrs ...slog.Attr) {
	if t == nil || !t.ended.CompareAndSwap(false, true) {
		return
	}
	t.node.run.open.remove(t)
	at, _, attrs := t.node.thread.client.when(attrs, t.started)
	if t.eventsOnly {
		t.startEvent(at, toolStart{})
		t.announce(false)
		t.event(pb.EventType_EVENT_TYPE_TOOL_END,
			slog.String("result", t.node.thread.client.jsonString(result)), attrs, t.id, at,
			t.took(at))
		return
	}
	x := wire.Tool{Stage: byte(pb.ToolExecution_EXECUTION_STAGE_COMPLETED),
		Result: t.node.thread.client.jsonBytes(result), Retries: t.retries.Load()}
	x.Micros = t.took(at).Microseconds()
	t.message(&x, t.id, at, false)
}

// Fail ends the call with an error. Only the first call of Complete or Fail does anything.
func (t *Tool) Fail(err error, attrs ...slog.Attr) { t.fail(err, attrs) }

// fail is Fail, and reports whether it is what ended the call.
func (t *Tool) fail(err error, attrs []slog.Attr) bool {
	if t == nil || !t.ended.CompareAndSwap(false, true) {
		return false
	}
	t.node.run.open.remove(t)
	at, _, attrs := t.node.thread.client.when(attrs, t.started)
	text := "failed"
	if err != nil {
		text = t.node.thread.client.errorText(err)
	}
	if t.eventsOnly {
		t.startEvent(at, toolStart{})
		t.announce(true)
		t.event(pb.EventType_EVENT_TYPE_TOOL_ERROR, slog.String("error", text), attrs, t.id, at,
			t.took(at))
		return true
	}
	x := wire.Tool{Stage: byte(pb.ToolExecution_EXECUTION_STAGE_FAILED), Error: text,
		Micros: t.took(at).Microseconds(), Retries: t.retries.Load()}
	t.message(&x, t.id, at, true)
	return true
}

// took returns how long the tool has run: since its start, or since its request if Start was not
// called.
func (t *Tool) took(end stamp) time.Duration {
	return max(0, end.sub(t.started)-time.Duration(t.waited.Load()))
}

func (t *Tool) message(x *wire.Tool, parent wire.ID, at stamp, urgent bool) wire.ID {
	x.CallID, x.Name = t.call, t.name
	if isUnsent(parent) { // messages of a tool are not sent late
		parent = t.node.id
	}
	return t.node.thread.emitTool(x, &envelope{parent: parent, trace: t.node.trace, at: at,
		urgent: urgent, node: t.node, failure: urgent})
}

// event emits an event of this kind. more is left out if it is empty.
func (t *Tool) event(
	kind pb.EventType, more slog.Attr, attrs []slog.Attr, parent wire.ID, at stamp,
	took time.Duration,
) wire.ID {
	var space [4]slog.Attr
	e := wire.Event{Type: byte(kind), Node: t.node.name, Attrs: attrs}
	e.Own = append(space[:0], slog.String("tool_name", t.name), slog.String("call_id", t.call))
	e.Own = appendText(e.Own, more.Key, more.Value.String())
	if kind != pb.EventType_EVENT_TYPE_TOOL_START {
		e.Micros, e.Timed = took.Microseconds(), true
	}
	return t.node.thread.emit(&e, &envelope{parent: parent, trace: t.node.trace, at: at,
		urgent: kind == pb.EventType_EVENT_TYPE_TOOL_ERROR, node: t.node})
}

// jsonBytes returns v as JSON, without copying what is already encoded. A note takes the place of
// what cannot be encoded, and says why.
func (c *Client) jsonBytes(v any) []byte {
	switch x := v.(type) {
	case nil:
		return nil
	case json.RawMessage:
		return x
	case []byte:
		return x
	case string:
		return []byte(x)
	}
	return []byte(c.jsonText(v))
}

// jsonString is jsonBytes as a string; it does not copy a string.
func (c *Client) jsonString(v any) string {
	if s, ok := v.(string); ok {
		return s
	}
	return string(c.jsonBytes(v))
}

// jsonOnly is jsonBytes for fields that readers parse: text that is not JSON becomes a JSON string.
func (c *Client) jsonOnly(v any) []byte {
	b := c.jsonBytes(v)
	if b != nil && !json.Valid(b) {
		return []byte(c.jsonText(string(b)))
	}
	return b
}

func (c *Client) jsonText(v any) string {
	if raw, ok := v.(json.RawMessage); ok {
		return c.valid(string(raw))
	}
	var f wire.Faults
	text, _ := wire.JSON(v, &f)
	c.count(f)
	return text
}
