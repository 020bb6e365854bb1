package browsertest

import (
	"context"
	"log/slog"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// broker is a Sender that acknowledges after a few milliseconds, until it stops responding. It is
// safe for concurrent use.
type broker struct {
	mu    sync.Mutex
	away  bool
	held  []func(error)
	acks  sync.WaitGroup
	stats batching.SenderStats
}

func (b *broker) Send(batch *batching.Batch, done func(*batching.Batch, error)) {
	size := uint64(len(batch.Value))
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.away {
		b.held = append(b.held, func(err error) { done(batch, err) })
		return
	}
	b.stats.Requests++
	b.stats.UncompressedBytes += size
	b.stats.CompressedBytes += size / 4
	b.acks.Add(1)
	time.AfterFunc(5*time.Millisecond, func() { defer b.acks.Done(); done(batch, nil) })
}

// standStill begins an outage: nothing is acknowledged from now on.
func (b *broker) standStill() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.away = true
	b.stats.Connections, b.stats.ConnectFailures = 0, 3
	b.stats.LastError, b.stats.LastErrorAt = "dial tcp 10.0.0.7:9092: connect: connection refused",
		time.Now()
}

func (b *broker) Stats() batching.SenderStats {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.stats
}

func (b *broker) Close(context.Context) error {
	b.mu.Lock()
	held := b.held
	b.held = nil
	b.mu.Unlock()
	for _, end := range held {
		end(&batching.SendError{Outcome: batching.Dropped, Reason: batching.Shutdown})
	}
	b.acks.Wait()
	return nil
}

const (
	queueBytes = 8 << 20
	eventBytes = 4 << 10
	// fillIn is how long the load would take to fill the queue with its bytes alone. It takes less,
	// because memory is taken in segments.
	fillIn = 40 * time.Second
)

// producer is an application that emits at a steady rate, and its page.
type producer struct {
	broker *broker
	server *httptest.Server
}

// serve runs a producer until the test ends.
func serve(t *testing.T) (url string, p producer) {
	t.Helper()
	b := &broker{stats: batching.SenderStats{Connections: 1, Connects: 1}}
	client, err := callback.New(callback.Config{
		Sender: b, Service: "answers", InstanceID: "answers-1", QueueBytes: queueBytes,
		Logger: slog.New(slog.DiscardHandler),
	})
	if err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(selfmetrics.Handler(client))
	stop := make(chan struct{})
	var emitting sync.WaitGroup
	emitting.Go(func() { emit(client, stop) })
	t.Cleanup(func() {
		close(stop)
		emitting.Wait()
		server.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		_, _ = client.Shutdown(ctx) // it cannot deliver the broker's pending batches
	})
	return server.URL + "/", producer{b, server}
}

func emit(client *callback.Client, stop <-chan struct{}) {
	const every = 10 * time.Millisecond
	perTick := float64(queueBytes) / eventBytes / (float64(fillIn) / float64(every))
	run := client.StartRun(callback.RunInfo{ThreadID: "conversation-7"})
	text := string(make([]byte, eventBytes-200))
	ticker := time.NewTicker(every)
	defer ticker.Stop()
	for due := 0.0; ; {
		select {
		case <-stop:
			run.End(nil)
			return
		case <-ticker.C:
			for due += perTick; due >= 1; due-- {
				run.Root().Warning(text)
			}
		}
	}
}
