package kafka

import (
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/internal/settings"
)

// minDeliveryTimeout is the shortest deadline that leaves time for a second attempt.
const minDeliveryTimeout = time.Second

// minMetadataAge is the shortest interval between refreshes of the topic's metadata that a setting
// can request.
const minMetadataAge = 100 * time.Millisecond

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
type problems struct {
	cfg  *Config
	errs []error
}

func (p *problems) add(format string, args ...any) {
	p.errs = append(p.errs, fmt.Errorf("kafka: "+format, args...))
}

func (p *problems) check(ok bool, format string, args ...any) {
	if !ok {
		p.add(format, args...)
	}
}

// Validate returns an error that names everything that is wrong with c, or nil. It reads the files
// that c names and connects to nothing. [Open] calls it.
func (c Config) Validate() error {
	c = c.withDefaults()
	p := problems{cfg: &c}
	p.check(len(c.Brokers) > 0, "Config.Brokers is empty, want at least one host:port")
	for _, b := range c.Brokers {
		if err := checkAddress(b); err != nil {
			p.add("%s holds %s: %w", c.name("Brokers"), settings.Shown(b), err)
		}
	}
	p.check(topicName.MatchString(c.Topic) && c.Topic != "." && c.Topic != "..",
		"Config.Topic is %q, want 1 to 249 letters, digits, '.', '_' or '-'", c.Topic)
	p.check(c.Partitions >= 0, "Config.Partitions is %d, want at least 1, or 0 for the cluster's "+
		"default", c.Partitions)
	p.check(c.ReplicationFactor >= 0,
		"Config.ReplicationFactor is %d, want at least 1, or 0 for the cluster's default",
		c.ReplicationFactor)
	p.compression(&c)
	p.sizes(&c)
	p.check(c.MaxInFlightRecords > 0, "Config.MaxInFlightRecords is %d, want at least 1",
		c.MaxInFlightRecords)
	p.check(c.DeliveryTimeout >= minDeliveryTimeout,
		"Config.DeliveryTimeout is %v, want at least %v", c.DeliveryTimeout, minDeliveryTimeout)
	p.check(c.StartTimeout > 0, "Config.StartTimeout is %v, want more than 0", c.StartTimeout)
	p.check(c.MetadataMaxAge >= minMetadataAge && c.MetadataMaxAge <= time.Hour,
		"Config.MetadataMaxAge is %v, want %v to 1h", c.MetadataMaxAge, minMetadataAge)
	p.check(len(c.ClientID) <= 256, "Config.ClientID has %d bytes, want at most 256",
		len(c.ClientID))
	p.security(&c.Security, len(c.Options) > 0)
	if len(p.errs) == 0 {
		if err := c.tryOptions(); err != nil {
			p.add("%s: %w", c.name("Options"), err)
		}
	}
	return errors.Join(p.errs...)
}

func (p *problems) sizes(c *Config) {
	const most = maxBatchBytes - 2*recordOverhead
	if c.MaxMessageBytes <= 0 || c.MaxMessageBytes > most {
		p.add("Config.MaxMessageBytes is %d, want 1 to %d", c.MaxMessageBytes, most)
		return
	}
	least := c.leastRequest()
	p.check(c.MaxRequestBytes == 0 || c.MaxRequestBytes >= least &&
		c.MaxRequestBytes <= maxBatchBytes,
		"%s is %s, want %s to %s: one message, of up to %s as %s says, and what is around it",
		c.name("MaxRequestBytes"), size(c.MaxRequestBytes), size(least), size(maxBatchBytes),
		size(c.MaxMessageBytes), c.name("MaxMessageBytes"))
}

func size(n int) string { return settings.FormatSize(int64(n)) }

func checkAddress(address string) error {
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		// A host without a port gets Kafka's own.
		if host, port, err = net.SplitHostPort(net.JoinHostPort(strings.Trim(address, "[]"),
			"9092")); err != nil {
			return errors.New("want host:port or host")
		}
	}
	if host == "" || strings.ContainsAny(host, " /@") {
		return errors.New("want host:port or host")
	}
	if n, err := strconv.Atoi(port); err != nil || n < 1 || n > 65535 {
		return fmt.Errorf("port %s is not a number from 1 to 65535", settings.Shown(port))
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
			p.add("Config.CompressionLevel is %d, but %s has no levels", c.CompressionLevel,
				c.Compression)
			return
		}
		p.add("Config.CompressionLevel is %d, want 1 to %d for %s, or 0 for its default",
			c.CompressionLevel, levels, c.Compression)
	}
}

func (p *problems) security(s *Security, options bool) {
	name := p.cfg.name
	switch s.Protocol {
	case Plaintext, SSL, SASLPlaintext, SASLSSL:
	default:
		p.add("%s is %s, want plaintext, ssl, sasl_plaintext or sasl_ssl",
			name("Security.Protocol"), settings.Shown(string(s.Protocol)))
		return
	}
	if s.sasl() {
		p.saslSettings(s, options)
	} else {
		p.check(s.Mechanism == "" && s.Username == "" && s.Password.IsZero() && !s.tokenSettings(),
			"Config.Security has a SASL mechanism, username, password or token, which protocol %s "+
				"does not use; want sasl_plaintext or sasl_ssl",
			s.Protocol)
	}
	if s.tls() {
		p.tlsSettings(s)
	} else {
		p.check(s.CAFile == "" && s.CertFile == "" && s.KeyFile == "" && s.KeyPassword.IsZero(),
			"Config.Security names certificates or a key, which protocol %s does not use; want "+
				"ssl or sasl_ssl", s.Protocol)
	}
}

// tokenSettings reports whether any setting of OAUTHBEARER is set.
func (s *Security) tokenSettings() bool {
	return s.Token != nil || s.TokenFile != "" || s.TokenURL != "" || s.ClientID != "" ||
		!s.ClientSecret.IsZero() ||
		s.Scope != "" || s.TokenCAFile != "" || len(s.Extensions) > 0
}

func (p *problems) saslSettings(s *Security, options bool) {
	if s.Mechanism == "" && s.Username == "" && s.Password.IsZero() && !s.tokenSettings() &&
		options {
		return
	}
	name := p.cfg.name
	switch s.Mechanism {
	case OAuthBearer:
		p.tokenSettings(s)
		return
	case Plain, ScramSHA256, ScramSHA512:
	default:
		p.add("%s is %s, want PLAIN, SCRAM-SHA-256, SCRAM-SHA-512 or OAUTHBEARER",
			name("Security.Mechanism"), settings.Shown(string(s.Mechanism)))
	}
	p.check(s.Username != "", "%s is empty, which protocol %s needs", name("Security.Username"),
		s.Protocol)
	p.check(!s.Password.IsZero(), "%s is empty, which protocol %s needs", name("Security.Password"),
		s.Protocol)
	p.check(!s.tokenSettings(), "there are settings of tokens, which mechanism %s does not use",
		s.Mechanism)
}

func (p *problems) tokenSettings(s *Security) {
	name, sources := p.cfg.name, 0
	for _, is := range []bool{s.Token != nil, s.TokenFile != "", s.TokenURL != ""} {
		if is {
			sources++
		}
	}
	p.check(sources == 1, "there are %d sources of tokens, want one of %s, %s and %s", sources,
		name("Security.Token"), name("Security.TokenFile"), name("Security.TokenURL"))
	p.check(s.Username == "" && s.Password.IsZero(),
		"there is a user name or a password, which OAUTHBEARER does not use")
	p.check((s.TokenURL != "") == (s.ClientID != "") &&
		(s.TokenURL != "") == !s.ClientSecret.IsZero(),
		"%s needs %s and %s, and they need it", name("Security.TokenURL"),
		name("Security.ClientID"), name("Security.ClientSecret"))
	if i := slices.IndexFunc(s.Extensions, func(e string) bool { return !IsExtension(e) }); i >= 0 {
		p.add("%s holds, as number %d, no key=value that can be sent", name("Security.Extensions"),
			i+1)
	}
	if s.TokenFile != "" {
		if _, err := os.Stat(s.TokenFile); err != nil {
			p.add("%s: %w", name("Security.TokenFile"), fileError(s.TokenFile, err))
		}
	}
	if s.TokenCAFile != "" {
		if _, err := readAuthorities(s.TokenCAFile); err != nil {
			p.add("%s: %w", name("Security.TokenCAFile"), err)
		}
	}
}

func (p *problems) tlsSettings(s *Security) {
	name := p.cfg.name
	switch s.EndpointAlgorithm {
	case EndpointHTTPS, EndpointNone:
	default:
		p.add("%s is %s, want https or none", name("Security.EndpointAlgorithm"),
			settings.Shown(string(s.EndpointAlgorithm)))
	}
	p.check((s.CertFile == "") == (s.KeyFile == ""), "%s is %s and %s is %s, want both or neither",
		name("Security.CertFile"), shownPath(s.CertFile), name("Security.KeyFile"),
		shownPath(s.KeyFile))
	p.check(s.KeyPassword.IsZero() || s.KeyFile != "", "%s is set, but %s is not",
		name("Security.KeyPassword"), name("Security.KeyFile"))
	if s.CAFile != "" {
		if _, err := readAuthorities(s.CAFile); err != nil {
			p.add("%s: %w", name("Security.CAFile"), err)
		}
	}
	if s.CertFile != "" && s.KeyFile != "" {
		if _, err := readKeyPair(s.CertFile, s.KeyFile, s.KeyPassword); err != nil {
			p.add("%s and %s: %w", name("Security.CertFile"), name("Security.KeyFile"), err)
		}
	}
}

// tryOptions lets franz-go validate the options that result from c.
func (c *Config) tryOptions() error {
	for i, o := range c.Options {
		if o == nil {
			return fmt.Errorf("number %d is nil", i+1)
		}
	}
	s := newSender(c)
	defer s.stop()
	_, err := c.clientOptions(s)
	return err
}
