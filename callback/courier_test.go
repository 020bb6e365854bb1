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

// courier is a Sender in front of a Recorder. The test decides what happens to batches. It is safe
// for concurrent use.
type courier struct {
	*callbacktest.Recorder

	mu      sync.Mutex
	holding bool
	passes  func(*batching.Batch) bool // what is sent although batches are kept back; nil: nothing
	held    []func()
	judge   func(*batching.Batch) error
}

// hold keeps back, from now on, all batches until release.
func (c *courier) hold() { c.holdBut(nil) }

// holdBut is hold for all batches except those for which passes returns true.
func (c *courier) holdBut(passes func(*batching.Batch) bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding, c.passes = true, passes
}

// release passes on all batches kept back, in order.
func (c *courier) release() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.holding = false
	for _, send := range c.held {
		send()
	}
	c.held = nil
}

// decide sets a function that decides how batches end: those for which it returns nil arrive.
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

// Close ends no batch: what is kept back is never acknowledged.
func (c *courier) Close(context.Context) error { return nil }

// withCourier returns a client whose batches the test can keep back and decide on.
func withCourier(t *testing.T, change ...func(*callback.Config)) (*callback.Client, *courier) {
	t.Helper()
	c := &courier{Recorder: callbacktest.NewRecorder()}
	set := append([]func(*callback.Config){func(cfg *callback.Config) { cfg.Sender = c }},
		change...)
	return c.Client(t, set...), c
}

// flush sends everything that is queued, and ends the test if that takes too long.
func flush(t *testing.T, c *callback.Client) {
	t.Helper()
	if err := c.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
}

var errRefused = &batching.SendError{Outcome: batching.Dropped, Reason: batching.Rejected,
	Err: errors.New("refused by the test")}
