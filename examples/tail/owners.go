package main

import (
	"fmt"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// maxStarts bounds the starts whose nodes are remembered. The oldest is forgotten first.
const maxStarts = 200_000

// owners knows the node of each start, so that what happens is shown with the node in which it does: parent_id leads there. A node that
// starts while another one of its name runs in its thread is told apart: search, search#2.
type owners struct {
	limit  int
	starts map[string]start // by message_id
	order  []string         // of starts, the oldest first
	open   map[place]bool   // nodes that run
}

type start struct {
	thread, label string
	isNode        bool
}

type place struct{ thread, label string }

func newOwners() *owners {
	return &owners{limit: maxStarts, starts: map[string]start{}, open: map[place]bool{}}
}

// see takes an item and returns the node in which it happens, "" if that is not known or there is none.
func (o *owners) see(i *item) string {
	id := string(i.header.GetMessageId())
	in := o.starts[string(i.header.GetParentId())]
	if i.event == nil {
		switch i.message.GetToolExecution().GetStage() {
		case pb.ToolExecution_EXECUTION_STAGE_REQUESTED, pb.ToolExecution_EXECUTION_STAGE_STARTED:
			o.add(id, start{i.thread(), in.label, false}) // later stages name it
		}
		return in.label
	}
	node := i.event.GetNodeId()
	switch i.event.GetEventType() {
	case pb.EventType_EVENT_TYPE_NODE_START:
		label := o.label(i.thread(), node)
		o.add(id, start{i.thread(), label, true})
		return label
	case pb.EventType_EVENT_TYPE_NODE_END, pb.EventType_EVENT_TYPE_NODE_ERROR:
		delete(o.open, place{in.thread, in.label})
	}
	label := node
	if base, _, _ := strings.Cut(in.label, "#"); base == node {
		label = in.label
	}
	switch i.event.GetEventType() {
	case pb.EventType_EVENT_TYPE_LLM_START, pb.EventType_EVENT_TYPE_TOOL_START, pb.EventType_EVENT_TYPE_OPTIMIZATION_START:
		o.add(id, start{i.thread(), label, false})
	}
	return label
}

// label returns a name for a node that starts, which no node that runs in the thread has.
func (o *owners) label(thread, node string) string {
	label := node
	for n := 2; o.open[place{thread, label}]; n++ {
		label = fmt.Sprintf("%s#%d", node, n)
	}
	return label
}

func (o *owners) add(id string, s start) {
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
