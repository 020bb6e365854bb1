package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"strings"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// refusalError is a cluster's definite no, with what to do about it.
type refusalError struct {
	advice string
	err    error
}

func (e *refusalError) Error() string {
	if e.advice == "" {
		return fmt.Sprintf("kafka: the cluster refuses: %v", e.err)
	}
	return fmt.Sprintf("kafka: %s (%v)", e.advice, e.err)
}

func (e *refusalError) Unwrap() error { return e.err }

// explain turns err into a *refusalError if another try would bring the same.
func (s *starter) explain(err error) error {
	if err == nil || !definite(err) {
		return err
	}
	return &refusalError{s.advice(err), err}
}

// definite reports whether err is a refusal, as opposed to a cluster that cannot be reached or is not ready.
func definite(err error) bool {
	var kafka *kerr.Error
	if errors.Is(err, errAbsent) {
		return true
	}
	if errors.As(err, &kafka) {
		return !kafka.Retriable && kafka != kerr.UnknownServerError
	}
	return certificateFailure(err) || alert(err) || wrongTransport(err) || saslWanted(err)
}

// saslWanted reports whether a broker answered in the first step of a connection and closed it in the second, which is what one
// does that waits for SASL.
func saslWanted(err error) bool {
	var eof *kgo.ErrFirstReadEOF
	return errors.As(err, &eof) && strings.Contains(eof.Error(), "SASL") // the kind is not exported
}

// certificateFailure reports whether a broker's certificate was not accepted here.
func certificateFailure(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}

// alert reports whether a broker ended the TLS handshake with a complaint of its own.
func alert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// wrongTransport reports whether one side speaks TLS and the other does not.
func wrongTransport(err error) bool {
	var header tls.RecordHeaderError
	// franz-go recognises an answer in TLS by its first bytes, but has no type for it.
	return errors.As(err, &header) || strings.Contains(err.Error(), "tls alert")
}

func (s *starter) advice(err error) string {
	c, sec := s.cfg, &s.cfg.Security
	user := sec.Username
	if user == "" {
		user = "CLIENT"
	}
	server := c.Brokers[0]
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	switch {
	case errors.Is(err, errAbsent):
		return fmt.Sprintf("topic %q does not exist; create it with "+
			"kafka-topics.sh --bootstrap-server %s --create --topic %s --partitions 12, or have it created: CreateTopic (DASHSTREAM_CREATE_TOPIC=true)",
			c.Topic, server, c.Topic)
	case errors.Is(err, kerr.TopicAuthorizationFailed) && c.CreateTopic:
		return fmt.Sprintf("not allowed to create, describe or write topic %q; allow it with "+
			"kafka-acls.sh --bootstrap-server %s --add --allow-principal User:%s --operation Create --operation Describe --operation Write --topic %s",
			c.Topic, server, user, c.Topic)
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return fmt.Sprintf("not allowed to describe and write topic %q; allow it with "+
			"kafka-acls.sh --bootstrap-server %s --add --allow-principal User:%s --operation Describe --operation Write --topic %s",
			c.Topic, server, user, c.Topic)
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		return fmt.Sprintf("not allowed to write idempotently, which brokers before 2.8 want a right for; allow it with "+
			"kafka-acls.sh --bootstrap-server %s --add --allow-principal User:%s --operation IdempotentWrite --cluster", server, user)
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return fmt.Sprintf("the cluster does not accept user %q with its password by mechanism %s; check all three", sec.Username, sec.Mechanism)
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return fmt.Sprintf("the brokers at %s do not offer SASL mechanism %s; choose another one", server, sec.Mechanism)
	case errors.Is(err, kerr.IllegalSaslState):
		return fmt.Sprintf("the brokers at %s do not want SASL; use protocol plaintext or ssl, or another port", server)
	case errors.As(err, &name):
		return "a broker's certificate is not for the name by which it was called; " +
			"list the brokers by the names in their certificates, or set EndpointAlgorithm to none"
	case errors.As(err, &unknown):
		return "a broker's certificate comes from an authority that is not trusted; set CAFile to that authority's certificate"
	case certificateFailure(err):
		return "a broker's certificate is not valid"
	case alert(err) && sec.CertFile == "":
		return "the brokers end the TLS handshake, most likely since they want a certificate; set CertFile and KeyFile"
	case alert(err):
		return fmt.Sprintf("the brokers do not accept the certificate in %s", sec.CertFile)
	case saslWanted(err):
		return fmt.Sprintf("the brokers at %s want SASL; use protocol sasl_plaintext or sasl_ssl, or another port", server)
	case wrongTransport(err) && sec.tls():
		return fmt.Sprintf("the brokers at %s do not speak TLS; use protocol plaintext or sasl_plaintext, or another port", server)
	case wrongTransport(err):
		return fmt.Sprintf("the brokers at %s want TLS; use protocol ssl or sasl_ssl, or another port", server)
	}
	return ""
}
