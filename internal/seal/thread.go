package seal

import (
	"sync/atomic"

	"github.com/dashstream/dashstream-go/internal/wire"
)

// Thread is the sealer's data of a thread. It is the Data of the thread's lane, and part of the
// client API's thread. [Thread.Init] initializes it; it must not be copied afterwards.
type Thread struct {
	// BatchOverhead is the size of what an EventBatch adds around its events, in bytes: the lane's
	// headroom.
	BatchOverhead int
	// Header is the tenant and the thread, encoded, as in the header of every message.
	Header []byte

	headerSpace [64]byte  // stores Header if that fits
	baseline    *baseline // nil if there is none; the lock of the baselines guards it
	forgotten   atomic.Bool
}

// Init initializes the thread with an id. t must be zero.
func (t *Thread) Init(tenant, id string) {
	t.Header = t.headerSpace[:0]
	if n := wire.SizeThread(tenant, id); n > len(t.headerSpace) {
		t.Header = make([]byte, 0, n)
	}
	t.Header = wire.AppendThread(t.Header, tenant, id)
	longest := wire.Header{ID: wire.ID{1}, Parent: wire.ID{1}, Micros: 1 << 60, Thread: t.Header}
	t.BatchOverhead = wire.Frame + wire.SizeHeader(&longest, 0)
}

// StateLimit is the maximum length, in bytes, of the JSON of a state of the thread in a message of
// its own.
func (s *Sealer) StateLimit(t *Thread) int { return s.cfg.stateLimit(t) }

// Forget evicts the state of a thread of which nothing waits to be sealed. States of it that are
// sealed later are not kept.
func (s *Sealer) Forget(t *Thread) {
	t.forgotten.Store(true)
	s.states.baselines.forget(t)
}
