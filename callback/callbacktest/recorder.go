package callbacktest

import (
	"bytes"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// Recorder replaces Kafka in tests: it stores what clients send. It is a [batching.Sender] that
// acknowledges everything at once. [Recorder.Client] creates a client that sends to it; so does
// [callback.New] with Config.Sender set to the Recorder. Create one with [NewRecorder]. All methods
// are safe for concurrent use.
//
// Methods that take threads return what belongs to any of these threads, or everything if none is
// given.
type Recorder struct {
	mu       sync.Mutex
	records  []Record
	messages []*pb.DashStreamMessage // of the records
	clients  []ownedClient
}

type ownedClient struct {
	tb     testing.TB
	client *callback.Client
}

// NewRecorder returns a Recorder that has recorded nothing.
func NewRecorder() *Recorder { return new(Recorder) }

// flushing bounds how long a Recorder waits for its clients to send what they have queued.
const flushing = 10 * time.Second

// Client returns a client that sends to the Recorder and is shut down when the test ends. It logs
// nothing and sends no in-band reports, unless the optional change sets that up. A wrong
// configuration fails the test.
func (r *Recorder) Client(tb testing.TB, change ...func(*callback.Config)) *callback.Client {
	tb.Helper()
	cfg := callback.Config{Service: "test", SelfMetrics: "off",
		Logger: slog.New(slog.DiscardHandler), Sender: r}
	for _, f := range change {
		f(&cfg)
	}
	client, err := callback.New(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		client.Shutdown(context.Background())
	}) // nolint:errcheck // losses are up to the test
	r.mu.Lock()
	defer r.mu.Unlock()
	r.clients = append(r.clients, ownedClient{tb, client})
	return client
}

// flush makes the clients of the Recorder send what they have queued.
func (r *Recorder) flush() {
	r.mu.Lock()
	clients := slices.Clone(r.clients)
	r.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), flushing)
	defer cancel()
	for _, c := range clients {
		if err := c.client.Flush(ctx); err != nil {
			c.tb.Errorf("callbacktest: what was emitted did not reach the Recorder: %v", err)
		}
	}
}

// Records returns what was sent, as it would be read from a topic of one partition. Like all
// methods that return something, it first makes the Recorder's clients send what they have queued.
// The caller may keep the records, but must not change their bytes.
func (r *Recorder) Records(threads ...string) []Record {
	r.flush()
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []Record
	for _, rec := range r.records {
		if wanted(string(rec.Key), threads) {
			found = append(found, rec)
		}
	}
	return found
}

// Messages returns the messages that were sent, in order. An EventBatch is one message: see
// [Recorder.Events]. The caller may keep the messages, but must not change them.
func (r *Recorder) Messages(threads ...string) []*pb.DashStreamMessage {
	r.flush()
	r.mu.Lock()
	defer r.mu.Unlock()
	var found []*pb.DashStreamMessage
	for i, m := range r.messages {
		if wanted(string(r.records[i].Key), threads) {
			found = append(found, m)
		}
	}
	return found
}

// Events returns the events that were sent, in order. The caller may keep them, but must not change
// them.
func (r *Recorder) Events(threads ...string) []*pb.Event {
	var found []*pb.Event
	for _, m := range r.Messages(threads...) {
		found = slices.AppendSeq(found, m.Events())
	}
	return found
}

// Threads returns the ids of the threads that have sent something, in the order in which they were
// first seen.
func (r *Recorder) Threads() []string {
	var ids []string
	seen := map[string]bool{}
	for _, rec := range r.Records() {
		if id := string(rec.Key); !seen[id] {
			seen[id] = true
			ids = append(ids, id)
		}
	}
	return ids
}

// Losses returns what clients have stated as lost of the threads, in order. It is what
// [Report.Explained] has, loss by loss.
func (r *Recorder) Losses(threads ...string) []pb.Loss {
	var found []pb.Loss
	for _, m := range r.Messages() {
		losses, _ := pb.Losses(m.LossStatement()) // what is malformed is a violation of Check
		for _, l := range losses {
			if wanted(l.Thread, threads) {
				found = append(found, l)
			}
		}
	}
	return found
}

// Check checks what was sent against the rules of the stream: see [Checker].
func (r *Recorder) Check() Report {
	var c Checker
	for _, rec := range r.Records() {
		c.Add(rec)
	}
	return c.Report()
}

// Reset discards what was sent so far.
func (r *Recorder) Reset() {
	r.flush()
	r.mu.Lock()
	defer r.mu.Unlock()
	r.records, r.messages = nil, nil
}

func wanted(thread string, threads []string) bool {
	return len(threads) == 0 || slices.Contains(threads, thread)
}

// Send implements [batching.Sender]. It rejects a batch whose value is not a message.
func (r *Recorder) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	m, err := pb.Decode(b.Value)
	if err != nil {
		done(b, &batching.SendError{Outcome: batching.Dropped, Reason: batching.Rejected,
			Err: fmt.Errorf("callbacktest: %w", err)})
		return
	}
	rec := Record{Key: bytes.Clone(b.Key), Value: bytes.Clone(b.Value)}
	for _, h := range b.Headers {
		rec.Headers = append(rec.Headers, Header{Key: h.Key, Value: bytes.Clone(h.Value)})
	}
	r.mu.Lock()
	rec.Offset = int64(len(r.records))
	r.records, r.messages = append(r.records, rec), append(r.messages, m)
	r.mu.Unlock()
	done(b, nil)
}

// Stats implements [batching.Sender]. It is zero: a Recorder has no network.
func (r *Recorder) Stats() batching.SenderStats { return batching.SenderStats{} }

// Close implements [batching.Sender]. It does nothing: the recording is kept.
func (r *Recorder) Close(context.Context) error { return nil }
