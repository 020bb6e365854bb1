package callback_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// courier is a Sender in front of a Recorder: a test decides what becomes of batches. It may be
// used from any goroutine.
type courier struct {
	*callbacktest.Recorder

	mu      sync.Mutex
	holding bool
	passes  func(*batching.Batch) bool // what goes although batches are held; nil: nothing
	held    []func()
	judge   func(*batching.Batch) error
}

// hold keeps batches that are sent from now on, unanswered, until release.
func (c *courier) hold() { c.holdBut(nil) }

// holdBut is hold for all batches but those for which passes is true.
func (c *courier) holdBut(passes func(*batching.Batch) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding, c.passes = true, passes
}

// release lets all go that was kept, in its order.
func (c *courier) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding = false
	for _, send := range c.held {
		send()
	}
	c.held = nil
}

// decide has a function decide how batches end: those for which it returns nil arrive.
func (c *courier) decide(judge func(*batching.Batch) error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.judge = judge
}

func (c *courier) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	send := func() {
		if c.judge != nil {
			if err := c.judge(b); err != nil {
				done(b, err)
				return
			}
		}
		c.Recorder.Send(b, done)
	}
	if c.holding && (c.passes == nil || !c.passes(b)) {
		c.held = append(c.held, send)
		return
	}
	send()
}

// Close lets nothing go: what is held stays unanswered.
func (c *courier) Close(context.Context) error { return nil }

// withCourier returns a client whose batches a test holds and decides on.
func withCourier(t *testing.T, change ...func(*callback.Config)) (*callback.Client, *courier) {
	t.Helper()
	c := &courier{Recorder: callbacktest.NewRecorder()}
	set := append([]func(*callback.Config){func(cfg *callback.Config) { cfg.Sender = c }},
		change...)
	return c.Client(t, set...), c
}

// flush has everything sent that waits, and ends the test if that takes longer than it may.
func flush(t *testing.T, c *callback.Client) {
	t.Helper()
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

var errRefused = &batching.SendError{Outcome: batching.Dropped, Reason: batching.Rejected,
	Err: errors.New("refused by the test")}
