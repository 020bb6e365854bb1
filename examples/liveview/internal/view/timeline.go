package view

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
)

// entry appends to the timeline.
func (d *detail) entry(e *Entry) {
	e.N = d.nextEntry
	d.nextEntry++
	e.Text = text(strings.TrimSpace(e.Text))
	d.entries = append(d.entries, e)
	d.pending.set(inTimeline, strconv.Itoa(e.N))
	if len(d.entries) > maxEntries {
		d.pending.remove(inTimeline, strconv.Itoa(d.entries[0].N))
		d.entries = slices.Delete(d.entries, 0, 1)
	}
}

func (d *detail) gap(p *part, missing uint64) {
	to := p.header.GetSequence() - 1
	d.entry(&Entry{Sequence: Whole(p.header.GetSequence()), Time: p.header.GetTimestampUs(),
		Kind: "gap", Level: "warning",
		Text: fmt.Sprintf("%d missing: %d to %d", missing, to-missing+1, to)})
}

func (d *detail) rejected(p *part, n intake.Part) {
	d.entry(&Entry{Sequence: Whole(p.header.GetSequence()), Time: p.header.GetTimestampUs(),
		Kind: "rejected", Level: "warning",
		Text: fmt.Sprintf("%s of %d bytes was rejected: %s", name(n.What), n.Bytes, n.Why)})
}

func (d *detail) refused(p *part, why reduce.Reason) {
	d.entry(&Entry{Sequence: Whole(p.header.GetSequence()), Time: p.header.GetTimestampUs(),
		Kind: "refused", Level: "warning",
		Text: fmt.Sprintf("a message was refused: %s", why)})
}

// event adds an event to the timeline.
func (d *detail) event(th *reduce.Thread, p *part) {
	e, h := p.event, p.header
	kind, known := strings.CutPrefix(e.GetEventType().String(), "EVENT_TYPE_")
	if !known {
		kind = "type_" + strconv.Itoa(int(e.GetEventType()))
	}
	out := Entry{Sequence: Whole(h.GetSequence()), Time: h.GetTimestampUs(),
		Kind: strings.ToLower(kind), Level: levelOf(e.GetEventType()), Text: describe(e)}
	d.place(th, &out, h)
	if out.NodeName == "" {
		out.NodeName = name(e.GetNodeId())
	}
	out.Others, out.OtherNames = intake.Others(e)
	d.entry(&out)
}

// place says where a message with this header belongs.
func (d *detail) place(th *reduce.Thread, out *Entry, h *pb.Header) {
	id, parent := idOf(h.GetMessageId()), idOf(h.GetParentId())
	node := th.Node(id)
	if node == nil {
		node, id = th.Node(parent), parent
	}
	call := d.calls.byStart[parent]
	switch {
	case node != nil:
		out.Node, out.NodeName = id.String(), name(node.Name)
		if x := d.extras[id]; x != nil {
			out.Run = x.run
		}
	case call != nil:
		out.Node, out.NodeName, out.Run = call.Node, call.NodeName, call.Run
	case parent != (reduce.ID{}):
		out.Run = parent.String()
	}
}

func levelOf(t pb.EventType) string {
	switch t {
	case pb.EventType_EVENT_TYPE_GRAPH_ERROR, pb.EventType_EVENT_TYPE_NODE_ERROR,
		pb.EventType_EVENT_TYPE_LLM_ERROR, pb.EventType_EVENT_TYPE_TOOL_ERROR:
		return "error"
	case pb.EventType_EVENT_TYPE_LLM_RETRY, pb.EventType_EVENT_TYPE_NODE_WARNING,
		pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT:
		return "warning"
	}
	return "info"
}

// told are the attributes that describe an event, the first one that it has.
var told = []string{pb.AttrError, pb.AttrReason, pb.AttrMessage, pb.AttrThought,
	pb.AttrSubstepName, pb.AttrToolName, pb.AttrModel, pb.AttrGraphName, pb.AttrKey,
	pb.AttrCheckpointID, pb.AttrTerminationReason, pb.AttrStrategy}

func describe(e *pb.Event) string {
	if from, to := str(e, pb.AttrFrom), str(e, pb.AttrTo); to != "" {
		s := from + " → " + to
		if result := str(e, pb.AttrConditionResult); result != "" {
			s += ": " + result
		}
		return s
	}
	for _, key := range told {
		if s := str(e, key); s != "" {
			return s
		}
	}
	if e.GetDurationUs() > 0 {
		return fmt.Sprintf("took %.3f s", float64(e.GetDurationUs())/1e6)
	}
	return ""
}

// message adds a message that is not an event.
func (d *detail) message(th *reduce.Thread, p *part) {
	h, m := p.header, p.message
	out := Entry{Sequence: Whole(h.GetSequence()), Time: h.GetTimestampUs(), Level: "info"}
	d.place(th, &out, h)
	switch {
	case m.GetTokenChunk() != nil:
		d.calls.token(th, m.GetTokenChunk())
		return // the call shows it as it streams
	case m.GetToolExecution() != nil:
		t := m.GetToolExecution()
		d.calls.tool(th, p)
		d.place(th, &out, h)
		stage := strings.TrimPrefix(t.GetStage().String(), "EXECUTION_STAGE_")
		out.Kind, out.Text = "tool_"+strings.ToLower(stage), t.GetToolName()
		if t.GetStage() == pb.ToolExecution_EXECUTION_STAGE_FAILED {
			out.Level, out.Text = "error", t.GetToolName()+": "+t.GetError()
		}
	case m.GetStateDiff() != nil:
		out.Kind = "state_diff"
		if n := len(m.GetStateDiff().GetFullState()); n > 0 {
			out.Text = fmt.Sprintf("the whole state, %d bytes", n)
		} else {
			out.Text = operations(m.GetStateDiff().GetOperations())
		}
	case m.GetCheckpoint() != nil:
		out.Kind = "checkpoint"
		out.Text = fmt.Sprintf("the whole state, %d bytes", len(m.GetCheckpoint().GetState()))
	case m.GetMetrics() != nil:
		out.Kind, out.Text = "metrics", m.GetMetrics().GetScope()
	case m.GetError() != nil:
		e := m.GetError()
		out.Kind, out.Text, out.Level = "error", e.GetMessage(), "error"
		if s := e.GetSeverity(); s != pb.Error_SEVERITY_UNSPECIFIED &&
			s < pb.Error_SEVERITY_ERROR {
			out.Level = "warning"
		}
	case m.GetExecutionTrace() != nil:
		out.Kind = "execution_trace"
		out.Text = fmt.Sprintf("%d ms, %d tokens", m.GetExecutionTrace().GetTotalDurationMs(),
			m.GetExecutionTrace().GetTotalTokens())
	}
	d.entry(&out)
}

// operations names the places that a patch changes.
func operations(ops []*pb.DiffOperation) string {
	const most = 10
	var b strings.Builder
	for i, op := range ops {
		if i == most {
			fmt.Fprintf(&b, " and %d more", len(ops)-most)
			break
		}
		kind := strings.ToLower(strings.TrimPrefix(op.GetOp().String(), "OP_TYPE_"))
		fmt.Fprintf(&b, "%s %s  ", kind, name(op.GetPath()))
	}
	return b.String()
}

// edge adds an edge that was taken.
func (d *detail) edge(th *reduce.Thread, e *pb.Event) {
	from := first(str(e, pb.AttrFrom), e.GetNodeId())
	run := d.runOf(th, idOf(e.GetHeader().GetParentId()))
	for to := range strings.SplitSeq(str(e, pb.AttrTo), ",") {
		if to = name(strings.TrimSpace(to)); to == "" {
			continue
		}
		key := [3]string{run, name(from), to}
		if d.edges[key] == "" {
			if len(d.edges) == maxEdges {
				continue
			}
			d.edges[key] = strconv.Itoa(len(d.edges) + 1)
			d.edgeByKey[d.edges[key]] = &Edge{Run: run, From: name(from), To: to}
		}
		x := d.edgeByKey[d.edges[key]]
		x.Count++
		x.Type, x.Last = name(str(e, pb.AttrEdgeType)), e.GetHeader().GetTimestampUs()
		x.Condition = name(str(e, pb.AttrConditionResult))
		d.pending.set(inEdges, d.edges[key])
	}
}
