package kafka

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// The meaning and the names of errors of dialing, TLS, SASL and the client. Codes are tested with
// brokers, one by one, in internal/integration/kafka.
func TestVerdictOnErrors(t *testing.T) {
	for _, tt := range []struct {
		err  error
		want verdict
		kind string
	}{
		{&net.OpError{Op: "dial", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}, waits,
			"dial"},
		{&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "broker"}}, waits,
			"name"},
		{&net.OpError{Op: "read", Err: os.NewSyscallError("read", syscall.ECONNRESET)}, waits,
			"connection"},
		{io.EOF, waits, "connection"},
		{os.ErrDeadlineExceeded, waits, "timeout"},
		{&tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}}, waits,
			"certificate"},
		{&net.OpError{Op: "remote error", Err: errors.New("tls: bad certificate")}, waits,
			"certificate"},
		{tls.RecordHeaderError{Msg: "first record does not look like a TLS handshake"}, waits,
			"tls"},
		{kerr.SaslAuthenticationFailed, waits, "SASL_AUTHENTICATION_FAILED"},
		{kerr.UnsupportedSaslMechanism, waits, "UNSUPPORTED_SASL_MECHANISM"},
		{kerr.UnknownServerError, waits, "UNKNOWN_SERVER_ERROR"},
		{errors.New(errPurged), waits, "other"},
		{fmt.Errorf("%w (uncompressed_bytes=1)", kerr.MessageTooLarge), faulty,
			"MESSAGE_TOO_LARGE"},
		{kgo.ErrMaxBuffered, hopeless, "other"},
		{kgo.ErrClientClosed, over, "other"},
		{kgo.ErrRecordTimeout, over, "other"},
		{context.Canceled, over, "other"},
	} {
		if got, kind := verdictOn(tt.err), kindOf(tt.err); got != tt.want || kind != tt.kind {
			t.Errorf("%v is %v, of the kind %s, want %v and %s", tt.err, got, kind, tt.want,
				tt.kind)
		}
	}
}

// The tap understands brokers' responses however they are split, and nothing else.
func TestTapHearsAnswers(t *testing.T) {
	request := kmsg.NewPtrProduceRequest()
	request.SetVersion(9)
	response := request.ResponseKind().(*kmsg.ProduceResponse)
	topic := kmsg.NewProduceResponseTopic()
	partition := kmsg.NewProduceResponseTopicPartition()
	partition.Partition, partition.ErrorCode, partition.ErrorMessage = 3, kerr.InvalidRecord.Code,
		kmsg.StringPtr("the broker's words")
	topic.Partitions = append(topic.Partitions, partition)
	response.Topics = append(response.Topics, topic)
	frame := func(id int32, body []byte) []byte {
		out := []byte{0, 0, 0, 0, byte(id >> 24), byte(id >> 16), byte(id >> 8), byte(id)}
		out = append(out, body...)
		n := len(out) - 4
		out[0], out[1], out[2], out[3] = byte(n>>24), byte(n>>16), byte(n>>8), byte(n)
		return out
	}
	answer9 := frame(7, append([]byte{0}, response.AppendTo(nil)...))
	for _, piece := range []int{1, 3, 8, 1 << 20} {
		var heard []answer
		client, server := net.Pipe()
		tapped := newTap(client, func(a answer) { heard = append(heard, a) })
		go func() {
			buf := make([]byte, 12)
			_, _ = io.ReadFull(server, buf)
			// nobody asked for the second one
			stream := append(append(frame(99, []byte("another's")), answer9...), answer9...)
			for len(stream) > 0 {
				n := min(piece, len(stream))
				_, _ = server.Write(stream[:n])
				stream = stream[n:]
			}
			server.Close()
		}()
		if _, err := tapped.Write([]byte{0, 0, 0, 8, 0, 0, 0, 9, 0, 0, 0, 7}); err != nil {
			t.Fatal(err)
		}
		if _, err := io.Copy(io.Discard, tapped); err != nil {
			t.Fatal(err)
		}
		if len(heard) != 1 || heard[0].partition != 3 ||
			!errors.Is(heard[0].err, kerr.InvalidRecord) || heard[0].text != "the broker's words" {
			t.Errorf("in pieces of %d the tap heard %+v", piece, heard)
		}
	}
}
