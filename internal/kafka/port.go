package kafka

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"
)

// found is what was found to listen on a port.
type found string

const (
	foundPlain found = "Kafka without TLS"
	foundTLS   found = "TLS"
	foundHTTP  found = "HTTP"
)

// portError means that an address was reached, but is another kind of port than configured.
type portError struct {
	address string
	what    found
	err     error // the client's error
}

func (e *portError) Error() string {
	return fmt.Sprintf("%s was reached and speaks %s: %v", e.address, e.what, e.err)
}
func (e *portError) Unwrap() error { return e.err }

func foundAtPort(err error) bool {
	var port *portError
	return errors.As(err, &port)
}

func (e *portError) advice(c *Config) string {
	protocol := c.name("Security.Protocol")
	switch e.what {
	case foundHTTP:
		return fmt.Sprintf("%s answers in HTTP and is no broker; check %s", e.address,
			c.name("Brokers"))
	case foundPlain:
		return fmt.Sprintf("the broker at %s does not speak TLS; set %s to plaintext or "+
			"sasl_plaintext, or use another port",
			e.address, protocol)
	}
	return fmt.Sprintf("the broker at %s wants TLS; set %s to ssl or sasl_ssl, or use another port",
		e.address, protocol)
}

// probeTimeout bounds one probe of a port.
const probeTimeout = 2 * time.Second

// askOrLook asks a broker, and probes its port if that fails or takes long.
func (s *starter) askOrLook(ctx context.Context, b *kgo.Broker, address string) error {
	asked := make(chan error, 1)
	go func() { asked <- s.askBroker(ctx, b) }()
	patience := time.NewTimer(s.cfg.StartTimeout / 4)
	defer patience.Stop()
	select {
	case err := <-asked:
		if err == nil || answered(err) {
			return err
		}
		return s.look(ctx, address, err)
	case <-patience.C:
	}
	if err := s.look(ctx, address, errNoAnswer); foundAtPort(err) {
		return err
	}
	return <-asked
}

var errNoAnswer = errors.New("it does not answer as it is asked")

// look finds out why a broker ended a connection at once. Brokers do that when they receive TLS on
// a plain port, or the reverse. If that is not the reason, look returns err as it is.
func (s *starter) look(ctx context.Context, address string, err error) error {
	if definite(err) || !endedAtOnce(err) {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, probeTimeout)
	defer cancel()
	var what found
	if s.network.tls != nil {
		what = s.speaksPlain(ctx, address)
	} else {
		what = s.speaksTLS(ctx, address)
	}
	if what == "" {
		return err
	}
	return &portError{address, what, err}
}

// endedAtOnce reports whether a connection was opened and then brought nothing, or nothing that is
// Kafka's.
func endedAtOnce(err error) bool {
	var op *net.OpError
	if errors.As(err, &op) && op.Op == "dial" {
		return false
	}
	return !errors.Is(err, context.Canceled)
}

// speaksPlain asks for the API versions without TLS.
func (s *starter) speaksPlain(ctx context.Context, address string) found {
	conn, err := s.network.dial(ctx, "tcp", address)
	if err != nil {
		return ""
	}
	defer conn.Close() // nolint:errcheck // nothing was sent that matters
	if deadline, ok := ctx.Deadline(); ok {
		_ = conn.SetDeadline(deadline) // if it cannot be set, ctx has bounded the dial
	}
	const correlation = 0x64617368
	request := binary.BigEndian.AppendUint32(nil, 10)
	request = binary.BigEndian.AppendUint16(request, uint16(kmsg.ApiVersions.Int16()))
	request = binary.BigEndian.AppendUint16(request, 0) // a version that all brokers know
	request = binary.BigEndian.AppendUint32(request, correlation)
	request = binary.BigEndian.AppendUint16(request, 0xffff) // no client id
	if _, err := conn.Write(request); err != nil {
		return ""
	}
	var head [8]byte
	if _, err := io.ReadFull(conn, head[:]); err != nil {
		return ""
	}
	switch {
	case string(head[:5]) == "HTTP/":
		return foundHTTP
	case binary.BigEndian.Uint32(head[4:]) == correlation:
		return foundPlain
	}
	return ""
}

// speaksTLS begins a TLS handshake and checks only whether the response is TLS.
func (s *starter) speaksTLS(ctx context.Context, address string) found {
	conn, err := s.network.dial(ctx, "tcp", address)
	if err != nil {
		return ""
	}
	defer conn.Close() // nolint:errcheck // nothing was sent that matters
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	hello := tls.Client(conn, &tls.Config{ServerName: host, InsecureSkipVerify: true,
		MinVersion: tls.VersionTLS10}) //nolint:gosec // nothing is sent over it
	err = hello.HandshakeContext(ctx)
	var header tls.RecordHeaderError
	switch {
	case err == nil || alert(err):
		return foundTLS
	case errors.As(err, &header) && string(header.RecordHeader[:5]) == "HTTP/":
		return foundHTTP
	}
	return ""
}
