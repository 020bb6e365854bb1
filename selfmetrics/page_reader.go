package selfmetrics

import (
	"fmt"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// patience is how long a page waits for the statistics, which is long against the microseconds that
// they take.
const patience = 2 * time.Second

// reader reads a Source within bounded time: a Sender's own statistics are a part of it, and a
// Sender may be stuck. While one read is stuck nobody starts another, so those who ask again and
// again leave no goroutines behind.
type reader struct {
	source Source
	// in the text of a panic; nil hides what the built-in rules find
	hide func(text string) string

	mu      sync.Mutex
	pending *reading // not finished yet; nil if there is none
}

type reading struct {
	began   time.Time
	done    chan struct{}
	stats   Stats
	history []Moment
	err     error
}

// read returns what the source says, or an error after patience.
func (r *reader) read() (Stats, []Moment, error) {
	x := r.join()
	timer := time.NewTimer(patience)
	defer timer.Stop()
	select {
	case <-x.done:
		return x.stats, x.history, x.err
	case <-timer.C:
		return Stats{}, nil,
			fmt.Errorf("selfmetrics: the statistics have not been read for %v: the Sender does "+
				"not answer for its own",
				time.Since(x.began).Round(time.Second))
	}
}

// join returns the read that is under way, or begins one.
func (r *reader) join() *reading {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pending == nil {
		r.pending = &reading{began: time.Now(), done: make(chan struct{})}
		go r.run(r.pending)
	}
	return r.pending
}

func (r *reader) run(x *reading) {
	defer func() {
		r.mu.Lock()
		r.pending = nil
		r.mu.Unlock()
		close(x.done)
	}()
	defer guard.Recover(func(panicked string) {
		x.err = fmt.Errorf("selfmetrics: reading the statistics panicked: %s",
			withoutSecrets(panicked, r.hide))
	})
	x.stats, x.history = r.source.Stats(), r.source.History()
}
