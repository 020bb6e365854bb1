package sink

import (
	"context"
	"fmt"
	"net"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// broker is a Kafka broker that checks and acknowledges what it gets, and keeps nothing.
type broker struct {
	cluster *kfake.Cluster
	client  *kgo.Client
}

func newBroker(m *meter) (receiver, error) {
	cluster, err := kfake.NewCluster(kfake.NumBrokers(1), kfake.BlackholeProduce(),
		kfake.SeedTopics(Partitions, Topic),
		kfake.ListenFn(func(network, address string) (net.Listener, error) {
			return listen(m, network, address)
		}))
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(cluster.ListenAddrs()...))
	if err != nil {
		cluster.Close()
		return nil, err
	}
	return &broker{cluster, client}, nil
}

func (b *broker) address() string { return b.cluster.ListenAddrs()[0] }

// records sums the end offsets of all partitions.
func (b *broker) records() (uint64, error) {
	request := kmsg.NewPtrListOffsetsRequest()
	topic := kmsg.NewListOffsetsRequestTopic()
	topic.Topic = Topic
	for p := range int32(Partitions) {
		partition := kmsg.NewListOffsetsRequestTopicPartition()
		partition.Partition, partition.Timestamp = p, -1 // the end
		topic.Partitions = append(topic.Partitions, partition)
	}
	request.Topics = append(request.Topics, topic)
	var n uint64
	for _, shard := range b.client.RequestSharded(context.Background(), request) {
		if shard.Err != nil {
			return 0, fmt.Errorf("end offsets: %w", shard.Err)
		}
		for _, t := range shard.Resp.(*kmsg.ListOffsetsResponse).Topics {
			for _, p := range t.Partitions {
				n += uint64(max(p.Offset, 0))
			}
		}
	}
	return n, nil
}

func (b *broker) close() {
	b.client.Close()
	b.cluster.Close()
}
