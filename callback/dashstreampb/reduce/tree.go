package reduce

import (
	"bytes"
	"slices"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// maxRuns bounds how many runs of a thread are stored.
const maxRuns = 64

// tree is the runs of a thread and their nodes. Starts and ends are matched by ids, so late ones
// find their place too.
type tree struct {
	runs  []*Run  // in the order of their starts
	nodes []*Node // in the order in which they were first seen
	byID  map[ID]*Node
	texts int // approximate bytes of stored texts
}

// event applies an event that begins or ends something. A late event may find that the thread has
// moved on: then it is only used for what remains true, namely that what has this id began, or
// ended.
func (t *tree) event(e *pb.Event, late bool, maxNodes int) {
	parent := idOf(e.GetHeader().GetParentId())
	switch e.GetEventType() {
	case pb.EventType_EVENT_TYPE_GRAPH_START:
		t.startRun(e, late)
		return
	case pb.EventType_EVENT_TYPE_NODE_START:
		t.startNode(e, maxNodes)
		return
	case pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT, pb.EventType_EVENT_TYPE_HUMAN_RESUME:
		if late {
			return
		}
	}
	if late && parent == (ID{}) {
		return
	}
	switch e.GetEventType() {
	case pb.EventType_EVENT_TYPE_GRAPH_END:
		t.endRun(e, parent, Ended)
	case pb.EventType_EVENT_TYPE_GRAPH_ERROR:
		t.endRun(e, parent, Failed)
	case pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT:
		if r := t.run(parent); r != nil { // otherwise a node waits while its run continues
			r.end(e, Interrupted)
		}
	case pb.EventType_EVENT_TYPE_HUMAN_RESUME:
		t.resume(e, parent)
	case pb.EventType_EVENT_TYPE_NODE_END:
		t.endNode(e, parent, Ended, maxNodes)
	case pb.EventType_EVENT_TYPE_NODE_ERROR:
		t.endNode(e, parent, Failed, maxNodes)
	}
}

func (t *tree) run(id ID) *Run {
	for _, r := range t.runs {
		if r.ID == id && id != (ID{}) {
			return r
		}
	}
	return nil
}

// addRun returns the run with an id, creating it if it is unknown.
func (t *tree) addRun(id ID) *Run {
	if r := t.run(id); r != nil {
		return r
	}
	if len(t.runs) == maxRuns {
		oldest := max(0, slices.IndexFunc(t.runs, func(r *Run) bool { return r.Status != Running }))
		t.texts -= len(t.runs[oldest].Graph.Schema)
		t.runs = slices.Delete(t.runs, oldest, oldest+1)
	}
	r := &Run{ID: id}
	t.runs = append(t.runs, r)
	return r
}

func (t *tree) startRun(e *pb.Event, late bool) {
	r := t.addRun(idOf(e.GetHeader().GetMessageId()))
	t.texts -= len(r.Graph.Schema)
	r.start(e)
	t.texts += len(r.Graph.Schema)
	for _, other := range t.runs { // the schema of one graph is stored once
		if other != r && bytes.Equal(other.Graph.Schema, r.Graph.Schema) {
			r.Graph.Schema = other.Graph.Schema
		}
	}
	if !late {
		return
	}
	i := slices.Index(t.runs, r)
	for ; i > 0 && t.runs[i-1].StartedAt.After(r.StartedAt); i-- {
		t.runs[i-1], t.runs[i] = t.runs[i], t.runs[i-1]
	}
}

func (t *tree) endRun(e *pb.Event, id ID, status Status) {
	if id == (ID{}) { // not every producer names it; then it is the running one
		if r := t.lastRunning(); r != nil {
			r.end(e, status)
		}
		return
	}
	t.addRun(id).end(e, status)
}

func (t *tree) lastRunning() *Run {
	for _, r := range slices.Backward(t.runs) {
		if r.Status == Running {
			return r
		}
	}
	return nil
}

// resume applies a HUMAN_RESUME of a run, which continues, or of a node.
func (t *tree) resume(e *pb.Event, id ID) {
	r := t.run(id)
	switch n := t.byID[id]; {
	case r != nil:
	case n != nil:
		r = t.run(n.top)
	case id == ID{}: // who resumes need not know the start, so this becomes the parent
		r = t.addRun(idOf(e.GetHeader().GetMessageId()))
	case text(e, "execution_id") != "":
		r = t.addRun(id)
	}
	if r != nil {
		r.again(Running)
	}
}

// node returns the node with an id, creating it if it is unknown.
func (t *tree) node(id ID, maxNodes int) *Node {
	if n := t.byID[id]; n != nil {
		return n
	}
	if t.byID == nil {
		t.byID = map[ID]*Node{}
	}
	if len(t.nodes) >= maxNodes {
		t.forget(max(1, maxNodes/16))
	}
	n := &Node{ID: id}
	t.nodes = append(t.nodes, n)
	t.byID[id] = n
	return n
}

// forget removes n nodes: the oldest ended ones, and if these are not enough, the oldest.
func (t *tree) forget(n int) {
	for _, running := range []bool{false, true} {
		t.nodes = slices.DeleteFunc(t.nodes, func(node *Node) bool {
			if n == 0 || !running && node.Status == Running {
				return false
			}
			n--
			t.texts -= node.texts()
			delete(t.byID, node.ID)
			return true
		})
	}
}

func (n *Node) texts() int { return len(n.Name) + len(n.Error) }

func (t *tree) startNode(e *pb.Event, maxNodes int) {
	n := t.node(idOf(e.GetHeader().GetMessageId()), maxNodes)
	t.texts -= n.texts()
	n.start(e)
	t.texts += n.texts()
	switch up := t.byID[n.Parent]; {
	case up != nil:
		n.top = up.top
	case n.Parent != ID{}:
		n.top = n.Parent
	case len(t.runs) > 0:
		n.top = t.runs[len(t.runs)-1].ID
	}
}

func (t *tree) endNode(e *pb.Event, id ID, status Status, maxNodes int) {
	var n *Node
	if id == (ID{}) { // not every producer says which; then it is the oldest running one
		i := slices.IndexFunc(t.nodes, func(n *Node) bool {
			return n.Status == Running &&
				n.Name == clip(e.GetNodeId())
		})
		if i < 0 {
			return
		}
		n = t.nodes[i]
	} else if n = t.node(id, maxNodes); !n.Begun {
		t.texts -= n.texts()
		n.Name = clip(e.GetNodeId())
		t.texts += len(n.Name)
	}
	t.texts -= len(n.Error)
	n.end(e, status)
	t.texts += len(n.Error)
}

// bytes returns the approximate memory of the tree.
func (t *tree) bytes() int {
	const run, node = 512, 384
	return run*len(t.runs) + node*len(t.nodes) + t.texts
}
