package kafka

import (
	"context"
	"errors"
	"net"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/batching"
)

// What a batch's SendError wraps when there is no better cause.
var (
	errDeadline = errors.New("kafka: not acknowledged within the delivery timeout")
	errClosed   = errors.New("kafka: the sender was closed")
	// errOvertaken is the end of a batch that had time left when the client gave it up.
	errOvertaken = errors.New("kafka: not acknowledged, and a later batch of its partition was")
)

// onlyForRecords are the refusals that only the answer to a produce request brings: the broker looked at the records and did not
// append them.
var onlyForRecords = []error{
	kerr.CorruptMessage, kerr.MessageTooLarge, kerr.RecordListTooLarge, kerr.InvalidTimestamp, kerr.InvalidRecord,
	kerr.UnsupportedForMessageFormat, kerr.UnsupportedCompressionType, kerr.PolicyViolation, kerr.InvalidRequiredAcks,
}

// failure turns what franz-go says of a record into an outcome. The rule that it must not break is that nothing that can have
// arrived is called dropped.
func (s *Sender) failure(r *record, err error) *batching.SendError {
	if refused(err) {
		s.stats.permanent.Add(1)
		s.stats.failed(err)
	}
	if r.mayExist {
		return &batching.SendError{Outcome: batching.Unacknowledged, Err: cause(err)}
	}
	if !s.written.maybe(r.Partition, r.number) {
		return s.neverSent(r, err)
	}
	if s.surelyRefused(r, err) {
		return &batching.SendError{Outcome: batching.Dropped, Reason: batching.Rejected, Err: err}
	}
	if refused(err) {
		s.written.doubt(r.Partition)
	}
	return &batching.SendError{Outcome: batching.Unacknowledged, Err: cause(err)}
}

// neverSent is the outcome of a record that was in no request.
func (s *Sender) neverSent(r *record, err error) *batching.SendError {
	drop := func(reason batching.Reason) *batching.SendError {
		return &batching.SendError{Outcome: batching.Dropped, Reason: reason, Err: cause(err)}
	}
	switch {
	case errors.Is(err, kgo.ErrMaxBuffered):
		return drop(batching.Internal)
	case errors.Is(err, kgo.ErrClientClosed):
		return drop(batching.Shutdown)
	case r.Context.Err() != nil, transient(err):
		// All records of a partition fail with the first of them, so this one may have had time left.
		return drop(batching.Timeout)
	}
	return drop(batching.Rejected)
}

// surelyRefused reports whether err is the answer to the only request that the record can have been in.
//
// franz-go fails the records behind a refused one of their partition along with it, without a look at the answers to theirs. But a
// broker takes the records of one producer and partition only in the order of their sequence numbers, and so none behind a gap;
// only where there may be no gap, since an earlier request may have brought the refused one, they are in doubt too.
func (s *Sender) surelyRefused(r *record, err error) bool {
	if !refused(err) || r.number <= s.lost.Load() || s.written.repeated(r.Partition, r.number) {
		return false
	}
	for _, e := range onlyForRecords {
		if errors.Is(err, e) {
			return true
		}
	}
	// Other refusals also come from other requests (metadata, producer ID, a new connection), while a request with the record
	// is still on its way.
	return s.unanswered.Load() == 0
}

// refused reports whether err is a broker's word that another try would not help.
func refused(err error) bool {
	var kafka *kerr.Error
	if !errors.As(err, &kafka) || kafka == kerr.UnknownServerError {
		return false // an error that the broker did not expect says nothing of what it did before
	}
	// CORRUPT_MESSAGE and UNKNOWN_TOPIC_ID count as retriable, yet franz-go does not try again.
	return !kafka.Retriable || kafka == kerr.CorruptMessage || kafka == kerr.UnknownTopicID
}

// transient reports whether err tells of something that another try might have overcome, had there been time.
func transient(err error) bool {
	var op *net.OpError
	return errors.Is(err, kgo.ErrRecordTimeout) || errors.Is(err, kgo.ErrRecordRetries) ||
		errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) ||
		kgo.IsRetryableBrokerErr(err) || errors.As(err, &op) || kerr.IsRetriable(err) && !refused(err)
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
