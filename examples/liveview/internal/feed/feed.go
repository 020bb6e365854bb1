// Package feed reads a topic and hands its records to a view.
package feed

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/intake"
	"github.com/dashstream/dashstream-go/examples/liveview/internal/view"
	"github.com/dashstream/dashstream-go/internal/reading"
)

const (
	growEvery  = 5 * time.Second // how often partitions are looked for that the topic did not have
	retryEvery = time.Second     // how often a cluster is asked that does not answer
	askTimeout = 5 * time.Second
	pollFor    = 500 * time.Millisecond
	maxRecords = 2000 // of one poll
)

// Feed reads a topic.
type Feed struct {
	Config callback.Config
	View   *view.View
	Start  kgo.Offset
	Logger *slog.Logger
	Now    func() time.Time

	client     *kgo.Client
	intake     *intake.Intake
	topic      string
	partitions int
	next       map[int32]int64 // the offset to read next
	begins     map[int32]int64 // the offset behind what was there when reading began
	ends       map[int32]int64 // the offset behind the last record, as last heard of
	complaint  string
}

// Run reads until ctx ends. A cluster that does not answer is asked again; the error is a wrong
// configuration.
func (f *Feed) Run(ctx context.Context) error {
	opts, err := reading.Options(f.Config)
	if err != nil {
		return err
	}
	if f.intake, err = intake.New(); err != nil {
		return err
	}
	opts = append(opts, kgo.WithHooks(&hooks{f.View}), kgo.FetchMaxWait(time.Second))
	if f.client, err = kgo.NewClient(opts...); err != nil {
		return err
	}
	defer f.client.Close()
	f.topic = reading.Topic(f.Config)
	f.View.Topic(f.topic, 0)
	f.next, f.begins, f.ends = map[int32]int64{}, map[int32]int64{}, map[int32]int64{}
	for f.partitions == 0 {
		if err := f.grow(ctx, f.Start); err != nil {
			f.complain(reading.Explain(f.Config, err))
			select {
			case <-ctx.Done():
			case <-time.After(retryEvery):
			}
		}
		if ctx.Err() != nil {
			return nil
		}
	}
	f.Logger.Info("liveview: reading", "topic", f.topic, "partitions", f.partitions)
	for asked := f.Now(); ctx.Err() == nil; {
		f.poll(ctx)
		if f.Now().Sub(asked) >= growEvery {
			if err := f.grow(ctx, kgo.NewOffset().AtStart()); err != nil && ctx.Err() == nil {
				f.complain(err)
			}
			asked = f.Now()
		}
	}
	return nil
}

// grow reads partitions that are not read yet, from an offset.
func (f *Feed) grow(ctx context.Context, from kgo.Offset) error {
	ctx, cancel := context.WithTimeout(ctx, askTimeout)
	defer cancel()
	n, err := reading.Partitions(ctx, f.client, f.topic)
	if err != nil || n <= f.partitions {
		return err
	}
	places := map[int32]kgo.Offset{}
	for p := f.partitions; p < n; p++ {
		places[int32(p)] = from
	}
	f.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{f.topic: places})
	f.partitions = n
	f.View.Topic(f.topic, n)
	return nil
}

// complain says once what is wrong, while it lasts.
func (f *Feed) complain(err error) {
	f.View.Trouble(err.Error())
	if text := err.Error(); text != f.complaint {
		f.complaint = text
		f.Logger.Warn("liveview: the topic cannot be read; trying again", "error", text)
	}
}

func (f *Feed) poll(ctx context.Context) {
	bounded, cancel := context.WithTimeout(ctx, pollFor)
	defer cancel()
	fetches := f.client.PollRecords(bounded, maxRecords)
	fetches.EachError(func(_ string, partition int32, err error) {
		if !errors.Is(err, context.DeadlineExceeded) && !errors.Is(err, context.Canceled) {
			f.complain(fmt.Errorf("partition %d: %w", partition, err))
		}
	})
	var records []view.Incoming
	fetches.EachPartition(func(p kgo.FetchTopicPartition) {
		if _, known := f.begins[p.Partition]; !known {
			f.begins[p.Partition] = p.HighWatermark
		}
		for _, r := range p.Records {
			records = append(records, f.incoming(r))
			f.next[p.Partition] = r.Offset + 1
		}
		if len(p.Records) > 0 {
			f.ends[p.Partition] = p.HighWatermark
		}
	})
	if len(records) == 0 {
		f.View.Lag(0, 0)
		return
	}
	f.complaint = ""
	f.View.Add(records)
	var behind int64
	for p, end := range f.ends {
		behind += max(0, end-f.next[p])
	}
	f.View.Lag(behind, f.Now().Sub(records[len(records)-1].Time))
}

func (f *Feed) incoming(r *kgo.Record) view.Incoming {
	in := view.Incoming{Key: r.Key, Size: len(r.Value), Time: r.Timestamp,
		History: r.Offset < f.begins[r.Partition], Partition: r.Partition, Offset: r.Offset}
	for _, h := range r.Headers {
		switch h.Key {
		case pb.HeaderProducer:
			in.Source.Producer = string(h.Value[:min(len(h.Value), 200)])
		case pb.HeaderEpoch:
			in.Source.Epoch = string(h.Value[:min(len(h.Value), 32)])
		}
	}
	in.Record, in.Failure = f.intake.Read(r.Value)
	return in
}

// hooks tell the view whether the cluster answers.
type hooks struct{ view *view.View }

// OnBrokerRead is called by the client for every answer.
func (h *hooks) OnBrokerRead(
	_ kgo.BrokerMetadata, _ int16, _ int, _, _ time.Duration, err error,
) {
	switch {
	case err == nil:
		h.view.Contact()
	case !errors.Is(err, context.Canceled) && !errors.Is(err, net.ErrClosed):
		h.view.Trouble("no answer of a broker: " + err.Error())
	}
}

// OnBrokerConnect is called by the client for every connection.
func (h *hooks) OnBrokerConnect(_ kgo.BrokerMetadata, _ time.Duration, _ net.Conn, err error) {
	if err != nil && !errors.Is(err, context.Canceled) {
		h.view.Trouble("no connection to a broker: " + err.Error())
	}
}
