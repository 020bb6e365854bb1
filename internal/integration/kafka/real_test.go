package kafka

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/kafka"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

// realBrokers returns the brokers of a real cluster, or skips the test.
func realBrokers(t *testing.T) []string {
	t.Helper()
	brokers := kafkatest.Brokers(t)
	if brokers == "" {
		t.Skip("DASHSTREAM_TEST_BROKERS is not set: there is no real Kafka")
	}
	return strings.Split(brokers, ",")
}

// realBench opens a Sender for a new topic of a real cluster.
func realBench(t *testing.T, configure func(*kafka.Config)) *bench {
	t.Helper()
	name := fmt.Sprintf("sender-%d", time.Now().UnixNano())
	b := newBench(t, realBrokers(t), name, new(net.Dialer).DialContext)
	b.open(func(c *kafka.Config) {
		c.CreateTopic, c.Partitions = true, 6
		configure(c)
	})
	t.Cleanup(b.close)
	return b
}

// A broker that gets SIGSTOP for ten seconds under load causes no loss at the default settings.
func TestRealBrokerIsStopped(t *testing.T) {
	cluster := kafkatest.FromEnv(t)
	if cluster == nil {
		t.Skip("DASHSTREAM_TEST_KAFKA_DIR is not set: there is no broker to stop")
	}
	b := realBench(t, func(*kafka.Config) {})
	load := func(d time.Duration) {
		for end, i := time.Now().Add(d), 0; time.Now().Before(end); i++ {
			for range 20 {
				if b.left() < batching.DefaultPermits {
					b.sendSized(fmt.Sprint("thread ", i%50), 500)
				}
			}
			time.Sleep(10 * time.Millisecond)
		}
	}
	load(2 * time.Second)
	if err := cluster.Freeze(1); err != nil {
		t.Fatal(err)
	}
	load(10 * time.Second)
	waiting := b.left()
	if err := cluster.Thaw(1); err != nil {
		t.Fatal(err)
	}
	load(2 * time.Second)
	b.settle(time.Minute)
	b.wantAll("delivered")
	t.Logf("%v, %d of them waiting when the broker went on, the slowest for %v; %+v", b.count(),
		waiting, b.slowest(), b.sender.Stats())
	b.close()
	b.sound(true)
}

// TestRealOutcomesAreSound is TestOutcomesAreSound on real brokers and a real clock, with the
// faults of a network.
func TestRealOutcomesAreSound(t *testing.T) {
	brokers := realBrokers(t)
	for seed := range 8 {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			t.Parallel()
			rng := rand.New(rand.NewPCG(uint64(seed), 2))
			const delivery = 2 * time.Second
			b := realBench(t, func(c *kafka.Config) {
				c.DeliveryTimeout, c.Brokers = delivery, brokers
			})
			for range 400 {
				if rng.IntN(25) == 0 {
					b.disturbNetwork(rng)
				}
				for range 1 + rng.IntN(5) {
					b.send(fmt.Sprint("thread ", rng.IntN(12)))
				}
				time.Sleep(time.Duration(rng.Int64N(int64(delivery / 50))))
			}
			if rng.IntN(3) > 0 {
				b.settle(2 * delivery)
			}
			b.close()
			if longest, limit := b.slowest(), bound(delivery); longest > limit {
				t.Errorf("a batch took %v, want at most %v", longest, limit)
			}
			t.Log(b.count(), "slowest", b.slowest())
			b.sound(true)
		})
	}
}

func (b *bench) disturbNetwork(rng *rand.Rand) {
	switch rng.IntN(6) {
	case 0:
		b.faults.standStill()
	case 1:
		b.faults.loseAnswers()
	case 2:
		b.faults.die()
	case 3:
		b.faults.cut()
	default:
		b.faults.goOn()
	}
}

func TestRealListeners(t *testing.T) {
	c := kafkatest.FromEnv(t)
	if c == nil {
		t.Skip("DASHSTREAM_TEST_KAFKA_DIR is not set: there are no other listeners")
	}
	name := fmt.Sprintf("listeners-%d", time.Now().UnixNano())
	sasl := func(p kafka.Protocol, m kafka.Mechanism, password string) kafka.Security {
		s := kafka.Security{Protocol: p, Mechanism: m, Username: c.User,
			Password: kafka.NewSecret(password)}
		if p == kafka.SASLSSL {
			s.CAFile = c.TLS.CA
		}
		return s
	}
	mutual := kafka.Security{Protocol: kafka.SSL, CAFile: c.TLS.CA, CertFile: c.TLS.Cert,
		KeyFile: c.TLS.Key}
	with := func(s kafka.Security, change func(*kafka.Security)) kafka.Security {
		change(&s)
		return s
	}
	for _, tt := range []struct {
		name     string
		listener kafkatest.Listener
		security kafka.Security
		want     string // in the error, "" if there is none
	}{
		{"plaintext", kafkatest.Plaintext, kafka.Security{}, ""},
		{"PLAIN", kafkatest.SASLPlaintext, sasl(kafka.SASLPlaintext, kafka.Plain, c.Password), ""},
		{"PLAIN over TLS", kafkatest.SASLSSL, sasl(kafka.SASLSSL, kafka.Plain, c.Password), ""},
		{"SCRAM-SHA-256 over TLS", kafkatest.SASLSSL, sasl(kafka.SASLSSL, kafka.ScramSHA256,
			c.Password), ""},
		{"SCRAM-SHA-512 over TLS", kafkatest.SASLSSL, sasl(kafka.SASLSSL, kafka.ScramSHA512,
			c.Password), ""},
		{"mutual TLS", kafkatest.SSL, mutual, ""},
		{"mutual TLS, encrypted key", kafkatest.SSL, with(mutual, func(s *kafka.Security) {
			s.KeyFile, s.KeyPassword = c.TLS.EncryptedKey, kafka.NewSecret(c.TLS.KeyPassword)
		}), ""},
		{"mutual TLS, key encrypted the old way", kafkatest.SSL,
			with(mutual, func(s *kafka.Security) {
				s.KeyFile, s.KeyPassword = c.TLS.LegacyKey, kafka.NewSecret(c.TLS.KeyPassword)
			}), ""},

		{"wrong password, PLAIN", kafkatest.SASLSSL, sasl(kafka.SASLSSL, kafka.Plain, "wrong"),
			"does not accept user"},
		{"wrong password, SCRAM", kafkatest.SASLSSL, sasl(kafka.SASLSSL, kafka.ScramSHA256,
			"wrong"), "does not accept user"},
		{"SASL where there is none", kafkatest.Plaintext, sasl(kafka.SASLPlaintext, kafka.Plain,
			c.Password), "do not want SASL"},
		{"no SASL where there is", kafkatest.SASLPlaintext, kafka.Security{}, "want SASL"},
		{"no SASL over TLS", kafkatest.SASLSSL, kafka.Security{Protocol: kafka.SSL,
			CAFile: c.TLS.CA}, "want SASL"},
		{"no TLS where there is", kafkatest.SSL, kafka.Security{}, "want TLS"},
		{"no client certificate", kafkatest.SSL,
			with(mutual, func(s *kafka.Security) { s.CertFile, s.KeyFile = "", "" }),
			"want a certificate"},
		{"foreign client certificate", kafkatest.SSL, with(mutual, func(s *kafka.Security) {
			s.CertFile = c.TLS.ForeignCert
		}), "do not accept the certificate"},
		{"expired client certificate", kafkatest.SSL, with(mutual, func(s *kafka.Security) {
			s.CertFile = c.TLS.ExpiredCert
		}), "do not accept the certificate"},
		{"authority that is not trusted", kafkatest.SSL,
			with(mutual, func(s *kafka.Security) { s.CAFile = c.TLS.WrongCA }), "not trusted"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			b := newBench(t, c.Brokers(tt.listener), name, new(net.Dialer).DialContext)
			start := time.Now()
			var err error
			b.sender, err = kafka.Open(t.Context(), kafka.Config{
				Brokers: b.brokers, Topic: name, CreateTopic: true, Security: tt.security,
				StartTimeout: 20 * time.Second,
			})
			if tt.want != "" {
				if err == nil || !strings.Contains(err.Error(), tt.want) {
					t.Errorf("Open returned %v, want %q in it", err, tt.want)
				}
				if took := time.Since(start); took > 5*time.Second {
					t.Errorf("Open took %v", took)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			for i := range 1000 {
				b.send(fmt.Sprint("thread ", i%10))
			}
			b.settle(20 * time.Second)
			b.wantAll("delivered")
			ctx, cancel := context.WithTimeout(context.Background(), time.Second)
			defer cancel()
			if err := b.sender.Close(ctx); err != nil {
				t.Error(err)
			}
		})
	}
}
