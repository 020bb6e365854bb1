// Command confluent drives confluent-kafka-go for the benchmarks, one record per event. It is a
// module and a program of its own because it needs cgo; the benchmarks build and start it where
// that is possible.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"github.com/confluentinc/confluent-kafka-go/v2/kafka"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/record"
)

func main() {
	if len(os.Args) != 2 || os.Args[1] != load.Subcommand {
		fmt.Fprintln(os.Stderr, "confluent: the benchmarks start this program: go run "+
			"./benchmarks --contender confluent")
		os.Exit(2)
	}
	if err := load.Serve(os.Stdin, os.Stdout, map[string]load.Open{"confluent": open}); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// confluent is librdkafka's producer: idempotent, with batches of up to 10 ms.
type confluent struct {
	producer *kafka.Producer
	topic    string
	events   sync.WaitGroup
	record.Client
}

func open(s load.Setup) (load.Contender, error) {
	codec := "none"
	if s.Compression == "zstd" {
		codec = "zstd"
	}
	producer, err := kafka.NewProducer(&kafka.ConfigMap{
		"bootstrap.servers": s.Address, "enable.idempotence": true, "acks": "all", "linger.ms": 10,
		"compression.type": codec, "partitioner": "consistent",
		"enable.metrics.push":          false,
		"message.timeout.ms":           int(load.FinishTimeout.Milliseconds()),
		"queue.buffering.max.messages": 100_000,
	})
	if err != nil {
		return nil, err
	}
	c := &confluent{producer: producer, topic: s.Topic}
	c.Produce = c.send
	c.events.Go(func() {
		for e := range producer.Events() {
			if m, ok := e.(*kafka.Message); ok {
				c.Ended(m.Opaque.(time.Time), m.TopicPartition.Error)
			}
		}
	})
	return c, nil
}

const fullWait = time.Millisecond

// send produces one record, and waits while librdkafka's queue is full.
func (c *confluent) send(key, value []byte, at time.Time) {
	m := &kafka.Message{
		TopicPartition: kafka.TopicPartition{Topic: &c.topic, Partition: kafka.PartitionAny},
		Key:            key, Value: value, Timestamp: at, Opaque: at,
	}
	for {
		err := c.producer.Produce(m, nil)
		var failure kafka.Error
		if errors.As(err, &failure) && failure.Code() == kafka.ErrQueueFull {
			time.Sleep(fullWait)
			continue
		}
		if err != nil {
			c.Ended(at, err)
		}
		return
	}
}

func (c *confluent) Finish(context.Context) (load.Outcome, error) {
	left := c.producer.Flush(int(load.FinishTimeout.Milliseconds()))
	c.producer.Close()
	c.events.Wait()
	if left > 0 {
		return c.Outcome(), fmt.Errorf("confluent: %d records were not delivered", left)
	}
	return c.Outcome(), nil
}
