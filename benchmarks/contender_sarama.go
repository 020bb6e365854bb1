package main

import (
	"context"
	"hash/crc32"
	"sync"
	"time"

	"github.com/IBM/sarama"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/record"
)

const nameSarama = "sarama"

// saramaProducer is sarama's asynchronous producer, one record per event, idempotent, with batches
// of up to 10 ms.
type saramaProducer struct {
	producer sarama.AsyncProducer
	topic    string
	done     sync.WaitGroup
	record.Client
}

// peerLinger is how long the Kafka clients that have no good default wait for a batch.
const peerLinger = 10 * time.Millisecond

func openSarama(s load.Setup) (load.Contender, error) {
	cfg := sarama.NewConfig()
	cfg.Version = sarama.V3_6_0_0
	cfg.Net.MaxOpenRequests = 1 // it asks for that with idempotence
	cfg.Producer.Idempotent = true
	cfg.Producer.RequiredAcks = sarama.WaitForAll
	cfg.Producer.Return.Successes = true
	cfg.Producer.Flush.Frequency = peerLinger
	cfg.Producer.Partitioner = sarama.NewCustomHashPartitioner(crc32.NewIEEE)
	if s.Compression == "zstd" {
		cfg.Producer.Compression = sarama.CompressionZSTD
	}
	producer, err := sarama.NewAsyncProducer([]string{s.Address}, cfg)
	if err != nil {
		return nil, err
	}
	p := &saramaProducer{producer: producer, topic: s.Topic}
	p.Produce = p.send
	p.done.Go(func() {
		for m := range producer.Successes() {
			p.Ended(m.Metadata.(time.Time), nil)
		}
	})
	p.done.Go(func() {
		for e := range producer.Errors() {
			p.Ended(time.Time{}, e.Err)
		}
	})
	return p, nil
}

func (p *saramaProducer) send(key, value []byte, at time.Time) {
	p.producer.Input() <- &sarama.ProducerMessage{
		Topic: p.topic, Key: sarama.ByteEncoder(key), Value: sarama.ByteEncoder(value),
		Timestamp: at, Metadata: at,
	}
}

func (p *saramaProducer) Finish(context.Context) (load.Outcome, error) {
	p.producer.AsyncClose()
	p.done.Wait()
	return p.Outcome(), nil
}
