package main

import (
	"context"
	"sync"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// sender takes so many events a second, in order, as a Kafka that is at its limit does.
type sender struct {
	perSecond float64

	mu   sync.Mutex
	free time.Time // when what was taken so far is done
	last sync.WaitGroup
}

func newSender(perSecond float64) *sender { return &sender{perSecond: perSecond} }

// Send implements [batching.Sender].
func (s *sender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	now := time.Now()
	if s.free.Before(now) {
		s.free = now
	}
	s.free = s.free.Add(time.Duration(float64(b.Events) / s.perSecond * float64(time.Second)))
	s.last.Add(1)
	time.AfterFunc(s.free.Sub(now), func() {
		defer s.last.Done()
		done(b, nil)
	})
}

// Stats implements [batching.Sender].
func (s *sender) Stats() batching.SenderStats { return batching.SenderStats{Connections: 1} }

// Close implements [batching.Sender].
func (s *sender) Close(context.Context) error {
	s.last.Wait()
	return nil
}
