package dasheino

import (
	"context"
	"log/slog"

	"github.com/cloudwego/eino/callbacks"
	"github.com/cloudwego/eino/components"
	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/callback"
)

// beginning is what is known when Eino says that something starts.
type beginning struct {
	h     *Handler
	ctx   context.Context
	info  *callbacks.RunInfo
	input any
	outer *span // nil if nothing of this handler is around it
	node  *callback.Node
	depth int
	last  compose.AddressSegment // where it is, if that is not where outer is; else zero
}

func (h *Handler) begin(ctx context.Context, info *callbacks.RunInfo, input any) context.Context {
	if h == nil || h.client == nil || info == nil {
		return ctx
	}
	b := &beginning{h: h, ctx: ctx, info: info, input: input, outer: h.outer(ctx)}
	if b.outer != nil && (b.outer.info == info || b.outer.tree.isClosed()) {
		return ctx // the handler was given twice, or the graph has ended
	}
	b.node = enclosing(ctx, b.outer)
	address := compose.GetCurrentAddress(ctx)
	if b.depth = len(address); b.depth > 0 && (b.outer == nil || b.depth > b.outer.depth) {
		b.last = address[b.depth-1]
	}
	switch {
	case b.node == nil && isGraph(info.Component):
		return b.run()
	case b.node == nil:
		return ctx // a component that is called outside of any run
	case info.Component == components.ComponentOfChatModel:
		return b.model()
	case info.Component == components.ComponentOfTool:
		return b.tool()
	default:
		return b.plain()
	}
}

func isGraph(c components.Component) bool {
	return c == compose.ComponentOfGraph || c == compose.ComponentOfChain || c == compose.ComponentOfWorkflow
}

// ownRunKey marks the runs that handlers began: to another handler, they are not the application's.
type ownRunKey struct{}

// enclosing returns the node inside which something starts: the innermost one in ctx, which may be the application's own. With several
// handlers that may be another handler's; then it is the one of the span.
func enclosing(ctx context.Context, outer *span) *callback.Node {
	n := callback.NodeFromContext(ctx)
	if outer != nil {
		if n.Run() != outer.node.Run() {
			return outer.node
		}
		return n
	}
	if own, _ := ctx.Value(ownRunKey{}).(*callback.Run); own != nil && own == n.Run() {
		return nil
	}
	return n
}

// run begins a run.
func (b *beginning) run() context.Context {
	topo := compiled.find(b.info.Name, b.input)
	info := callback.RunInfo{ThreadID: b.h.opts.thread(b.ctx)}
	info.After, _ = b.ctx.Value(positionKey{}).(callback.Position)
	info.Resume, _, _ = compose.GetInterruptState[any](b.ctx)
	switch {
	case topo != nil:
		info.Graph = topo.graph
	case b.info.Name != "":
		info.Attrs = append(info.Attrs, slog.String("graph_name", b.info.Name))
	}
	if input := b.given(); input != nil && !info.Resume && !b.h.opts.textless && !b.h.opts.stateless {
		info.InitialState = initialState(input)
	}
	ctx, run := b.h.client.StartRunContext(b.ctx, info)
	if run == nil {
		return b.ctx
	}
	b.h.opts.began(b.ctx, run)
	s := b.span(run.Root())
	s.scope = newScope(topo, run.Root(), "")
	s.scope.state = b.stateOf(topo)
	s.scope.state.send(run.Root())
	s.work = &runWork{run: run, scope: s.scope}
	return s.enter(context.WithValue(ctx, ownRunKey{}, run))
}

// given returns what the run is given, as far as that is known.
func (b *beginning) given() any {
	if input := b.ctx.Value(inputKey{}); input != nil {
		return input
	}
	return b.input
}

// plain begins a node: of a graph, of a graph that is called inside a node, or of a component that is.
func (b *beginning) plain() context.Context {
	ctx, n, s := b.startNode()
	w := &nodeWork{node: n}
	if isGraph(b.info.Component) {
		s.scope = newScope(b.nested(), n, s.path+"/")
		w.scope = s.scope
	}
	s.work = w
	return s.enter(ctx)
}

// nested finds the topology of a graph inside another one.
func (b *beginning) nested() *topology {
	if b.inScope() {
		return b.outer.scope.topo.subgraph(b.last.ID)
	}
	return compiled.find(b.info.Name, b.input)
}

// inScope says whether that which starts is a node of the graph around it.
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
	attrs := []slog.Attr{slog.String("type", nodeType(b.info.Component))}
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
	ctx, n := callback.StartNode(callback.NewNodeContext(b.ctx, b.node), path, attrs...)
	s := b.span(n)
	s.path = path
	if b.inScope() {
		s.in, s.key = b.outer.scope, name
	}
	return ctx, n, s
}

// span makes the span of that which starts; things inside it happen in node.
func (b *beginning) span(node *callback.Node) *span {
	s := &span{parent: b.outer, info: b.info, depth: b.depth, node: node}
	if b.outer == nil {
		s.tree = &tree{h: b.h}
		return s
	}
	s.tree, s.path = b.outer.tree, b.outer.path
	return s
}

// nodeType is the type of a node as graph schemas write it.
func nodeType(c components.Component) string {
	switch c {
	case compose.ComponentOfLambda, compose.ComponentOfPassthrough:
		return "function"
	case compose.ComponentOfGraph, compose.ComponentOfChain, compose.ComponentOfWorkflow:
		return "subgraph"
	case compose.ComponentOfToolsNode, components.ComponentOfTool:
		return "tool"
	case components.ComponentOfChatModel:
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
