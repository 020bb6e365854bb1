package main

import (
	"compress/gzip"
	"context"
	"errors"
	"io"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// ledger is a Sender that keeps account by itself of what reaches it. It acknowledges at once.
type ledger struct {
	// stalled makes it acknowledge nothing, slow makes it take its time.
	stalled bool
	slow    time.Duration

	mu       sync.Mutex
	checker  callbacktest.Checker
	records  int // the reports in band left out, as in all that follows
	messages int
	threads  map[string]bool
	tally    map[string]int    // by kind, or by type for events and by stage for tools
	texts    map[string]string // of tokens, joined by thread
	decoded  []*pb.DashStreamMessage
	held     []held
}

type held struct {
	batch *batching.Batch
	done  func(*batching.Batch, error)
}

func (l *ledger) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	l.mu.Lock()
	l.record(b)
	if l.stalled {
		l.held = append(l.held, held{b, done})
		l.mu.Unlock()
		return
	}
	l.mu.Unlock()
	if l.slow > 0 {
		time.AfterFunc(l.slow, func() { done(b, nil) })
		return
	}
	done(b, nil)
}

func (l *ledger) record(b *batching.Batch) {
	r := callbacktest.Record{Key: b.Key, Value: b.Value}
	for _, h := range b.Headers {
		r.Headers = append(r.Headers, callbacktest.Header{Key: h.Key, Value: h.Value})
	}
	l.checker.Add(r)
	if strings.HasPrefix(string(b.Key), pb.ReportThreadPrefix) {
		return
	}
	if l.tally == nil {
		l.threads, l.tally, l.texts = map[string]bool{}, map[string]int{}, map[string]string{}
	}
	m, err := pb.Decode(b.Value)
	if err != nil {
		return // the checker has it
	}
	l.records++
	l.threads[string(b.Key)] = true
	l.decoded = append(l.decoded, m)
	for range m.Headers() {
		l.messages++
	}
	for e := range m.Events() {
		l.tally[e.GetEventType().String()]++
	}
	switch {
	case m.GetToolExecution() != nil:
		l.tally[m.GetToolExecution().GetStage().String()]++
	case m.GetTokenChunk() != nil:
		l.tally["TOKEN_CHUNK"]++
		l.texts[string(b.Key)] += m.GetTokenChunk().GetText()
	case m.GetMetrics() != nil:
		l.tally[m.GetMetrics().GetScope()]++
	}
}

func (l *ledger) Stats() batching.SenderStats { return batching.SenderStats{} }

func (l *ledger) Close(context.Context) error {
	l.mu.Lock()
	held := l.held
	l.held = nil
	l.mu.Unlock()
	for _, h := range held {
		h.done(h.batch, &batching.SendError{Outcome: batching.Unacknowledged,
			Err: errors.New("stalled")})
	}
	return nil
}

// verify fails the test unless the ledger has count of each.
func (l *ledger) verify(t *testing.T, counts map[string]int) {
	t.Helper()
	l.mu.Lock()
	defer l.mu.Unlock()
	if err := l.checker.Report().Err(); err != nil {
		t.Error(err)
	}
	for name, want := range counts {
		if got := l.tally[name]; got != want {
			t.Errorf("%d of %s, want %d", got, name, want)
		}
	}
}

// readPlain reads a file, compressed or not.
func readPlain(path string) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close() //nolint:errcheck // it was read
	if !strings.HasSuffix(path, ".gz") {
		return io.ReadAll(f)
	}
	z, err := gzip.NewReader(f)
	if err != nil {
		return nil, err
	}
	return io.ReadAll(z)
}
