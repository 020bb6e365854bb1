package callback

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/guard"
)

const (
	// statsPatience is how long whoever takes a snapshot waits for what the application's Sender
	// says about itself.
	statsPatience = 500 * time.Millisecond
	// closeGrace is how long its Close may take to return after the context has ended.
	closeGrace = 50 * time.Millisecond
)

// guardedSender is the application's own Sender, which may panic, and block in everything but Send.
// It is called as [batching.Sender] promises, by the engine's worker and by the reporter, who do
// not know of each other.
type guardedSender struct {
	inner batching.Sender
	log   *slog.Logger

	sending chan struct{} // holds one token while Send is called, by one at a time
	flags   []atomic.Bool // of batches to come; whoever has the token may take one

	mu   sync.Mutex
	last batching.SenderStats // what Stats returned last
	// closed when the call of Stats that is under way has ended; nil while none is
	asking   chan struct{}
	stuck    bool        // somebody waited for it in vain
	panicked atomic.Bool // Stats did
}

func guardSender(s batching.Sender, log *slog.Logger) *guardedSender {
	return &guardedSender{inner: s, log: log, sending: make(chan struct{}, 1)}
}

// flag returns the flag that says that a batch has ended. It is called by the one that may send.
func (s *guardedSender) flag() *atomic.Bool {
	if len(s.flags) == 0 {
		s.flags = make([]atomic.Bool, 64) // one allocation for as many batches
	}
	flag := &s.flags[0]
	s.flags = s.flags[1:]
	return flag
}

// Send hands a batch over. A panic goes on, to the worker or the reporter, as one that is safe to
// print: whether the batch was sent is not known then, and what the Sender says of it later does
// not count. A batch ends once, with what the Sender says first; what it says again, however late,
// ends no other batch.
func (s *guardedSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	if !s.enter(b) {
		done(b, &batching.SendError{Outcome: batching.Dropped, Reason: batching.Timeout,
			Err: errSenderBusy})
		return
	}
	defer func() { <-s.sending }()
	over := s.flag()
	defer guard.Recover(func(panicked string) {
		over.Store(true)
		panic(fmt.Errorf("callback: the Sender's Send: %s\n%s", panicked, debug.Stack()))
	})
	s.inner.Send(b, func(_ *batching.Batch, err error) {
		if over.CompareAndSwap(false, true) {
			done(b, err)
		}
	})
}

var errSenderBusy = errors.New("callback: the Sender's Send has not returned")

// enter waits for its turn. A report, which is of no lane, does not wait for long: there will be
// another one.
func (s *guardedSender) enter(b *batching.Batch) bool {
	if b.Lane() != nil {
		s.sending <- struct{}{}
		return true
	}
	select {
	case s.sending <- struct{}{}:
		return true
	default:
	}
	timer := time.NewTimer(finalWait)
	defer timer.Stop()
	select {
	case s.sending <- struct{}{}:
		return true
	case <-timer.C:
		return false
	}
}

// Route forwards to a Sender that knows where a key goes.
func (s *guardedSender) Route(key []byte) (route, routes int) {
	router, ok := s.inner.(interface {
		Route(key []byte) (route, routes int)
	})
	if !ok {
		return 0, 0
	}
	defer guard.Recover(func(string) { route, routes = 0, 0 })
	return router.Route(key)
}

// Stats returns what the Sender said last, if it panics or does not answer.
func (s *guardedSender) Stats() batching.SenderStats {
	s.mu.Lock()
	if s.asking == nil {
		s.asking = make(chan struct{})
		go s.ask(s.asking)
	}
	answered, stuck := s.asking, s.stuck
	s.mu.Unlock()
	if !stuck {
		timer := time.NewTimer(statsPatience)
		defer timer.Stop()
		select {
		case <-answered:
		case <-timer.C:
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.stuck = s.asking == answered
	return s.last
}

func (s *guardedSender) ask(answered chan struct{}) {
	var stats batching.SenderStats
	ok := false
	defer func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		if ok {
			s.last = stats
		}
		s.asking, s.stuck = nil, false
		close(answered)
	}()
	panicked := guard.Call(func() { stats, ok = s.inner.Stats(), true })
	if panicked != "" && s.panicked.CompareAndSwap(false, true) {
		s.log.Error("dashstream: the Sender's Stats panicked; this is not logged again",
			"panic", panicked)
	}
}

var errSenderClose = errors.New("callback: the Sender's Close did not return in time")

// Close returns when ctx ends at the latest.
func (s *guardedSender) Close(ctx context.Context) error {
	closed := make(chan error, 1)
	go func() {
		var err error = errSenderClose // if it ends the goroutine
		defer func() { closed <- err }()
		if panicked := guard.Call(func() { err = s.inner.Close(ctx) }); panicked != "" {
			err = fmt.Errorf("callback: the Sender's Close: %s", panicked)
		}
	}()
	select {
	case err := <-closed:
		return err
	case <-ctx.Done():
	}
	select { // one that returns because ctx has ended says what became of it
	case err := <-closed:
		return err
	case <-time.After(closeGrace):
		return fmt.Errorf("%w: %w", errSenderClose, context.Cause(ctx))
	}
}
