package kafka

import (
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// comesBack keeps r, which the client failed with err, if another attempt may help and there is
// time for one. It runs inside a promise and must not wait for anything.
func (s *Sender) comesBack(r *record, err error) bool {
	if errors.Is(err, kerr.UnknownTopicID) && r.number > s.learntAgain.Load() &&
		s.createdAnew.CompareAndSwap(topicKnown, topicCreatedAnew) {
		signal(s.wake)
	}
	if s.closing.Load() || !r.deadline.expires.After(time.Now()) {
		return false
	}
	switch verdictOn(err) {
	case hopeless:
		return false
	case over:
		// The client fails all records of a partition with the first of them. The deadline of
		// another record is no reason to give this one up. If it did arrive, it arrives twice,
		// which readers have to expect.
		if errors.Is(err, kgo.ErrClientClosed) {
			return false
		}
	}
	partition := r.Record.Partition
	err = s.words.complete(partition, err)
	r.failure = s.failure(r, err)
	r.mayExist = r.failure.Outcome == batching.Unacknowledged
	if s.backlogs.giveBack(r, err) {
		s.stats.transient.Add(1)
		if verdictOn(err) != over && !purged(err) {
			s.words.failed(err, partition)
		}
	}
	signal(s.wake)
	if s.closing.Load() {
		signal(s.drained) // Close has to check again
	}
	return true
}

// sendAgain hands the records that came back to the client again, and with them those that wait
// behind them.
//
// After an error that may pass (authorization, login, a missing topic), one record is tried after a
// pause; the others follow once it is acknowledged. If a record is at fault, half of the rejected
// records are sent, then half of those, and so on. So everything that the brokers accept gets
// through, and the record at fault is left alone. It is split into its events in the same way.
func (s *Sender) sendAgain(now time.Time) {
	for _, l := range s.backlogs.all() {
		if l.partition == unknownPartition {
			s.spread(l)
		}
		for s.sendNext(l, now) {
		}
	}
}

// spread moves the records that wait for an unknown partition to their own partitions, once those
// are known.
func (s *Sender) spread(l *backlog) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.routes.partitions.Load() == 0 || s.closed {
		return
	}
	for _, r := range s.backlogs.empty(l) {
		s.moveTo(r, s.partitionOf(r.Key))
	}
}

// sendNext hands over the records of l that may be sent, and reports whether more may follow at
// once.
func (s *Sender) sendNext(l *backlog, now time.Time) bool {
	s.mu.Lock()
	if s.closed {
		s.mu.Unlock()
		return false
	}
	ready, culprit := s.backlogs.next(l, now, s.timing.backoff)
	if len(ready) > 0 {
		s.written.forget(l.partition)
	}
	var overtaken []*record
	for _, r := range ready {
		if r.overtaken {
			s.backlogs.ended(r)
			overtaken = append(overtaken, r)
			continue
		}
		r.partition = s.partitionOf(r.Key)
		s.activate(r.partition)
		s.handOver(r, now.Sub(s.start))
	}
	s.mu.Unlock()
	for _, r := range overtaken {
		s.end(r, s.givenUp(r, batching.Timeout, errOvertaken))
	}
	if culprit == nil {
		return false
	}
	failure := culprit.failure
	parts := s.split(culprit, l)
	s.backlogs.putBack(l, parts...)
	if parts == nil {
		s.end(culprit, failure)
	}
	if s.closing.Load() {
		signal(s.drained)
	}
	return true
}

// endReturned ends the records in backlogs whose deadlines have passed.
func (s *Sender) endReturned(now time.Time) {
	for _, r := range s.backlogs.remove(func(r *record) bool {
		return !r.deadline.expires.After(now)
	}) {
		s.end(r, s.givenUp(r, batching.Timeout, errDeadline))
	}
}

// endAll ends all records in backlogs, because the Sender is closed.
func (s *Sender) endAll() {
	for _, r := range s.backlogs.remove(func(*record) bool { return true }) {
		s.end(r, s.givenUp(r, batching.Shutdown, errClosed))
	}
}

// givenUp returns the outcome of r if it is given up while it waits to be sent again, or to be sent
// behind such a record.
func (s *Sender) givenUp(r *record, reason batching.Reason, why error) *batching.SendError {
	var err error
	if r.failure != nil && !errors.Is(r.failure.Err, why) {
		err = &lateError{why, r.failure.Err}
	} else {
		err = s.words.because(r.route, why)
	}
	if r.mayExist {
		return &batching.SendError{Outcome: batching.Unacknowledged, Err: err}
	}
	return &batching.SendError{Outcome: batching.Dropped, Reason: reason, Err: err}
}

// lateError says why a record was given up, and what had kept it from being acknowledged before
// that.
type lateError struct{ why, last error }

func (e *lateError) Error() string   { return e.why.Error() + "; before that: " + e.last.Error() }
func (e *lateError) Unwrap() []error { return []error{e.why, e.last} }
