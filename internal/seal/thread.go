package seal

import (
	"sync/atomic"

	"github.com/dashstream/dashstream-go/internal/wire"
)

// Thread is what sealing knows of a thread. It is the Data of the thread's lane, and part of what
// the client API keeps of it. [Thread.Init] makes it ready; it is not to be copied afterwards.
type Thread struct {
	// BatchOverhead is what an EventBatch adds around its events, in bytes: the lane's headroom.
	BatchOverhead int
	// Header is the tenant and the thread, encoded, as in the header of every message.
	Header []byte

	headerSpace [64]byte  // holds Header if that fits
	baseline    *baseline // nil without one; the lock of the baselines guards it
	forgotten   atomic.Bool
}

// Init sets up the thread of an id. t must be zero.
func (t *Thread) Init(tenant, id string) {
	t.Header = t.headerSpace[:0]
	if n := wire.SizeThread(tenant, id); n > len(t.headerSpace) {
		t.Header = make([]byte, 0, n)
	}
	t.Header = wire.AppendThread(t.Header, tenant, id)
	longest := wire.Header{ID: wire.ID{1}, Parent: wire.ID{1}, Micros: 1 << 60, Thread: t.Header}
	t.BatchOverhead = wire.Frame + wire.SizeHeader(&longest, 0)
}

// StateLimit is how long the JSON of a state of the thread may be, in bytes, so that it fits into a
// message of its own.
func (s *Sealer) StateLimit(t *Thread) int { return s.cfg.stateLimit(t) }

// Forget evicts the state of a thread of which nothing waits to be sealed. What is sealed of
// it all the same keeps none.
func (s *Sealer) Forget(t *Thread) {
	t.forgotten.Store(true)
	s.states.baselines.forget(t)
}
