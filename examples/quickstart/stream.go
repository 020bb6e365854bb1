package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"sync/atomic"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/callback/dashstreampb/reduce"
	"github.com/dashstream/dashstream-go/internal/reading"
)

// stream reads the topic back as anybody could, and keeps what this program's client wrote into it.
type stream struct {
	client   *kgo.Client
	producer string
	checker  callbacktest.Checker
	each     func(*pb.DashStreamMessage)

	// different ones that were read, reports of the client on itself left out
	messages atomic.Uint64
	stop     context.CancelFunc
	done     sync.WaitGroup

	mu      sync.Mutex
	seen    map[string]struct{}       // message ids: delivery is at least once
	kinds   map[pb.MessageType]uint64 // different messages, by kind
	reducer reduce.Reducer            // follows the states of threads
	err     error
}

// maxThreads bounds the threads whose states are followed at a time. There is one for each run, and
// all of them may be under way at once.
const maxThreads = 1 << 20

// openStream places a reader at the end of the topic, so that what others wrote before is not read.
// each is called for every message that is read for the first time.
func openStream(
	ctx context.Context, cfg callback.Config, each func(*pb.DashStreamMessage),
) (*stream, error) {
	opts, err := reading.Options(cfg)
	if err != nil {
		return nil, err
	}
	client, err := kgo.NewClient(opts...)
	if err != nil {
		return nil, err
	}
	topic := reading.Topic(cfg)
	n, err := reading.Partitions(ctx, client, topic)
	if err == nil {
		var ends map[int32]kgo.Offset
		if ends, err = endOf(ctx, client, topic, n); err == nil {
			client.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: ends})
			return &stream{
				client: client, each: each, seen: map[string]struct{}{},
				kinds:   map[pb.MessageType]uint64{},
				reducer: reduce.Reducer{MaxThreads: maxThreads},
			}, nil
		}
	}
	client.Close()
	return nil, err
}

// endOf asks for the offsets behind the last records of a topic. They are asked for now, since a
// reader that is only told to begin at the end looks for it later, behind what was written
// meanwhile.
func endOf(
	ctx context.Context, client *kgo.Client, topic string, partitions int,
) (map[int32]kgo.Offset, error) {
	offsets, err := reading.Offsets(ctx, client, topic, partitions, reading.End)
	if err != nil {
		return nil, err
	}
	ends := map[int32]kgo.Offset{}
	for partition, offset := range offsets {
		ends[int32(partition)] = kgo.NewOffset().At(offset)
	}
	return ends, nil
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
	m, err := pb.Decode(r.Value)
	if m.GetMetrics().GetScope() == pb.ReportScope {
		return // the client's report on itself, whose first one may be older than the reader
	}
	s.checker.Add(callbacktest.Record{Partition: r.Partition, Offset: r.Offset, Key: r.Key,
		Value: r.Value, Headers: headers})
	if err != nil {
		s.fail(fmt.Errorf("partition %d offset %d: %w", r.Partition, r.Offset, err))
		return
	}
	s.follow(m)
	messages := s.count(m)
	if messages > 0 {
		s.each(m)
	}
	// Last: who waits for these goes on at once, and writes where each wrote.
	s.messages.Add(messages)
}

// follow has the states of threads followed: each patch has to lead to the state whose hash the
// client sent.
func (s *stream) follow(m *pb.DashStreamMessage) {
	if _, err := s.reducer.Add(m); err != nil {
		s.fail(err)
	}
}

// count counts what a record holds by kind, and returns how much of it is new.
func (s *stream) count(m *pb.DashStreamMessage) (messages uint64) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for h := range m.Headers() {
		id := string(h.GetMessageId())
		if _, again := s.seen[id]; again {
			continue
		}
		s.seen[id] = struct{}{}
		s.kinds[h.GetType()]++
		messages++
	}
	return messages
}

func (s *stream) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = err
	}
}

// compare says how what was read differs from what was emitted: nil if every message of every kind
// is there, in order, and by the rules.
func (s *stream) compare(stats callback.Stats) error {
	report := s.checker.Report()
	report.Duplicates = nil // delivery is at least once
	s.mu.Lock()
	defer s.mu.Unlock()
	errs := []error{s.err, report.Err()}
	read := maps.Clone(s.kinds)
	const state, checkpoint = pb.MessageType_MESSAGE_TYPE_STATE_DIFF,
		pb.MessageType_MESSAGE_TYPE_CHECKPOINT
	sent := stats.Kinds[checkpoint].Messages
	// states that the client sent as checkpoints of its own
	own := read[checkpoint] - min(read[checkpoint], sent)
	read[state], read[checkpoint] = read[state]+own, read[checkpoint]-own
	for kind, k := range stats.Kinds {
		if got := read[pb.MessageType(kind)]; got != k.Messages {
			errs = append(errs, fmt.Errorf("%d messages of type %s were read back, %d were sent",
				got, pb.MessageType(kind), k.Messages))
		}
	}
	for t := range s.reducer.Threads() {
		if t.NeedsResync() {
			errs = append(errs, fmt.Errorf("thread %q: the state that was read back is %v", t.ID(),
				t.Trust()))
		}
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
