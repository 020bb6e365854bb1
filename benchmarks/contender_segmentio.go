package main

import (
	"context"
	"hash/crc32"
	"time"

	"github.com/segmentio/kafka-go"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/record"
)

const nameSegmentio = "segmentio"

// segmentio is segmentio's kafka-go in its asynchronous form, one record per event, with batches of
// up to 10 ms. It knows no idempotence. Its writer has no bound of its own: the caller waits here
// while too many records are on their way.
type segmentio struct {
	writer *kafka.Writer
	slots  chan struct{}
	record.Client
}

const (
	segmentioBatch = 10_000
	segmentioSlots = 10_000 // as many as franz-go buffers
)

func openSegmentio(s load.Setup) (load.Contender, error) {
	c := &segmentio{slots: make(chan struct{}, segmentioSlots)}
	c.writer = &kafka.Writer{
		Addr: kafka.TCP(s.Address), Topic: s.Topic, Balancer: &kafka.Hash{Hasher: crc32.NewIEEE()},
		RequiredAcks: kafka.RequireAll, Async: true,
		BatchTimeout: peerLinger, BatchSize: segmentioBatch, BatchBytes: 1 << 20,
		Completion: func(messages []kafka.Message, err error) {
			for i := range messages {
				c.Ended(messages[i].Time, err)
				<-c.slots
			}
		},
	}
	if s.Compression == "zstd" {
		c.writer.Compression = kafka.Zstd
	}
	c.Produce = c.send
	return c, nil
}

func (c *segmentio) send(key, value []byte, at time.Time) {
	c.slots <- struct{}{}
	if err := c.writer.WriteMessages(context.Background(), kafka.Message{Key: key, Value: value,
		Time: at}); err != nil {
		c.Ended(at, err)
	}
}

func (c *segmentio) Finish(context.Context) (load.Outcome, error) {
	err := c.writer.Close()
	return c.Outcome(), err
}
