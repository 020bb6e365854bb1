package callbacktest

import (
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// startOf has the type of the start that an end or error belongs to.
var startOf = map[pb.EventType]pb.EventType{
	pb.EventType_EVENT_TYPE_GRAPH_END:        pb.EventType_EVENT_TYPE_GRAPH_START,
	pb.EventType_EVENT_TYPE_GRAPH_ERROR:      pb.EventType_EVENT_TYPE_GRAPH_START,
	pb.EventType_EVENT_TYPE_NODE_END:         pb.EventType_EVENT_TYPE_NODE_START,
	pb.EventType_EVENT_TYPE_NODE_ERROR:       pb.EventType_EVENT_TYPE_NODE_START,
	pb.EventType_EVENT_TYPE_PARALLEL_END:     pb.EventType_EVENT_TYPE_PARALLEL_START,
	pb.EventType_EVENT_TYPE_LLM_END:          pb.EventType_EVENT_TYPE_LLM_START,
	pb.EventType_EVENT_TYPE_LLM_ERROR:        pb.EventType_EVENT_TYPE_LLM_START,
	pb.EventType_EVENT_TYPE_TOOL_END:         pb.EventType_EVENT_TYPE_TOOL_START,
	pb.EventType_EVENT_TYPE_TOOL_ERROR:       pb.EventType_EVENT_TYPE_TOOL_START,
	pb.EventType_EVENT_TYPE_OPTIMIZATION_END: pb.EventType_EVENT_TYPE_OPTIMIZATION_START,
}

// checkParent places the message in the tree of starts.
func (c *Checker) checkParent(at item) {
	if at.thread.isReport() || at.header == nil {
		return
	}
	event, parent := at.event.GetEventType(), at.header.GetParentId()
	kind, isEnd := startOf[event]
	switch {
	case len(parent) != 0 && len(parent) != pb.MessageIDBytes:
		c.violate(at, RuleParent, "parent_id has %d bytes", len(parent))
	case isEnd:
		c.end(at, kind)
	case len(parent) == 0:
		c.checkTop(at)
	default:
		c.checkEnclosed(at)
	}
	c.enter(at)
}

// checkTop checks a message without a parent.
func (c *Checker) checkTop(at item) {
	switch at.event.GetEventType() {
	case pb.EventType_EVENT_TYPE_GRAPH_START, pb.EventType_EVENT_TYPE_HUMAN_RESUME:
		return
	}
	for id, s := range at.thread.open {
		if s.event != pb.EventType_EVENT_TYPE_GRAPH_START || s.waits {
			continue
		}
		if !at.thread.excuse(id[:], true) {
			c.violate(at, RuleParent, "parent_id is empty while a graph runs")
			return
		}
		s.waits = true // its end was lost, or is late
	}
}

// checkEnclosed checks a message inside the start that its parent_id names. That may have ended,
// because events of other goroutines may be late. Only a state must not be late.
func (c *Checker) checkEnclosed(at item) {
	t, parent := at.thread, at.header.GetParentId()
	event, known := c.starts[c.hash(t.id, parent)]
	if !known && !t.excuse(parent, false) {
		c.violate(at, RuleParent, "parent_id is not a start of the thread")
	}
	if at.message.GetStateDiff() != nil && event == pb.EventType_EVENT_TYPE_NODE_START &&
		t.open[messageID(parent)] == nil {
		c.violate(at, RuleState, "the state comes after the end of the node that changed it")
	}
}

// end ends the start that the message names, which must be of the given kind.
func (c *Checker) end(at item, kind pb.EventType) {
	t, parent := at.thread, at.header.GetParentId()
	if len(parent) == 0 {
		c.violate(at, RuleParent, "%v does not name a start", at.event.GetEventType())
		return
	}
	s := t.open[messageID(parent)]
	if s == nil {
		if _, known := c.starts[c.hash(t.id, parent)]; known {
			c.violate(at, RuleParent, "%v of a start that has ended", at.event.GetEventType())
		} else if !t.excuse(parent, true) {
			c.violate(at, RuleParent, "%v of a start that was never seen", at.event.GetEventType())
		}
		return
	}
	if s.event != kind {
		c.violate(at, RuleParent, "%v of a %v", at.event.GetEventType(), s.event)
		return
	}
	if s.node != at.event.GetNodeId() {
		c.violate(at, RuleParent, "%v of node %q for node %q", at.event.GetEventType(),
			at.event.GetNodeId(), s.node)
	}
	delete(t.open, messageID(parent))
}

// enter remembers what the message starts, and whether a graph waits for a human.
func (c *Checker) enter(at item) {
	event, parent := at.event.GetEventType(), at.header.GetParentId()
	switch event {
	case pb.EventType_EVENT_TYPE_GRAPH_START, pb.EventType_EVENT_TYPE_NODE_START,
		pb.EventType_EVENT_TYPE_PARALLEL_START,
		pb.EventType_EVENT_TYPE_LLM_START, pb.EventType_EVENT_TYPE_TOOL_START,
		pb.EventType_EVENT_TYPE_OPTIMIZATION_START:
		c.start(at, at.header.GetMessageId(), event)
	case pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT:
		c.waits(at, parent, true)
	case pb.EventType_EVENT_TYPE_HUMAN_RESUME:
		if len(parent) == 0 {
			// The resuming process may not know the GRAPH_START; then this is the parent of what
			// follows.
			c.start(at, at.header.GetMessageId(), pb.EventType_EVENT_TYPE_GRAPH_START)
			return
		}
		c.waits(at, parent, false)
	}
	switch at.message.GetToolExecution().GetStage() {
	case pb.ToolExecution_EXECUTION_STAGE_REQUESTED, pb.ToolExecution_EXECUTION_STAGE_STARTED:
		// Its later stages may refer to it.
		c.starts[c.hash(at.thread.id,
			at.header.GetMessageId())] = pb.EventType_EVENT_TYPE_TOOL_START
	}
}

func (c *Checker) start(at item, id []byte, event pb.EventType) {
	t := at.thread
	c.starts[c.hash(t.id, id)] = event
	if len(id) != pb.MessageIDBytes || t.excused[string(id)] { // it came after its end
		return
	}
	t.open[messageID(id)] = &start{
		event: event, node: at.event.GetNodeId(), sequence: at.header.GetSequence(),
		parent: at.header.GetParentId(),
	}
}

// waits records that a graph waits for a human, or continues. It may continue after its end, when a
// failed run is resumed.
func (c *Checker) waits(at item, graph []byte, waits bool) {
	if len(graph) != pb.MessageIDBytes {
		return
	}
	s := at.thread.open[messageID(graph)]
	if s == nil && !waits &&
		c.starts[c.hash(at.thread.id, graph)] == pb.EventType_EVENT_TYPE_GRAPH_START {
		s = &start{event: pb.EventType_EVENT_TYPE_GRAPH_START, sequence: at.header.GetSequence()}
		at.thread.open[messageID(graph)] = s
	}
	if s != nil && s.event == pb.EventType_EVENT_TYPE_GRAPH_START {
		s.waits = waits
	}
}
