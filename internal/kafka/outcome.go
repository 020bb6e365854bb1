package kafka

import (
	"context"
	"errors"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// What a batch's SendError wraps when there is no better cause.
var (
	errDeadline = errors.New("kafka: not acknowledged within the delivery timeout")
	// errOvertaken is the end of a batch that had time left when the client gave it up.
	errOvertaken = errors.New("kafka: not acknowledged, and a later batch of its key was")
	errClosed    = errors.New("kafka: the sender was closed")
)

// failure turns what franz-go says of a record into an outcome. The rule that it must not break is
// that nothing that can have arrived is called dropped, not even if that was in an earlier try.
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

// reasonOf is the reason for which a record is dropped that franz-go failed with err and that does
// not go again.
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
	return batching.Timeout // it might have passed, had there been time
}

// surelyRefused reports whether err is the answer to the only request that the record can have been
// in.
//
// franz-go fails the records behind a refused one of their partition along with it, without a look
// at the answers to theirs. But a broker takes the records of one producer and partition only in
// the order of their sequence numbers, and so none behind a gap; only where there may be no gap,
// since an earlier request may have brought the refused one, they are in doubt too.
func (s *Sender) surelyRefused(r *record, err error) bool {
	if !refused(err) || r.number <= s.lost.Load() || s.written.repeated(r.Partition, r.number) {
		return false
	}
	if verdictOn(err) == faulty || errors.Is(err, kerr.InvalidRequiredAcks) {
		return true // only the answer to a produce request says so
	}
	// Other refusals also come from other requests (metadata, producer ID, a new connection), while
	// a request with the record is still on its way.
	return s.unanswered.Load() == 0
}

// cause returns err in the words of this package where franz-go's say less, with what was last
// heard of the partition.
func (s *Sender) cause(r *record, err error) error {
	why := cause(err)
	if why == err {
		return err
	}
	return s.words.because(r.Record.Partition, why)
}

// cause returns err in the words of this package where franz-go's say less.
func cause(err error) error {
	switch {
	case errors.Is(err, kgo.ErrClientClosed):
		return errClosed
	case errors.Is(err, context.Canceled), errors.Is(err, kgo.ErrRecordTimeout):
		return errDeadline
	}
	return err
}
