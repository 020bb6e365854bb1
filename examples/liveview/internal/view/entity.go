package view

import (
	"encoding/json"
	"slices"
	"strconv"
	"time"

	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
)

// entity returns the entity with a key as it is now, nil if it is not there.
func (d *detail) entity(collection, key string) any {
	th := d.thread()
	switch collection {
	case inMeta:
		return d.meta(th)
	case inState:
		return d.state(th)
	case inCalls:
		if c := d.calls.byKey[key]; c != nil {
			return c
		}
		return nil
	case inTimeline:
		n, _ := strconv.Atoi(key)
		if len(d.entries) == 0 || n < d.entries[0].N {
			return nil
		}
		return d.entries[n-d.entries[0].N]
	case inEdges:
		if x := d.edgeByKey[key]; x != nil {
			return x
		}
	case inNodes:
		if n := nodeWith(th, key); n != nil {
			return d.node(n)
		}
	case inRuns:
		if th == nil {
			return nil
		}
		for r := range th.Runs() {
			if r.ID.String() == key {
				return d.run(r)
			}
		}
	}
	return nil
}

func nodeWith(th *reduce.Thread, key string) *reduce.Node {
	var id reduce.ID
	if th == nil || len(key) != 2*len(id) {
		return nil
	}
	for i := range id {
		b, err := strconv.ParseUint(key[2*i:2*i+2], 16, 8)
		if err != nil {
			return nil
		}
		id[i] = byte(b)
	}
	return th.Node(id)
}

func (d *detail) meta(th *reduce.Thread) *Thread {
	t := &Thread{Thread: d.id, Tenant: d.info.tenant, First: Whole(d.info.first),
		FirstTime: d.info.firstTime, LastTime: d.info.lastTime, Gaps: []Gap{},
		Flags: d.info.flags(th, d.whole), ResyncReason: d.info.resync(th),
		Rejected: d.info.rejected, Producer: name(d.info.source.Producer),
		ProducerStatus: "unknown"}
	if th != nil {
		_, missing := th.Missing()
		t.Sequence, t.Missing = Whole(th.Last()), Whole(missing)
		d.gaps(t, th)
		if d.moment {
			t.At = t.Sequence
		}
		t.Verified, t.Wrong = Whole(th.Hashes().Verified), Whole(th.Hashes().Wrong)
	}
	if d.producer != nil {
		t.ProducerStatus = d.producer(d.info.source.Producer)
	}
	if d.stale != nil {
		t.Flags = append(t.Flags, d.stale(d)...)
	}
	return t
}

// gaps says what is missing. Why it is was perhaps stated later than the moment that is shown.
func (d *detail) gaps(t *Thread, th *reduce.Thread) {
	all := th.Losses()
	if d.losses != nil {
		all = d.losses()
	}
	t.Gaps = gapsOf(all, th.Last())
	for i, flag := range t.Flags {
		unexplained := func(g Gap) bool { return !g.Explained }
		if flag == FlagGap && len(t.Gaps) > 0 && !slices.ContainsFunc(t.Gaps, unexplained) {
			t.Flags[i] = FlagGapExplained
		}
	}
}

func (d *detail) run(r *reduce.Run) *Run {
	return &Run{ID: r.ID.String(), Graph: name(r.Graph.Name), Schema: graphOf(&r.Graph),
		Status: status(r.Status), Error: text(r.Error), Waiting: text(r.Waiting),
		Sequence: Whole(r.Sequence), Started: micros(r.StartedAt), Ended: micros(r.EndedAt),
		Duration: r.Duration.Microseconds(), Tokens: d.tokens[r.ID.String()]}
}

func (d *detail) node(n *reduce.Node) *Node {
	out := &Node{ID: n.ID.String(), Name: name(n.Name), Status: n.Status.String(), Attempt: 1,
		Sequence: Whole(n.Sequence), Started: micros(n.StartedAt), Ended: micros(n.EndedAt),
		Duration: n.Duration.Microseconds(), Error: text(n.Error)}
	if n.Parent != (reduce.ID{}) {
		out.Parent = n.Parent.String()
	}
	if x := d.extras[n.ID]; x != nil {
		out.Run, out.Attempt, out.Percent, out.Message = x.run, x.attempt, x.percent, x.message
	}
	return out
}

func (d *detail) state(th *reduce.Thread) *State {
	s := &State{Trust: reduce.Unknown.String(), Changed: []Change{}}
	if th == nil {
		return s
	}
	s.Trust = th.Trust().String()
	src, known := th.State()
	if !known {
		return s
	}
	s.Known, s.Sequence = true, Whole(th.StateSequence())
	v := &Value{Bytes: len(src)}
	switch {
	case len(src) > intake.MaxStateBytes:
		v.Rejected = intake.TooLarge
	default:
		if parsed, is := d.parser.portable(src); is {
			v.JSON = parsed
		}
	}
	s.Value = v
	s.Changed = changes(d.before, src)
	return s
}

// encoded is an entity as JSON.
func encoded(entity any) json.RawMessage {
	b, err := json.Marshal(entity)
	if err != nil { // a number that JSON does not have
		return nil
	}
	return b
}

// all returns every entity as JSON: what a snapshot has.
func (d *detail) all() data {
	d.pending.set(inMeta, "thread")
	d.pending.set(inState, "state")
	out := data{}
	for collection, keys := range d.pending.take() {
		out[collection] = map[string]json.RawMessage{}
		for key := range keys {
			if e := d.entity(collection, key); e != nil {
				out[collection][key] = encoded(e)
			}
		}
	}
	for _, collection := range []string{inRuns, inNodes, inEdges, inCalls, inTimeline} {
		if out[collection] == nil {
			out[collection] = map[string]json.RawMessage{}
		}
	}
	return out
}

// Key returns the key of a row.
func (r *Row) Key() string { return r.Thread + "/" + r.Run }

// micros returns a time as the page reads it.
func micros(t time.Time) int64 {
	if t.IsZero() {
		return 0
	}
	return t.UnixMicro()
}
