package dasheino

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/cloudwego/eino/compose"

	"github.com/dashstream/dashstream-go/callback"
)

// graphState is the local state of the graph of a run (compose.WithGenLocalState). A nil one means
// none.
type graphState struct {
	ctx context.Context // the run's context: Eino put the state into it
	// a node has returned since the state was last sent, so Eino's handlers after it may have
	// changed it
	after atomic.Bool
	over  atomic.Bool // the run has ended
}

// stateOf returns the state of the graph of a run, nil if it has none or states are left out.
// Graphs inside it that have a state of their own do not send it: a thread has one state.
func (b *beginning) stateOf(topo *topology) *graphState {
	stateful := b.stateful
	if topo != nil {
		stateful = topo.stateful
	}
	if !stateful || b.h.opts.textless || b.h.opts.stateless {
		return nil
	}
	return &graphState{ctx: b.ctx}
}

// busy is how long the end of a node waits for a state that other code of the graph is using. slow
// is how long it waits for one that is being encoded.
const busy, slow = 20 * time.Millisecond, time.Second

// send sends the current state, as a message in the node. Eino guards the state with a lock that
// code of the graph holds while it uses the state, for as long as it likes. If that takes long, the
// node ends without the state, which is then sent as a message of the run, before the next node
// begins or when the run ends. A state that is sent later is never older, because it is sent under
// the lock.
func (g *graphState) send(n *callback.Node) {
	if g == nil || g.over.Load() {
		return
	}
	// taken by whoever is first: the sending, or the end of the node, which does not wait
	var taken atomic.Bool
	sent := make(chan struct{})
	go func() {
		defer close(sent)
		// there is none if the graph created a nil one
		_ = compose.ProcessState(g.ctx, func(_ context.Context, state any) error {
			if !g.over.Load() && taken.CompareAndSwap(false, true) {
				n.SetState(state)
			}
			return nil
		})
	}()
	timer := time.NewTimer(busy)
	defer timer.Stop()
	select {
	case <-sent:
	case <-timer.C:
		if taken.CompareAndSwap(false, true) {
			g.after.Store(true)
			return
		}
		timer.Reset(slow)
		select {
		case <-sent:
		case <-timer.C:
		}
	}
}

// returned records that a node has returned.
func (g *graphState) returned() {
	if g != nil {
		g.after.Store(true)
	}
}

// begins sends the state, as a message of the run, before a node begins that may be the first one
// after a change.
func (g *graphState) begins(run *callback.Node) {
	if g != nil && g.after.CompareAndSwap(true, false) {
		g.send(run)
	}
}

// end sends the state when the run is about to end; n is the run's root. Nothing is sent after
// that.
func (g *graphState) end(n *callback.Node) {
	if g == nil {
		return
	}
	g.send(n)
	g.over.Store(true)
}
