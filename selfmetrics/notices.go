package selfmetrics

import (
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// notices tells the application of changes of level. The goroutine that does lives only while there
// is something to tell, and may be held up by the application for as long as that likes.
type notices struct {
	call    func(Pressure)
	present func() Pressure
	log     *slog.Logger

	mu       sync.Mutex
	active   bool
	told     PressureLevel
	panicked bool
}

// changed has the application told of the present pressure, which is not what it was. It does not
// wait. Whoever saw an older change and comes later does not matter, for what is told is looked up.
func (n *notices) changed() {
	if n.call == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if !n.active {
		n.active = true
		go n.tell()
	}
}

func (n *notices) tell() {
	over := false
	defer func() {
		if !over { // the application ended the goroutine, as a test that fails does
			go n.tell()
		}
	}()
	for {
		n.mu.Lock()
		p := n.present()
		if p.Level == n.told {
			n.active, over = false, true
			n.mu.Unlock()
			return
		}
		n.told = p.Level
		n.mu.Unlock()
		n.callOnce(p)
	}
}

func (n *notices) callOnce(p Pressure) {
	defer guard.Recover(func(panicked string) {
		if !n.panicked {
			n.panicked = true
			n.log.Error("dashstream: OnPressure panicked; this is not logged again",
				"panic", panicked, "stack", string(debug.Stack()))
		}
	})
	n.call(p)
}
