package chaos

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/internal/reading"
)

const partitions = 12

// createTopic creates a topic on all three brokers, of which two have to have a record before it is
// acknowledged. Its records have the time at which the broker appended them.
func createTopic(t *testing.T, brokers []string) (name string) {
	t.Helper()
	admin, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	name = fmt.Sprintf("chaos-%d", time.Now().UnixNano())
	req := kmsg.NewPtrCreateTopicsRequest()
	one := kmsg.NewCreateTopicsRequestTopic()
	one.Topic, one.NumPartitions, one.ReplicationFactor = name, partitions, 3
	for key, value := range map[string]string{"min.insync.replicas": "2",
		"message.timestamp.type": "LogAppendTime"} {
		config := kmsg.NewCreateTopicsRequestTopicConfig()
		config.Name, config.Value = key, &value
		one.Configs = append(one.Configs, config)
	}
	req.Topics = append(req.Topics, one)
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	resp, err := req.RequestWith(ctx, admin)
	if err == nil {
		err = kerr.ErrorForCode(resp.Topics[0].ErrorCode)
	}
	if err != nil {
		t.Fatal(err)
	}
	return name
}

// readTopic reads everything that is in the topic with a plain consumer, and returns for how long
// partitions were silent.
func readTopic(
	t *testing.T, brokers []string, topic string, a *audit, options ...kgo.Opt,
) (silences []silence) {
	t.Helper()
	client, err := kgo.NewClient(append(options, kgo.SeedBrokers(brokers...),
		kgo.ConsumeTopics(topic),
		kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.FetchMaxWait(200*time.Millisecond))...)
	if err != nil {
		t.Fatal(err)
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute)
	defer cancel()
	ends, err := reading.Offsets(ctx, client, topic, partitions, reading.End)
	if err != nil {
		t.Fatal(err)
	}
	var left int
	for _, end := range ends {
		if end > 0 {
			left++
		}
	}
	var last [partitions]time.Time
	for left > 0 {
		fetches := client.PollFetches(ctx)
		if err := fetches.Err(); err != nil {
			t.Fatalf("reading the topic back: %v", err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset >= ends[r.Partition] {
				return
			}
			before := last[r.Partition]
			if !before.IsZero() && r.Timestamp.Sub(before) > time.Second/2 {
				silences = append(silences, silence{r.Partition, before, r.Timestamp})
			}
			last[r.Partition] = r.Timestamp
			a.add(r.Value, sourceOf(r))
			if r.Offset == ends[r.Partition]-1 {
				left--
			}
		})
	}
	return silences
}

// sourceOf returns the start of the producer that a record comes from.
func sourceOf(r *kgo.Record) (s reduce.Source) {
	for _, h := range r.Headers {
		switch h.Key {
		case pb.HeaderProducer:
			s.Producer = string(h.Value)
		case pb.HeaderEpoch:
			s.Epoch = string(h.Value)
		}
	}
	return s
}
