package selfmetrics

import (
	"strconv"
	"sync"
	"sync/atomic"
)

// clients numbers the clients of this process, so that their series differ and a new process has
// those of the one before it.
var clients numbers

// numbers deals the lowest numbers that are free, from 1 on.
type numbers struct {
	mu    sync.Mutex
	taken []*seat // by number - 1
}

// seat is who has a number. It is apart from the collector, so that the number keeps nothing of a
// client in memory.
type seat struct {
	ended atomic.Bool
	gone  atomic.Bool // nobody has the collector any more
	// described counts the calls of Describe: a registry makes one when the collector is registered
	// and one when it is unregistered.
	described atomic.Int64
}

// free says whether nobody publishes series under the number any more. A collector that has ended
// and is still registered keeps its number, or the next one could not be registered beside it.
func (s *seat) free() bool {
	return s.gone.Load() || s.ended.Load() && s.described.Load()%2 == 0
}

func (n *numbers) take(s *seat) string {
	n.mu.Lock()
	defer n.mu.Unlock()
	for i, other := range n.taken {
		if other.free() {
			n.taken[i] = s
			return strconv.Itoa(i + 1)
		}
	}
	n.taken = append(n.taken, s)
	return strconv.Itoa(len(n.taken))
}
