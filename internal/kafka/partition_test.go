package kafka

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// pick removes the records of the chosen partitions of n from the client, in order.
func (c *fakeClient) pick(n int, chosen func(partition int) bool) (picked []heldRecord) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var kept []heldRecord
	for _, r := range c.records {
		if chosen(partitionOf(r.record.Key, n)) {
			picked = append(picked, r)
		} else {
			kept = append(kept, r)
		}
	}
	c.records = kept
	return picked
}

// failOverdue ends, as the client does, the records of each partition whose context has ended.
func (c *fakeClient) failOverdue(n int) {
	over := make(map[int]bool)
	c.mu.Lock()
	for _, r := range c.records {
		if p := partitionOf(r.record.Key, n); r.record.Context.Err() != nil {
			over[p] = true
		}
	}
	c.mu.Unlock()
	for _, r := range c.pick(n, func(p int) bool { return over[p] }) {
		r.promise(r.record, r.record.Context.Err())
	}
}

func keyed(key, value string, opened time.Time) *batching.Batch {
	return &batching.Batch{Key: []byte(key), Value: []byte(value), Opened: opened}
}

// A partition that accepts nothing has its own batches kept back. They end at their own deadlines,
// known not to have been sent; those of all other partitions continue.
func TestOnlyTheDeadPartitionIsKeptBack(t *testing.T) {
	const n, dead, delivery = 6, 2, 20 * time.Second
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSender(t, delivery)
		s.routes.learn(n)
		var mu sync.Mutex
		ended := make(map[bool]int) // by whether it was for the dead partition
		sent := make(map[bool]int)
		for i := range 600 {
			key := "thread-" + strconv.Itoa(i%60)
			isDead := partitionOf([]byte(key), n) == dead
			opened := time.Now()
			sent[isDead]++
			s.Send(keyed(key, strconv.Itoa(i), opened), func(_ *batching.Batch, err error) {
				mu.Lock()
				defer mu.Unlock()
				ended[isDead]++
				took := time.Since(opened)
				var failure *batching.SendError
				switch {
				case !isDead && (err != nil || took > time.Second):
					t.Errorf("a batch for a healthy partition ended after %v with %v", took,
						err)
				case isDead && (!errors.As(err, &failure) || failure.Reason != batching.Timeout ||
					failure.Outcome != batching.Dropped):
					t.Errorf("a batch for the dead partition ended with %v", err)
				case isDead && (took < delivery || took > delivery+delivery/10+time.Second):
					t.Errorf("a batch for the dead partition ended after %v", took)
				}
			})
			time.Sleep(100 * time.Millisecond)
			for _, r := range client.pick(n, func(p int) bool { return p != dead }) {
				r.promise(r.record, nil)
			}
			client.failOverdue(n)
		}
		client.mu.Lock()
		if most := sent[true] / 4; len(client.records) > most {
			t.Errorf("the client has %d batches of the dead partition, want at most %d",
				len(client.records), most)
		}
		client.mu.Unlock()
		for range 300 {
			time.Sleep(100 * time.Millisecond)
			client.failOverdue(n)
		}
		mu.Lock()
		defer mu.Unlock()
		if ended[true] != sent[true] || ended[false] != sent[false] {
			t.Errorf("%v batches have ended of %v", ended, sent)
		}
	})
}

// Batches that the client gives up because of an older batch are sent again, in order, and before
// what was sent later.
func TestWhatHasTimeLeftIsSentAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSender(t, time.Minute)
		old := time.Now().Add(-59 * time.Second)
		results := make(map[string]error)
		send := func(value string, opened time.Time) {
			s.Send(keyed("key", value, opened), func(b *batching.Batch, err error) {
				results[string(b.Value)] = err
			})
		}
		send("a", time.Now())
		send("old", old)
		send("b", time.Now())
		for range 100 { // the old one is overdue after 1 s and the grace
			time.Sleep(100 * time.Millisecond)
			client.failOverdue(1)
			if len(results) > 0 {
				break
			}
		}
		send("c", time.Now())
		time.Sleep(time.Second)
		if results["old"] == nil || len(results) != 1 {
			t.Fatalf("%v have ended, want the old one alone", results)
		}
		client.end(nil)
		time.Sleep(time.Second)
		client.end(nil)
		if got, want := strings.Join(client.order, " "), "a old b a b c"; got != want {
			t.Errorf("the client got %s, want %s", got, want)
		}
		for _, value := range []string{"a", "b", "c"} {
			if err, ok := results[value]; !ok || err != nil {
				t.Errorf("%s ended: %v, with %v", value, ok, err)
			}
		}
	})
}

// A batch is not sent again if one behind it with the same key has been acknowledged: it would come
// after that one.
func TestWhatWasOvertakenEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSender(t, time.Minute)
		var results []error
		for i := range 2 {
			s.Send(keyed("key", strconv.Itoa(i), time.Now()), func(_ *batching.Batch, err error) {
				results = append(results, err)
			})
		}
		both := client.pick(1, func(int) bool { return true })
		both[0].promise(both[0].record, kgo.ErrRecordTimeout)
		both[1].promise(both[1].record, nil)
		time.Sleep(time.Second)
		synctest.Wait()
		if len(results) != 2 || results[0] != nil || !errors.Is(results[1], errOvertaken) ||
			len(client.order) != 2 {
			t.Errorf("the batches ended with %v, and the client got %v", results, client.order)
		}
	})
}

// A batch that was in a request may have arrived, even if it is given up in a later attempt.
func TestWhatIsSentAgainMayExist(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSender(t, time.Minute)
		old := time.Now().Add(-59 * time.Second)
		var last error
		s.Send(keyed("key", "old", old), ignore)
		s.Send(keyed("key", "young", time.Now()), func(_ *batching.Batch, err error) { last = err })
		s.written.Compress(nil, recordsOf("key", "both"))
		for range 1000 {
			time.Sleep(100 * time.Millisecond)
			client.failOverdue(1)
		}
		var failure *batching.SendError
		if !errors.As(last, &failure) || failure.Outcome != batching.Unacknowledged {
			t.Errorf("the batch ended with %v, want it unacknowledged", last)
		}
	})
}

// Whatever fails at any time, and however the number of partitions grows: batches of a key reach
// the client in order, and each ends once. A batch is sent again only after all behind it have come
// back.
func TestOrderOfAKeyHolds(t *testing.T) {
	for seed := range uint64(30) {
		synctest.Test(t, func(t *testing.T) {
			rng := rand.New(rand.NewPCG(seed, 7))
			s, client := newTestSender(t, 10*time.Second)
			n := 1 + rng.IntN(4)
			s.routes.learn(n)
			var mu sync.Mutex
			ends := make(map[string]int)
			// by key, the number of the last acknowledged batch
			acked := make(map[string]int)
			next := make(map[string]int)
			sent := 0
			finish := func(r heldRecord, err error) {
				var i int
				key := string(r.record.Key)
				if err == nil {
					if _, e := fmt.Sscan(string(r.record.Value), &i); e != nil {
						t.Fatal(e)
					}
					if i < acked[key] {
						t.Errorf("seed %d: batch %d of %s was acknowledged after %d", seed, i, key,
							acked[key])
					}
					acked[key] = i
				}
				r.promise(r.record, err)
			}
			for range 2000 {
				switch rng.IntN(12) {
				case 0, 1, 2, 3, 4, 5:
					key := fmt.Sprint("k", rng.IntN(8))
					next[key]++
					sent++
					age := time.Duration(rng.Int64N(int64(9 * time.Second)))
					if rng.IntN(3) > 0 {
						age = 0
					}
					value := fmt.Sprint(next[key], " ", key)
					s.Send(keyed(key, value, time.Now().Add(-age)),
						func(b *batching.Batch, _ error) {
							mu.Lock()
							defer mu.Unlock()
							ends[string(b.Value)]++
						})
				case 6, 7:
					p := rng.IntN(n)
					for _, r := range client.pick(n, func(of int) bool { return of == p }) {
						finish(r, nil)
					}
				case 8:
					p := rng.IntN(n)
					for _, r := range client.pick(n, func(of int) bool { return of == p }) {
						finish(r, kgo.ErrRecordTimeout)
					}
				case 9, 10:
					time.Sleep(time.Duration(rng.Int64N(int64(2 * time.Second))))
					client.failOverdue(n)
				}
				synctest.Wait()
			}
			for range 200 {
				time.Sleep(time.Second)
				synctest.Wait()
				for _, r := range client.pick(n, func(int) bool { return true }) {
					finish(r, nil)
				}
			}
			synctest.Wait()
			if len(ends) != sent {
				t.Errorf("seed %d: %d batches of %d have ended", seed, len(ends), sent)
			}
			for value, times := range ends {
				if times != 1 {
					t.Errorf("seed %d: batch %s ended %d times", seed, value, times)
				}
			}
		})
	}
}

// Batches kept back when the number of partitions becomes known, or grows, keep their order by key.
func TestKeptBackBatchesFollowTheirPartitions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, client := newTestSender(t, time.Minute)
		s.routes.partitions.Store(0)
		last := make(map[string]int)
		for i := range 300 {
			s.Send(keyed(fmt.Sprint("k", i%17), strconv.Itoa(i), time.Now()), ignore)
		}
		if len(client.records) != 1 {
			t.Fatalf("the client has %d batches before it knows the topic, want one",
				len(client.records))
		}
		s.routes.learn(3)
		client.end(nil)
		time.Sleep(time.Second)
		s.routes.learn(7)
		for range 20 {
			for _, r := range client.pick(7, func(int) bool { return true }) {
				i, err := strconv.Atoi(string(r.record.Value))
				if err != nil {
					t.Fatal(err)
				}
				key := string(r.record.Key)
				if i < last[key] {
					t.Errorf("batch %d of %s comes after %d", i, key, last[key])
				}
				last[key] = i
				r.promise(r.record, nil)
			}
			time.Sleep(time.Second)
		}
		if n := s.Stats().BufferedRecords; n != 0 {
			t.Errorf("%d batches are left", n)
		}
	})
}

// BenchmarkKeptBack measures one run of the watch while thousands of partitions keep batches back,
// some of which end.
func BenchmarkKeptBack(b *testing.B) {
	for _, size := range []struct{ partitions, held int }{{12, 8192}, {12, 65536}, {5000, 65536}} {
		b.Run(fmt.Sprintf("%d partitions %d held", size.partitions, size.held), func(b *testing.B) {
			cfg := Config{Topic: "topic"}.withDefaults()
			s := newSender(&cfg)
			defer s.stop()
			s.client = new(fakeClient)
			s.routes.learn(size.partitions)
			now := time.Now()
			step := s.timing.delivery / time.Duration(size.held+1)
			for i := range size.held + size.partitions {
				key := fmt.Sprint("thread-", i)
				s.mu.Lock()
				s.partitionOf([]byte(key)).keeping = i >= size.partitions
				s.mu.Unlock()
				s.Send(keyed(key, "", now.Add(-time.Duration(i)*step)), ignore)
			}
			b.ResetTimer()
			for i := range b.N {
				at := now.Add(time.Duration(i) * s.timing.tick)
				s.endOverdue(at)
				s.keepOrRelease(at.Sub(s.start))
				s.followLeaders(at.Sub(s.start))
				s.noticeSilence(at.Sub(s.start))
			}
		})
	}
}

// A client that rejects every attempt at once is tried again at intervals, not continuously.
func TestTriesKeepDistance(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := newTestSender(t, time.Minute)
		refusing := new(refusingClient)
		s.client = refusing
		s.Send(batchOf("value", time.Now()), ignore)
		time.Sleep(10 * time.Second)
		if n, most := refusing.tries.Load(), int64(10*time.Second/s.timing.backoffMin)+5; n < 10 ||
			n > most {
			t.Errorf("%d tries in 10 s, want at most %d", n, most)
		}
	})
}

// refusingClient gives every record back at once, with an error that may pass.
type refusingClient struct {
	fakeClient
	tries atomic.Int64
}

func (c *refusingClient) TryProduce(
	_ context.Context, r *kgo.Record, promise func(*kgo.Record, error),
) {
	c.tries.Add(1)
	promise(r, kgo.ErrRecordTimeout)
}
