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

// RunInfo describes a run that starts. Its zero value is a run on a thread of its own, of a graph
// that is not known.
type RunInfo struct {
	// Graph is the graph that runs; nil if it is not known.
	Graph *Graph
	// ThreadID names the thread that the run belongs to, such as a conversation: 1 to 256 bytes of
	// UTF-8. What is not valid is repaired, what is longer is cut and told apart by a hash. An
	// empty one stands for a new random one.
	ThreadID string
	// ExecutionID names this run in its ExecutionTrace. An empty one stands for a new random one.
	ExecutionID string
	// InitialState is the state that the graph starts with, written as JSON; nil for none.
	InitialState any
	// Attrs are added to GRAPH_START.
	Attrs []slog.Attr
	// Resume says that the run continues an earlier one of the thread after an interrupt: it begins
	// with HUMAN_RESUME instead of GRAPH_START, and its events hang under the GRAPH_START of the
	// run that it continues.
	Resume bool
	// After is where another process left the thread (see [Run.Position]); its numbers continue
	// behind that. It is not needed, and ignored, if this process knows the thread.
	After Position
	// Trace says whether the run ends with an ExecutionTrace; it is added to
	// [Config.ExecutionTrace].
	Trace bool
}

// Position is a place in a thread, for another process to continue it.
type Position struct {
	// Sequence is the number of the last message sent; 0 for none. One that leaves no room
	// (2^64-2^32 or more) is taken for a mistake, and for none.
	Sequence uint64
	// Start is the message id of the thread's last GRAPH_START; zero if it is not known.
	Start [16]byte
}

// Run is one execution of a graph. It is made by [Client.StartRun] and ended, once, by [Run.End] or
// [Run.Interrupt]. A nil Run does nothing. All methods are safe for concurrent use.
type Run struct {
	root      Node
	execution string
	number    uint64 // tells the client's runs apart
	started   moment
	record    *execution // of the ExecutionTrace; nil without one
	answers   answers
	ended     atomic.Bool
}

// StartRun begins a run and emits its GRAPH_START (or HUMAN_RESUME). It returns nil, which is a Run
// that does nothing, if the client is nil or disabled.
func (c *Client) StartRun(info RunInfo) *Run { return c.startRun(info, nil) }

// StartRunContext is [Client.StartRun] for a run inside a trace: ctx says which (see
// [Config.Traceparent]). The context that it returns carries the run, for [FromContext] and
// [StartNode].
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
	t := c.threads.acquire(c.threadID(info.ThreadID), info.After.Sequence)
	r := &Run{execution: c.valid(info.ExecutionID), number: c.runs.Add(1), started: c.clock.now()}
	r.root = Node{run: r, thread: t, trace: trace, started: r.started}
	if info.Trace || c.cfg.ExecutionTrace {
		r.record = newExecution(info.Graph)
	}
	e := wire.Event{Attrs: info.Attrs}
	env := envelope{trace: trace, at: r.started}
	var own [8]slog.Attr
	e.Own = append(info.Graph.attrs(own[:0]), slog.String("execution_id", r.execution))
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
		id := t.emit(&e, &env)
		if r.root.id = env.parent; r.root.id == (wire.ID{}) {
			r.root.id = id
		}
	} else {
		e.Type = byte(pb.EventType_EVENT_TYPE_GRAPH_START)
		r.root.id = t.emit(&e, &env)
	}
	if moved {
		c.sealer.CountAdded()
		r.root.emitState(initial, false, &envelope{parent: r.root.id, trace: trace, at: r.started})
	}
	c.threads.started(t, r.root.id)
	return r
}

// ThreadID returns the id of the run's thread as it stands on the wire; "" for a nil Run.
func (r *Run) ThreadID() string {
	if r == nil {
		return ""
	}
	return r.root.thread.id
}

// Position returns where the thread is now, for another process to continue it (see [RunInfo]). It
// is final once no run of the thread emits any more and what they emitted has left the queue, which
// [Client.Flush] waits for: a state that turns out to be unchanged when it is sent gives its number
// back.
func (r *Run) Position() Position {
	if r == nil {
		return Position{}
	}
	last, _ := r.root.thread.lane.Last()
	return Position{Sequence: last, Start: r.root.id}
}

// Root returns the run itself in the place of a node: what is emitted through it belongs to no node
// and hangs under GRAPH_START. Ending it does nothing.
func (r *Run) Root() *Node {
	if r == nil {
		return nil
	}
	return &r.root
}

// StartNode begins a node of the graph and emits its NODE_START. Several nodes of one name may run
// at once.
func (r *Run) StartNode(name string, attrs ...slog.Attr) *Node {
	if r == nil {
		return nil
	}
	return r.root.start(name, nil, attrs)
}

// End ends the run: GRAPH_END, or GRAPH_ERROR if err is not nil, with an attribute "canceled" if
// err is the end of a context, and "deadline_exceeded" beside it if that had a deadline which has
// passed. It sends what waits at once. Only the first call of End or Interrupt does anything.
func (r *Run) End(err error, attrs ...slog.Attr) {
	if r == nil || !r.ended.CompareAndSwap(false, true) {
		return
	}
	end := ending{kind: pb.EventType_EVENT_TYPE_GRAPH_END}
	var space [4]slog.Attr
	own := space[:0]
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
// attribute "reason". It is no error. A run that is started with [RunInfo].Resume on the same
// thread continues it.
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
	x.start, x.started, x.at, x.urgent = r.root.id, r.started, r.root.thread.client.clock.now(),
		true
	if r.record != nil {
		r.emitTrace(x, failure)
	}
	r.root.emitEnd(x, own, attrs)
	r.root.thread.client.threads.release(r.root.thread)
}
