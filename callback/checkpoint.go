package callback

import (
	"crypto/sha256"
	"log/slog"
	"sync/atomic"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// Checkpoint is a graph's state at a point to which the graph can return.
type Checkpoint struct {
	// ID names the checkpoint. Readers get it as bytes.
	ID string
	// State is the state. A json.RawMessage, []byte or string that holds JSON is sent as it is, and
	// as a JSON string if it holds anything else. Other values are encoded as JSON. With nil, no
	// state is sent, only the event.
	State any
	// StateType names the state's type, StorageURI the place where the checkpoint is stored.
	StateType, StorageURI string
	// Metadata is sent as it is.
	Metadata map[string]string
}

// SaveCheckpoint reports that the graph saved a checkpoint: a Checkpoint message if it has a state,
// and CHECKPOINT_SAVE.
func (n *Node) SaveCheckpoint(cp Checkpoint, attrs ...slog.Attr) {
	if n == nil {
		return
	}
	c := n.thread.client
	own := []slog.Attr{slog.String("checkpoint_id", cp.ID)}
	if cp.State != nil {
		state := c.jsonOnly(cp.State)
		sum := sha256.Sum256(state)
		n.emitProto(kindCheckpoint, &pb.Checkpoint{
			CheckpointId: []byte(cp.ID), State: state, StateType: c.valid(cp.StateType),
			Checksum: sum[:], StorageUri: c.valid(cp.StorageURI),
			Metadata: c.validMap(cp.Metadata),
		}, c.now(), false)
		own = append(own, slog.Int("state_bytes", len(state)))
	}
	own = appendText(own, "storage_uri", cp.StorageURI)
	n.emit(pb.EventType_EVENT_TYPE_CHECKPOINT_SAVE, own, attrs)
}

// LoadCheckpoint reports that the graph returned to a checkpoint (CHECKPOINT_LOAD).
func (n *Node) LoadCheckpoint(id string, attrs ...slog.Attr) {
	if n != nil {
		n.emit(pb.EventType_EVENT_TYPE_CHECKPOINT_LOAD,
			[]slog.Attr{slog.String("checkpoint_id", id)}, attrs)
	}
}

// DeleteCheckpoint reports that a checkpoint was deleted (CHECKPOINT_DELETE).
func (n *Node) DeleteCheckpoint(id string, attrs ...slog.Attr) {
	if n != nil {
		n.emit(pb.EventType_EVENT_TYPE_CHECKPOINT_DELETE,
			[]slog.Attr{slog.String("checkpoint_id", id)}, attrs)
	}
}

// SaveMemory reports that the graph wrote to its long-term memory (MEMORY_SAVE).
func (n *Node) SaveMemory(key string, attrs ...slog.Attr) {
	if n != nil {
		n.emit(pb.EventType_EVENT_TYPE_MEMORY_SAVE, []slog.Attr{slog.String("key", key)}, attrs)
	}
}

// LoadMemory reports that the graph read its long-term memory (MEMORY_LOAD).
func (n *Node) LoadMemory(key string, attrs ...slog.Attr) {
	if n != nil {
		n.emit(pb.EventType_EVENT_TYPE_MEMORY_LOAD, []slog.Attr{slog.String("key", key)}, attrs)
	}
}

// AskHuman reports that the node waits for a human while the run continues in this process
// (HUMAN_INTERRUPT). For a run that ends in order to wait, use [Run.Interrupt] instead.
func (n *Node) AskHuman(reason string, attrs ...slog.Attr) {
	if n != nil {
		n.emit(pb.EventType_EVENT_TYPE_HUMAN_INTERRUPT, []slog.Attr{slog.String("reason", reason)},
			attrs)
	}
}

// HumanAnswered reports that the human has answered (HUMAN_RESUME).
func (n *Node) HumanAnswered(attrs ...slog.Attr) {
	if n != nil {
		n.emit(pb.EventType_EVENT_TYPE_HUMAN_RESUME, nil, attrs)
	}
}

// Optimization describes the search for a better parameter, such as a prompt.
type Optimization struct {
	// ID names the search, Target the parameter, Strategy the way in which it is searched.
	ID, Target, Strategy string
}

// OptimizationResult describes what a search found.
type OptimizationResult struct {
	// Variants is how many variants were tried, Improvement by how much the best one is better,
	// BestScore its score.
	Variants    int
	Improvement float64
	BestScore   float64
	// Termination says why the search ended.
	Termination string
	// Found says whether anything better was found.
	Found bool
}

// Search is a search in progress. It is created by [Node.StartOptimization] and ended, once, by
// [Search.End]. A nil Search does nothing. It is safe for concurrent use.
type Search struct {
	node    *Node
	id      wire.ID // of its OPTIMIZATION_START
	name    string
	started stamp
	ended   atomic.Bool
}

// StartOptimization reports that a search begins (OPTIMIZATION_START).
func (n *Node) StartOptimization(o Optimization, attrs ...slog.Attr) *Search {
	if n == nil {
		return nil
	}
	at, _, attrs := n.thread.client.when(attrs, n.started)
	s := &Search{node: n, name: o.ID, started: at}
	const kind = pb.EventType_EVENT_TYPE_OPTIMIZATION_START
	s.id = n.emitAt(s.started, n.id, n.name, kind, []slog.Attr{
		slog.String("optimization_id", o.ID), slog.String("target_param", o.Target),
		slog.String("strategy", o.Strategy),
	}, attrs)
	n.run.open.add(s)
	return s
}

// End reports the result of the search (OPTIMIZATION_END). Only the first call does anything.
func (s *Search) End(o OptimizationResult, attrs ...slog.Attr) { s.end(o, attrs) }

func (s *Search) end(o OptimizationResult, attrs []slog.Attr) bool {
	if s == nil || !s.ended.CompareAndSwap(false, true) {
		return false
	}
	s.node.run.open.remove(s)
	at, _, attrs := s.node.thread.client.when(attrs, s.started)
	end := ending{kind: pb.EventType_EVENT_TYPE_OPTIMIZATION_END, node: s.node.name, start: s.id,
		started: s.started, at: at}
	s.node.emitEnd(&end, []slog.Attr{
		slog.String("optimization_id", s.name), slog.Int("variants_tested", o.Variants),
		slog.Float64("improvement_delta", o.Improvement),
		slog.String("termination_reason", o.Termination), slog.Float64("best_score", o.BestScore),
		slog.Bool("found_improvement", o.Found),
	}, attrs)
	return true
}

func (c *Client) validMap(m map[string]string) map[string]string {
	if m == nil {
		return nil
	}
	out := make(map[string]string, len(m))
	for k, v := range m {
		out[c.valid(k)] = c.valid(v)
	}
	return out
}
