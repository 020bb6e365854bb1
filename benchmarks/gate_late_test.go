package main

import (
	"context"
	"fmt"
	"log/slog"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/benchmarks/internal/measure"
	"github.com/dashstream/dashstream-go/callback"
)

// lateSender acknowledges every batch after a while. Batches end in the order in which they were
// sent.
type lateSender struct {
	after time.Duration
	sent  chan late
	ended chan struct{}
}

type late struct {
	due   time.Time
	batch *batching.Batch
	done  func(*batching.Batch, error)
}

func newLateSender(after time.Duration) *lateSender {
	s := &lateSender{after: after, sent: make(chan late, 1<<16), ended: make(chan struct{})}
	go func() {
		defer close(s.ended)
		for x := range s.sent {
			time.Sleep(time.Until(x.due))
			x.done(x.batch, nil)
		}
	}()
	return s
}

// Send implements [batching.Sender].
func (s *lateSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	s.sent <- late{time.Now().Add(s.after), b, done}
}

// Stats implements [batching.Sender].
func (s *lateSender) Stats() batching.SenderStats { return batching.SenderStats{} }

// Close implements [batching.Sender].
func (s *lateSender) Close(context.Context) error {
	close(s.sent)
	<-s.ended
	return nil
}

// One thread that emits as fast as it can is not held up by acknowledgements that take 100 ms: what
// is bounded for each thread opens as it is acknowledged.
func TestOneBusyThreadKeepsItsRateWithLateAcknowledgements(t *testing.T) {
	skipUnlessAlone(t)
	const warm, events = 2_000_000, 6_000_000
	rate := func(after time.Duration) float64 {
		client, err := callback.New(callback.Config{
			Sender: newLateSender(after), SelfMetrics: "off", Overflow: "block",
			BlockTimeout: time.Minute,
			Logger:       slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		node := client.StartRun(callback.RunInfo{ThreadID: "busy"}).StartNode("n")
		emit := func(n int) {
			for i := range n {
				node.Warning("an event of some hundred bytes", slog.Int("i", i),
					slog.String("text", "some words that fill it"))
			}
		}
		emit(warm)
		began := time.Now()
		emit(events)
		if err := client.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		took := time.Since(began)
		report, err := client.Shutdown(t.Context())
		if err != nil || report.Delivered != report.Emitted {
			t.Errorf("%+v, %v", report, err)
		}
		return float64(took.Nanoseconds()) / events
	}
	hold(t, []limit{
		{fmt.Sprintf("one thread with acknowledgements after %v, against at once",
			100*time.Millisecond), 1, 0, 1 / .9},
	}, func() []float64 {
		return measure.LowerQuartiles(3, func() float64 { return rate(0) },
			func() float64 { return rate(100 * time.Millisecond) })
	})
}
