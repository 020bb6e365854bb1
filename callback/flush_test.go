package callback_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
)

func TestFlushCoversWhatWasAcceptedBeforeIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t)
		c.hold()
		client.StartRun(callback.RunInfo{ThreadID: "before"})
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		if err := client.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) ||
			!strings.HasPrefix(err.Error(), "callback: flush: ") {
			t.Errorf("the error is %v", err)
		}
		if took := time.Since(start); took != time.Second {
			t.Errorf("it gave up after %v, want 1 s", took)
		}
		done := make(chan error, 1)
		go func() { done <- client.Flush(t.Context()) }()
		synctest.Wait()
		c.holdBut(func(b *batching.Batch) bool { return string(b.Key) == "before" })
		client.StartRun(callback.RunInfo{ThreadID: "after"}).End(nil)
		select {
		case err := <-done:
			t.Fatalf("it returned (%v) while what it covers is in flight", err)
		default:
		}
		c.mu.Lock()
		first := c.held[0]
		c.held = c.held[1:]
		c.mu.Unlock()
		first()
		if err := <-done; err != nil {
			t.Errorf("the error is %v", err)
		}
		if s := client.Stats().Total; s.Delivered != 1 || s.Queued+s.InFlight != 2 {
			t.Errorf("the account is %+v: it waited for what came after it", s)
		}
		c.release()
	})
}

// What a flush covers may also be lost.
func TestFlushReturnsWhenEverythingHasEnded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t)
		c.decide(func(*batching.Batch) error { return errRefused })
		client.StartRun(callback.RunInfo{})
		if err := client.Flush(t.Context()); err != nil {
			t.Errorf("the error is %v", err)
		}
		if n := client.Stats().Total.Dropped[batching.Rejected]; n != 1 {
			t.Errorf("%d dropped, want 1", n)
		}
	})
}
