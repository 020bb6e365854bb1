package batching

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// routedSender acknowledges every batch after a delay, except those of some routes, which it never
// acknowledges.
type routedSender struct {
	routes atomic.Int64
	dead   int // the routes from 0 on that never acknowledge
	after  time.Duration

	mu      sync.Mutex
	held    map[*Batch]func(*Batch, error)
	acked   int // events
	highest int // most batches pending at once
}

func routed(routes, dead int, after time.Duration) *routedSender {
	s := &routedSender{dead: dead, after: after}
	s.routes.Store(int64(routes))
	return s
}

func (s *routedSender) Route(key []byte) (int, int) {
	n := 0
	for _, c := range key {
		n = n*31 + int(c)
	}
	routes := int(s.routes.Load())
	return n % routes, routes
}

func (s *routedSender) Send(b *Batch, done func(*Batch, error)) {
	if r, _ := s.Route(b.Key); r < s.dead {
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.held == nil {
			s.held = map[*Batch]func(*Batch, error){}
		}
		s.held[b] = done
		s.highest = max(s.highest, len(s.held))
		return
	}
	time.AfterFunc(s.after, func() {
		s.mu.Lock()
		s.acked += b.Events
		s.mu.Unlock()
		done(b, nil)
	})
}

func (s *routedSender) Stats() SenderStats { return SenderStats{} }

// Close ends the pending batches, as a Sender does.
func (s *routedSender) Close(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for b, done := range s.held {
		done(b, &SendError{Outcome: Unacknowledged})
		delete(s.held, b)
	}
	return nil
}

func (s *routedSender) acknowledged() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acked
}

func windowed(c *Config) { c.window = 0 }

func TestLaneThatIsNotAcknowledgedTakesFewPermits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, windowed)
		l := e.NewLane("a", nil, 0, 0)
		const all = 1000
		for i := range uint64(all) {
			state(i).emit(l)
		}
		for round, want, next := 0, 0, firstWindow; round < 4; round++ {
			want += next
			next *= 1 + windowGrowth
			time.Sleep(time.Second)
			if n := len(s.all()); n != want {
				t.Fatalf("%d batches have been sent after %d acknowledgements of all, want %d", n,
					round, want)
			}
			s.end(nil)
		}
		time.Sleep(time.Second)
		before := len(s.all())
		s.end(&SendError{Outcome: Unacknowledged})
		time.Sleep(time.Second)
		if n := len(s.all()) - before; n != firstWindow {
			t.Errorf("%d batches are sent after a failure, want %d", n, firstWindow)
		}
		for range 20 {
			s.end(nil)
			time.Sleep(time.Second)
		}
		want := make([]uint64, all)
		for i := range want {
			want[i] = uint64(i)
		}
		var got []uint64
		for _, b := range s.serials() {
			got = append(got, b...)
		}
		if !slices.Equal(got, want) {
			t.Errorf("sent %v", got)
		}
	})
}

func TestLaneThatIsHeldGoesOnFillingItsBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := new(heldSender)
		e := start(t, s, windowed)
		l := e.NewLane("a", nil, 0, 0)
		for i := range uint64(firstWindow) {
			state(i).emit(l)
		}
		time.Sleep(time.Second)
		for i := range uint64(50) {
			event(100 + i).urgent().emit(l)
			time.Sleep(100 * time.Millisecond)
		}
		s.end(nil)
		time.Sleep(time.Second)
		if all := s.all(); len(all) != firstWindow+1 || all[firstWindow].events != 50 {
			t.Errorf("%d batches were sent, want %d, the last with 50 events", len(all),
				firstWindow+1)
		}
		s.end(nil)
	})
}

// A third of the partitions acknowledges nothing, as when one broker of three is gone.
func TestDestinationsThatDoNotAnswerLeavePermitsToTheOthers(t *testing.T) {
	for _, tt := range []struct {
		routes, dead, permits, lanes int
	}{
		{12, 4, DefaultPermits, 1000},
		{12, 4, DefaultPermits, 10_000},
		{12, 4, 200, 1000},
		{100, 33, 1000, 3000},
		{3, 1, 60, 300},
		{2, 1, 60, 300},
	} {
		if raceEnabled && tt.lanes > 1000 {
			continue // the detector makes them slow, and the others show a race as well
		}
		t.Run(fmt.Sprint(tt), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := routed(tt.routes, tt.dead, 5*time.Millisecond)
				e := start(t, s, func(c *Config) {
					c.window, c.Permits, c.DeliveryTimeout = 0, tt.permits, time.Hour
				})
				lanes := make([]*Lane, tt.lanes)
				healthy := 0
				for i := range lanes {
					key := fmt.Sprint("thread ", i)
					if r, _ := s.Route([]byte(key)); r >= tt.dead {
						healthy++
					}
					lanes[i] = e.NewLane(key, nil, 0, 0)
				}
				highest := int64(0)
				for tick := range 60 {
					before := s.acknowledged()
					for _, l := range lanes {
						event(1).emit(l)
					}
					time.Sleep(time.Second)
					if got := s.acknowledged() - before; got != healthy {
						t.Fatalf("second %d: %d events were acknowledged, want %d", tick, got,
							healthy)
					}
					highest = max(highest, e.permits.inUse.Load())
				}
				if limit := int64(tt.permits) / 2; highest > limit {
					t.Errorf("%d of %d permits were in use", highest, tt.permits)
				}
				_ = s.Close(context.Background())
			})
		})
	}
}

// One thread keeps filling batches; acknowledgements that take 100 ms must not hold it up.
func TestBusyLaneIsNotHeldUpByLateAcknowledgements(t *testing.T) {
	rate := func(window int) (acked int) {
		synctest.Test(t, func(t *testing.T) {
			s := routed(1, 0, 100*time.Millisecond)
			e := start(t, s, func(c *Config) { c.window = window })
			l := e.NewLane("a", nil, 0, 0)
			for end := time.Now().Add(10 * time.Second); time.Now().Before(end); {
				for range 100 {
					event(1).padded(200).emit(l)
				}
				time.Sleep(time.Millisecond) // 20 MB a second
			}
			acked = s.acknowledged()
		})
		return acked
	}
	if free, held := rate(1<<20), rate(0); held < free*95/100 {
		t.Errorf("%d events were acknowledged, and %d without a limit per lane", held, free)
	}
}

func TestSenderThatPanicsOfARouteSendsAllTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &badRouter{}
		e := start(t, s, windowed)
		l := e.NewLane("a", nil, 0, 0)
		for i := range uint64(3) {
			state(i).emit(l)
		}
		time.Sleep(time.Second)
		if st := e.Stats(); st.Total.Delivered != 3 || st.Worker.Restarts != 0 {
			t.Errorf("account %+v, worker %+v", st.Total, st.Worker)
		}
	})
}

type badRouter struct{ ackSender }

func (*badRouter) Route([]byte) (int, int) { panic("no") }

func TestRoutesThatBecomeMoreAreTakenUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := routed(1, 0, time.Millisecond)
		e := start(t, s, windowed)
		l := e.NewLane("a", nil, 0, 0)
		state(1).emit(l)
		time.Sleep(time.Second)
		s.routes.Store(5)
		state(2).emit(l)
		time.Sleep(5 * time.Second)
		state(3).emit(l)
		time.Sleep(time.Second)
		if r, _ := s.Route([]byte("a")); l.route == nil || l.route.index != r {
			t.Errorf("the lane's route is %+v, want %d", l.route, r)
		}
	})
}
