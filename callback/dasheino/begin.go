package dasheino

import (
	"cmp"
	"context"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/components"
	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/callback"
)

// beginning is what is known when Eino reports that something starts.
type beginning struct {
	h          *Handler
	ctx        context.Context
	info       *callbacks.RunInfo
	input      any
	outer      *span // nil if nothing of this handler is around it
	node       *callback.Node
	depth      int
	last       compose.AddressSegment // its address, if it is not outer's; otherwise zero
	detached   bool                   // its context is that of a run to which it does not belong
	handedOver bool                   // outer is an agent that hands the query over

	stateful, stateKnown bool // whether it has a local state, if that had to be asked
}

func (h *Handler) begin(ctx context.Context, info *callbacks.RunInfo, input any) context.Context {
	if h == nil || h.client == nil || info == nil {
		return ctx
	}
	b := &beginning{h: h, ctx: ctx, info: info, input: input, outer: h.outer(ctx)}
	if b.outer != nil && b.outer.info == info {
		return ctx // the handler is registered twice
	}
	address := compose.GetCurrentAddress(ctx)
	if b.depth = len(address); b.depth > 0 && (b.outer == nil || b.depth > b.outer.depth) {
		b.last = address[b.depth-1]
	}
	if b.outer != nil {
		b.outer.settle(b.last, info)
		switch {
		case isRun(info.Component) && b.outer.isOver(ctx):
			b.outer, b.detached = nil, true
		case b.outer.tree.isClosed():
			return ctx
		}
	}
	if !b.detached {
		b.node = enclosing(ctx, b.outer)
	}
	switch {
	case b.node == nil && isRun(info.Component):
		return b.run()
	case b.node == nil:
		return ctx // a component that is called outside of any run
	case info.Component == components.ComponentOfChatModel ||
		info.Component == componentOfAgenticModel:
		return b.model()
	case info.Component == components.ComponentOfTool:
		return b.tool()
	default:
		return b.plain()
	}
}

// isOver reports whether what begins with ctx does not belong to the run that ctx carries: that run
// has ended, or ctx names another thread.
func (s *span) isOver(ctx context.Context) bool {
	if s.tree.isClosed() {
		return true
	}
	id, _ := ctx.Value(threadKey{}).(string)
	return id != "" && id != s.tree.thread && id != s.node.Run().ThreadID()
}

func isGraph(c components.Component) bool {
	return c == compose.ComponentOfGraph || c == compose.ComponentOfChain ||
		c == compose.ComponentOfWorkflow
}

// ownRunKey marks the runs begun by handlers, which another handler must not take for the
// application's.
type ownRunKey struct{}

// ownRun is its value: a run, once it has begun.
type ownRun struct{ run atomic.Pointer[callback.Run] }

// enclosing returns the node inside which something starts: the innermost one in ctx, which may be
// the application's own. With several handlers that may be another handler's; then it is the node
// of the span.
func enclosing(ctx context.Context, outer *span) *callback.Node {
	n := callback.NodeFromContext(ctx)
	if outer != nil {
		if n.Run() != outer.node.Run() {
			return outer.node
		}
		return n
	}
	if own, _ := ctx.Value(ownRunKey{}).(*ownRun); own != nil && own.run.Load() == n.Run() {
		return nil
	}
	return n
}

// run begins a run.
func (b *beginning) run() context.Context {
	related := b.related()
	if b.outer != nil {
		return b.plain()
	}
	s := b.span(nil)
	candidates := b.candidates()
	own := &ownRun{}
	start := func(topo *topology) { own.run.Store(b.start(s, topo, related)) }
	ctx := context.WithValue(b.ctx, ownRunKey{}, own)
	if len(candidates) > 1 {
		s.choice = &choosing{candidates: candidates, start: start}
		return s.enter(ctx)
	}
	start(common(candidates))
	run := own.run.Load()
	if run == nil {
		return b.ctx
	}
	return s.enter(callback.NewContext(ctx, run))
}

// start emits the start of a run.
func (b *beginning) start(s *span, topo *topology, related string) *callback.Run {
	info := callback.RunInfo{ThreadID: cmp.Or(s.tree.thread, related)}
	if info.ThreadID == "" {
		info.ThreadID = b.h.opts.thread(b.ctx)
	}
	info.After, _ = b.ctx.Value(positionKey{}).(callback.Position)
	given, resumed := b.given(), false
	if isAgent(b.info.Component) {
		given, resumed = agentInput(b.input)
		info.Attrs = append(info.Attrs, slog.String("type", nodeType(b.info.Component)))
	} else if resumed, _, _ = compose.GetInterruptState[any](b.ctx); b.detached {
		resumed = false // what is around it was resumed, not this
	}
	if info.Resume = resumed && info.ThreadID != ""; resumed && !info.Resume {
		// of an unknown thread: it begins with this run
		info.Attrs = append(info.Attrs, slog.Bool("resumed", true))
	}
	switch {
	case topo != nil:
		info.Graph = topo.graph
	case b.info.Name != "":
		info.Attrs = append(info.Attrs, slog.String("graph_name", b.info.Name))
	}
	if given != nil && !resumed && !b.h.opts.textless && !b.h.opts.stateless {
		info.InitialState = given
	}
	_, run := b.h.client.StartRunContext(b.ctx, info)
	if run == nil {
		return nil
	}
	b.h.opts.began(b.ctx, run)
	s.node = run.Root()
	s.scope = newScope(topo, run.Root(), "")
	if resumed {
		s.tree.paused = b.h.paused.take(run.ThreadID())
		s.scope.resume(s.tree.paused, "")
	}
	s.scope.state = b.stateOf(topo)
	s.scope.state.send(run.Root())
	s.work = &runWork{run: run, scope: s.scope, span: s}
	b.relate(s, run)
	return run
}

// candidates returns the graphs that may be running, from what is known at the beginning; none if
// nothing is known.
func (b *beginning) candidates() []*topology {
	if !isGraph(b.info.Component) {
		return nil
	}
	list := compiled.candidates(b.info.Name, b.input)
	if len(list) == 1 || b.detached {
		return list // ctx may carry the state of another graph
	}
	b.stateful, b.stateKnown = hasState(b.ctx)
	if !b.stateKnown {
		return list
	}
	return narrow(list, func(t *topology) bool { return t.stateful == b.stateful })
}

// hasState reports whether ctx carries a graph's local state. known is false if the code using the
// state did not release it in time.
func hasState(ctx context.Context) (has, known bool) {
	answer := make(chan bool, 1)
	go func() {
		answer <- compose.ProcessState(ctx, func(context.Context, any) error { return nil }) == nil
	}()
	timer := time.NewTimer(busy)
	defer timer.Stop()
	select {
	case has = <-answer:
		return has, true
	case <-timer.C:
		return false, false
	}
}

// given returns the run's input, as far as it is known.
func (b *beginning) given() any {
	if input := b.ctx.Value(inputKey{}); input != nil {
		return input
	}
	return b.input
}

// plain begins a node: a node of a graph, or a graph or component that is called inside a node.
func (b *beginning) plain() context.Context {
	ctx, n, s := b.startNode()
	w := &nodeWork{node: n, span: s}
	if isGraph(b.info.Component) {
		s.scope = newScope(b.nested(), n, s.path+"/")
		if s.tree.paused != nil {
			s.scope.resume(s.tree.paused, s.path)
		}
		w.scope = s.scope
	}
	s.handedOver = b.handedOver
	s.work = w
	return s.enter(ctx)
}

// nested finds the topology of a graph inside another one.
func (b *beginning) nested() *topology {
	if b.inScope() {
		return b.outer.scope.topo.subgraph(b.last.ID)
	}
	return common(compiled.candidates(b.info.Name, b.input))
}

// inScope reports whether what starts is a node of the enclosing graph.
func (b *beginning) inScope() bool {
	return b.last.Type == compose.AddressSegmentNode && b.outer != nil && b.outer.scope != nil
}

// startNode begins a node, after the edges that lead to it.
func (b *beginning) startNode() (context.Context, *callback.Node, *span) {
	name := b.info.Name
	if b.last.Type == compose.AddressSegmentNode {
		name = b.last.ID
	} else if name == "" {
		name = b.info.Type + string(b.info.Component)
	}
	attrs := append(b.about(), slog.String("type", nodeType(b.info.Component)))
	if b.info.Type != "" {
		attrs = append(attrs, slog.String("implementation", b.info.Type))
	}
	if b.info.Name != "" && b.info.Name != name {
		attrs = append(attrs, slog.String("display_name", b.info.Name))
	}
	if b.inScope() {
		b.outer.scope.entered(name)
		b.outer.scope.state.begins(b.outer.scope.node)
	}
	path := name
	if b.outer != nil && b.outer.path != "" {
		path = b.outer.path + "/" + name
	}
	ctx, n := callback.StartNodeContext(callback.NewNodeContext(b.ctx, b.node), path, attrs...)
	s := b.span(n)
	s.path = path
	if b.inScope() {
		s.in, s.key = b.outer.scope, name
	}
	return ctx, n, s
}

// span creates the span of what starts; things inside it happen in node.
func (b *beginning) span(node *callback.Node) *span {
	s := &span{parent: b.outer, info: b.info, depth: b.depth, node: node}
	if b.outer == nil {
		s.tree = &tree{h: b.h}
		s.tree.thread, _ = b.ctx.Value(threadKey{}).(string)
		return s
	}
	s.tree, s.path = b.outer.tree, b.outer.path
	return s
}

// nodeType returns the type of a node as used in graph schemas.
func nodeType(c components.Component) string {
	switch c {
	case compose.ComponentOfLambda, compose.ComponentOfPassthrough:
		return "function"
	case compose.ComponentOfGraph, compose.ComponentOfChain, compose.ComponentOfWorkflow:
		return "subgraph"
	case componentOfAgent, componentOfAgenticAgent:
		return "agent"
	case compose.ComponentOfToolsNode, components.ComponentOfTool, componentOfAgenticToolsNode:
		return "tool"
	case components.ComponentOfChatModel, componentOfAgenticModel:
		return "llm"
	case components.ComponentOfPrompt:
		return "prompt"
	case components.ComponentOfRetriever:
		return "retriever"
	case components.ComponentOfEmbedding:
		return "embedding"
	case components.ComponentOfIndexer:
		return "indexer"
	case components.ComponentOfLoader:
		return "loader"
	case components.ComponentOfTransformer:
		return "transformer"
	default:
		return "function"
	}
}
