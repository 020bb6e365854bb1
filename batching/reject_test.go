package batching

import (
	"context"
	"testing"
	"testing/synctest"
	"time"
)

func checkDropped(t *testing.T, e *Engine, want map[Reason]uint64) {
	t.Helper()
	for r, got := range e.Stats().Total.Dropped {
		if got != want[Reason(r)] {
			t.Errorf("dropped as %s: %d, want %d", Reason(r), got, want[Reason(r)])
		}
	}
}

func TestFullQueueRejectsTheNewest(t *testing.T) {
	tests := []struct {
		name   string
		change func(*Config)
		pad    int
	}{
		{"in events", func(c *Config) { c.QueueEvents = 10 }, 0},
		{"in bytes", func(c *Config) { c.QueueBytes = 10 * minSegment }, 400},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, tt.change)
				l := e.NewLane("a", nil, 0, 0)
				for i := range uint64(10) {
					if !state(i).padded(tt.pad).emit(l) {
						t.Fatalf("message %d was not accepted", i)
					}
				}
				slot, status := state(10).padded(tt.pad).reserve(l)
				if status != Refused || slot.Seq != 11 || slot.ID == 0 || slot.Buf != nil {
					t.Errorf("the eleventh: status %d, slot %+v", status, slot)
				}
				checkDropped(t, e, map[Reason]uint64{QueueFull: 1})
				time.Sleep(time.Second)
				if st := e.Stats(); st.Total.InFlight != 10 || st.Queue.Events != 10 {
					t.Errorf("with ten in flight, which count as well: %+v", st.Queue)
				}
				if state(11).padded(tt.pad).emit(l) {
					t.Error("an event was accepted while ten are in flight")
				}
				s.end(nil)
				if !state(12).padded(tt.pad).emit(l) {
					t.Error("no event was accepted after ten were acknowledged")
				}
				time.Sleep(time.Second)
				s.end(nil)
				if got := s.all(); got[len(got)-1].first != 13 {
					t.Errorf("the last number is %d, want 13", got[len(got)-1].first)
				}
			})
		})
	}
}

func TestTooLargeMessageIsDroppedAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.MaxMessageBytes, c.Overflow = 100, Block })
		l := e.NewLane("a", nil, 0, 0)
		event(1).emit(l)
		before := time.Now()
		if event(2).padded(100).emit(l) {
			t.Error("it was accepted")
		}
		if time.Since(before) != 0 {
			t.Error("it was waited for")
		}
		event(3).emit(l)
		time.Sleep(time.Second)
		s.end(nil)
		checkDropped(t, e, map[Reason]uint64{TooLarge: 1})
		if got := e.Stats().Total; got.Delivered != 2 || got.Accepted != 2 || got.Emitted != 3 {
			t.Errorf("its neighbours: %+v", got)
		}
	})
}

func TestBlockWaitsForRoom(t *testing.T) {
	block := func(c *Config) {
		c.QueueEvents, c.Overflow, c.BlockTimeout, c.Linger = 1, Block, time.Minute, -1
	}
	tests := []struct {
		name    string
		play    func(*Engine, *heldSender)
		ok      bool
		after   time.Duration
		dropped map[Reason]uint64
	}{
		{"and finds it", func(_ *Engine, s *heldSender) { s.end(nil) }, true, 5 * time.Second, nil},
		{"and gives up", nil, false, time.Minute, map[Reason]uint64{QueueFull: 1}},
		{
			"until intake stops", func(e *Engine, _ *heldSender) {
				go e.Drain(context.Background())
			},
			false, 5 * time.Second, map[Reason]uint64{Closed: 1},
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, block)
				event(1).emit(e.NewLane("a", nil, 0, 0))
				began, done := time.Now(), make(chan bool)
				go func() { done <- event(2).emit(e.NewLane("b", nil, 0, 0)) }()
				time.Sleep(5 * time.Second)
				if n := e.Stats().Queue.Blocked; n != 1 {
					t.Errorf("%d callers count as blocked, want 1", n)
				}
				if tt.play != nil {
					tt.play(e, s)
				}
				if ok := <-done; ok != tt.ok {
					t.Errorf("accepted: %t, want %t", ok, tt.ok)
				}
				if took := time.Since(began); took != tt.after {
					t.Errorf("it took %v, want %v", took, tt.after)
				}
				checkDropped(t, e, tt.dropped)
				synctest.Wait()
				s.end(nil)
				synctest.Wait()
			})
		})
	}
}

func TestAbandonedSlotMakesRoomForWaitingCallers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) {
			c.QueueEvents, c.Overflow = 2, Block
			c.BlockTimeout, c.Linger = 10*time.Second, time.Minute
		})
		l := e.NewLane("a", nil, 0, 0)
		event(1).emit(l)
		slot, _ := event(2).reserve(l)
		began, done := time.Now(), make(chan bool)
		go func() { done <- event(3).emit(l) }()
		time.Sleep(time.Second)
		slot.abandon()
		if ok := <-done; !ok || time.Since(began) != time.Second {
			t.Errorf("accepted: %t after %v, want after 1s", ok, time.Since(began))
		}
	})
}

func TestPermitsDoNotStallEmitting(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Permits = 1; c.Linger = -1 })
		lanes := []*Lane{e.NewLane("a", nil, 0, 0), e.NewLane("b", nil, 0, 0)}
		before := time.Now()
		for i := range 1000 {
			if !state(uint64(i)).emit(lanes[i%2]) {
				t.Fatalf("message %d was refused", i)
			}
		}
		if time.Since(before) != 0 {
			t.Error("emitting waited for permits")
		}
		synctest.Wait()
		if st := e.Stats(); st.Permits.InUse != 1 || st.Total.InFlight != 1 ||
			st.Total.Queued != 999 {
			t.Errorf("one permit: %+v, %+v", st.Permits, st.Total)
		}
		for range 1000 {
			synctest.Wait()
			s.end(nil)
		}
	})
}

func TestLossCountsEventsAndNotBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, nil)
		l := e.NewLane("a", nil, 0, 0)
		for i := range uint64(17) {
			event(i).emit(l)
		}
		time.Sleep(time.Second)
		s.end(&SendError{Outcome: Dropped, Reason: Rejected})
		checkDropped(t, e, map[Reason]uint64{Rejected: 17})
		if k := e.Stats().Total; k.SendFailures != 17 {
			t.Errorf("%d failures, want 17", k.SendFailures)
		}
	})
}

func TestClosedEngineIsNotAFullQueue(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := start(t, ackSender{}, nil)
		l := e.NewLane("a", nil, 0, 0)
		if err := e.Drain(context.Background()); err != nil {
			t.Fatal(err)
		}
		if event(1).emit(l) {
			t.Error("events are accepted after Drain")
		}
		checkDropped(t, e, map[Reason]uint64{Closed: 1})
		if err := e.Close(context.Background()); err != nil {
			t.Fatal(err)
		}
		event(2).emit(l)
		checkDropped(t, e, map[Reason]uint64{Closed: 2})
	})
}

func TestSendersErrorDecidesTheOutcome(t *testing.T) {
	var none *SendError
	tests := []struct {
		name    string
		err     error
		unacked uint64
		dropped map[Reason]uint64
	}{
		{"none", nil, 0, nil},
		{"dropped", &SendError{Outcome: Dropped, Reason: Timeout}, 0,
			map[Reason]uint64{Timeout: 1}},
		{"unacknowledged", &SendError{Outcome: Unacknowledged, Reason: Timeout}, 1, nil},
		{"any other", context.Canceled, 1, nil},
		{"an error that says delivered", &SendError{Outcome: Delivered}, 1, nil},
		{"a nil *SendError", none, 1, nil},
		{"an unknown reason", &SendError{Outcome: Dropped, Reason: 99}, 0,
			map[Reason]uint64{Internal: 1}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(heldSender)
				e := start(t, s, nil)
				event(1).emit(e.NewLane("a", nil, 0, 0))
				time.Sleep(time.Second)
				s.end(tt.err)
				st := e.Stats()
				if st.Total.Unacknowledged != tt.unacked {
					t.Errorf("unacknowledged %d, want %d", st.Total.Unacknowledged, tt.unacked)
				}
				checkDropped(t, e, tt.dropped)
				var sends uint64
				for _, h := range st.Send {
					sends += h.Count
				}
				if sends != 1 || st.Send[Delivered].Count+st.Total.Lost() != 1 {
					t.Errorf("one send must be observed as one latency: %v", st.Send)
				}
			})
		})
	}
}
