package batching

import (
	"context"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"time"
)

// heldSender keeps the batches it is sent until the test decides how they end.
type heldSender struct {
	onSend func(*Batch) // may be nil

	mu     sync.Mutex
	sent   []*sent
	closed bool
}

// sent is one batch that was handed to the Sender.
type sent struct {
	key     string
	at      time.Time
	kind    Kind
	events  int
	first   uint64
	last    uint64
	opened  time.Time
	serials []uint64
	end     func(error)
	ended   bool
}

func (s *heldSender) Send(b *Batch, done func(*Batch, error)) {
	record := &sent{key: string(b.Key), at: time.Now(), kind: b.Kind, events: b.Events,
		first: b.First, last: b.Last, opened: b.Opened}
	all, err := pieces(b.Value)
	if err != nil {
		panic(err)
	}
	for _, p := range all {
		record.serials = append(record.serials, p.serial)
	}
	record.end = func(err error) { done(b, err) }
	s.mu.Lock()
	s.sent = append(s.sent, record)
	s.mu.Unlock()
	if s.onSend != nil {
		s.onSend(b)
	}
}

func (s *heldSender) Stats() SenderStats { return SenderStats{} }

func (s *heldSender) Close(context.Context) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	return nil
}

// end ends all batches that have not ended.
func (s *heldSender) end(err error) {
	s.mu.Lock()
	all := slices.Clone(s.sent)
	s.mu.Unlock()
	for _, r := range all {
		if !r.ended {
			r.ended = true
			r.end(err)
		}
	}
}

func (s *heldSender) all() []*sent {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.sent)
}

// serials returns what was sent, one batch per row.
func (s *heldSender) serials() [][]uint64 {
	var rows [][]uint64
	for _, r := range s.all() {
		rows = append(rows, r.serials)
	}
	return rows
}

// ackSender acknowledges at once.
type ackSender struct{}

func (ackSender) Send(b *Batch, done func(*Batch, error)) { done(b, nil) }
func (ackSender) Stats() SenderStats                      { return SenderStats{} }
func (ackSender) Close(context.Context) error             { return nil }

// start starts an engine on sender; it is closed when the test ends.
func start(t testing.TB, sender Sender, change func(*Config)) *Engine {
	t.Helper()
	cfg := Config{Sender: sender, Seal: seal, Kinds: testKinds,
		Logger: slog.New(slog.DiscardHandler), window: 1 << 20, batchCost: -1}
	if change != nil {
		change(&cfg)
	}
	e, err := New(cfg)
	if err != nil {
		t.Fatalf("New: %v", err)
	}
	t.Cleanup(func() {
		if err := e.Close(context.Background()); err != nil {
			t.Errorf("Close: %v", err)
		}
		checkEmpty(t, e)
	})
	return e
}

// checkAccount checks the invariants of every snapshot.
func checkAccount(t testing.TB, e *Engine, st *Stats) {
	t.Helper()
	total := KindStats{}
	for i := range st.Kinds {
		k := &st.Kinds[i]
		total.add(k)
		if got := k.Delivered + k.Unacknowledged + k.Unchanged + k.DroppedTotal() + k.Queued +
			k.InFlight; got != k.Emitted {
			t.Errorf("kind %s: emitted %d, but its parts sum to %d: %+v", k.Name, k.Emitted, got,
				*k)
		}
		if k.Accepted > k.Emitted || k.Queued > k.Accepted || k.InFlight > k.Accepted ||
			k.Messages > k.Delivered {
			t.Errorf("kind %s: impossible account %+v", k.Name, *k)
		}
	}
	if total != st.Total {
		t.Errorf("the kinds sum to %+v, the total is %+v", total, st.Total)
	}
	q, p := &st.Queue, &st.Permits
	if q.Events < 0 || q.Events > q.MaxEvents || q.HighWaterEvents < q.Events ||
		q.HighWaterEvents > q.MaxEvents {
		t.Errorf("events out of bounds: %+v", *q)
	}
	if q.Bytes < 0 || q.Bytes > q.MaxBytes || q.HighWaterBytes < q.Bytes ||
		q.HighWaterBytes > q.MaxBytes {
		t.Errorf("bytes out of bounds: %+v", *q)
	}
	if p.InUse < 0 || p.InUse > p.Limit || p.HighWater < p.InUse || p.HighWater > p.Limit {
		t.Errorf("permits out of bounds: %+v", *p)
	}
	e.memory.mu.Lock()
	taken := e.memory.used.Load() + e.memory.freeSize
	e.memory.mu.Unlock()
	if taken > q.MaxBytes {
		t.Errorf("memory taken with what is kept for reuse: %d, limit %d", taken, q.MaxBytes)
	}
}

// checkEmpty checks an engine that holds nothing any more.
func checkEmpty(t testing.TB, e *Engine) {
	t.Helper()
	st := e.Stats()
	checkAccount(t, e, &st)
	if st.Total.Queued != 0 || st.Total.InFlight != 0 {
		t.Errorf("queued %d, in flight %d in an engine that is empty", st.Total.Queued,
			st.Total.InFlight)
	}
	if st.Queue.Bytes != 0 || st.Queue.Events != 0 || st.Queue.Blocked != 0 ||
		!st.Queue.Oldest.IsZero() {
		t.Errorf("the queue of an empty engine: %+v", st.Queue)
	}
	if n := e.held.Load(); n != 0 {
		t.Errorf("%d events are held in an empty engine", n)
	}
	if st.Permits.InUse != 0 {
		t.Errorf("%d permits are in use in an empty engine", st.Permits.InUse)
	}
	if !e.permits.sem.TryAcquire(e.permits.limit) {
		t.Error("an empty engine did not give all permits back")
	} else {
		e.permits.sem.Release(e.permits.limit)
	}
	if st.Batches.Pending != 0 {
		t.Errorf("%d batches are pending in an empty engine", st.Batches.Pending)
	}
}
