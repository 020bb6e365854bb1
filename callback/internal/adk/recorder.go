package adk

import (
	"context"
	"log/slog"
	"maps"
	"strings"
	"sync"

	"go.opentelemetry.io/otel/trace"
	"google.golang.org/genai"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/guard"
)

// Recorder streams what a plug-in is told to a client. Create one with [New]. All methods are safe
// for concurrent use; none of them fails or panics.
type Recorder struct {
	client *callback.Client
	opts   options

	mu    sync.Mutex
	runs  map[string]*run // by the id of the invocation
	spans map[trace.SpanID]*span
	heard registrar // the provider whose spans are heard

	graphsMu sync.Mutex
	graphs   map[string]*callback.Graph
}

// New returns a Recorder, or nil if the client does nothing.
func New(client *callback.Client, opts ...Option) *Recorder {
	if client.InstanceID() == "" {
		return nil
	}
	r := &Recorder{client: client, runs: map[string]*run{}, spans: map[trace.SpanID]*span{},
		graphs: map[string]*callback.Graph{}}
	for _, o := range opts {
		o(&r.opts)
	}
	return r
}

// Invocation is what a run is told to begin with.
type Invocation struct {
	ID, App, Session string
	// Message is what the user said.
	Message *genai.Content
	// Agents are the agents of the program, the one that runs first.
	Agents []callback.GraphNode
	// State yields the state of the session.
	State func(yield func(string, any) bool)
}

// run is one call of a runner.
type run struct {
	rec *Recorder
	id  string
	ctx context.Context

	mu    sync.Mutex
	run   *callback.Run
	root  place
	open  []*place // begun and not ended, oldest first
	tools map[string]*callback.Tool
	state map[string]any // nil if states are not sent
	waits []wait
	spans []trace.SpanID // of spans in Recorder.spans
}

// BeforeRun begins a run.
func (r *Recorder) BeforeRun(ctx context.Context, in Invocation) {
	defer guard.Recover(ignore)
	r.listen()
	x := &run{rec: r, id: in.ID, ctx: ctx, tools: map[string]*callback.Tool{}}
	info := callback.RunInfo{Graph: r.graph(in.Agents), ThreadID: r.thread(ctx, in.Session),
		ExecutionID: in.ID, Attrs: []slog.Attr{slog.String("app_name", in.App)},
		Resume: answersHuman(in.Message), TrackOpen: true}
	if !r.opts.textless && !r.opts.stateless {
		x.state = map[string]any{}
		maps.Insert(x.state, in.State)
		if len(x.state) > 0 && !info.Resume {
			info.InitialState = x.state
		}
	}
	_, x.run = r.client.StartRunContext(ctx, info)
	x.root = place{run: x, node: x.run.Root()}
	if info.Resume && len(x.state) > 0 {
		x.run.SetState(x.state) // which is sent if another process has changed it
	}
	r.mu.Lock()
	old := r.runs[in.ID]
	r.runs[in.ID] = x
	r.mu.Unlock()
	if old != nil { // a plug-in of its runner kept AfterRun from us
		old.finish(nil)
	}
}

// AfterRun ends a run, and whatever is still open in it.
func (r *Recorder) AfterRun(ctx context.Context, invocation string) {
	defer guard.Recover(ignore)
	r.mu.Lock()
	x := r.runs[invocation]
	delete(r.runs, invocation)
	r.mu.Unlock()
	if x != nil {
		x.finish(ctx.Err())
	}
}

// finish ends the run with an error, or with what has failed in it.
func (x *run) finish(err error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.root.closeInside(len(x.open) > 0 && panicking())
	x.forgetSpans()
	if err == nil {
		err = x.root.failed
	}
	if err == nil && len(x.waits) > 0 {
		x.run.Interrupt(reasons(x.waits))
		return
	}
	x.run.End(err)
}

// runOf returns the run of an invocation, nil if none is known.
func (r *Recorder) runOf(invocation string) *run {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.runs[invocation]
}

func (r *Recorder) thread(ctx context.Context, session string) (thread string) {
	if r.opts.threadOf == nil {
		return session
	}
	thread = session
	guard.Call(func() {
		if own := r.opts.threadOf(ctx); own != "" {
			thread = own
		}
	})
	return thread
}

// graph returns the graph of a program's agents. It is one and the same for the same names.
func (r *Recorder) graph(agents []callback.GraphNode) *callback.Graph {
	if len(agents) == 0 {
		return nil
	}
	var key strings.Builder
	for _, n := range agents {
		key.WriteString(n.Name)
		key.WriteByte(0)
	}
	r.graphsMu.Lock()
	defer r.graphsMu.Unlock()
	if g := r.graphs[key.String()]; g != nil {
		return g
	}
	g := &callback.Graph{Name: agents[0].Name, Description: agents[0].Description, Nodes: agents,
		EntryPoint: agents[0].Name}
	if len(r.graphs) >= maxGraphs {
		clear(r.graphs)
	}
	r.graphs[key.String()] = g
	return g
}

// maxGraphs bounds the graphs that are kept, for programs that make agents for each run.
const maxGraphs = 256

// ignore is what is done about a panic in the program's own values: nothing depends on it here.
func ignore(string) {}

// Agents lists the agents of a program, beginning with root. A is agent.Agent.
func Agents[A interface {
	Name() string
	Description() string
	SubAgents() []A
}](root A) []callback.GraphNode {
	nodes := []callback.GraphNode{{Name: root.Name(), Description: root.Description()}}
	for _, sub := range root.SubAgents() {
		nodes = append(nodes, Agents(sub)...)
	}
	return nodes
}
