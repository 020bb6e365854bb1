package callback

import (
	"context"
	"encoding/json"
	"log/slog"
	"sync/atomic"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/guard"
	"github.com/dashstream/dashstream-go/internal/seal"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// RunInfo describes a run to be started. Its zero value describes a run of an unknown graph on a
// thread of its own.
type RunInfo struct {
	// Graph is the graph that runs, nil if it is unknown.
	Graph *Graph
	// ThreadID names the thread that the run belongs to, such as a conversation: 1 to 256 bytes of
	// UTF-8. Invalid UTF-8 is repaired. A longer id is cut, and a hash keeps it distinct. If it is
	// empty, a random one is used.
	ThreadID string
	// ExecutionID names this run in its ExecutionTrace. If it is empty, a random one is used.
	ExecutionID string
	// InitialState is the state in which the graph starts, encoded as JSON; nil for none.
	InitialState any
	// Attrs are added to GRAPH_START.
	Attrs []slog.Attr
	// Resume says that the run continues an earlier run of the thread after an interrupt. It begins
	// with HUMAN_RESUME instead of GRAPH_START, and the GRAPH_START of the continued run is the
	// parent of its events.
	Resume bool
	// After is the position at which another process left the thread (see [Run.Position]); sequence
	// numbers continue after it. It is not needed, and ignored, if this process knows the thread.
	After Position
	// TrackOpen keeps track of what is open in the run, for [Run.EndOpen] and [Node.EndOpen].
	TrackOpen bool
	// Trace makes the run end with an ExecutionTrace, even if [Config.ExecutionTrace] is false.
	Trace bool
}

// Position is a position in a thread at which another process can continue it.
type Position struct {
	// Sequence is the number of the last message sent; 0 for none. A number too close to the
	// maximum (2^64-2^32 or more) is assumed to be a mistake and counts as none.
	Sequence uint64
	// Start is the message id of the thread's last GRAPH_START; zero if it is unknown.
	Start [16]byte
}

// Run is one execution of a graph. It is created by [Client.StartRun] and ended, once, by [Run.End]
// or [Run.Interrupt]. A nil Run does nothing. All methods are safe for concurrent use.
type Run struct {
	root      Node
	execution string
	number    uint64 // tells the client's runs apart
	started   stamp
	open      *openSet   // nil unless RunInfo.TrackOpen
	record    *execution // for the ExecutionTrace; nil without one
	answers   answers
	unsampled *unsampled // nil if its thread is sampled
	ended     atomic.Bool
}

// StartRun begins a run and emits its GRAPH_START (or HUMAN_RESUME). It returns nil, which is a Run
// that does nothing, if the client is nil or disabled.
func (c *Client) StartRun(info RunInfo) *Run { return c.startRun(info, nil) }

// StartRunContext is [Client.StartRun] for a run that belongs to the trace of ctx (see
// [Config.Traceparent]). The returned context carries the run, for [FromContext] and
// [StartNodeContext].
func (c *Client) StartRunContext(ctx context.Context, info RunInfo) (context.Context, *Run) {
	run := c.startRun(info, c.traceOf(ctx))
	return NewContext(ctx, run), run
}

func (c *Client) startRun(info RunInfo, trace *batching.Trace) *Run {
	if !c.on() {
		return nil
	}
	if info.ThreadID == "" {
		info.ThreadID = newUUID()
	}
	if info.ExecutionID == "" {
		info.ExecutionID = newUUID()
	}
	at, given, attrs := c.when(info.Attrs, unbounded)
	if given != nil {
		trace = given
	}
	t := c.threads.acquire(c.threadID(info.ThreadID), info.After.Sequence)
	r := &Run{execution: c.valid(info.ExecutionID), number: c.runs.Add(1), started: at}
	r.root = Node{run: r, thread: t, trace: trace, started: r.started}
	if info.Trace || c.cfg.ExecutionTrace {
		r.record = newExecution(info.Graph)
	}
	if info.TrackOpen {
		r.open = &openSet{}
	}
	t.begin()
	e := wire.Event{Attrs: attrs}
	env := envelope{trace: trace, at: r.started, node: &r.root}
	var own [8]slog.Attr
	e.Own = append(info.Graph.attrs(own[:0]), slog.String("execution_id", r.execution))
	if rate := c.cfg.SampleRate; rate < 1 {
		e.Own = append(e.Own, slog.Float64(sampleRateKey, rate))
		if !sampled(t.id, rate) {
			r.unsampled = &unsampled{run: r, graph: info.Graph, resumed: info.Resume}
			c.sampledOut.Add(1)
		}
	}
	var initial json.RawMessage
	if info.InitialState != nil {
		initial = c.initialState(info.InitialState)
		e.Own = append(e.Own, slog.String(seal.InitialStateKey, string(initial)))
	}
	body := wire.SizeEventBody(&e)
	if body == wire.NotPlain {
		body = c.resolve(&e)
	}
	moved := c.sealer.MoveInitialState(&e, body, c.cfg.MaxMessageBytes-2*t.BatchOverhead)
	if info.Resume {
		e.Type = byte(pb.EventType_EVENT_TYPE_HUMAN_RESUME)
		if env.parent = c.threads.lastStart(t); env.parent == (wire.ID{}) {
			env.parent = info.After.Start
		}
		if r.unsampled != nil {
			r.unsampled.after = env.parent
		}
		id := t.emit(&e, &env)
		r.root.unsent = isUnsent(id)
		if r.root.id = env.parent; r.root.id == (wire.ID{}) {
			r.root.id = id
		}
	} else {
		e.Type = byte(pb.EventType_EVENT_TYPE_GRAPH_START)
		r.root.id = t.emit(&e, &env)
		r.root.unsent = isUnsent(r.root.id)
	}
	if moved {
		c.sealer.CountAdded()
		r.root.emitState(initial, false, &envelope{parent: r.root.id, trace: trace, at: r.started,
			node: &r.root})
	}
	c.threads.started(t, r.start())
	return r
}

// ThreadID returns the id of the run's thread as sent on the wire; "" for a nil Run.
func (r *Run) ThreadID() string {
	if r == nil {
		return ""
	}
	return r.root.thread.id
}

// Position returns the current position of the thread, for another process to continue it (see
// [RunInfo]). It is final once no run of the thread emits any more and everything they emitted has
// left the queue, for which [Client.Flush] waits. Until then it can decrease, because a state that
// turns out to be unchanged returns its number.
func (r *Run) Position() Position {
	if r == nil {
		return Position{}
	}
	last, _ := r.root.thread.lane.Last()
	return Position{Sequence: last, Start: r.start()}
}

// Root returns the run as a node. Events emitted through it belong to no node; their parent is
// GRAPH_START. Ending it does nothing.
func (r *Run) Root() *Node {
	if r == nil {
		return nil
	}
	return &r.root
}

// StartNode begins a node of the graph and emits its NODE_START. Several nodes with the same name
// may run at the same time.
func (r *Run) StartNode(name string, attrs ...slog.Attr) *Node {
	if r == nil {
		return nil
	}
	return r.root.start(name, nil, attrs)
}

// End ends the run: GRAPH_END, or GRAPH_ERROR if err is not nil. If err is the end of a context,
// the event has an attribute "canceled", and also "deadline_exceeded" if a deadline has passed. The
// thread's queued events are sent at once. Only the first call of End or Interrupt does anything.
func (r *Run) End(err error, attrs ...slog.Attr) {
	if r == nil || !r.ended.CompareAndSwap(false, true) {
		return
	}
	end := ending{kind: pb.EventType_EVENT_TYPE_GRAPH_END}
	var space [8]slog.Attr
	own := r.root.shed.attrs(space[:0])
	var failure string
	if err != nil {
		end.kind = pb.EventType_EVENT_TYPE_GRAPH_ERROR
		failure = r.root.thread.client.errorText(err)
		own = append(own, slog.String("error", failure))
		if guard.Is(err, context.Canceled, context.DeadlineExceeded) {
			own = append(own, slog.Bool("canceled", true))
		}
		if guard.Is(err, context.DeadlineExceeded) {
			own = append(own, slog.Bool("deadline_exceeded", true))
		}
	}
	r.finish(&end, failure, own, attrs)
}

// Interrupt ends the run in this process because it waits for a human: HUMAN_INTERRUPT with an
// attribute "reason". It is not an error. A run started with [RunInfo].Resume on the same thread
// continues it.
func (r *Run) Interrupt(reason string, attrs ...slog.Attr) {
	if r == nil || !r.ended.CompareAndSwap(false, true) {
		return
	}
	var space [2]slog.Attr
	r.finish(&ending{kind: pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT}, "",
		append(space[:0], slog.String("reason", reason)), attrs)
}

func (r *Run) finish(x *ending, failure string, own, attrs []slog.Attr) {
	r.answers.endKept()
	at, _, attrs := r.root.thread.client.when(attrs, r.started)
	x.start, x.started, x.at, x.urgent = r.root.id, r.started, at, true
	if r.record != nil {
		r.emitTrace(x, failure)
	}
	r.root.emitEnd(x, own, attrs)
	r.root.thread.client.threads.release(r.root.thread)
}
