package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// ReaderOptions returns the options of a client that reads what a [Sender] with the same
// configuration writes: brokers, TLS, SASL and [Config.Options], which take precedence, but nothing
// about producing. The caller adds what to read. ReaderOptions connects to nothing. Its error names
// what is wrong with c, like that of [Config.Validate].
func (c Config) ReaderOptions() ([]kgo.Opt, error) {
	if err := c.Validate(); err != nil {
		return nil, err
	}
	c = c.withDefaults()
	options := []kgo.Opt{kgo.SeedBrokers(c.Brokers...), kgo.ClientID(c.ClientID),
		kgo.DisableClientMetrics()}
	dial := c.Dialer
	if c.Security.tls() {
		certs, err := newCredentials(c.Security, c.Logger)
		if err != nil {
			return nil, fmt.Errorf("kafka: %w", err)
		}
		dial = certs.dialer(c.Dialer)
	}
	if dials := kgo.Dialer(dial); kgo.ValidateOpts(append([]kgo.Opt{dials}, c.Options...)...) ==
		nil {
		options = append(options, dials) // otherwise Options contain a TLS configuration
	}
	if mechanism := c.Security.mechanism(c.newTokens(context.Background())); mechanism != nil {
		options = append(options, mechanism)
	}
	return append(options, c.Options...), nil
}

// ExplainReading adds advice to err if it means that the cluster rejects a reader with this
// configuration.
func (c Config) ExplainReading(err error) error {
	c = c.withDefaults()
	s := &starter{cfg: &c}
	switch {
	case err == nil:
		return nil
	case errors.Is(err, kerr.UnknownTopicOrPartition):
		return &refusalError{fmt.Sprintf("topic %q does not exist; name another one (%s), or have "+
			"it created by what writes it (DASHSTREAM_CREATE_TOPIC=true), or by kafka-topics.sh "+
			"--bootstrap-server %s --create --topic %s --partitions 12",
			c.Topic, c.name("Topic"), c.Brokers[0], c.Topic), err}
	case errors.Is(err, kerr.TopicAuthorizationFailed):
		return &refusalError{fmt.Sprintf("not allowed to describe and read topic %q; allow it "+
			"with kafka-acls.sh --bootstrap-server %s --add --allow-principal %s --operation "+
			"Describe --operation Read --topic %s",
			c.Topic, c.Brokers[0], s.aclPrincipal(), c.Topic), err}
	case !definite(err):
		return err
	}
	return s.explain(err)
}

// dialer runs TLS over the connections that dial opens, with the current certificates.
func (c *credentials) dialer(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, _, err := net.SplitHostPort(address)
		if err != nil {
			host = address
		}
		raw, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}
		secured := tls.Client(raw, c.config(host))
		if err := secured.HandshakeContext(ctx); err != nil {
			raw.Close() //nolint:errcheck // it is being given up
			return nil, err
		}
		return secured, nil
	}
}
