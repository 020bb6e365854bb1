package selfmetrics

import (
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"

	"github.com/dashstream/dashstream-go/batching"
)

// notices tells the application of changes of level. The goroutine that does lives only while there is something to tell, and may be held up by
// the application for as long as that likes.
type notices struct {
	call func(batching.Pressure)
	log  *slog.Logger

	mu       sync.Mutex
	active   bool
	latest   batching.Pressure
	told     batching.PressureLevel
	panicked bool
}

// say has the application told of a change. It does not wait.
func (n *notices) say(p batching.Pressure) {
	if n.call == nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.latest = p
	if !n.active {
		n.active = true
		go n.tell()
	}
}

func (n *notices) tell() {
	for {
		n.mu.Lock()
		p := n.latest
		if p.Level == n.told {
			n.active = false
			n.mu.Unlock()
			return
		}
		n.told = p.Level
		n.mu.Unlock()
		n.callOnce(p)
	}
}

func (n *notices) callOnce(p batching.Pressure) {
	defer func() {
		if r := recover(); r != nil && !n.panicked {
			n.panicked = true
			n.log.Error("dashstream: OnPressure panicked; this is not logged again", "panic", fmt.Sprint(r), "stack", string(debug.Stack()))
		}
	}()
	n.call(p)
}
