package main

import (
	"context"
	"fmt"
	"os"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/sink"
)

// brokersVariable names a real cluster.
const brokersVariable = "DASHSTREAM_TEST_BROKERS"

func runKafka(b *bench) ([]row, error) {
	brokers := os.Getenv(brokersVariable)
	if brokers == "" {
		b.say("  left out: %s is not set", brokersVariable)
		return nil, nil
	}
	address := strings.Split(brokers, ",")[0]
	list, cleanup := b.remotes()
	defer cleanup()
	var rows []row
	for _, compression := range []string{"none", "zstd"} {
		for _, r := range list {
			if r.sink != sink.Kafka {
				continue
			}
			b.say("  %s, %s", r.name, compression)
			spec := load.Spec{Values: load.Words, Events: pick(b, 1_000_000, 50_000),
				Warmup: pick(b, 50_000, 5_000), Profile: true}
			if r.name != nameDashstream && r.name != nameUnredacted {
				spec.Events /= 4
			}
			spec.Compression, spec.Address = compression, address
			var err error
			if spec.Topic, err = createTopic(address); err != nil {
				return nil, err
			}
			line, err := drive(b, r, spec)
			if err != nil {
				return nil, err
			}
			rows = append(rows, *line)
		}
	}
	return rows, nil
}

const topicTimeout = 30 * time.Second

// createTopic makes a topic for one row.
func createTopic(address string) (string, error) {
	client, err := kgo.NewClient(kgo.SeedBrokers(address))
	if err != nil {
		return "", err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), topicTimeout)
	defer cancel()
	name := fmt.Sprintf("benchmarks-%d", time.Now().UnixNano())
	request := kmsg.NewPtrCreateTopicsRequest()
	topic := kmsg.NewCreateTopicsRequestTopic()
	topic.Topic, topic.NumPartitions, topic.ReplicationFactor = name, sink.Partitions, -1
	request.Topics = append(request.Topics, topic)
	response, err := request.RequestWith(ctx, client)
	if err != nil {
		return "", fmt.Errorf("creating topic %s: %w", name, err)
	}
	for _, t := range response.Topics {
		if err := kerr.ErrorForCode(t.ErrorCode); err != nil {
			return "", fmt.Errorf("creating topic %s: %w", name, err)
		}
	}
	return name, nil
}
