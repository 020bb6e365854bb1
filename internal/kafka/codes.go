package kafka

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// verdict says what an error means for the records that it applies to.
type verdict uint8

const (
	// waits: the error may pass. The records are sent again until their deadlines.
	waits verdict = iota
	// faulty: one of the records is at fault. It is searched for; the others are sent again.
	faulty
	// hopeless: no record of this client can be accepted, whatever is tried.
	hopeless
	// over: the record's own time is up, by its deadline or because the Sender was closed.
	over
)

func (v verdict) String() string { return [...]string{"waits", "faulty", "hopeless", "over"}[v] }

// verdicts lists every error code of Kafka after which records do not wait. All others wait,
// because an operator, a controller or time can fix them while the client continues unchanged. They
// are about moving leaders, replicas, disks, quotas, logins, permissions, topics that are deleted
// or created, clusters that are rebuilt. Codes of requests that a producer does not make wait as
// well, and so do unknown codes. Giving up a record because of an unknown code would be worse than
// trying again.
var verdicts = map[*kerr.Error]verdict{
	// The broker examined a record batch and did not append it.
	kerr.CorruptMessage:              faulty,
	kerr.MessageTooLarge:             faulty,
	kerr.RecordListTooLarge:          faulty,
	kerr.InvalidTimestamp:            faulty,
	kerr.InvalidRecord:               faulty,
	kerr.UnsupportedForMessageFormat: faulty,
	kerr.UnsupportedCompressionType:  faulty,
	kerr.PolicyViolation:             faulty,

	// The client itself is wrong for the cluster, and will remain so.
	kerr.InvalidRequiredAcks:   hopeless,
	kerr.InvalidTopicException: hopeless,
	kerr.UnsupportedVersion:    hopeless,
	kerr.InvalidRequest:        hopeless,
}

// errPurged is franz-go's error for the records it holds when it is told to forget their topic. The
// error value is not exported.
const errPurged = "topic purged while buffered"

func purged(err error) bool { return err.Error() == errPurged }

// verdictOn says what err means for a record that franz-go failed with it. After errors of dialing,
// TLS and SASL, records wait: a broker restarts, or a certificate or password is being replaced.
func verdictOn(err error) verdict {
	var kafka *kerr.Error
	switch {
	case errors.Is(err, kgo.ErrClientClosed), errors.Is(err, kgo.ErrRecordTimeout),
		errors.Is(err, context.Canceled),
		errors.Is(err, context.DeadlineExceeded):
		return over
	case errors.Is(err, kgo.ErrMaxBuffered):
		return hopeless
	case errors.As(err, &kafka):
		return verdicts[kafka]
	}
	return waits
}

// refusedForGood reports whether err is a broker's response after which no other attempt can
// follow.
func refusedForGood(err error) bool {
	var kafka *kerr.Error
	return errors.As(err, &kafka) && verdicts[kafka] != waits
}

// tooLarge reports whether smaller record batches may get through after err.
func tooLarge(err error) bool {
	return errors.Is(err, kerr.MessageTooLarge) || errors.Is(err, kerr.RecordListTooLarge)
}

// refused reports whether err is a broker's response that also rules out that the broker appended
// the records before.
func refused(err error) bool {
	var kafka *kerr.Error
	if !errors.As(err, &kafka) || kafka == kerr.UnknownServerError {
		return false // an unexpected error in the broker says nothing about what it did before
	}
	// CORRUPT_MESSAGE and UNKNOWN_TOPIC_ID count as retriable, but franz-go does not retry them.
	return !kafka.Retriable || kafka == kerr.CorruptMessage || kafka == kerr.UnknownTopicID
}

// kindOf names the kind of err for the log: Kafka's own name of the code, or the layer that failed.
func kindOf(err error) string {
	var kafka *kerr.Error
	var dns *net.DNSError
	var op *net.OpError
	switch {
	case errors.As(err, &kafka):
		return kafka.Message
	case errors.Is(err, errAbsent):
		return kerr.UnknownTopicOrPartition.Message
	case certificateFailure(err), alert(err):
		return "certificate"
	case wrongTransport(err):
		return "tls"
	case saslWanted(err):
		return "sasl"
	case errors.As(err, &dns):
		return "name"
	case errors.Is(err, os.ErrDeadlineExceeded), errors.Is(err, context.DeadlineExceeded):
		return "timeout"
	case errors.As(err, &op) && op.Op == "dial":
		return "dial"
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, net.ErrClosed),
		errors.As(err, &op),
		kgo.IsRetryableBrokerErr(err), strings.Contains(err.Error(), "connection"):
		return "connection"
	}
	return "other"
}
