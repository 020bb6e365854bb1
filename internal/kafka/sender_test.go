package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// fakeClient keeps records until the test decides what happens to them.
type fakeClient struct {
	mu      sync.Mutex
	records []heldRecord
	order   []string // the values, in order of arrival
	purged  int
}

type heldRecord struct {
	record  *kgo.Record
	promise func(*kgo.Record, error)
}

func (c *fakeClient) TryProduce(
	_ context.Context, r *kgo.Record, promise func(*kgo.Record, error),
) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.records = append(c.records, heldRecord{r, promise})
	c.order = append(c.order, string(r.Value))
}

func (c *fakeClient) PurgeTopicsFromProducing(...string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.purged++
}

// PartitionLeader knows no leader.
func (c *fakeClient) PartitionLeader(string, int32) (leader, epoch int32, err error) {
	return -1, -1, nil
}

func (c *fakeClient) ForceMetadataRefresh() {}

func (c *fakeClient) Close() { c.end(kgo.ErrClientClosed) }

// end ends all records of the client, as the client does: one after another.
func (c *fakeClient) end(err error) {
	c.mu.Lock()
	records := c.records
	c.records = nil
	c.mu.Unlock()
	for _, r := range records {
		r.promise(r.record, err)
	}
}

// endOverdue ends the client's records with the context of the first one, if that has ended.
func (c *fakeClient) endOverdue() {
	c.mu.Lock()
	overdue := len(c.records) > 0 && c.records[0].record.Context.Err() != nil
	c.mu.Unlock()
	if overdue {
		c.end(context.Canceled)
	}
}

func newTestSender(t *testing.T, delivery time.Duration) (*Sender, *fakeClient) {
	t.Helper()
	cfg := Config{Topic: "topic", DeliveryTimeout: delivery,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}.withDefaults()
	client := new(fakeClient)
	s := newSender(&cfg)
	s.client = client
	s.routes.learn(1)
	s.running.Add(1)
	go s.watch(s.background)
	t.Cleanup(func() {
		if err := s.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return s, client
}

func batchOf(value string, opened time.Time) *batching.Batch {
	return &batching.Batch{
		Key: []byte("key"), Value: []byte(value), Opened: opened,
		Headers: []batching.Header{{Key: "a", Value: []byte("b")}},
	}
}

func ignore(*batching.Batch, error) {}

func TestRecordIsTheBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSender(t, time.Minute)
		opened := time.Now().Add(-time.Second)
		s.Send(batchOf("value", opened), ignore)
		r := client.records[0].record
		if string(r.Key) != "key" || string(r.Value) != "value" || r.Topic != "topic" ||
			!r.Timestamp.Equal(opened) {
			t.Errorf("the record is %+v", r)
		}
		if len(r.Headers) != 1 || r.Headers[0].Key != "a" || string(r.Headers[0].Value) != "b" {
			t.Errorf("the headers are %v", r.Headers)
		}
		if r.Context == nil || r.Context == t.Context() {
			t.Errorf("the context is %v, want one of the Sender's own", r.Context)
		}
		client.end(nil)
	})
}

// While nothing is acknowledged, batches are kept back. They follow in order, as soon as the client
// makes progress.
func TestKeptBackBatchesKeepTheirOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSender(t, time.Minute)
		var want []string
		ended := 0
		send := func(n int) {
			for range n {
				value := fmt.Sprint(len(want))
				want = append(want, value)
				s.Send(batchOf(value, time.Now()), func(_ *batching.Batch, err error) {
					if err != nil {
						t.Error(err)
					}
					ended++
				})
				time.Sleep(10 * time.Millisecond)
			}
		}
		send(1000)
		synctest.Wait()
		if n, want := len(client.records), int(s.timing.hold/(10*time.Millisecond)); n > want+50 ||
			n < want {
			t.Errorf("the client has %d batches, want the %d of the first %v", n, want,
				s.timing.hold)
		}
		if n := s.Stats().BufferedRecords; n != 1000 {
			t.Errorf("%d records are buffered, want 1000", n)
		}
		client.end(nil) // the client makes progress
		synctest.Wait()
		if n := len(client.records); n < 400 {
			t.Errorf("the client has %d batches, want all that were held", n)
		}
		send(100)
		client.end(nil)
		synctest.Wait()
		if !slices.Equal(client.order, want) {
			t.Error("the client did not get the batches in the order of Send")
		}
		if ended != len(want) {
			t.Errorf("%d batches have ended, want %d", ended, len(want))
		}
	})
}

// With a client that never makes progress, each batch ends soon after its own deadline.
func TestKeptBackBatchesEndAtTheirOwnDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const delivery = 20 * time.Second
		s, client := newTestSender(t, delivery)
		var mu sync.Mutex
		early, late, ended := 0, 0, 0
		for i := range 600 {
			opened := time.Now()
			s.Send(batchOf(fmt.Sprint(i), opened), func(_ *batching.Batch, err error) {
				mu.Lock()
				defer mu.Unlock()
				ended++
				var failure *batching.SendError
				if !errors.As(err, &failure) || failure.Outcome != batching.Dropped ||
					failure.Reason != batching.Timeout {
					t.Errorf("a batch ended with %v, want it dropped for a timeout", err)
				}
				switch took := time.Since(opened); {
				case took > delivery+s.timing.grace+200*time.Millisecond:
					late++
				case took < delivery:
					early++
				}
			})
			time.Sleep(100 * time.Millisecond)
			client.endOverdue()
		}
		for range 300 {
			time.Sleep(100 * time.Millisecond)
			client.endOverdue()
		}
		if early > 0 || late > 0 || ended != 600 {
			t.Errorf("%d batches have ended of 600, %d too early, %d too late", ended, early, late)
		}
	})
}

func TestBatchPastItsDeadlineIsNotSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSender(t, time.Minute)
		var got error
		s.Send(batchOf("old", time.Now().Add(-2*time.Minute)), func(_ *batching.Batch, err error) {
			got = err
		})
		var failure *batching.SendError
		if !errors.As(got, &failure) || failure.Reason != batching.Timeout ||
			len(client.order) > 0 {
			t.Errorf("the batch ended with %v, and the client got %d", got, len(client.order))
		}
	})
}

// A Close whose context ends says so, and batches that have not ended by then end later.
func TestCloseIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSender(t, time.Minute)
		ended := 0
		s.Send(batchOf("value", time.Now()), func(*batching.Batch, error) { ended++ })
		kept := client.records
		client.records = nil // not even closing ends it
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		if err := s.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Close returned %v, want that its context ended", err)
		}
		kept[0].promise(kept[0].record, kgo.ErrClientClosed)
		if ended != 1 {
			t.Errorf("the batch ended %d times", ended)
		}
	})
}

func TestWatchSleepsWhenNothingIsOnItsWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSender(t, time.Minute)
		s.Send(batchOf("value", time.Now()), ignore)
		client.end(nil)
		time.Sleep(time.Second)
		s.mu.Lock()
		defer s.mu.Unlock()
		if s.watching || len(s.deadlines.groups) > 0 {
			t.Errorf("watching is %v, with %d deadlines", s.watching, len(s.deadlines.groups))
		}
	})
}

// Sending allocates nothing once records are being reused.
func TestSendAllocatesNothing(t *testing.T) {
	s, client := newTestSender(t, time.Hour)
	b := batchOf("value", time.Now())
	client.records, client.order = make([]heldRecord, 0, 16), make([]string, 0, 1<<20)
	discard := &discardClient{}
	s.client = discard
	for range 100 {
		s.Send(b, ignore)
	}
	if n := testing.AllocsPerRun(1000, func() { s.Send(b, ignore) }); n != 0 {
		t.Errorf("a Send allocates %v times", n)
	}
	s.client = client
}

// discardClient acknowledges everything at once.
type discardClient struct{ fakeClient }

func (*discardClient) TryProduce(
	_ context.Context, r *kgo.Record, promise func(*kgo.Record, error),
) {
	promise(r, nil)
}

func BenchmarkSend(b *testing.B) {
	cfg := Config{Topic: "topic"}.withDefaults()
	s := newSender(&cfg)
	s.client = new(discardClient)
	s.routes.learn(1)
	s.running.Add(1)
	go s.watch(s.background)
	defer s.Close(context.Background()) //nolint:errcheck // nothing can be left
	batch := batchOf("value", time.Now())
	b.ReportAllocs()
	for b.Loop() {
		batch.Opened = time.Now()
		s.Send(batch, ignore)
	}
}
