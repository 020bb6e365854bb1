package kafka

import (
	"context"
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/kafka"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

const realPartitions = 12

// long reports whether tests run for as long as the real events last.
func long() bool { return os.Getenv("DASHSTREAM_LONG") != "" }

// threeBrokers returns a cluster of three brokers, one of which can be frozen, or skips the test.
func threeBrokers(t *testing.T) *kafkatest.Cluster {
	t.Helper()
	c := kafkatest.FromEnv(t)
	if c == nil || c.Size() < 3 {
		t.Skip("needs three brokers of package kafkatest: go run ./internal/kafkatest/cmd/kafka " +
			"run --brokers 3 -- go test ...")
	}
	return c
}

// newTopic creates a topic, waits until it has leaders, and returns them by partition.
func newTopic(t *testing.T, brokers []string, replicas int16) (name string, leaders []int32) {
	t.Helper()
	admin, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	name = fmt.Sprintf("isolation-%d", time.Now().UnixNano())
	req := kmsg.NewPtrCreateTopicsRequest()
	one := kmsg.NewCreateTopicsRequestTopic()
	one.Topic, one.NumPartitions, one.ReplicationFactor = name, realPartitions, replicas
	req.Topics = append(req.Topics, one)
	resp, err := req.RequestWith(t.Context(), admin)
	if err == nil {
		err = kerr.ErrorForCode(resp.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
	for range 100 {
		leaders = leadersOf(t, admin, name)
		if leaders != nil {
			return name, leaders
		}
		time.Sleep(100 * time.Millisecond)
	}
	t.Fatal("the topic has no leaders for some of its partitions")
	return name, nil
}

// leadersOf returns the leader of each partition, or nil while not all brokers know all of them.
func leadersOf(t *testing.T, admin *kgo.Client, name string) (leaders []int32) {
	t.Helper()
	req := kmsg.NewPtrMetadataRequest()
	topic := kmsg.NewMetadataRequestTopic()
	topic.Topic = kmsg.StringPtr(name)
	req.Topics = append(req.Topics, topic)
	for _, broker := range admin.SeedBrokers() {
		resp, err := broker.Request(t.Context(), req)
		if err != nil {
			t.Fatal(err)
		}
		leaders = make([]int32, realPartitions)
		known := 0
		for _, p := range resp.(*kmsg.MetadataResponse).Topics[0].Partitions {
			if p.ErrorCode == 0 && p.Leader >= 0 && p.Partition < realPartitions {
				leaders[p.Partition] = p.Leader
				known++
			}
		}
		if known < realPartitions {
			return nil
		}
	}
	return leaders
}

// freeze stops a broker until thaw, which the end of the test calls too.
func freeze(t *testing.T, c *kafkatest.Cluster, id int) (thaw func()) {
	t.Helper()
	if err := c.Freeze(id); err != nil {
		t.Fatal(err)
	}
	thaw = sync.OnceFunc(func() {
		if err := c.Thaw(id); err != nil {
			t.Error(err)
		}
		ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
		defer cancel()
		if err := c.Ready(ctx, id); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(thaw)
	return thaw
}

// When a leader moves, its partitions flow again no later than 2 s after those of a plain client.
func TestRealLeaderMoves(t *testing.T) {
	c := threeBrokers(t)
	brokers := realBrokers(t)
	name, leaders := newTopic(t, brokers, 3)
	keys := keysOf(realPartitions)

	plain, err := kgo.NewClient(kgo.SeedBrokers(brokers...),
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(
			kgo.KafkaHasher(func(b []byte) uint32 { return uint32(b[0]) }))))
	if err != nil {
		t.Fatal(err)
	}
	defer plain.Close()
	log := new(lines)
	s, err := kafka.Open(t.Context(), kafka.Config{Brokers: brokers, Topic: name,
		Logger: log.logger()})
	if err != nil {
		t.Fatal(err)
	}
	ours, theirs := newFlow(realPartitions), newFlow(realPartitions)
	var lost, id atomic.Uint64
	stop := make(chan struct{})
	var load sync.WaitGroup
	load.Go(func() {
		every(20*time.Millisecond, stop, func() {
			for p, key := range keys {
				b := &batching.Batch{Key: []byte(key), Value: make([]byte, 300), Events: 1,
					ID: id.Add(1), Opened: time.Now()}
				s.Send(b, func(_ *batching.Batch, err error) {
					if err != nil {
						lost.Add(1)
						return
					}
					ours.acked(p)
				})
				r := &kgo.Record{Topic: name, Key: []byte{byte(p)}, Value: make([]byte, 300)}
				plain.TryProduce(context.Background(), r, func(r *kgo.Record, err error) {
					if err == nil {
						theirs.acked(int(r.Partition))
					}
				})
			}
		})
	})
	time.Sleep(3 * time.Second)
	thaw := freeze(t, c, int(leaders[0]))
	ours.watch()
	theirs.watch()
	begin := time.Now()
	for time.Sleep(5 * time.Second); time.Since(begin) <
		45*time.Second; time.Sleep(100 * time.Millisecond) {
		_, a := ours.again()
		_, b := theirs.again()
		if a && b {
			break
		}
	}
	a, flowing := ours.again()
	b, _ := theirs.again()
	t.Logf("broker %d frozen: the Sender's partitions flow again after %v, a plain client's after "+
		"%v\n%s",
		leaders[0], a.Round(time.Millisecond), b.Round(time.Millisecond), log)
	if !flowing || a > b+2*time.Second {
		t.Errorf("the Sender's partitions flow again after %v (all: %v), want at most 2 s after a "+
			"plain client's %v", a, flowing, b)
	}
	thaw()
	time.Sleep(2 * time.Second)
	close(stop)
	load.Wait()
	ctx, cancel := context.WithTimeout(context.Background(), 20*time.Second)
	defer cancel()
	for s.Stats().BufferedRecords > 0 && ctx.Err() == nil {
		time.Sleep(10 * time.Millisecond)
	}
	if err := s.Close(ctx); err != nil || lost.Load() > 0 {
		t.Errorf("%d batches were lost; %v", lost.Load(), err)
	}
}

// While a broker does not respond, the partitions of the others flow as before, and nothing is
// lost: the topic has no replicas.
func TestRealOthersFlowWhileABrokerIsFrozen(t *testing.T) {
	c := threeBrokers(t)
	brokers := realBrokers(t)
	name, leaders := newTopic(t, brokers, 1)
	frozen := leaders[0]
	dead, others := make(map[int]bool), make(map[int]bool)
	for p, leader := range leaders {
		if leader == frozen {
			dead[p] = true
		} else {
			others[p] = true
		}
	}
	log := new(lines)
	s, err := kafka.Open(t.Context(), kafka.Config{Brokers: brokers, Topic: name,
		MaxInFlightRecords: 1 << 20, Logger: log.logger()})
	if err != nil {
		t.Fatal(err)
	}
	keys := keysOf(realPartitions)
	f := newFlow(realPartitions)
	var lost, id atomic.Uint64
	stop := make(chan struct{})
	var load sync.WaitGroup
	load.Go(func() {
		every(10*time.Millisecond, stop, func() {
			for p, key := range keys {
				for range 2 {
					b := &batching.Batch{Key: []byte(key), Value: make([]byte, 300), Events: 1,
						ID: id.Add(1), Opened: time.Now()}
					s.Send(b, func(_ *batching.Batch, err error) {
						if err != nil {
							lost.Add(1)
							return
						}
						f.acked(p)
					})
				}
			}
		})
	})
	time.Sleep(6 * time.Second)
	begin := time.Now()
	before := f.count(begin.Add(-5*time.Second), begin, others)
	thaw := freeze(t, c, int(frozen))
	stopped := 20 * time.Second
	if long() {
		stopped = 45 * time.Second
	}
	time.Sleep(stopped)
	for from := time.Duration(0); from < stopped; from += 5 * time.Second {
		n := f.count(begin.Add(from), begin.Add(from+5*time.Second), others)
		t.Logf("from %v on: %d of %d acknowledged", from, n, before)
		if from > 0 && n < before*9/10 {
			t.Errorf("from %v on the other partitions got %d acknowledgements in 5 s, want at "+
				"least 0.9 of %d", from, n, before)
		}
	}
	stalled := s.Stats()
	if int(stalled.StalledPartitions) != len(dead) || stalled.StalledSince.IsZero() ||
		stalled.Stalled == "" {
		t.Errorf("Stats names %d stalled partitions since %v because of %q, want %d",
			stalled.StalledPartitions, stalled.StalledSince, stalled.Stalled, len(dead))
	}
	thaw()
	time.Sleep(3 * time.Second)
	close(stop)
	load.Wait()
	for end := time.Now().Add(30 * time.Second); s.Stats().BufferedRecords > 0 &&
		time.Now().Before(end); {
		time.Sleep(10 * time.Millisecond)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := s.Close(ctx); err != nil || lost.Load() > 0 {
		t.Errorf("%d batches were lost; %v", lost.Load(), err)
	}
	t.Log(log)
	// The episode ends when the broker responds, or when the others report that its partitions have
	// no leader.
	said := strings.Replace(log.String(), "no batch waits any more for the broker",
		"the broker responds again", 1)
	for text, want := range map[string]int{
		"a broker does not respond": 1, "the broker responds again": 1, "no broker responds": 0,
	} {
		if n := strings.Count(said, text); n != want {
			t.Errorf("the log says %q %d times, want %d", text, n, want)
		}
	}
}
