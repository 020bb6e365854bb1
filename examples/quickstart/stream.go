package main

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/examples/internal/reading"
)

// stream reads the topic back as anybody could, and keeps what this program's client wrote into it.
type stream struct {
	client   *kgo.Client
	producer string
	checker  callbacktest.Checker
	each     func(*pb.DashStreamMessage)

	messages atomic.Uint64 // read, reports of the client on itself left out
	events   atomic.Uint64
	bytes    atomic.Uint64 // of the records' values
	stop     context.CancelFunc
	done     sync.WaitGroup

	mu  sync.Mutex
	err error
}

// openStream begins to read at the end of the topic, so that what others wrote before is not seen. each is called for every message.
func openStream(ctx context.Context, cfg callback.Config, each func(*pb.DashStreamMessage)) (*stream, error) {
	opts, err := reading.Options(cfg)
	if err != nil {
		return nil, err
	}
	topic := reading.Topic(cfg)
	client, err := kgo.NewClient(append(opts, kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))...)
	if err != nil {
		return nil, err
	}
	if _, err := reading.Partitions(ctx, client, topic); err != nil {
		client.Close()
		return nil, err
	}
	return &stream{client: client, each: each}, nil
}

// start reads what the producer with this id writes, until stopped.
func (s *stream) start(producer string) {
	ctx, stop := context.WithCancel(context.Background())
	s.producer, s.stop = producer, stop
	s.done.Go(func() {
		for ctx.Err() == nil {
			fetches := s.client.PollFetches(ctx)
			for _, e := range fetches.Errors() {
				if !errors.Is(e.Err, context.Canceled) {
					s.fail(fmt.Errorf("reading the topic back: %w", e.Err))
				}
			}
			fetches.EachRecord(s.take)
		}
	})
}

func (s *stream) take(r *kgo.Record) {
	headers := make([]callbacktest.Header, len(r.Headers))
	ours := false
	for i, h := range r.Headers {
		headers[i] = callbacktest.Header{Key: h.Key, Value: h.Value}
		ours = ours || h.Key == pb.HeaderProducer && string(h.Value) == s.producer
	}
	if !ours {
		return
	}
	s.checker.Add(callbacktest.Record{Partition: r.Partition, Offset: r.Offset, Key: r.Key, Value: r.Value, Headers: headers})
	m, err := pb.Decode(r.Value)
	if err != nil {
		s.fail(fmt.Errorf("partition %d offset %d: %w", r.Partition, r.Offset, err))
		return
	}
	if m.GetMetrics().GetScope() == pb.ReportScope {
		return
	}
	s.bytes.Add(uint64(len(r.Value)))
	for range m.Headers() {
		s.messages.Add(1)
	}
	for range m.Events() {
		s.events.Add(1)
	}
	s.each(m)
}

func (s *stream) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// compare says how what was read differs from what was emitted: nil if every message is there once, in order, and by the rules.
func (s *stream) compare(stats callback.Stats) error {
	report := s.checker.Report()
	report.Duplicates = nil // delivery is at least once
	errs := []error{s.err, report.Err()}
	if got, want := s.messages.Load(), stats.Total.Messages; got != want {
		errs = append(errs, fmt.Errorf("%d messages were read back, %d were sent", got, want))
	}
	if lost := stats.Total.Lost(); lost > 0 {
		errs = append(errs, fmt.Errorf("%d events were lost", lost))
	}
	return errors.Join(errs...)
}

func (s *stream) close() {
	s.stop()
	s.done.Wait()
	s.client.Close()
}
