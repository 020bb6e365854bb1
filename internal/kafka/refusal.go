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

	"github.com/dashstream/dashstream-go/internal/settings"
)

// refusalError means that the cluster definitely rejects the client, and says what to do about it.
type refusalError struct {
	advice string
	err    error
}

func (e *refusalError) Error() string {
	if e.advice == "" {
		return fmt.Sprintf("kafka: the cluster rejects the client: %v", e.err)
	}
	return fmt.Sprintf("kafka: %s (%v)", e.advice, e.err)
}

func (e *refusalError) Unwrap() error { return e.err }

// explain turns err into a *refusalError if another attempt would have the same result.
func (s *starter) explain(err error) error {
	if err == nil || !definite(err) {
		return err
	}
	return &refusalError{s.advice(err), err}
}

// definite reports whether err is a rejection, as opposed to a cluster that cannot be reached or is
// not ready.
func definite(err error) bool {
	var kafka *kerr.Error
	if errors.Is(err, errAbsent) || errors.Is(err, errOldBrokers) || oldTLS(err) {
		return true
	}
	if errors.As(err, &kafka) {
		return !kafka.Retriable && kafka != kerr.UnknownServerError
	}
	return certificateFailure(err) || alert(err) || wrongTransport(err) || saslWanted(err) ||
		tokenRefused(err) || foundAtPort(err)
}

// saslWanted reports whether a broker responded to the first request of a connection and closed it
// at the second. Brokers that expect SASL do that.
func saslWanted(err error) bool {
	var eof *kgo.ErrFirstReadEOF
	return errors.As(err, &eof) && strings.Contains(eof.Error(), "SASL") // the type is not exported
}

// certificateFailure reports whether a broker's certificate was not accepted here.
func certificateFailure(err error) bool {
	var verification *tls.CertificateVerificationError
	return errors.As(err, &verification)
}

// alert reports whether a broker ended the TLS handshake with an alert.
func alert(err error) bool {
	var op *net.OpError
	return errors.As(err, &op) && op.Op == "remote error"
}

// wrongTransport reports whether only one side uses TLS.
func wrongTransport(err error) bool {
	var header tls.RecordHeaderError
	// franz-go recognises a response in TLS by its first bytes, but has no type for it.
	return errors.As(err, &header) || strings.Contains(err.Error(), "tls alert")
}

func (s *starter) advice(err error) string {
	c, sec := s.cfg, &s.cfg.Security
	server := c.Brokers[0]
	protocol := c.name("Security.Protocol")
	var port *portError
	switch {
	case errors.As(err, &port):
		return port.advice(c)
	case errors.Is(err, errAbsent):
		return fmt.Sprintf("topic %q (%s) does not exist; create it with "+
			"kafka-topics.sh --bootstrap-server %s --create --topic %s --partitions 12, or have "+
			"it created: %s=true",
			c.Topic, c.name("Topic"), server, c.Topic, c.name("CreateTopic"))
	case errors.Is(err, kerr.TopicAuthorizationFailed) && c.CreateTopic:
		return fmt.Sprintf("not allowed to create, describe or write topic %q (%s); allow it with "+
			"kafka-acls.sh --bootstrap-server %s --add --allow-principal %s --operation Create "+
			"--operation Describe --operation Write --topic %s",
			c.Topic, c.name("Topic"), server, s.aclPrincipal(), c.Topic)
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return fmt.Sprintf("not allowed to describe and write topic %q (%s); allow it with "+
			"kafka-acls.sh --bootstrap-server %s --add --allow-principal %s --operation Describe "+
			"--operation Write --topic %s",
			c.Topic, c.name("Topic"), server, s.aclPrincipal(), c.Topic)
	case errors.Is(err, kerr.ClusterAuthorizationFailed):
		return fmt.Sprintf("not allowed to write idempotently, which brokers before 2.8 want a "+
			"right for; allow it with kafka-acls.sh --bootstrap-server %s --add --allow-principal "+
			"%s --operation IdempotentWrite --cluster", server, s.aclPrincipal())
	case errors.Is(err, errOldBrokers):
		return fmt.Sprintf("the brokers at %s are older than Kafka 0.11, whose records have no "+
			"headers; update them", server)
	case tokenElsewhere(err):
		return fmt.Sprintf("what answers is no token endpoint; check its address, %s",
			c.name("Security.TokenURL"))
	case tokenRefused(err):
		return fmt.Sprintf("the token endpoint rejects this client; check %s, %s and %s",
			c.name("Security.ClientID"), c.name("Security.ClientSecret"), c.name("Security.Scope"))
	case errors.Is(err, kerr.SaslAuthenticationFailed) && sec.Mechanism == OAuthBearer:
		return "the cluster does not accept the token; check that it is for this cluster " +
			"(issuer, audience, scope), that it has not expired, and the clocks"
	case errors.Is(err, kerr.SaslAuthenticationFailed):
		return fmt.Sprintf("the cluster does not accept user %s (%s) with its password (%s) by "+
			"mechanism %s (%s); check all three%s",
			settings.Shown(sec.Username), c.name("Security.Username"), c.name("Security.Password"),
			sec.Mechanism,
			c.name("Security.Mechanism"), oddities(sec.Password))
	case errors.Is(err, kerr.UnsupportedSaslMechanism):
		return fmt.Sprintf("the brokers at %s do not offer SASL mechanism %s; choose another "+
			"one: %s", server, sec.Mechanism,
			c.name("Security.Mechanism"))
	case errors.Is(err, kerr.IllegalSaslState):
		return fmt.Sprintf("the brokers at %s do not want SASL; set %s to plaintext or ssl, or "+
			"use another port", server, protocol)
	case saslWanted(err):
		return fmt.Sprintf("the brokers at %s want SASL; set %s to sasl_plaintext or sasl_ssl, or "+
			"use another port", server, protocol)
	case wrongTransport(err) && sec.tls():
		return fmt.Sprintf("the brokers at %s do not speak TLS; set %s to plaintext or "+
			"sasl_plaintext, or use another port", server, protocol)
	case wrongTransport(err):
		return fmt.Sprintf("the brokers at %s want TLS; set %s to ssl or sasl_ssl, or use "+
			"another port", server, protocol)
	}
	return s.tlsAdvice(err)
}

// tlsAdvice is the advice on errors of certificates and TLS versions.
func (s *starter) tlsAdvice(err error) string {
	c, sec := s.cfg, &s.cfg.Security
	var unknown x509.UnknownAuthorityError
	var name x509.HostnameError
	var invalid x509.CertificateInvalidError
	switch {
	case errors.As(err, &name):
		return fmt.Sprintf("a broker's certificate is not for the name by which it was called; "+
			"list the brokers by the names in their certificates (%s), or set %s to none",
			c.name("Brokers"), c.name("Security.EndpointAlgorithm"))
	case errors.As(err, &unknown):
		return fmt.Sprintf("a broker's certificate comes from an authority that is not trusted; "+
			"set %s to the file with that authority's certificate",
			c.name("Security.CAFile"))
	case errors.As(err, &invalid) && invalid.Reason == x509.Expired:
		return "a broker's certificate has expired, or is not valid yet; renew it there, or " +
			"check the clock here"
	case certificateFailure(err):
		return "a broker's certificate is not valid"
	case oldTLS(err):
		return "the brokers offer no version of TLS that is safe: this client wants 1.2 or newer " +
			"(ssl.enabled.protocols there)"
	case alert(err) && sec.CertFile == "":
		return fmt.Sprintf("the brokers end the TLS handshake, most likely since they want a "+
			"certificate; set %s and %s",
			c.name("Security.CertFile"), c.name("Security.KeyFile"))
	case alert(err):
		return fmt.Sprintf("the brokers do not accept the certificate in %s (%s)",
			shownPath(sec.CertFile), c.name("Security.CertFile"))
	}
	return ""
}

// oldTLS reports whether client and broker have no TLS version in common. Neither error has a type.
func oldTLS(err error) bool {
	text := err.Error()
	return strings.Contains(text, "tls: protocol version not supported") ||
		strings.Contains(text, "tls: server selected unsupported protocol version")
}
