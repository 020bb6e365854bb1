package kafka

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// The errors that a batch's SendError wraps if there is no better cause.
var (
	errDeadline = errors.New("kafka: not acknowledged within the delivery timeout")
	// errOvertaken ends a batch that the client gave up before its deadline.
	errOvertaken = errors.New("kafka: not acknowledged, and a later batch of its key was")
	errClosed    = errors.New("kafka: the sender was closed")
)

// failure turns franz-go's error for a record into an outcome. It must never call a record dropped
// that may have arrived, not even in an earlier attempt.
func (s *Sender) failure(r *record, err error) *batching.SendError {
	arrived := s.written.maybe(r.Partition, r.number) && !s.surelyRefused(r, err)
	if arrived && refused(err) {
		s.written.doubt(r.Partition)
	}
	if arrived || r.mayExist {
		return &batching.SendError{Outcome: batching.Unacknowledged, Err: s.cause(r, err)}
	}
	return &batching.SendError{Outcome: batching.Dropped, Reason: reasonOf(err),
		Err: s.cause(r, err)}
}

// reasonOf returns the reason for dropping a record that franz-go failed with err and that is not
// sent again.
func reasonOf(err error) batching.Reason {
	switch {
	case errors.Is(err, kgo.ErrMaxBuffered):
		return batching.Internal
	case errors.Is(err, kgo.ErrClientClosed):
		return batching.Shutdown
	}
	switch verdictOn(err) {
	case faulty, hopeless:
		return batching.Rejected
	}
	return batching.Timeout // it might have succeeded with more time
}

// surelyRefused reports whether err is the response to the only request that the record can have
// been in.
//
// With a rejected record, franz-go also fails those behind it in its partition, without waiting for
// the responses to them. But a broker accepts the records of one producer and partition only in the
// order of their sequence numbers, and none behind a gap. Only if there may be no gap, because an
// earlier request may have delivered the rejected record, are those behind it in doubt as well.
func (s *Sender) surelyRefused(r *record, err error) bool {
	if !refused(err) || r.number <= s.lost.Load() || s.written.repeated(r.Partition, r.number) {
		return false
	}
	if verdictOn(err) == faulty || errors.Is(err, kerr.InvalidRequiredAcks) {
		return true // only the response to a produce request has this error
	}
	// Other errors also come from other requests (metadata, producer ID, a new connection), while a
	// request with the record is in flight.
	return s.unanswered.Load() == 0
}

// cause returns err, in the words of this package where franz-go's are less clear, together with
// the last error on the partition.
func (s *Sender) cause(r *record, err error) error {
	why := cause(err)
	if why == err {
		return err
	}
	return s.words.because(r.Record.Partition, why)
}

// cause returns err in the words of this package where franz-go's are less clear.
func cause(err error) error {
	switch {
	case errors.Is(err, kgo.ErrClientClosed):
		return errClosed
	case errors.Is(err, context.Canceled), errors.Is(err, kgo.ErrRecordTimeout):
		return errDeadline
	}
	return err
}
