package callback

import (
	"encoding/json"
	"slices"
	"strconv"
	"sync"
	"time"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/seal"
)

// maxTraceNodes bounds the nodes that an ExecutionTrace lists. Its metadata says how many were left
// out.
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

func newExecution(g *Graph) *execution {
	return &execution{graph: g, tokens: map[*Node]tokenCount{}}
}

func (x *execution) addNode(n *Node, succeeded bool, failure string, end stamp) {
	x.mu.Lock()
	defer x.mu.Unlock()
	used := x.tokens[n]
	delete(x.tokens, n)
	if len(x.nodes) >= maxTraceNodes {
		x.omitted++
		return
	}
	x.nodes = append(x.nodes, &pb.NodeExecutionRecord{
		Node: n.name, DurationMs: millis(end.sub(n.started)), Succeeded: succeeded,
		StartedAt: n.iso(n.started), EndedAt: n.iso(end),
		PromptTokens: used.prompt, CompletionTokens: used.completion, TotalTokens: used.total,
	})
	if !succeeded {
		x.errors = append(x.errors, &pb.ErrorRecord{Node: n.name, Message: failure,
			Timestamp: n.iso(end)})
	}
}

func (x *execution) addTokens(n *Node, res *LLMResult) {
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

// emitTrace emits the ExecutionTrace of a run that ends. A run that waits for a human counts as not
// completed.
func (r *Run) emitTrace(x *ending, failure string) {
	m := &pb.ExecutionTrace{
		ThreadId: r.root.thread.id, ExecutionId: r.execution,
		TotalDurationMs: millis(x.at.sub(r.started)),
		Completed:       x.kind == pb.EventType_EVENT_TYPE_GRAPH_END,
		StartedAt:       r.root.iso(r.started),
		EndedAt:         r.root.iso(x.at), Metadata: map[string][]byte{},
	}
	r.record.fill(m)
	if x.kind == pb.EventType_EVENT_TYPE_GRAPH_ERROR {
		m.Errors = append(m.Errors, &pb.ErrorRecord{Message: failure, Timestamp: r.root.iso(x.at)})
	}
	r.root.emitProto(kindTrace, m, x.at, false)
}

// fill fills in what has been collected so far.
func (x *execution) fill(m *pb.ExecutionTrace) {
	x.mu.Lock()
	defer x.mu.Unlock()
	m.NodesExecuted, m.Errors, m.TotalTokens = slices.Clone(x.nodes), slices.Clone(x.errors),
		x.total
	if x.graph != nil {
		name, _ := json.Marshal(x.graph.Name) // a string can always be encoded as JSON
		m.Metadata["graph_name"] = name
	}
	if x.omitted > 0 {
		m.Metadata[seal.NodesOmittedKey] = strconv.AppendInt(nil, int64(x.omitted), 10)
	}
}

func millis(d time.Duration) uint64 { return uint64(max(d, 0).Milliseconds()) }

func (n *Node) iso(s stamp) string {
	return time.Unix(0, n.thread.client.clock.nanos(s)).UTC().Format(time.RFC3339Nano)
}
