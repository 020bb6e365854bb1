package batching

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// delayedSender acknowledges every batch after a random time, or at once.
type delayedSender struct {
	mu     sync.Mutex
	random *rand.Rand
	most   time.Duration
}

func (s *delayedSender) Send(b *Batch, done func(*Batch, error)) {
	s.mu.Lock()
	delay := time.Duration(s.random.Int64N(int64(s.most)))
	s.mu.Unlock()
	if delay < s.most/4 {
		done(b, nil)
		return
	}
	time.AfterFunc(delay, func() { done(b, nil) })
}

func (s *delayedSender) Stats() SenderStats { return SenderStats{} }

func (s *delayedSender) Close(context.Context) error { return nil }

// What was accepted is never lost at the seal, however full the queue is, whatever the sizes of
// events are, and by as much as sealing makes them longer.
func TestAcceptedEventsAreNeverLostAtTheSeal(t *testing.T) {
	schedules := uint64(400)
	if testing.Short() || raceEnabled {
		schedules = 60
	}
	var rejected uint64
	for seed := range schedules {
		synctest.Test(t, func(t *testing.T) { rejected += runFullSchedule(t, seed) })
		if t.Failed() {
			t.Fatalf("with seed %d", seed)
		}
	}
	if rejected == 0 {
		t.Error("the queue was never full")
	}
}

func runFullSchedule(t *testing.T, seed uint64) (rejected uint64) {
	r := rand.New(rand.NewPCG(seed, 7))
	limit := pick(r, 4<<10, 16<<10, 64<<10)
	s := &delayedSender{random: rand.New(rand.NewPCG(seed, 8)), most: pick(r, time.Millisecond,
		50*time.Millisecond, 2*time.Second)}
	tenths := pick(r, 0, 1, 3, 6)
	e := start(t, s, func(c *Config) {
		c.QueueBytes, c.QueueEvents = int64(limit)*pick[int64](r, 6, 10, 40), 1<<40
		c.MaxMessageBytes, c.BatchBytes = limit, pick(r, limit/8, limit/2, limit)
		c.Linger = pick(r, -1, 5*time.Millisecond, 200*time.Millisecond)
		c.Permits = pick(r, 1, 4, 64)
		c.DeliveryTimeout = 24 * time.Hour
		c.Overflow = pick(r, DropNewest, DropNewest, Block)
		c.BlockTimeout = 20 * time.Millisecond
		c.Seal = growing(limit, tenths)
	})
	var emitters sync.WaitGroup
	lanes := 1 + r.IntN(12)
	for i := range lanes {
		random := rand.New(rand.NewPCG(seed, 100+uint64(i)))
		l := e.NewLane(fmt.Sprint(i), nil, 64, 0)
		// An event that sealing makes too large is refused on its own account, so none is so large.
		most := limit * 10 / (10 + tenths) * 8 / 10
		emitters.Go(func() {
			for range 40 + random.IntN(200) {
				size := 100 + random.IntN(pick(random, 100, 1000, most-100))
				event(1).padded(size).emit(l)
				if random.IntN(8) == 0 {
					time.Sleep(time.Duration(random.Int64N(int64(20 * time.Millisecond))))
				}
			}
		})
	}
	emitters.Wait()
	time.Sleep(time.Hour)
	k := e.Stats().Total
	if k.Delivered != k.Accepted || k.Queued != 0 || k.InFlight != 0 {
		t.Errorf("of %d accepted events %d were delivered, %d wait: %+v", k.Accepted, k.Delivered,
			k.Queued+k.InFlight, k)
	}
	if n := e.restarts.Load(); n > 0 {
		t.Errorf("the worker panicked %d times", n)
	}
	_ = e.Close(context.Background())
	return k.Emitted - k.Accepted
}
