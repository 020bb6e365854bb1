package callback

import (
	"crypto/sha256"
	"encoding/binary"
	"log/slog"
	"sync"
	"sync/atomic"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/wire"
)

// The attributes of GRAPH_START that tell readers of sampling.
const (
	sampleRateKey   = "sample_rate"
	sampleReasonKey = "sample_reason"
)

// sampled reports whether the runs of a thread are among those that are sent at a rate: whether the
// first eight bytes of the SHA-256 of its id, as a fraction of all there are, are below the rate.
func sampled(thread string, rate float64) bool {
	if rate >= 1 {
		return true
	}
	sum := sha256.Sum256([]byte(thread))
	return float64(binary.BigEndian.Uint64(sum[:8])>>11)/(1<<53) < rate
}

// unsampled is a run whose thread is not sampled. Nothing of it is sent before its first error.
// Then it is kept: first the starts of what encloses the error are sent, and from then on
// everything. What is not sent takes no number.
type unsampled struct {
	run     *Run
	graph   *Graph
	resumed bool
	after   wire.ID // the GRAPH_START that a resumed run continues; zero if none is known
	keep    atomic.Bool

	mu sync.Mutex // held while starts are sent late
}

// unsentMark marks the number in the id of a message that was not sent for sampling. Those of other
// messages do not have this bit, see [reportNumber].
const unsentMark = 1 << 60

// unsentID returns the id of a message that is not sent yet. If it is later, it has that id.
func (c *Client) unsentID() wire.ID { return c.messageID(c.unsent.Add(1) | unsentMark) }

// isUnsent reports whether a message was not sent when it got its id.
func isUnsent(id wire.ID) bool { return id[8]&(unsentMark>>56) != 0 && id[8]&0x20 == 0 }

// passes decides whether a message of the run is sent. If so, what encloses it has been announced
// when it returns.
func (u *unsampled) passes(n *Node, failure bool) bool {
	if !u.keep.Load() {
		if !failure {
			return false
		}
		if u.keep.CompareAndSwap(false, true) {
			n.thread.client.keptForErrors.Add(1)
		}
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	u.announce(n)
	return true
}

// announce sends the starts of a node and of what encloses it, unless they were sent. The caller
// holds the lock.
func (u *unsampled) announce(n *Node) {
	if !n.unsent {
		return
	}
	n.unsent = false
	c := n.thread.client
	e := wire.Event{Type: byte(pb.EventType_EVENT_TYPE_NODE_START), Node: n.name}
	env := envelope{trace: n.trace, at: n.started, late: n.id}
	switch own := []slog.Attr{slog.String("execution_id", u.run.execution),
		slog.Float64(sampleRateKey, c.cfg.SampleRate), slog.String(sampleReasonKey, "error")}; {
	case n.parent != nil:
		u.announce(n.parent)
		env.parent = n.parent.id
	case u.resumed:
		e.Type, e.Own = byte(pb.EventType_EVENT_TYPE_HUMAN_RESUME), own
		if env.parent = u.after; u.after != (wire.ID{}) {
			env.late = wire.ID{} // n.id is that of the run that is continued
		}
	default:
		e.Type, e.Own = byte(pb.EventType_EVENT_TYPE_GRAPH_START), u.graph.attrs(own)
	}
	n.thread.emit(&e, &env)
	if n.parent == nil {
		c.threads.started(n.thread, n.id)
	}
}

// start returns the message id of the run's GRAPH_START, or of what stands for it; zero as long as
// that was not sent.
func (r *Run) start() wire.ID {
	u := r.unsampled
	if u == nil {
		return r.root.id
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if r.root.unsent {
		return u.after
	}
	return r.root.id
}

// within prepares for a message inside a call of a model or a tool, or for its end: if that is
// sent, so is the call's start. It is called with whether the start was not sent, and how to send
// it.
func (u *unsampled) within(n *Node, failure bool, unsent *bool, start func(e *wire.Event)) {
	if u == nil || !u.passes(n, failure) {
		return
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if *unsent {
		*unsent = false
		start(&wire.Event{Node: n.name})
	}
}

// isFailure reports whether an event is an error, for which an unsampled run is kept.
func isFailure(t pb.EventType) bool {
	switch t {
	case pb.EventType_EVENT_TYPE_GRAPH_ERROR, pb.EventType_EVENT_TYPE_NODE_ERROR,
		pb.EventType_EVENT_TYPE_LLM_ERROR, pb.EventType_EVENT_TYPE_TOOL_ERROR:
		return true
	}
	return false
}

// begin prepares the thread's lane for a run, if the client sheds.
func (t *thread) begin() {
	if t.client.cfg.Shed == ShedAuto {
		t.lane.Begin()
	}
}
