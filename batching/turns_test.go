package batching

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestPermitThatIsNoLongerNeededIsGivenBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Permits = 1; c.DeliveryTimeout = 2 * time.Second })
		l := e.NewLane("a", nil, 0, 0)
		state(1).emit(l)
		state(2).emit(l)
		time.Sleep(2*time.Second + 100*time.Millisecond)
		s.end(nil) // the worker gets its permit after the batch for it has expired
		synctest.Wait()
		checkDropped(t, e, map[Reason]uint64{Timeout: 1})
		if n := e.Stats().Permits.InUse; n != 0 {
			t.Errorf("%d permits are in use when nothing is in flight", n)
		}
	})
}

func TestEveryLaneGetsItsTurnWhilePermitsAreShort(t *testing.T) {
	tests := []struct {
		name  string
		lanes func(*Engine) int
		same  bool // all lanes in one shard
	}{
		{"in many shards", func(e *Engine) int { return 2 * len(e.shards) }, false},
		{"in one shard", func(*Engine) int { return 5 }, true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, func(c *Config) {
					c.Permits = 1
					c.Linger = -1
					c.DeliveryTimeout = time.Hour
				})
				lanes := make([]*Lane, tt.lanes(e))
				for i := range lanes {
					for lanes[i] = nil; lanes[i] == nil || tt.same &&
						lanes[i].shard != lanes[0].shard; {
						lanes[i] = e.NewLane(fmt.Sprint(i), nil, 0, 0)
					}
				}
				// All lanes always have a batch that is due.
				for range 10 * len(lanes) {
					for _, l := range lanes {
						for range 2 {
							state(0).emit(l)
						}
					}
					synctest.Wait()
					s.end(nil)
				}
				turns := map[string]int{}
				for _, r := range s.all() {
					turns[r.key]++
				}
				for i := range lanes {
					if n := turns[fmt.Sprint(i)]; n < 5 {
						t.Errorf("lane %d had %d turns of %d, all of %d lanes wait", i, n,
							len(s.all()), len(lanes))
					}
				}
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				_ = e.Drain(ctx)
				s.end(nil)
			})
		})
	}
}

func TestLaneWhoseLingerIsOverIsNotPassedOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Permits = 1; c.DeliveryTimeout = time.Hour })
		busy, quiet := e.NewLane("busy", nil, 0, 0), e.NewLane("quiet", nil, 0, 0)
		for quiet.shard != busy.shard {
			quiet = e.NewLane("quiet", nil, 0, 0)
		}
		event(1).emit(quiet)
		for range 100 { // the busy lane always has a batch that is due
			state(0).urgent().emit(busy)
			state(0).urgent().emit(busy)
			synctest.Wait()
			s.end(nil)
			time.Sleep(10 * time.Millisecond)
		}
		turn := slices.IndexFunc(s.all(), func(r *sent) bool { return r.key == "quiet" })
		if turn < 0 || s.all()[turn].at.Sub(s.all()[turn].opened) > 3*DefaultLinger {
			t.Errorf("its turn was the %dth of %d", turn, len(s.all()))
		}
		sealNow(e)
		_ = e.Close(context.Background())
		s.end(nil)
	})
}

func TestPermitWaitAndQueueWaitAreTold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Permits = 1; c.Linger = -1 })
		l := e.NewLane("a", nil, 0, 0)
		state(1).emit(l)
		synctest.Wait()
		state(2).emit(l)
		time.Sleep(8 * time.Second)
		s.end(nil)
		synctest.Wait()
		time.Sleep(time.Second)
		s.end(nil)
		st := e.Stats()
		if st.QueueWait.Count != 2 || st.QueueWait.Max != 8 {
			t.Errorf("queue wait: %d, at most %v s, want 2 and 8 s", st.QueueWait.Count,
				st.QueueWait.Max)
		}
		if st.PermitWait.Count != 2 || st.PermitWait.Max != 8 {
			t.Errorf("permit wait: %d, at most %v s, want 2 and 8 s", st.PermitWait.Count,
				st.PermitWait.Max)
		}
		if h := st.Send[Delivered]; h.Count != 2 || h.Max != 8 || h.Sum != 9 {
			t.Errorf("send: %d, sum %v s, at most %v s, want 2, 9 and 8 s", h.Count, h.Sum, h.Max)
		}
		if h := st.EmitToAck; h.Count != 2 || h.Max != 9 || h.Sum != 17 {
			t.Errorf("emit to ack: %d, sum %v s, at most %v s, want 2, 17 and 9 s", h.Count, h.Sum,
				h.Max)
		}
		if !st.LastAck.Equal(time.Now()) {
			t.Errorf("last ack %v", st.LastAck)
		}
	})
}
