package batching

import (
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// pacedSender acknowledges one batch after the other, at a fixed pace.
type pacedSender struct {
	every  time.Duration
	queue  chan func()
	events atomic.Int64
}

func newPacedSender(every time.Duration) *pacedSender {
	s := &pacedSender{every: every, queue: make(chan func(), 1<<16)}
	go func() {
		for f := range s.queue {
			time.Sleep(s.every)
			f()
		}
	}()
	return s
}

func (s *pacedSender) Send(b *Batch, done func(*Batch, error)) {
	n := int64(b.Events)
	s.queue <- func() {
		s.events.Add(n)
		done(b, nil)
	}
}

func (s *pacedSender) Stats() SenderStats { return SenderStats{} }

func (s *pacedSender) Close(context.Context) error {
	close(s.queue)
	time.Sleep(time.Second)
	return nil
}

// growing returns a Seal that lengthens a body by a part of its size, as marks in place of secrets
// do, and splits what is too long then.
func growing(limit int, tenths int) func(*Sealing) error {
	return func(b *Sealing) error {
		all, err := pieces(b.Body())
		if err != nil {
			return err
		}
		pad := len(b.Body()) * tenths / 10
		if pad == 0 {
			b.SetValue(b.Headroom(), b.Headroom()+len(b.Body()))
			return nil
		}
		each := pad / len(all)
		whole := len(b.Body()) + pad
		if n := b.Events; whole > limit && n > 1 {
			at := n / 2
			rest := b.Split(whole/2, n-at, all[at-1].seq-b.Shift(), all[at].seq-b.Shift())
			if rest == nil {
				return ErrNoRoom
			}
			copy(rest.Body(), rewritten(all[at:], each*(n-at)))
			rest.SetValue(rest.Headroom(), rest.Headroom()+len(rest.Body()))
			all, whole = all[:at], whole/2
		}
		if b.Resize(whole) == nil {
			return ErrNoRoom
		}
		clear(b.Body())
		copy(b.Body(), rewritten(all, each*len(all)))
		b.SetValue(b.Headroom(), b.Headroom()+whole)
		return nil
	}
}

// As much gets out of a full queue as out of one that never fills, for every size of event.
func TestFullQueueStaysWhole(t *testing.T) {
	const seconds = 4
	out := func(size, lanes, tenths int, queue int64) (events int64) {
		synctest.Test(t, func(t *testing.T) {
			s := newPacedSender(5 * time.Millisecond) // 200 batches a second
			e := start(t, s, func(c *Config) {
				c.window, c.Permits, c.QueueBytes, c.QueueEvents = 0, 32, queue, 1<<40
				c.Seal = growing(c.MaxMessageBytes+DefaultMaxMessageBytes, tenths)
			})
			all := make([]*Lane, lanes)
			for i := range all {
				all[i] = e.NewLane(fmt.Sprint(i), nil, 64, 0)
			}
			// Half as much again as the Sender can take.
			batch := max(1, min(DefaultBatchEvents, DefaultBatchBytes/size))
			each := 200 * batch * 3 / 2 / 100 // in 10 ms
			turn := 0
			var from int64
			for tick := range 100 * (seconds + 2) {
				for range each + 1 {
					event(1).padded(size).emit(all[turn%lanes])
					turn++
				}
				time.Sleep(10 * time.Millisecond)
				if tick == 200 {
					from = s.events.Load()
				}
				if used := e.memory.used.Load(); used > queue {
					t.Fatalf("%d bytes are used of %d", used, queue)
				}
			}
			events = s.events.Load() - from
			st := e.Stats()
			if k := st.Total; k.Accepted != k.Delivered+k.Queued+k.InFlight {
				t.Errorf("accepted events were lost: %+v", k)
			}
			stopped, cancel := context.WithCancel(context.Background())
			cancel()
			_ = e.Drain(stopped)
			time.Sleep(time.Minute)
		})
		return events
	}
	sizes := []int{100, 144, 207, 298, 429, 600, 750, 889, 1280, 1843, 2654, 3821, 5502, 7923,
		11409, 16429, 23659, 34068, 49058, 100_000}
	switch {
	case raceEnabled:
		sizes = []int{750, 11409}
	case testing.Short():
		sizes = []int{100, 750, 11409, 100_000}
	}
	for _, size := range sizes {
		for _, tenths := range []int{0, 3} {
			free, full := out(size, 8, tenths, 1<<30), out(size, 8, tenths, 4<<20)
			t.Logf("%6d bytes, %d0 %% longer sealed: %d events a second with room, %.2f of "+
				"them from a full queue",
				size, tenths, free/seconds, float64(full)/float64(free))
			if full*10 < free*9 {
				t.Errorf("%d bytes: %d events got out of a full queue, %d of a free one", size,
					full, free)
			}
		}
	}
}

func TestFullQueueHeals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPacedSender(5 * time.Millisecond)
		e := start(t, s, func(c *Config) { c.window, c.Permits, c.QueueBytes = 0, 32, 4<<20 })
		var lanes []*Lane
		for i := range 400 { // each has a batch of its own, so the queue fragments
			lanes = append(lanes, e.NewLane(fmt.Sprint(i), nil, 0, 0))
		}
		for range 200 {
			for _, l := range lanes {
				for range 3 {
					event(1).padded(700).emit(l)
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
		for range 800 {
			for range 100 {
				event(1).padded(700).emit(lanes[0])
				event(1).padded(700).emit(lanes[1])
			}
			time.Sleep(10 * time.Millisecond)
		}
		before := s.events.Load()
		for range 200 {
			for range 100 {
				event(1).padded(700).emit(lanes[0])
				event(1).padded(700).emit(lanes[1])
			}
			time.Sleep(10 * time.Millisecond)
		}
		if got := (s.events.Load() - before) / 400; got < 80 {
			t.Errorf("a record has %d events, want at least 80", got)
		}
		stopped, cancel := context.WithCancel(context.Background())
		cancel()
		_ = e.Drain(stopped)
		time.Sleep(time.Minute)
	})
}

func TestCallersThatWaitForRoomTakeTurns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newPacedSender(time.Millisecond)
		e := start(t, s, func(c *Config) {
			c.QueueEvents, c.Overflow, c.BlockTimeout = 50, Block, 2*time.Second
			c.Permits, c.Linger = 50, -1
		})
		l := e.NewLane("a", nil, 0, 0)
		var callers sync.WaitGroup
		var refused atomic.Int64
		var longest atomic.Int64
		for range 1000 {
			callers.Go(func() {
				for range 3 {
					began := time.Now()
					if !state(1).emit(l) {
						refused.Add(1)
					}
					if d := int64(time.Since(began)); d > longest.Load() {
						longest.Store(d)
					}
				}
			})
		}
		callers.Wait()
		if n := refused.Load(); n != 0 {
			t.Errorf("%d events were rejected, though each turn takes %v", n, time.Second)
		}
		if d := time.Duration(longest.Load()); d > 1200*time.Millisecond {
			t.Errorf("a caller waited for %v, where a thousand turns take 1 s", d)
		}
		_ = e.Drain(context.Background())
	})
}

// Messages that are costly to seal share the worker's time with the others.
func TestLaneThatIsCostlyToSealHoldsNobodyUp(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		var waits []time.Duration
		e := start(t, ackSender{}, func(c *Config) {
			c.window, c.Linger = 0, 50*time.Millisecond
			c.Seal = func(b *Sealing) error {
				if b.Kind == kindState {
					time.Sleep(5 * time.Millisecond)
				} else {
					mu.Lock()
					waits = append(waits, time.Since(b.Opened))
					mu.Unlock()
				}
				return seal(b)
			}
		})
		costly := e.NewLane("costly", nil, 0, 0)
		var all sync.WaitGroup
		all.Go(func() {
			for range 5000 {
				state(1).emit(costly)
				time.Sleep(2 * time.Millisecond)
			}
		})
		for i := range 300 {
			l := e.NewLane(fmt.Sprint(i), nil, 0, 0)
			all.Go(func() {
				for range 100 {
					event(1).emit(l)
					time.Sleep(100 * time.Millisecond)
				}
			})
		}
		all.Wait()
		late := 0
		for _, w := range waits {
			if w > 120*time.Millisecond {
				late++
			}
		}
		if late*100 > len(waits) {
			t.Errorf("%d of %d batches waited for more than 120 ms, with a linger of 50", late,
				len(waits))
		}
		stopped, cancel := context.WithCancel(context.Background())
		cancel()
		_ = e.Drain(stopped)
	})
}
