package main

import (
	"context"
	"hash/crc32"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/record"
)

const nameFranz = "franz-go"

// franz is franz-go as it comes, one record per event. The value is the same event, encoded
// straightforwardly.
type franz struct {
	client *kgo.Client
	record.Client
}

func openFranz(s load.Setup) (load.Contender, error) {
	codec := kgo.NoCompression()
	if s.Compression == "zstd" {
		codec = kgo.ZstdCompression()
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(s.Address), kgo.DefaultProduceTopic(s.Topic),
		kgo.ProducerBatchCompression(codec),
		kgo.RecordPartitioner(kgo.StickyKeyPartitioner(kgo.SaramaHasher(crc32.ChecksumIEEE))),
		kgo.RecordDeliveryTimeout(load.FinishTimeout))
	if err != nil {
		return nil, err
	}
	f := &franz{client: client}
	f.Produce = f.send
	return f, nil
}

// send produces one record. Produce waits while franz-go's buffer is full.
func (f *franz) send(key, value []byte, at time.Time) {
	f.client.Produce(context.Background(), &kgo.Record{Key: key, Value: value, Timestamp: at},
		func(_ *kgo.Record, err error) { f.Ended(at, err) })
}

func (f *franz) Finish(ctx context.Context) (load.Outcome, error) {
	err := f.client.Flush(ctx)
	f.client.Close()
	return f.Outcome(), err
}
