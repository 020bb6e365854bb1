package callback_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
)

func TestWhatBecomesOfAnEventThatFindsNoRoom(t *testing.T) {
	tests := map[string]struct {
		change  func(*callback.Config)
		room    time.Duration // when room is freed
		took    time.Duration
		dropped uint64
	}{
		"dropped at once by default": {nil, time.Second, 0, 1},
		"waits until there is room": {func(cfg *callback.Config) { cfg.Overflow = "block" },
			400 * time.Millisecond, 400 * time.Millisecond, 0},
		"waits in vain": {func(cfg *callback.Config) { cfg.Overflow = "block" },
			time.Minute, time.Second, 1},
		"waits as long as it is told": {func(cfg *callback.Config) {
			cfg.Overflow,
				cfg.BlockTimeout = "block", 5*time.Second
		}, time.Minute,
			5 * time.Second, 1},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				client, c := withCourier(t, func(cfg *callback.Config) { cfg.QueueEvents = 2 },
					func(cfg *callback.Config) {
						if tt.change != nil {
							tt.change(cfg)
						}
					})
				c.hold()
				run := client.StartRun(callback.RunInfo{})
				run.End(nil)
				time.AfterFunc(tt.room, c.release)
				start := time.Now()
				run.Root().Warning("w")
				if took := time.Since(start); took != tt.took {
					t.Errorf("the caller waited for %v, want %v", took, tt.took)
				}
				time.Sleep(2 * time.Minute)
				s := client.Stats().Total
				if s.Emitted != 3 || s.Dropped[batching.QueueFull] != tt.dropped ||
					s.Delivered != 3-tt.dropped {
					t.Errorf("the account is %+v, want %d dropped", s, tt.dropped)
				}
			})
		})
	}
}

// The limit on memory counts what is in flight, so if the destination does not respond, events are
// rejected and memory does not grow.
func TestTheQueueIsBoundedByBytes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t, func(cfg *callback.Config) {
			cfg.QueueBytes, cfg.MaxMessageBytes, cfg.BatchBytes = 1<<20, 64<<10, 16<<10
		})
		c.hold()
		run := client.StartRun(callback.RunInfo{})
		text := string(make([]byte, 1000))
		for range 5000 {
			run.Root().Warning(text)
		}
		s := client.Stats()
		if s.Queue.Bytes > 1<<20 || s.Queue.Bytes < 850<<10 ||
			s.Total.Dropped[batching.QueueFull] == 0 {
			t.Errorf("the queue holds %d bytes of %d, %d events were dropped", s.Queue.Bytes,
				s.Queue.MaxBytes, s.Total.Dropped[batching.QueueFull])
		}
		c.release()
		checkAccount(t, client)
	})
}
