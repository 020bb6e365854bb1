package view

import (
	"slices"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
)

// calls are the calls of models and tools of a thread, the latest of them.
type calls struct {
	detail  *detail
	byKey   map[string]*Call
	byStart map[reduce.ID]*Call // by the message_id of what began them
	order   []*Call
	starts  map[*Call][]reduce.ID
	bytes   map[*Call]int
	total   int
}

func (c *calls) init(d *detail) {
	c.detail, c.byKey, c.byStart = d, map[string]*Call{}, map[reduce.ID]*Call{}
	c.starts, c.bytes = map[*Call][]reduce.ID{}, map[*Call]int{}
}

// get returns the call with a key, and makes it if it is new.
func (c *calls) get(kind, key string) *Call {
	key = kind + ":" + name(key)
	if call := c.byKey[key]; call != nil {
		return call
	}
	call := &Call{ID: key, Kind: kind, Status: "running"}
	c.byKey[key] = call
	c.order = append(c.order, call)
	c.bound()
	return call
}

// bound removes the oldest calls beyond the limits.
func (c *calls) bound() {
	for len(c.order) > maxCalls || c.total > maxCallBytes && len(c.order) > 1 {
		old := c.order[0]
		c.order = slices.Delete(c.order, 0, 1)
		delete(c.byKey, old.ID)
		for _, id := range c.starts[old] {
			delete(c.byStart, id)
		}
		c.total -= c.bytes[old]
		delete(c.starts, old)
		delete(c.bytes, old)
		c.detail.pending.remove(inCalls, old.ID)
	}
}

// touched notes that a call has changed.
func (c *calls) touched(call *Call) {
	size := 512 + valueBytes(call.Input) + valueBytes(call.Output)
	c.total += size - c.bytes[call]
	c.bytes[call] = size
	c.detail.pending.set(inCalls, call.ID)
	c.bound()
}

func valueBytes(v *Value) int {
	if v == nil {
		return 0
	}
	return len(v.JSON) + len(v.Text)
}

// began notes what a call is part of, and that a message began it.
func (c *calls) began(th *reduce.Thread, call *Call, h *pb.Header) {
	if id := idOf(h.GetMessageId()); len(c.starts[call]) < 8 && id != (reduce.ID{}) {
		c.byStart[id] = call
		c.starts[call] = append(c.starts[call], id)
	}
	if call.Sequence == 0 {
		call.Sequence, call.Started = Whole(h.GetSequence()), h.GetTimestampUs()
	}
	parent := idOf(h.GetParentId())
	if call.Node != "" || c.byStart[parent] == call {
		return
	}
	if call.Run = c.detail.runOf(th, parent); th.Node(parent) != nil {
		call.Node, call.NodeName = parent.String(), name(th.Node(parent).Name)
	}
}

func (c *calls) ended(call *Call, h *pb.Header, status string, duration int64) {
	call.Status, call.Streaming = status, false
	call.Ended, call.Duration = h.GetTimestampUs(), max(0, duration)
}

// event adds an event about a call; others are nothing to it.
func (c *calls) event(th *reduce.Thread, p *part) {
	e, h := p.event, p.header
	switch e.GetEventType() {
	case pb.EventType_EVENT_TYPE_LLM_START:
		call := c.get("llm", first(e.GetLlmRequestId(), idOf(h.GetMessageId()).String()))
		c.began(th, call, h)
		call.Name = name(str(e, pb.AttrModel))
		call.Input = c.value(p, pb.AttrPrompt)
		c.touched(call)
	case pb.EventType_EVENT_TYPE_LLM_END, pb.EventType_EVENT_TYPE_LLM_ERROR,
		pb.EventType_EVENT_TYPE_LLM_RETRY:
		call := c.of("llm", e.GetLlmRequestId(), h)
		c.model(th, call, p)
		c.touched(call)
	case pb.EventType_EVENT_TYPE_TOOL_START:
		call := c.get("tool", first(str(e, pb.AttrCallID), idOf(h.GetMessageId()).String()))
		c.began(th, call, h)
		call.Name = name(str(e, pb.AttrToolName))
		call.Input = c.value(p, pb.AttrArguments)
		c.touched(call)
	case pb.EventType_EVENT_TYPE_TOOL_END, pb.EventType_EVENT_TYPE_TOOL_ERROR:
		call := c.of("tool", str(e, pb.AttrCallID), h)
		if call.Name == "" {
			call.Name = name(str(e, pb.AttrToolName))
		}
		if e.GetEventType() == pb.EventType_EVENT_TYPE_TOOL_ERROR {
			call.Error = text(str(e, pb.AttrError))
			c.ended(call, h, "failed", e.GetDurationUs())
		} else {
			call.Output = c.value(p, pb.AttrResult)
			c.ended(call, h, "ended", e.GetDurationUs())
		}
		c.touched(call)
	}
}

// of returns the call that a message with this parent or key is about.
func (c *calls) of(kind, key string, h *pb.Header) *Call {
	parent := idOf(h.GetParentId())
	if call := c.byStart[parent]; call != nil && call.Kind == kind {
		return call
	}
	return c.get(kind, first(key, parent.String()))
}

// model adds the end, the error or a retry of a model's call.
func (c *calls) model(th *reduce.Thread, call *Call, p *part) {
	e, h := p.event, p.header
	if call.Sequence == 0 {
		c.began(th, call, h)
	}
	if e.GetEventType() == pb.EventType_EVENT_TYPE_LLM_RETRY {
		call.Retries++
		call.Error = text(str(e, pb.AttrError))
		return
	}
	number := func(key string) int64 { return max(0, e.GetAttributes()[key].GetIntValue()) }
	call.Prompt, call.Completed = number(pb.AttrPromptTokens), number(pb.AttrCompletionTokens)
	if call.Total == 0 {
		call.Total = tokensOf(e)
		c.detail.tokens[call.Run] += call.Total
		c.detail.pending.set(inRuns, call.Run)
	}
	call.Finish = name(str(e, pb.AttrFinishReason))
	if v := c.value(p, pb.AttrCompletion); v != nil {
		call.Output = v
	}
	if e.GetEventType() == pb.EventType_EVENT_TYPE_LLM_ERROR {
		call.Error = text(str(e, pb.AttrError))
		c.ended(call, h, "failed", e.GetDurationUs())
		return
	}
	call.Error = "" // of a retry that was needed
	c.ended(call, h, "ended", e.GetDurationUs())
}

// tokensOf returns the tokens that the end of a model's call counts.
func tokensOf(e *pb.Event) int64 {
	number := func(key string) int64 {
		return min(max(0, e.GetAttributes()[key].GetIntValue()), 1<<40)
	}
	if n := number(pb.AttrTotalTokens); n > 0 {
		return n
	}
	return number(pb.AttrPromptTokens) + number(pb.AttrCompletionTokens)
}

// token adds a part of an answer.
func (c *calls) token(th *reduce.Thread, t *pb.TokenChunk) {
	call := c.of("llm", t.GetRequestId(), t.GetHeader())
	if call.Sequence == 0 {
		c.began(th, call, t.GetHeader())
	}
	if call.Name == "" {
		call.Name = name(t.GetModel())
	}
	if call.Output == nil {
		call.Output = &Value{}
	}
	out := *call.Output // the one before may have been handed out
	out.Bytes += len(t.GetText())
	if left := intake.MaxTextBytes - len(out.Text); left < len(t.GetText()) {
		out.Text, out.Cut = out.Text+clipBytes(t.GetText(), max(0, left)), true
	} else {
		out.Text += t.GetText()
	}
	call.Output = &out
	if call.Ended == 0 {
		call.Streaming = !t.GetIsFinal()
	}
	c.touched(call)
}

// tool adds a stage of a tool's execution.
func (c *calls) tool(th *reduce.Thread, p *part) {
	t, h := p.message.GetToolExecution(), p.header
	call := c.of("tool", t.GetCallId(), h)
	c.began(th, call, h)
	if t.GetToolName() != "" {
		call.Name = name(t.GetToolName())
	}
	if v := c.detail.parser.value(t.GetArguments(), p.noted("arguments")); v != nil {
		call.Input = v
	}
	if v := c.detail.parser.value(t.GetResult(), p.noted("result")); v != nil {
		call.Output = v
	}
	call.Retries = max(call.Retries, int(min(t.GetRetryCount(), 1<<20)))
	if t.GetError() != "" {
		call.Error = text(t.GetError())
	}
	switch t.GetStage() {
	case pb.ToolExecution_EXECUTION_STAGE_REQUESTED:
		if call.Ended == 0 {
			call.Status = "requested"
		}
	case pb.ToolExecution_EXECUTION_STAGE_COMPLETED:
		call.Error = ""
		c.ended(call, h, "ended", t.GetDurationUs())
	case pb.ToolExecution_EXECUTION_STAGE_FAILED:
		c.ended(call, h, "failed", t.GetDurationUs())
	default:
		if call.Ended == 0 {
			call.Status = "running"
		}
	}
	c.touched(call)
}

func (c *calls) value(p *part, key string) *Value {
	return c.detail.parser.value([]byte(str(p.event, key)), p.noted(key))
}

// noted returns what intake noted of a field or an attribute, nil for nothing.
func (p *part) noted(what string) *intake.Part {
	for i := range p.parts {
		if p.parts[i].What == what {
			return &p.parts[i]
		}
	}
	return nil
}

func first(a, b string) string {
	if a != "" {
		return a
	}
	return b
}
