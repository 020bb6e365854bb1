package kafka

import (
	"errors"
	"fmt"
	"net"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// minDeliveryTimeout is the shortest deadline that leaves time for a second try.
const minDeliveryTimeout = time.Second

// maxBatchBytes is franz-go's limit for the size of a record batch.
const maxBatchBytes = 1 << 30

var topicName = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

func lower[S ~string](s S) string { return strings.ToLower(string(s)) }

// normal returns s with the names in the case in which they are compared.
func (s Security) normal() Security {
	s.Protocol = Protocol(lower(s.Protocol))
	s.Mechanism = Mechanism(strings.ToUpper(string(s.Mechanism)))
	s.EndpointAlgorithm = EndpointAlgorithm(lower(s.EndpointAlgorithm))
	return s
}

func (s *Security) sasl() bool { return s.Protocol == SASLPlaintext || s.Protocol == SASLSSL }
func (s *Security) tls() bool  { return s.Protocol == SSL || s.Protocol == SASLSSL }

// problems collects everything that is wrong with a configuration.
type problems struct{ errs []error }

func (p *problems) add(format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("kafka: "+format, args...))
}

func (p *problems) check(ok bool, format string, args ...any) {
	if !ok {
		p.add(format, args...)
	}
}

// Validate returns an error that names everything that is wrong with c, or nil. It reads the files that c names and connects to
// nothing. [Open] calls it.
func (c Config) Validate() error {
	c = c.withDefaults()
	var p problems
	p.check(len(c.Brokers) > 0, "Config.Brokers is empty, want at least one host:port")
	for _, b := range c.Brokers {
		if err := checkAddress(b); err != nil {
			p.add("Config.Brokers holds %q: %w", b, err)
		}
	}
	p.check(topicName.MatchString(c.Topic) && c.Topic != "." && c.Topic != "..",
		"Config.Topic is %q, want 1 to 249 letters, digits, '.', '_' or '-'", c.Topic)
	p.check(c.Partitions >= 0, "Config.Partitions is %d, want at least 1, or 0 for the cluster's default", c.Partitions)
	p.check(c.ReplicationFactor >= 0,
		"Config.ReplicationFactor is %d, want at least 1, or 0 for the cluster's default", c.ReplicationFactor)
	p.compression(&c)
	p.check(c.MaxMessageBytes > 0 && c.MaxMessageBytes <= maxBatchBytes-recordOverhead,
		"Config.MaxMessageBytes is %d, want 1 to %d", c.MaxMessageBytes, maxBatchBytes-recordOverhead)
	p.check(c.MaxInFlightRecords > 0, "Config.MaxInFlightRecords is %d, want at least 1", c.MaxInFlightRecords)
	p.check(c.DeliveryTimeout >= minDeliveryTimeout,
		"Config.DeliveryTimeout is %v, want at least %v", c.DeliveryTimeout, minDeliveryTimeout)
	p.check(c.StartTimeout > 0, "Config.StartTimeout is %v, want more than 0", c.StartTimeout)
	p.check(len(c.ClientID) <= 256, "Config.ClientID has %d bytes, want at most 256", len(c.ClientID))
	p.security(&c.Security, len(c.Options) > 0)
	if len(p.errs) == 0 {
		if err := c.tryOptions(); err != nil {
			p.add("Config.Options: %w", err)
		}
	}
	return errors.Join(p.errs...)
}

func checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		// A host without a port has Kafka's own.
		if host, port, err = net.SplitHostPort(net.JoinHostPort(strings.Trim(address, "[]"), "9092")); err != nil {
			return err
		}
	}
	if host == "" || strings.ContainsAny(host, " /@") {
		return errors.New("want host:port or host")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return fmt.Errorf("port %q is not a number from 1 to 65535", port)
	}
	return nil
}

func (p *problems) compression(c *Config) {
	levels, ok := map[Compression]int{Zstd: 22, LZ4: 9, Snappy: 0, None: 0}[c.Compression]
	if !ok {
		p.add("Config.Compression is %q, want zstd, lz4, snappy or none", c.Compression)
		return
	}
	if c.CompressionLevel < 0 || c.CompressionLevel > levels {
		if levels == 0 {
			p.add("Config.CompressionLevel is %d, but %s has no levels", c.CompressionLevel, c.Compression)
			return
		}
		p.add("Config.CompressionLevel is %d, want 1 to %d for %s, or 0 for its default", c.CompressionLevel, levels, c.Compression)
	}
}

func (p *problems) security(s *Security, options bool) {
	switch s.Protocol {
	case Plaintext, SSL, SASLPlaintext, SASLSSL:
	default:
		p.add("Config.Security.Protocol is %q, want plaintext, ssl, sasl_plaintext or sasl_ssl", s.Protocol)
		return
	}
	if s.sasl() {
		p.saslSettings(s, options)
	} else {
		p.check(s.Mechanism == "" && s.Username == "" && s.Password.IsZero(),
			"Config.Security has a SASL mechanism, username or password, which protocol %s does not use; want sasl_plaintext or sasl_ssl",
			s.Protocol)
	}
	if s.tls() {
		p.tlsSettings(s)
	} else {
		p.check(s.CAFile == "" && s.CertFile == "" && s.KeyFile == "" && s.KeyPassword.IsZero(),
			"Config.Security names certificates or a key, which protocol %s does not use; want ssl or sasl_ssl", s.Protocol)
	}
}

func (p *problems) saslSettings(s *Security, options bool) {
	if s.Mechanism == "" && s.Username == "" && s.Password.IsZero() && options {
		return
	}
	switch s.Mechanism {
	case Plain, ScramSHA256, ScramSHA512:
	default:
		p.add("Config.Security.Mechanism is %q, want PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512", s.Mechanism)
	}
	p.check(s.Username != "", "Config.Security.Username is empty, which protocol %s needs", s.Protocol)
	p.check(!s.Password.IsZero(), "Config.Security.Password is empty, which protocol %s needs", s.Protocol)
}

func (p *problems) tlsSettings(s *Security) {
	switch s.EndpointAlgorithm {
	case EndpointHTTPS, EndpointNone:
	default:
		p.add("Config.Security.EndpointAlgorithm is %q, want https or none", s.EndpointAlgorithm)
	}
	p.check((s.CertFile == "") == (s.KeyFile == ""),
		"Config.Security.CertFile is %q and KeyFile is %q, want both or neither", s.CertFile, s.KeyFile)
	p.check(s.KeyPassword.IsZero() || s.KeyFile != "", "Config.Security.KeyPassword is set, but KeyFile is not")
	if s.CAFile != "" {
		if _, err := readAuthorities(s.CAFile); err != nil {
			p.add("Config.Security.CAFile: %w", err)
		}
	}
	if s.CertFile != "" && s.KeyFile != "" {
		if _, err := readKeyPair(s.CertFile, s.KeyFile, s.KeyPassword); err != nil {
			p.add("Config.Security.CertFile and KeyFile: %w", err)
		}
	}
}

// tryOptions lets franz-go judge the options that c leads to.
func (c *Config) tryOptions() error {
	for i, o := range c.Options {
		if o == nil {
			return fmt.Errorf("Config.Options[%d] is nil", i)
		}
	}
	s := newSender(c)
	defer s.stop()
	s.network = newNetwork(c, s.timing, nil, &s.stats)
	_, err := c.clientOptions(s)
	return err
}

// dialerConflicts reports whether opts are only wrong because they bring a kgo.DialTLSConfig beside the Sender's own dialer.
func dialerConflicts(opts, withDialer []kgo.Opt) bool {
	return kgo.ValidateOpts(withDialer...) != nil && kgo.ValidateOpts(opts...) == nil
}
