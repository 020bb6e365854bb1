package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// client is the part of [kgo.Client] that sends.
type client interface {
	TryProduce(ctx context.Context, r *kgo.Record, promise func(*kgo.Record, error))
	PartitionLeader(topic string, partition int32) (leader, leaderEpoch int32, err error)
	ForceMetadataRefresh()
	PurgeTopicsFromProducing(topics ...string)
	Close()
}

// Sender sends batches to a Kafka topic, one record per batch. It is a [batching.Sender].
type Sender struct {
	client  client
	topic   string
	timing  timing
	log     *slog.Logger
	network *network
	tokens  *tokens // nil without OAUTHBEARER
	written *written
	routes  routes
	stats   counters
	words   *words

	// backlogs has the records that the client gave back; splitValue is Config.Split.
	backlogs   backlogs
	splitValue func([]byte) (first, second Part, ok bool)

	outstanding atomic.Int64 // batches that have not ended
	// unanswered counts produce requests that were written and not answered. lost is the number of
	// the last record that can have been in a request that never will be answered.
	unanswered  atomic.Int64
	lost        atomic.Uint64
	start       time.Time
	silence     silence
	cluster     look
	createdAnew atomic.Int32 // state of the topic's identity
	// the number of the last record before the client last learnt the topic again
	learntAgain atomic.Uint64

	mu         sync.Mutex
	deadlines  deadlines
	partitions []*partition // by number; none while their number is unknown
	unknown    *partition   // for batches from before that
	active     []*partition // those with batches, and possibly others
	watching   bool         // whether the watch is ticking
	closed     bool

	records    sync.Pool
	closing    atomic.Bool
	wake       chan struct{} // wakes the watch
	drained    chan struct{} // tells Close that outstanding is 0
	background context.Context
	stop       context.CancelFunc // ends the watch and all other background work
	running    sync.WaitGroup
}

var (
	_ batching.Sender = (*Sender)(nil)
	_ batching.Router = (*Sender)(nil)
)

// record is a batch in flight. It is reused for another batch once it has ended, so sending
// allocates nothing.
type record struct {
	kgo.Record
	sender   *Sender
	promise  func(*kgo.Record, error) // r.finish, bound once
	headers  [4]kgo.RecordHeader      // space for the usual headers
	batch    *batching.Batch
	done     func(*batching.Batch, error)
	deadline *deadline
	number   uint64

	order    uint64 // position among all records, in the order of sending
	route    int32  // the partition of the key, -1 if unknown
	returned bool   // it came back from the client, and was not sent again
	// overtaken: it came back, and a record of its key that was sent behind it was acknowledged.
	overtaken bool
	failure   *batching.SendError // how it would have ended when it last came back
	shares    *shares             // the batch that it is a part of, if any
	part      Part
	offset    int // of its first event in the batch

	partition *partition
	share     *share // of its deadline, while the client has it
	mayExist  bool   // an earlier attempt may have arrived
	queue     *queue // the queue of its partition in which it waits, or nil
	links     [memberships]links
}

func (s *Sender) newRecord(
	b *batching.Batch, done func(*batching.Batch, error), d *deadline,
) *record {
	r := s.blank()
	r.batch, r.done, r.deadline = b, done, d
	r.Record = kgo.Record{Topic: s.topic, Key: b.Key, Value: b.Value, Timestamp: b.TimeOfDay(),
		Headers: r.headers[:0]}
	for _, h := range b.Headers {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: h.Key, Value: h.Value})
	}
	return r
}

// blank returns a record without a batch.
func (s *Sender) blank() *record {
	r, _ := s.records.Get().(*record)
	if r == nil {
		r = &record{sender: s}
		r.promise = r.finish
	}
	return r
}

// end reports how the batch of r ended, and frees r.
func (s *Sender) end(r *record, err *batching.SendError) {
	if err != nil && refusedForGood(err.Err) {
		s.stats.permanent.Add(1)
	}
	if whole, part := r.shares, r.part; whole != nil {
		s.discard(r)
		whole.end(part, err)
		return
	}
	b, done := r.batch, r.done
	if err != nil && (err.Outcome == batching.Unacknowledged || err.Reason == batching.Timeout) {
		r.partition.gaveUp.Add(1)
	}
	s.free(r)
	report(b, done, err)
	s.left()
}

// discard frees a record whose batch continues in other records.
func (s *Sender) discard(r *record) {
	s.free(r)
	s.left()
}

func (s *Sender) free(r *record) {
	r.deadline.live.Add(-1)
	clear(r.headers[:])
	*r = record{sender: s, promise: r.promise}
	s.records.Put(r)
}

func (s *Sender) left() {
	if s.outstanding.Add(-1) == 0 && s.closing.Load() {
		signal(s.drained)
	}
}

// report calls done without turning a nil pointer into a non-nil error.
func report(b *batching.Batch, done func(*batching.Batch, error), err *batching.SendError) {
	if err == nil {
		done(b, nil)
		return
	}
	done(b, err)
}

// signal wakes the receiver of c, a channel with a capacity of one.
func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// Send implements [batching.Sender]. A batch whose delivery timeout has passed is dropped without
// being sent.
func (s *Sender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	now := time.Now()
	opened := b.Opened
	if opened.IsZero() {
		opened = now
	}
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		report(b, done, &batching.SendError{Outcome: batching.Dropped, Reason: batching.Shutdown,
			Err: errClosed})
		return
	}
	d := s.deadlines.of(opened, now)
	if d == nil {
		s.mu.Unlock()
		report(b, done, &batching.SendError{Outcome: batching.Dropped, Reason: batching.Timeout,
			Err: errDeadline})
		return
	}
	r := s.newRecord(b, done, d)
	d.live.Add(1)
	s.outstanding.Add(1)
	p := s.partitionOf(b.Key)
	r.partition = p
	s.activate(p)
	if p.keepsBack() {
		p.keepBack(r, false)
	} else {
		s.produce(r, now.Sub(s.start))
	}
	if !s.watching {
		s.watching = true
		signal(s.wake)
	}
	s.mu.Unlock()
}

// produce hands r to the client, unless it must wait behind records of its partition that came
// back. The caller holds mu, which keeps the order.
func (s *Sender) produce(r *record, now time.Duration) {
	if !s.backlogs.take(r) {
		s.handOver(r, now)
	}
}

// handOver hands r to the client. It does not wait: the client rejects records beyond
// MaxInFlightRecords. The caller holds mu.
func (s *Sender) handOver(r *record, now time.Duration) {
	p := r.partition
	if p.attempt == nil {
		p.attempt = newAttempt()
	}
	if p.inClient.Add(1) == 1 {
		p.busy = now
		s.findLeader(p)
	}
	r.Context, r.share = p.attempt.ctx, r.deadline.shareOf(p)
	r.share.inClient.Add(1)
	r.number = s.written.handed.Add(1)
	s.client.TryProduce(r.Context, &r.Record, r.promise)
}

// finish is the client's promise. Promises run one after another, so it must not wait for anything,
// mu included.
func (r *record) finish(_ *kgo.Record, err error) {
	s, p := r.sender, r.partition
	r.share.inClient.Add(-1)
	back := err != nil && s.comesBack(r, err) // after that, r may be in flight again
	switch {
	case err == nil:
		p.lastAck.Store(int64(time.Since(s.start)))
		s.backlogs.acknowledged(r)
		s.words.delivered()
	case !back:
		s.backlogs.ended(r)
	}
	// A waiting batch may follow as soon as the client makes progress, or has nothing any more.
	if left := p.inClient.Add(-1); back || p.waiting.Load() > 0 && (left == 0 || err == nil) {
		signal(s.wake)
	}
	switch {
	case err == nil:
		s.end(r, nil)
	case !back:
		s.end(r, s.failure(r, s.words.complete(r.Record.Partition, err)))
	}
}

// Close implements [batching.Sender]: it gives up all that is not acknowledged, closes the
// connections and waits for all batches to end, until ctx ends at the latest. Its error says how
// many batches had not ended by then.
func (s *Sender) Close(ctx context.Context) error {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return nil
	}
	s.closed = true
	s.closing.Store(true)
	left := newQueue(inPartition)
	for _, p := range s.active {
		for r := p.kept.first; r != nil; r = p.kept.first {
			r.dequeue()
			left.push(r)
		}
	}
	s.mu.Unlock()

	s.stop()
	s.fail(left, batching.Shutdown, errClosed)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		s.client.Close()
		s.running.Wait()
		s.words.finish()
	}()
	for s.outstanding.Load() > 0 || ended != nil {
		s.endAll()
		select {
		case <-ended:
			ended = nil
		case <-s.drained:
		case <-ctx.Done():
			return fmt.Errorf("kafka: closing: %d batches have not ended: %w", s.outstanding.Load(),
				context.Cause(ctx))
		}
	}
	s.mu.Lock()
	s.deadlines.clear()
	s.mu.Unlock()
	return nil
}

// fail ends records that the client does not have.
func (s *Sender) fail(records queue, reason batching.Reason, err error) {
	for r := records.first; r != nil; r = records.first {
		records.remove(r)
		err := s.words.because(r.partition.id, err)
		failure := &batching.SendError{Outcome: batching.Dropped, Reason: reason, Err: err}
		if r.mayExist {
			failure = &batching.SendError{Outcome: batching.Unacknowledged, Err: err}
		}
		s.end(r, failure)
	}
}
