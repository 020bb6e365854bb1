package callback

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
)

// stuckSender acknowledges nothing that stuck applies to until it is freed.
type stuckSender struct {
	mu    sync.Mutex
	stuck func(key string) bool
	held  []func()
}

func (s *stuckSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	s.mu.Lock()
	if s.stuck != nil && s.stuck(string(b.Key)) {
		s.held = append(s.held, func() { done(b, nil) })
		s.mu.Unlock()
		return
	}
	s.mu.Unlock()
	done(b, nil)
}

func (s *stuckSender) set(stuck func(string) bool) {
	s.mu.Lock()
	held := s.held
	s.stuck, s.held = stuck, nil
	s.mu.Unlock()
	for _, done := range held {
		done()
	}
}

func (s *stuckSender) Stats() batching.SenderStats { return batching.SenderStats{} }

func (s *stuckSender) Close(context.Context) error { return nil }

// What does not respond makes the queue wait, and shedding does not help it. As long as the queue
// has room, nothing is given up.
func TestNothingIsShedForWhatDoesNotRespond(t *testing.T) {
	tests := []struct {
		name  string
		stuck func(thread string) bool
		rest  int // of the threads, those that go on emitting after the first seconds
	}{
		{"an outage", func(string) bool { return true }, 12},
		{"half of the threads", func(x string) bool { return x < "thread 06" }, 12},
		{"a burst to some of them", func(x string) bool { return x < "thread 11" }, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s := new(stuckSender)
				client, err := New(Config{Sender: s, SelfMetrics: SelfMetricsOff, Shed: ShedAuto,
					QueueBytes: 16 << 20})
				if err != nil {
					t.Fatal(err)
				}
				var runs []*Run
				for i := range 12 {
					runs = append(runs,
						client.StartRun(RunInfo{ThreadID: fmt.Sprintf("thread %02d", i)}))
				}
				thought := strings.Repeat("x", 2000)
				emit := func(seconds, from int) {
					for range seconds * 10 {
						for _, r := range runs[from:] {
							r.Root().Thinking(1, thought)
						}
						time.Sleep(100 * time.Millisecond)
					}
				}
				emit(10, 0)
				s.set(tt.stuck)
				emit(6, 0)
				emit(6, 12-tt.rest)
				if k := client.Stats().Total; k.Dropped[batching.Shed] > 0 {
					t.Errorf("%d of %d events were shed at %.0f %% of the queue",
						k.Dropped[batching.Shed], k.Emitted,
						100*float64(client.Stats().Queue.Bytes)/(16<<20))
				}
				s.set(nil)
				emit(10, 0)
				if k := client.Stats().Total; k.Dropped[batching.Shed] > 0 {
					t.Errorf("%d of %d events were shed", k.Dropped[batching.Shed], k.Emitted)
				}
				if _, err := client.Shutdown(t.Context()); err != nil {
					t.Error(err)
				}
			})
		})
	}
}
