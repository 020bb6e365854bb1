package integration

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

// secure returns a configuration for one of the real cluster's listeners.
func (c *cluster) secure(
	l kafkatest.Listener, mechanism callback.SASLMechanism,
) callback.Config {
	cfg := c.config()
	cfg.Brokers = c.real.Brokers(l)
	cfg.SecurityProtocol = callback.SecurityProtocol(strings.ToLower(string(l)))
	if l == kafkatest.SASLSSL || l == kafkatest.SSL {
		cfg.TLSCAFile = c.real.TLS.CA
	}
	if l == kafkatest.SSL {
		cfg.TLSCertFile, cfg.TLSKeyFile = c.real.TLS.Cert, c.real.TLS.Key
	}
	if mechanism != "" {
		cfg.SASLMechanism, cfg.SASLUsername, cfg.SASLPassword = mechanism, c.real.User,
			callback.NewSecret(c.real.Password)
	}
	return cfg
}

// tlsConfig is a configuration for the SSL listener as an application would write it.
func (c *cluster) tlsConfig(t *testing.T) *tls.Config {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(c.real.TLS.Cert, c.real.TLS.Key)
	if err != nil {
		t.Fatal(err)
	}
	ca, err := os.ReadFile(c.real.TLS.CA)
	if err != nil {
		t.Fatal(err)
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(ca)
	return &tls.Config{RootCAs: roots, Certificates: []tls.Certificate{pair},
		MinVersion: tls.VersionTLS12}
}

func TestEveryListenerDelivers(t *testing.T) {
	c := realCluster(t)
	tests := []struct {
		name      string
		listener  kafkatest.Listener
		mechanism callback.SASLMechanism
		change    func(*callback.Config)
	}{
		{"plaintext", kafkatest.Plaintext, "", nil},
		{"PLAIN without TLS", kafkatest.SASLPlaintext, "PLAIN", nil},
		{"SCRAM-SHA-512 without TLS", kafkatest.SASLPlaintext, "SCRAM-SHA-512", nil},
		{"PLAIN over TLS", kafkatest.SASLSSL, "PLAIN", nil},
		{"an API key, as Confluent Cloud's", kafkatest.SASLSSL, "PLAIN",
			func(cfg *callback.Config) {
				cfg.SASLUsername, cfg.SASLPassword = kafkatest.APIKey,
					callback.NewSecret(kafkatest.APISecret)
			}},
		{"a connection string, as Event Hubs'", kafkatest.SASLSSL, "PLAIN",
			func(cfg *callback.Config) {
				cfg.SASLUsername, cfg.SASLPassword = kafkatest.ConnectionStringUser,
					callback.NewSecret(kafkatest.ConnectionString)
				cfg.Compression = "none"
			}},
		{"SCRAM-SHA-256 over TLS", kafkatest.SASLSSL, "SCRAM-SHA-256", nil},
		{"SCRAM-SHA-512 over TLS", kafkatest.SASLSSL, "SCRAM-SHA-512", nil},
		{"mutual TLS", kafkatest.SSL, "", nil},
		{"mutual TLS, encrypted key", kafkatest.SSL, "", func(cfg *callback.Config) {
			cfg.TLSKeyFile, cfg.TLSKeyPassword = c.real.TLS.EncryptedKey,
				callback.NewSecret(c.real.TLS.KeyPassword)
		}},
		{"mutual TLS, legacy encrypted key", kafkatest.SSL, "", func(cfg *callback.Config) {
			cfg.TLSKeyFile, cfg.TLSKeyPassword = c.real.TLS.LegacyKey,
				callback.NewSecret(c.real.TLS.KeyPassword)
		}},
		{"TLS of the application's own, among the options", kafkatest.SSL, "",
			func(cfg *callback.Config) {
				cfg.KafkaOptions = []kgo.Opt{kgo.DialTLSConfig(c.tlsConfig(t))}
				plain(cfg)
			}},
		{"a dialer that speaks TLS itself", kafkatest.SSL, "", func(cfg *callback.Config) {
			cfg.Dialer = (&tls.Dialer{Config: c.tlsConfig(t)}).DialContext
			plain(cfg)
		}},
		{"a dialer that speaks TLS itself, among the options", kafkatest.SSL, "",
			func(cfg *callback.Config) {
				cfg.KafkaOptions = []kgo.Opt{kgo.Dialer((&tls.Dialer{Config: c.tlsConfig(t)}).
					DialContext)}
			}},
		{"a dialer, with TLS over it", kafkatest.SSL, "", func(cfg *callback.Config) {
			cfg.Dialer = new(net.Dialer).DialContext
		}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := c.secure(tt.listener, tt.mechanism)
			if tt.change != nil {
				tt.change(&cfg)
			}
			client := newClient(t, cfg)
			for range 10 {
				oneRun(client, tt.name, 2)
			}
			if report, err := client.Shutdown(deadline(t, 30*time.Second)); err != nil ||
				!report.Complete() {
				t.Fatalf("%+v, %v", report, err)
			}
		})
	}
	if err := c.readTopic(t).Err(); err != nil {
		t.Error(err)
	}
}

func TestADefiniteRefusalIsAnErrorAtStart(t *testing.T) {
	c := realCluster(t)
	tests := []struct {
		name      string
		listener  kafkatest.Listener
		mechanism callback.SASLMechanism
		change    func(*callback.Config)
		says      string
	}{
		{"wrong password by SCRAM", kafkatest.SASLSSL, "SCRAM-SHA-512", func(cfg *callback.Config) {
			cfg.SASLPassword = callback.NewSecret("letmein")
		}, "password"},
		{"wrong password by PLAIN", kafkatest.SASLPlaintext, "PLAIN", func(cfg *callback.Config) {
			cfg.SASLPassword = callback.NewSecret("letmein")
		}, "password"},
		{"unknown user", kafkatest.SASLSSL, "SCRAM-SHA-256", func(cfg *callback.Config) {
			cfg.SASLUsername = "mallory"
		}, "user"},
		{"no client certificate", kafkatest.SSL, "", func(cfg *callback.Config) {
			cfg.TLSCertFile,
				cfg.TLSKeyFile = "", ""
		}, "certificate"},
		{"foreign client certificate", kafkatest.SSL, "", func(cfg *callback.Config) {
			cfg.TLSCertFile = c.real.TLS.ForeignCert
		}, "certificate"},
		{"expired client certificate", kafkatest.SSL, "", func(cfg *callback.Config) {
			cfg.TLSCertFile = c.real.TLS.ExpiredCert
		}, "certificate"},
		{"an authority that the brokers are not from", kafkatest.SSL, "",
			func(cfg *callback.Config) { cfg.TLSCAFile = c.real.TLS.WrongCA }, "certificate"},
		{"no such topic", kafkatest.Plaintext, "", func(cfg *callback.Config) {
			cfg.Topic = "nobody-made-this"
		}, "--create"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			cfg := c.secure(tt.listener, tt.mechanism)
			tt.change(&cfg)
			begin := time.Now()
			client, err := callback.New(cfg)
			if err == nil {
				_, _ = client.Shutdown(canceled())
				t.Fatal("New succeeded")
			}
			if !strings.Contains(strings.ToLower(err.Error()), tt.says) {
				t.Errorf("the error does not speak of %q: %v", tt.says, err)
			}
			if strings.Contains(err.Error(), "letmein") ||
				strings.Contains(err.Error(), c.real.Password) {
				t.Errorf("the error shows a password: %v", err)
			}
			if took := time.Since(begin); took > 6*time.Second {
				t.Errorf("it took %v", took)
			}
		})
	}
}

func TestATopicIsCreatedOnlyWhenAsked(t *testing.T) {
	c := newCluster(t)
	c.topic += "-made"
	cfg := c.config()
	if _, err := callback.New(cfg); err == nil {
		t.Fatal("New succeeded without a topic")
	}
	cfg.CreateTopic, cfg.TopicPartitions = true, partitions
	client := newClient(t, cfg)
	oneRun(client, "t", 2)
	if report, err := client.Shutdown(deadline(t, 30*time.Second)); err != nil ||
		!report.Complete() {
		t.Fatalf("%+v, %v", report, err)
	}
	if err := c.readTopic(t).Err(); err != nil {
		t.Error(err)
	}
}
