package jsonlines

import (
	"fmt"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// maxStarts bounds the starts whose nodes are remembered. The oldest are forgotten first.
const maxStarts = 200_000

// Owners knows the node of each start, so that an event is shown with the node that it happened in,
// to which parent_id leads. A node that starts while another one of its name runs in its thread
// gets a number: search, search#2. Create one with [NewOwners]; it is not safe for concurrent use.
type Owners struct {
	limit  int
	starts map[string]start // by message_id
	order  []string         // of starts, oldest first
	open   map[place]bool   // running nodes
}

type start struct {
	thread, label string
	isNode        bool
}

type place struct{ thread, label string }

// NewOwners returns Owners that have seen nothing.
func NewOwners() *Owners {
	return &Owners{limit: maxStarts, starts: map[string]start{}, open: map[place]bool{}}
}

// See takes an event (nil if m is a message of another kind) and returns the node that it happened
// in, "" if there is none or it is unknown. h is the event's header, or the message's.
func (o *Owners) See(thread string, h *pb.Header, e *pb.Event, m *pb.DashStreamMessage) string {
	id := string(h.GetMessageId())
	in := o.starts[string(h.GetParentId())]
	if e == nil {
		switch m.GetToolExecution().GetStage() {
		case pb.ToolExecution_EXECUTION_STAGE_REQUESTED, pb.ToolExecution_EXECUTION_STAGE_STARTED:
			o.add(id, start{thread, in.label, false}) // later stages refer to it
		}
		return in.label
	}
	node := e.GetNodeId()
	switch e.GetEventType() {
	case pb.EventType_EVENT_TYPE_NODE_START:
		label := o.label(thread, node)
		o.add(id, start{thread, label, true})
		return label
	case pb.EventType_EVENT_TYPE_NODE_END, pb.EventType_EVENT_TYPE_NODE_ERROR:
		delete(o.open, place{in.thread, in.label})
	}
	label := node
	if base, _, _ := strings.Cut(in.label, "#"); base == node {
		label = in.label
	}
	switch e.GetEventType() {
	case pb.EventType_EVENT_TYPE_LLM_START, pb.EventType_EVENT_TYPE_TOOL_START,
		pb.EventType_EVENT_TYPE_OPTIMIZATION_START:
		o.add(id, start{thread, label, false})
	}
	return label
}

// label returns a name for a node that starts, different from those of all nodes running in the
// thread.
func (o *Owners) label(thread, node string) string {
	label := node
	for n := 2; o.open[place{thread, label}]; n++ {
		label = fmt.Sprintf("%s#%d", node, n)
	}
	return label
}

func (o *Owners) add(id string, s start) {
	if _, known := o.starts[id]; known || id == "" {
		return
	}
	if len(o.order) >= o.limit {
		oldest := o.starts[o.order[0]]
		if oldest.isNode {
			delete(o.open, place{oldest.thread, oldest.label})
		}
		delete(o.starts, o.order[0])
		o.order = o.order[1:]
	}
	o.starts[id] = s
	o.order = append(o.order, id)
	if s.isNode {
		o.open[place{s.thread, s.label}] = true
	}
}
