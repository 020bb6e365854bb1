package callback_test

import (
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

// What a caller waited for must not be lost later because the queue is full. A sealed state is no
// larger than when it was accepted, however long the ids around it are, and whether it is sent
// whole or as a checkpoint.
func TestAStateThatFoundRoomKeepsItInAFullQueue(t *testing.T) {
	for _, long := range []int{1, 200} {
		synctest.Test(t, func(t *testing.T) {
			// the memory for a state ends at 2048 bytes, with everything around it
			for size := 1200; size < 2100; size += 29 {
				client, c := withCourier(t, func(cfg *callback.Config) {
					cfg.QueueBytes, cfg.BatchBytes, cfg.MaxMessageBytes = 64<<10, 4<<10, 16<<10
					cfg.CheckpointPatches, cfg.SelfMetrics = 1, "off"
					cfg.TenantID = strings.Repeat("n", long)
				})
				first := client.StartRun(callback.RunInfo{ThreadID: strings.Repeat("t", long)})
				first.SetState(strings.Repeat("s", size))
				flush(t, client)
				c.hold()
				first.SetState(strings.Repeat("c", size)) // a checkpoint
				for thread := 0; lost(client) == 0; thread++ {
					client.StartRun(callback.RunInfo{ThreadID: strings.Repeat("t", long) +
						strconv.Itoa(thread)}).SetState(strings.Repeat("s", size))
				}
				s := client.Stats().Total
				time.Sleep(time.Second) // all are sealed, and nothing is evicted
				c.release()
				flush(t, client)
				if got, rejected := lost(client), s.Emitted-s.Accepted; got != rejected {
					t.Errorf("states of %d bytes: %d events were lost, %d of them rejected",
						size, got, rejected)
				}
				if _, err := client.Shutdown(t.Context()); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

// lost returns how many events of a client were lost, or may have been.
func lost(c *callback.Client) uint64 {
	s := c.Stats()
	return s.Total.Lost()
}
