package kafka

import (
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// Part is a part of the events of a record: a value that can be sent as a record of its own.
type Part struct {
	Value []byte
	// Events is the number of its events; First and Last are the sequence numbers of the first and
	// the last.
	Events      int
	First, Last uint64
}

// shares is a batch that is sent in parts, because brokers rejected the whole.
type shares struct {
	batch *batching.Batch
	done  func(*batching.Batch, error)

	mu     sync.Mutex
	left   int // number of parts that have not ended
	result *batching.SendError
}

// split returns two records, each with half of r's events, to replace r. It returns nil if r cannot
// be divided.
func (s *Sender) split(r *record, l *backlog) []*record {
	if s.splitValue == nil || r.mayExist || l.culprits > maxSplits {
		return nil
	}
	first, second, ok := s.splitValue(r.Value)
	if !ok {
		return nil
	}
	whole := r.shares
	if whole == nil {
		whole = &shares{batch: r.batch, done: r.done, left: 1}
	}
	whole.mu.Lock()
	whole.left++
	whole.mu.Unlock()
	r.deadline.live.Add(2)
	s.outstanding.Add(2)
	parts := []*record{s.part(r, whole, first, r.offset),
		s.part(r, whole, second, r.offset+first.Events)}
	s.discard(r)
	return parts
}

// part returns a record for p, which is a part of r.
func (s *Sender) part(r *record, whole *shares, p Part, offset int) *record {
	out := s.blank()
	out.deadline, out.order, out.offset = r.deadline, r.order, offset
	out.shares, out.part = whole, p
	out.failure, out.partition, out.overtaken = r.failure, r.partition, r.overtaken
	out.Record = kgo.Record{
		Topic: r.Topic, Key: r.Key, Value: p.Value, Timestamp: r.Timestamp,
		Headers: append(out.headers[:0], r.Headers...),
	}
	return out
}

// end records how a part ended. The last part reports the batch: the events that were not
// delivered, as the range from the first to the last of them. If some of those may have arrived,
// all count as unacknowledged.
func (w *shares) end(p Part, err *batching.SendError) {
	w.mu.Lock()
	if err != nil {
		if w.result == nil {
			w.result = &batching.SendError{Outcome: err.Outcome, Reason: err.Reason, Err: err.Err,
				First: p.First}
		}
		w.result.Events += p.Events
		w.result.First, w.result.Last = min(w.result.First, p.First), max(w.result.Last, p.Last)
		if err.Outcome == batching.Unacknowledged {
			w.result.Outcome, w.result.Err = err.Outcome, err.Err
		}
	}
	w.left--
	last := w.left == 0
	w.mu.Unlock()
	if last {
		report(w.batch, w.done, w.result)
	}
}
