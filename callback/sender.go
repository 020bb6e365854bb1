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
	// statsPatience is how long a snapshot waits for the statistics of the application's Sender.
	statsPatience = 500 * time.Millisecond
	// closeGrace is how long the Sender's Close may take to return after the context has ended.
	closeGrace = 50 * time.Millisecond
)

// guardedSender wraps the application's own Sender, which may panic, and may block in every method
// but Send. It makes sure that calls are as [batching.Sender] promises, although the engine's
// worker and the reporter call it independently.
type guardedSender struct {
	inner batching.Sender
	log   *slog.Logger

	sending chan struct{} // its token is held during a call of Send
	flags   []atomic.Bool // for batches to come; the holder of the token may take one

	mu   sync.Mutex
	last batching.SenderStats // the last result of Stats
	// closed when the running call of Stats has ended; nil if there is none
	asking   chan struct{}
	stuck    bool        // a snapshot waited for it in vain
	panicked atomic.Bool // Stats has panicked
}

func guardSender(s batching.Sender, log *slog.Logger) *guardedSender {
	return &guardedSender{inner: s, log: log, sending: make(chan struct{}, 1)}
}

// flag returns the flag that a batch sets when it has ended. The caller holds the token of sending.
func (s *guardedSender) flag() *atomic.Bool {
	if len(s.flags) == 0 {
		s.flags = make([]atomic.Bool, 64) // one allocation for many batches
	}
	flag := &s.flags[0]
	s.flags = s.flags[1:]
	return flag
}

// Send passes a batch on. A panic continues to the worker or the reporter, in a form that is safe
// to print. Whether the batch was sent is then unknown, and later calls of done for it are ignored.
// A batch ends once, with the first call of done; further calls, however late, end no other batch.
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

// enter waits for its turn. An in-band report, which belongs to no lane, does not wait long,
// because another one will follow.
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

// Route forwards to a Sender that is a Router.
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

// Stats returns the Sender's statistics, or the previous ones if it panics or does not return in
// time.
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
		var err error = errSenderClose // remains if Close ends the goroutine
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
	select { // a Close that returns because ctx has ended reports its result
	case err := <-closed:
		return err
	case <-time.After(closeGrace):
		return fmt.Errorf("%w: %w", errSenderClose, context.Cause(ctx))
	}
}
