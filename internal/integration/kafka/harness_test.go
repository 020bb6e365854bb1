package kafka

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/kafka"
)

const topic = "dashstream-events"

// bench is a Sender in front of a cluster, with faults between them.
type bench struct {
	t       *testing.T
	cluster *kfake.Cluster // nil if it is a real one
	brokers []string
	topic   string
	direct  dialer // to the brokers, without faults
	faults  *faults
	rebuild func(partitions int32) // creates a new cluster at the addresses of one that was closed
	sender  *kafka.Sender
	closed  bool
	refused bool // after a rejection, the Sender sends again, not the client

	mu      sync.Mutex
	next    uint64
	outcome map[uint64]outcome // by the batch's ID
	waiting int
}

// outcome is how a batch ended.
type outcome struct {
	key     string
	err     *batching.SendError
	took    time.Duration // from emit
	repeats int
}

// setup describes a fake cluster, the Sender in front of it, and what happens before that.
type setup struct {
	brokers    int
	partitions int32
	cluster    []kfake.Opt
	config     func(*kafka.Config)
	before     func(*bench) // the Sender is opened
}

// run runs test in a bubble with a bench. Compression is off, unless the config says otherwise,
// because the zstd decompressor must not be in a bubble.
func (s setup) run(t *testing.T, test func(*bench)) {
	t.Helper()
	synctest.Test(t, func(t *testing.T) {
		network := new(kfake.VirtualNetwork)
		build := func(partitions int32) *kfake.Cluster {
			options := append([]kfake.Opt{
				kfake.NumBrokers(max(s.brokers, 1)), kfake.ListenFn(network.Listen),
				kfake.Ports(ports(max(s.brokers, 1))...),
			}, s.cluster...)
			if partitions >= 0 {
				options = append(options, kfake.SeedTopics(max(partitions, 1), topic))
			}
			cluster, err := kfake.NewCluster(options...)
			if err != nil {
				t.Fatal(err)
			}
			return cluster
		}
		cluster := build(s.partitions)
		b := newBench(t, cluster.ListenAddrs(), topic, network.DialContext)
		b.cluster = cluster
		b.rebuild = func(partitions int32) { b.cluster = build(partitions) }
		defer func() { b.cluster.Close() }()
		if s.before != nil {
			s.before(b)
		}
		b.open(func(c *kafka.Config) {
			c.Compression = kafka.None
			if s.config != nil {
				s.config(c)
			}
		})
		defer b.close()
		test(b)
	})
}

func newBench(t *testing.T, brokers []string, topic string, direct dialer) *bench {
	return &bench{
		t: t, brokers: brokers, topic: topic, direct: direct, faults: newFaults(direct),
		outcome: make(map[uint64]outcome),
	}
}

// open opens the Sender.
func (b *bench) open(configure func(*kafka.Config)) {
	b.t.Helper()
	cfg := kafka.Config{
		Brokers: b.brokers, Topic: b.topic, Dialer: b.faults.DialContext,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	configure(&cfg)
	var err error
	if b.sender, err = kafka.Open(b.t.Context(), cfg); err != nil {
		b.t.Fatal(err)
	}
}

func ports(n int) (p []int) {
	for i := range n {
		p = append(p, 9092+i)
	}
	return p
}

// send sends a batch and returns its ID.
func (b *bench) send(key string) uint64 { return b.sendSized(key, 100) }

// sendOld sends a batch that was emitted some time ago.
func (b *bench) sendOld(key string, age time.Duration) uint64 { return b.sendAs(key, 100, age) }

func (b *bench) sendSized(key string, size int) uint64 { return b.sendAs(key, size, 0) }

func (b *bench) sendAs(key string, size int, age time.Duration) uint64 {
	b.mu.Lock()
	b.next++
	id := b.next
	b.waiting++
	b.mu.Unlock()
	value := make([]byte, size)
	copy(value, fmt.Sprintf("%d ", id))
	batch := &batching.Batch{
		Key: []byte(key), Value: value,
		Headers: []batching.Header{{Key: "ds-epoch", Value: []byte("1")}},
		Events:  1, ID: id, Opened: time.Now().Add(-age),
	}
	b.sendBatch(batch)
	return id
}

// sendBatch sends batch and records how it ends.
func (b *bench) sendBatch(batch *batching.Batch) {
	opened := batch.Opened
	b.sender.Send(batch, func(batch *batching.Batch, err error) {
		var failure *batching.SendError
		if err != nil && !errors.As(err, &failure) {
			b.t.Errorf("batch %d ended with %T, want *batching.SendError", batch.ID, err)
		}
		b.mu.Lock()
		defer b.mu.Unlock()
		o := b.outcome[batch.ID]
		b.outcome[batch.ID] = outcome{string(batch.Key), failure, time.Since(opened), o.repeats + 1}
		b.waiting--
	})
}

// left returns how many batches have not ended.
func (b *bench) left() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.waiting
}

// settle waits until all batches have ended, at most for limit.
func (b *bench) settle(limit time.Duration) {
	b.t.Helper()
	for end := time.Now().Add(limit); b.left() > 0; time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			b.t.Fatalf("%d batches have not ended after %v", b.left(), limit)
		}
	}
}

func (b *bench) close() {
	if b.closed {
		return
	}
	b.closed = true
	ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
	defer cancel()
	if err := b.sender.Close(ctx); err != nil {
		b.t.Error(err)
	}
	if n := b.left(); n > 0 {
		b.t.Errorf("%d batches have not ended with the sender", n)
	}
}

// count returns how many batches ended in each way: "delivered", "unacknowledged" or the reason for
// which they were dropped.
func (b *bench) count() map[string]int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := make(map[string]int)
	for id, o := range b.outcome {
		n[o.String()]++
		if o.repeats != 1 {
			b.t.Errorf("batch %d ended %d times", id, o.repeats)
		}
	}
	return n
}

func (o outcome) String() string {
	switch {
	case o.err == nil:
		return "delivered"
	case o.err.Outcome == batching.Dropped:
		return o.err.Reason.String()
	}
	return o.err.Outcome.String()
}

// arrived reads the topic and returns its batch IDs by key, in order.
func (b *bench) arrived() map[string][]uint64 {
	b.t.Helper()
	b.faults.goOn()
	client, err := kgo.NewClient(kgo.SeedBrokers(b.brokers...), kgo.Dialer(b.direct),
		kgo.ConsumeTopics(b.topic), kgo.ConsumeStartOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		b.t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	ids := make(map[string][]uint64)
	end := b.ends(ctx, client)
	for read := int64(0); read < end; {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			b.t.Fatalf("after %d of %d records: %v", read, end, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			var id uint64
			if _, err := fmt.Sscanf(string(r.Value), "%d ", &id); err != nil {
				b.t.Fatal(err)
			}
			ids[string(r.Key)] = append(ids[string(r.Key)], id)
			read++
		})
	}
	return ids
}

// ends returns how many records the topic has.
func (b *bench) ends(ctx context.Context, client *kgo.Client) (records int64) {
	b.t.Helper()
	req := kmsg.NewPtrListOffsetsRequest()
	req.ReplicaID = -1
	t := kmsg.NewListOffsetsRequestTopic()
	t.Topic = b.topic
	for _, partition := range b.partitions(ctx, client) {
		p := kmsg.NewListOffsetsRequestTopicPartition()
		p.Partition, p.Timestamp, p.CurrentLeaderEpoch = partition.Partition, -1, -1
		t.Partitions = append(t.Partitions, p)
	}
	req.Topics = append(req.Topics, t)
	resp, err := req.RequestWith(ctx, client)
	for ctx.Err() == nil && kerr.IsRetriable(err) {
		time.Sleep(50 * time.Millisecond)
		resp, err = req.RequestWith(ctx, client)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	for _, p := range resp.Topics[0].Partitions {
		if err := kerr.ErrorForCode(p.ErrorCode); err != nil {
			b.t.Fatal(err)
		}
		records += p.Offset
	}
	return records
}

func (b *bench) partitions(
	ctx context.Context, client *kgo.Client,
) []kmsg.MetadataResponseTopicPartition {
	b.t.Helper()
	for ctx.Err() == nil {
		req := kmsg.NewPtrMetadataRequest()
		req.Topics = append(req.Topics, kmsg.MetadataRequestTopic{Topic: &b.topic})
		resp, err := req.RequestWith(ctx, client)
		if err != nil {
			b.t.Fatal(err)
		}
		if t := resp.Topics[0]; t.ErrorCode == 0 {
			return t.Partitions
		}
		time.Sleep(50 * time.Millisecond) // an injected fault is still pending
	}
	b.t.Fatal("the topic cannot be looked up")
	return nil
}

// sound checks what must hold whatever has happened: delivered ≤ arrived ≤ delivered +
// unacknowledged, batch by batch. With once, nothing arrived twice, and the batches of a key
// arrived in the order in which they were sent.
func (b *bench) sound(once bool) {
	b.t.Helper()
	b.check(once, once)
}

// check is sound with the two halves of once separate: nothing arrived twice; and a key's batches
// arrived for the first time in the order in which they were sent.
func (b *bench) check(inOrder, once bool) {
	b.t.Helper()
	here := make(map[uint64]bool)
	for key, ids := range b.arrived() {
		var last uint64
		for _, id := range ids {
			if here[id] {
				if once {
					b.t.Errorf("batch %d arrived twice", id)
				}
				continue
			}
			here[id] = true
			if id < last && inOrder {
				b.t.Errorf("key %s: batch %d arrived after batch %d", key, id, last)
			}
			last = id
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	for id, o := range b.outcome {
		switch {
		case o.err == nil && !here[id]:
			b.t.Errorf("batch %d was delivered, but did not arrive", id)
		case o.err != nil && o.err.Outcome == batching.Dropped && here[id]:
			b.t.Errorf("batch %d was dropped (%v), but arrived", id, o.err)
		}
	}
}

// slowest returns the longest time that a batch took from emit to its end.
func (b *bench) slowest() time.Duration {
	b.mu.Lock()
	defer b.mu.Unlock()
	var longest time.Duration
	for _, o := range b.outcome {
		longest = max(longest, o.took)
	}
	return longest
}
