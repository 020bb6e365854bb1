package view

import (
	"slices"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
)

// The limits of what is shown of one thread.
const (
	maxNodes   = 1000
	maxCalls   = 500
	maxEntries = 1000
	maxEdges   = 2000
	// maxCallBytes bounds the inputs and outputs of all calls together.
	maxCallBytes = 6 << 20
)

// The collections of a thread.
const (
	inMeta     = "meta"
	inRuns     = "runs"
	inNodes    = "nodes"
	inEdges    = "edges"
	inCalls    = "calls"
	inTimeline = "timeline"
	inState    = "state"
)

// detail is everything that is shown of one thread. It is made by adding the thread's messages
// from the first one kept, for as long as somebody looks, or up to the moment that is asked for.
type detail struct {
	id        string
	whole     bool // messages holds all that the thread ever had
	reducer   reduce.Reducer
	info      info
	parser    parser
	extras    map[reduce.ID]*extra
	executed  map[executions]int
	edges     map[[3]string]string // the keys of edges, by run, from and to
	edgeByKey map[string]*Edge
	calls     calls
	entries   []*Entry
	nextEntry int
	tokens    map[string]int64 // by run
	before    []byte           // the state before the last change of it
	producer  func(string) string
	losses    func() reduce.Losses // of all the thread; nil for those of the messages
	stale     func(*detail) []string
	pending   pending
	moment    bool // it is not followed any further
}

// extra is what is known of a node's execution beside what the reducer knows.
type extra struct {
	run     string
	attempt int
	percent float64
	message string
}

type executions struct{ run, node string }

func newDetail(thread string, whole bool) *detail {
	d := &detail{
		id: thread, whole: whole, extras: map[reduce.ID]*extra{},
		executed: map[executions]int{}, edges: map[[3]string]string{},
		edgeByKey: map[string]*Edge{}, tokens: map[string]int64{}, pending: newPending(),
	}
	d.reducer.MaxThreads, d.reducer.MaxNodes, d.reducer.MaxIDs = 1, maxNodes, 1<<14
	d.calls.init(d)
	return d
}

// thread returns what the reducer knows; nil before the first message.
func (d *detail) thread() *reduce.Thread { return d.reducer.Thread(d.id) }

// add adds a message. m is its record, decoded is its content; nil if that did not decode.
func (d *detail) add(m *Message, decoded *pb.DashStreamMessage) {
	d.pending.set(inMeta, "thread")
	if m.Failure != nil || decoded == nil {
		d.undecoded(m)
		return
	}
	each(decoded, m.Parts, func(p *part) { d.one(m, p) })
}

func (d *detail) undecoded(m *Message) {
	f := m.Failure
	if f == nil {
		return
	}
	d.info.failed(f, d.thread())
	d.entry(&Entry{Time: m.Time, Kind: "undecodable", Level: "error",
		Text: string(f.Reason) + " " + f.Detail})
	d.pending.set(inState, "state")
}

// one adds a part of a message.
func (d *detail) one(m *Message, p *part) {
	var before []byte
	var sequence uint64
	th := d.thread()
	if th != nil && bringsState(p) {
		state, _ := th.State()
		before, sequence = slices.Clone(state), th.StateSequence()
	}
	o := d.info.apply(&d.reducer, m.Source, p)
	if o.duplicate {
		return
	}
	if o.missing > 0 {
		d.gap(p, o.missing)
	}
	if th = o.thread; th != nil && bringsState(p) {
		d.pending.set(inState, "state")
		if th.StateSequence() != sequence {
			d.before = before
		}
	}
	for _, n := range p.parts {
		if n.Why != intake.Cut {
			d.rejected(p, n)
		}
	}
	if o.refused != "" {
		d.refused(p, o.refused)
	}
	if o.applied && th != nil {
		d.applied(th, p)
	}
}

// bringsState reports whether a part may change the state.
func bringsState(p *part) bool {
	if p.event == nil {
		return p.message.GetStateDiff() != nil || p.message.GetCheckpoint() != nil
	}
	_, brings := p.event.GetAttributes()[pb.AttrInitialStateJSON]
	return brings
}

func (d *detail) applied(th *reduce.Thread, p *part) {
	if p.event == nil {
		d.message(th, p)
		return
	}
	e := p.event
	id := idOf(e.GetHeader().GetMessageId())
	parent := idOf(e.GetHeader().GetParentId())
	switch e.GetEventType() {
	case pb.EventType_EVENT_TYPE_GRAPH_START, pb.EventType_EVENT_TYPE_GRAPH_END,
		pb.EventType_EVENT_TYPE_GRAPH_ERROR, pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT,
		pb.EventType_EVENT_TYPE_HUMAN_RESUME:
		for r := range th.Runs() {
			d.pending.set(inRuns, r.ID.String())
		}
	case pb.EventType_EVENT_TYPE_NODE_START:
		d.nodeStarted(th, id, parent)
	case pb.EventType_EVENT_TYPE_NODE_END, pb.EventType_EVENT_TYPE_NODE_ERROR:
		if parent == (reduce.ID{}) { // nobody says which: look at all of them
			for n := range th.Nodes() {
				d.pending.set(inNodes, n.ID.String())
			}
			break
		}
		d.pending.set(inNodes, parent.String())
	case pb.EventType_EVENT_TYPE_EDGE_TRAVERSAL, pb.EventType_EVENT_TYPE_CONDITIONAL_BRANCH:
		d.edge(th, e)
	case pb.EventType_EVENT_TYPE_NODE_PROGRESS, pb.EventType_EVENT_TYPE_NODE_THINKING,
		pb.EventType_EVENT_TYPE_NODE_SUBSTEP, pb.EventType_EVENT_TYPE_NODE_WARNING:
		d.progress(parent, e)
	default:
		d.calls.event(th, p)
	}
	d.event(th, p)
}

func (d *detail) nodeStarted(th *reduce.Thread, id, parent reduce.ID) {
	n := th.Node(id)
	if n == nil {
		return
	}
	x := &extra{run: d.runOf(th, parent)}
	key := executions{x.run, name(n.Name)}
	if len(d.executed) > 4*maxNodes {
		clear(d.executed) // counts begin again, rather than memory growing
	}
	d.executed[key]++
	x.attempt = d.executed[key]
	if len(d.extras) >= maxNodes {
		for known := range d.extras {
			if th.Node(known) == nil {
				delete(d.extras, known)
				d.pending.remove(inNodes, known.String())
			}
		}
	}
	d.extras[id] = x
	d.pending.set(inNodes, id.String())
}

// runOf returns the run that encloses what has this parent, "" if it is unknown.
func (d *detail) runOf(th *reduce.Thread, parent reduce.ID) string {
	if x := d.extras[parent]; x != nil {
		return x.run
	}
	if parent != (reduce.ID{}) {
		if c := d.calls.byStart[parent]; c != nil {
			return c.Run
		}
		return parent.String()
	}
	if r := th.Run(); r != nil {
		return r.ID.String()
	}
	return ""
}

func (d *detail) progress(parent reduce.ID, e *pb.Event) {
	x := d.extras[parent]
	if x == nil {
		return
	}
	switch e.GetEventType() {
	case pb.EventType_EVENT_TYPE_NODE_PROGRESS:
		x.percent = min(max(0, e.GetAttributes()[pb.AttrPercent].GetFloatValue()), 1)
		x.message = text(str(e, pb.AttrMessage))
	case pb.EventType_EVENT_TYPE_NODE_THINKING:
		x.message = text(str(e, pb.AttrThought))
	case pb.EventType_EVENT_TYPE_NODE_SUBSTEP:
		x.message = text(str(e, pb.AttrSubstepName) + " " + str(e, pb.AttrStatus))
	default:
		x.message = text(str(e, pb.AttrMessage))
	}
	if x.percent != x.percent { // NaN, which JSON does not have
		x.percent = 0
	}
	d.pending.set(inNodes, parent.String())
}

// str returns an attribute that is a string, "" for none.
func str(e *pb.Event, key string) string { return e.GetAttributes()[key].GetStringValue() }

func idOf(b []byte) (id reduce.ID) {
	if len(b) == len(id) {
		id = reduce.ID(b)
	}
	return id
}
