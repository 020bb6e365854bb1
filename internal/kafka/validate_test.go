package kafka

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

func TestBadSettingsAreNamed(t *testing.T) {
	unreadable := filepath.Join(t.TempDir(), "absent.pem")
	empty := filepath.Join(t.TempDir(), "empty.pem")
	if err := os.WriteFile(empty, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	sasl := func(c *Config) {
		c.Security = Security{Protocol: SASLSSL, Mechanism: Plain,
			Username: "alice", Password: NewSecret("open sesame")}
	}
	ssl := func(c *Config) {
		c.Security = Security{Protocol: SSL, CertFile: testdata("cert.pem"),
			KeyFile: testdata("plain.pem")}
	}
	for _, tt := range []struct {
		name string
		set  func(*Config)
		want string // in the error; "" if there is none
	}{
		{"nothing", func(*Config) {}, ""},
		{"no brokers", func(c *Config) { c.Brokers = nil }, "Config.Brokers is empty"},
		{"broker without a host", func(c *Config) { c.Brokers = []string{":9092"} },
			`holds ":9092"`},
		{"broker with a bad port", func(c *Config) { c.Brokers = []string{"a:port"} },
			`port "port" is not a number`},
		{"broker with port 0", func(c *Config) { c.Brokers = []string{"a:0"} }, `port "0"`},
		{"broker as a URL", func(c *Config) { c.Brokers = []string{"kafka://a:9092"} },
			"Config.Brokers"},
		{"empty broker among others", func(c *Config) { c.Brokers = []string{"a:1", ""} },
			`holds ""`},
		{"broker without a port",
			func(c *Config) { c.Brokers = []string{"a", "::1", "[::1]:9092"} }, ""},
		{"no topic", func(c *Config) { c.Topic = "" }, "Config.Topic"},
		{"topic with a space", func(c *Config) { c.Topic = "a b" }, `Config.Topic is "a b"`},
		{"topic of dots", func(c *Config) { c.Topic = ".." }, "Config.Topic"},
		{"long topic", func(c *Config) { c.Topic = strings.Repeat("a", 250) }, "Config.Topic"},
		{"negative partitions", func(c *Config) { c.Partitions = -1 }, "Config.Partitions is -1"},
		{"negative replication", func(c *Config) { c.ReplicationFactor = -1 },
			"Config.ReplicationFactor is -1"},
		{"unknown compression", func(c *Config) { c.Compression = "gzip" },
			`Config.Compression is "gzip", want zstd`},
		{"compression in capitals", func(c *Config) { c.Compression = "LZ4" }, ""},
		{"zstd level", func(c *Config) { c.CompressionLevel = 23 }, "want 1 to 22 for zstd"},
		{"lz4 level", func(c *Config) { c.Compression, c.CompressionLevel = LZ4, 10 },
			"want 1 to 9 for lz4"},
		{"snappy level", func(c *Config) { c.Compression, c.CompressionLevel = Snappy, 1 },
			"snappy has no levels"},
		{"negative level", func(c *Config) { c.CompressionLevel = -1 },
			"Config.CompressionLevel is -1"},
		{"negative message size", func(c *Config) { c.MaxMessageBytes = -1 },
			"Config.MaxMessageBytes is -1"},
		{"huge message size", func(c *Config) { c.MaxMessageBytes = 1 << 30 },
			"Config.MaxMessageBytes"},
		{"request that holds no message",
			func(c *Config) { c.MaxRequestBytes = 900<<10 + 32<<10 - 1 },
			"Config.MaxRequestBytes is 954367B, want 932KiB to 1GiB"},
		{"request that just holds one", func(c *Config) { c.MaxRequestBytes = 900<<10 + 32<<10 },
			""},
		{"negative request", func(c *Config) { c.MaxRequestBytes = -1 },
			"Config.MaxRequestBytes is -1"},
		{"the largest of all", func(c *Config) { c.MaxMessageBytes = 1<<30 - 32<<10 }, ""},
		{"negative records", func(c *Config) { c.MaxInFlightRecords = -1 },
			"Config.MaxInFlightRecords is -1"},
		{"short delivery timeout", func(c *Config) { c.DeliveryTimeout = time.Millisecond },
			"Config.DeliveryTimeout is 1ms, want at least 1s"},
		{"negative start timeout", func(c *Config) { c.StartTimeout = -1 }, "Config.StartTimeout"},
		{"long client ID", func(c *Config) { c.ClientID = strings.Repeat("a", 257) },
			"Config.ClientID has 257 bytes"},

		{"unknown protocol", func(c *Config) { c.Security.Protocol = "tls" },
			`Protocol is "tls", want plaintext, ssl`},
		{"protocol in capitals", func(c *Config) { c.Security.Protocol = "PLAINTEXT" }, ""},
		{"SASL", sasl, ""},
		{"SASL without a mechanism", func(c *Config) { sasl(c); c.Security.Mechanism = "" },
			"want PLAIN, SCRAM-SHA-256"},
		{"unknown mechanism", func(c *Config) { sasl(c); c.Security.Mechanism = "GSSAPI" },
			`Mechanism is "GSSAPI"`},
		{"mechanism in small letters",
			func(c *Config) { sasl(c); c.Security.Mechanism = "scram-sha-512" }, ""},
		{"SASL without a user", func(c *Config) { sasl(c); c.Security.Username = "" },
			"Username is empty"},
		{"SASL without a password", func(c *Config) { sasl(c); c.Security.Password = Secret{} },
			"Password is empty"},
		{"user without SASL", func(c *Config) { c.Security.Username = "alice" },
			"which protocol plaintext does not use"},
		{"password without SASL",
			func(c *Config) { ssl(c); c.Security.Password = NewSecret("open sesame") },
			"which protocol ssl does not use"},
		{"SASL by an option", func(c *Config) {
			c.Security.Protocol, c.Options = SASLPlaintext, []kgo.Opt{kgo.SASL()}
		}, ""},

		{"client certificate", ssl, ""},
		{"certificate without TLS", func(c *Config) { ssl(c); c.Security.Protocol = Plaintext },
			"names certificates or a key"},
		{"authorities without TLS", func(c *Config) { c.Security.CAFile = testdata("cert.pem") },
			"names certificates or a key"},
		{"certificate without a key", func(c *Config) { ssl(c); c.Security.KeyFile = "" },
			"want both or neither"},
		{"key without a certificate", func(c *Config) { ssl(c); c.Security.CertFile = "" },
			"want both or neither"},
		{"key password without a key", func(c *Config) {
			c.Security = Security{Protocol: SSL, KeyPassword: NewSecret("open sesame")}
		}, "KeyPassword is set"},
		{"wrong key password", func(c *Config) {
			ssl(c)
			c.Security.KeyFile, c.Security.KeyPassword = testdata("aes-256-cbc.pem"),
				NewSecret("open sesame")
		}, "wrong password"},
		{"absent authorities", func(c *Config) { ssl(c); c.Security.CAFile = unreadable },
			"Config.Security.CAFile: open"},
		{"empty authorities", func(c *Config) { ssl(c); c.Security.CAFile = empty },
			"no PEM certificate"},
		{"absent certificate", func(c *Config) { ssl(c); c.Security.CertFile = unreadable },
			"Config.Security.CertFile and Config.Security.KeyFile: open"},
		{"key of another certificate", func(c *Config) {
			ssl(c)
			pair := newAuthority(t, "other").issue("other")
			c.Security.CertFile = filepath.Join(t.TempDir(), "other.pem")
			writePair(t, c.Security.CertFile, filepath.Join(t.TempDir(), "unused.pem"), pair)
		}, "does not match"},
		{"unknown endpoint algorithm",
			func(c *Config) { ssl(c); c.Security.EndpointAlgorithm = "any" }, "want https or none"},

		{"option that franz-go refuses",
			func(c *Config) { c.Options = []kgo.Opt{kgo.RecordDeliveryTimeout(1)} },
			"Config.Options"},
		{"option that brings TLS",
			func(c *Config) { c.Options = []kgo.Opt{kgo.DialTLSConfig(new(tls.Config))} }, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := Config{Brokers: []string{"localhost:9092"}, Topic: "topic"}
			tt.set(&c)
			err := c.Validate()
			if tt.want == "" {
				if err != nil {
					t.Errorf("Validate returned %v", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Validate returned %v, want %q in it", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "sesame") {
				t.Errorf("a password is in %q", err)
			}
			if s, err := Open(t.Context(), c); s != nil || err == nil {
				t.Errorf("Open returned %v, %v", s, err)
			}
		})
	}
}

func TestAllBadSettingsAreNamedAtOnce(t *testing.T) {
	c := Config{Compression: "x", MaxMessageBytes: -1, Security: Security{Protocol: SASLSSL,
		CAFile: "absent"}}
	err := c.Validate()
	for _, want := range []string{"Brokers", "Topic", "Compression", "MaxMessageBytes", "Mechanism",
		"Username", "Password", "CAFile"} {
		if err == nil || !strings.Contains(err.Error(), "Config."+want) &&
			!strings.Contains(err.Error(), "Config.Security."+want) {
			t.Errorf("%s is not in %v", want, err)
		}
	}
}
