package callback

import (
	"sync"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// maxTraceNodes bounds the nodes that an ExecutionTrace lists; how many were left out stands in its metadata.
const maxTraceNodes = 10_000

// execution collects a run's ExecutionTrace.
type execution struct {
	graph *Graph

	mu      sync.Mutex
	nodes   []*pb.NodeExecutionRecord
	errors  []*pb.ErrorRecord
	tokens  map[*Node]tokenCount // of nodes that have not ended
	total   uint64
	omitted int
}

type tokenCount struct{ prompt, completion, total uint64 }

func newExecution(g *Graph) *execution { return &execution{graph: g, tokens: map[*Node]tokenCount{}} }

func (r *Run) addNode(n *Node, err error, end time.Time) {
	x := r.record
	x.mu.Lock()
	defer x.mu.Unlock()
	used := x.tokens[n]
	delete(x.tokens, n)
	if len(x.nodes) >= maxTraceNodes {
		x.omitted++
		return
	}
	x.nodes = append(x.nodes, &pb.NodeExecutionRecord{
		Node: n.name, DurationMs: millis(end.Sub(n.started)), Succeeded: err == nil, StartedAt: iso(n.started), EndedAt: iso(end),
		PromptTokens: used.prompt, CompletionTokens: used.completion, TotalTokens: used.total,
	})
	if err != nil {
		x.errors = append(x.errors, &pb.ErrorRecord{Node: n.name, Message: n.thread.client.errorText(err), Timestamp: iso(end)})
	}
}

func (r *Run) addTokens(n *Node, res *LLMResult) {
	x := r.record
	x.mu.Lock()
	defer x.mu.Unlock()
	total := uint64(max(res.TotalTokens, 0))
	x.total += total
	if n.parent == nil || n.ended.Load() {
		return
	}
	used := x.tokens[n]
	used.prompt += uint64(max(res.PromptTokens, 0))
	used.completion += uint64(max(res.CompletionTokens, 0))
	used.total += total
	x.tokens[n] = used
}

// emitTrace sends the run's ExecutionTrace. completed is false for a run that waits for a human.
func (r *Run) emitTrace(err error, completed bool, end time.Time) {
	x, t := r.record, r.root.thread
	x.mu.Lock()
	defer x.mu.Unlock()
	if err != nil {
		x.errors = append(x.errors, &pb.ErrorRecord{Message: t.client.errorText(err), Timestamp: iso(end)})
	}
	m := &pb.ExecutionTrace{
		ThreadId: t.id, ExecutionId: r.execution, NodesExecuted: x.nodes, TotalDurationMs: millis(end.Sub(r.started)), TotalTokens: x.total,
		Errors: x.errors, Completed: completed && err == nil, StartedAt: iso(r.started), EndedAt: iso(end), Metadata: map[string][]byte{},
	}
	if x.graph != nil {
		m.Metadata["graph_name"] = t.client.jsonBytes(jsonString(t.client.valid(x.graph.Name)))
	}
	if x.omitted > 0 {
		m.Metadata["nodes_omitted"] = t.client.jsonBytes(x.omitted)
	}
	r.root.emitProto(kindTrace, m, false)
}

type jsonString string

func millis(d time.Duration) uint64 { return uint64(max(d, 0).Milliseconds()) }

func iso(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }
