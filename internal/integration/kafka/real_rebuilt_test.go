package kafka

import (
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/internal/kafka"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

// ownCluster starts a cluster of one broker that a test may stop, change and replace.
func ownCluster(t *testing.T, port int) *kafkatest.Cluster {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 2*time.Minute)
	defer cancel()
	c, err := kafkatest.Start(ctx, kafkatest.Options{Brokers: 1, BasePort: port, Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = c.Remove() })
	return c
}

func onlyLong(t *testing.T) {
	t.Helper()
	if os.Getenv("DASHSTREAM_LONG") == "" {
		t.Skip("DASHSTREAM_LONG is not set: this test starts clusters of its own, which takes a " +
			"minute")
	}
}

// onCluster opens a Sender for a new topic of c.
func onCluster(
	t *testing.T, c *kafkatest.Cluster, listener kafkatest.Listener, s kafka.Security,
) *passing {
	t.Helper()
	direct := new(net.Dialer).DialContext
	p := &passing{bench: newBench(t, c.Brokers(kafkatest.Plaintext), "rebuilt", direct),
		log: new(logbook)}
	p.connect()
	p.createTopic()
	p.open(func(cfg *kafka.Config) {
		cfg.Brokers, cfg.Security = c.Brokers(listener), s
		cfg.MaxInFlightRecords = 1 << 15 // more than a test sends
		cfg.Logger = slog.New(slog.NewTextHandler(p.log, nil))
	})
	t.Cleanup(p.close)
	return p
}

func (p *passing) connect() {
	p.t.Helper()
	var err error
	if p.admin, err = kgo.NewClient(kgo.SeedBrokers(p.brokers...)); err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(p.admin.Close)
}

// meanwhile sends while f, the work of an operator, runs.
func (p *passing) meanwhile(f func()) {
	over, ended := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(ended)
		for {
			select {
			case <-over:
				return
			default:
				p.load(100 * time.Millisecond)
			}
		}
	}()
	defer func() {
		close(over)
		<-ended
	}()
	f()
}

// A cluster is set up again under the addresses of the old one, with another id and without its
// topics.
func TestRealClusterIsRebuiltBehindItsName(t *testing.T) {
	onlyLong(t)
	old := ownCluster(t, 0)
	var spec struct {
		BasePort int `json:"base_port"`
	}
	data, err := os.ReadFile(filepath.Join(old.Dir(), "cluster.json"))
	if err == nil {
		err = json.Unmarshal(data, &spec)
	}
	if err != nil {
		t.Fatal(err)
	}
	p := onCluster(t, old, kafkatest.Plaintext, kafka.Security{})
	p.load(3 * time.Second)
	p.settle(time.Minute)
	before := len(p.outcome)
	p.meanwhile(func() {
		if err := old.Remove(); err != nil {
			t.Error(err)
		}
		time.Sleep(10 * time.Second)
		ownCluster(t, spec.BasePort)
		time.Sleep(10 * time.Second)
		p.connect()
		p.createTopic()
	})
	p.load(12 * time.Second)
	p.settle(time.Minute)
	p.wantAll("delivered")
	arrived := p.arrivedInAll()
	t.Logf("%d delivered before, %d in all, %d in the new cluster; the slowest took %v",
		before, len(p.outcome), arrived, p.slowest())
	if arrived < len(p.outcome)-before {
		t.Errorf("%d records are in the new cluster, want at least the %d that were sent "+
			"after the old one", arrived, len(p.outcome)-before)
	}
	p.close()
	words := []string{"level=WARN", "kind=UNKNOWN_TOPIC_OR_PARTITION", "kafka-topics.sh"}
	if n := len(p.log.lines(words...)); n != 1 {
		t.Errorf("%d lines say that the topic is not there, want 1:\n%s", n, p.log)
	}
}

// A broker shows a certificate that the client does not trust, until it is restarted with the right
// one.
func TestRealCertificateOfTheBrokerIsReplaced(t *testing.T) {
	onlyLong(t)
	foreign := ownCluster(t, 0)
	stranger, err := os.ReadFile(filepath.Join(foreign.Dir(), "tls", "broker.pem"))
	if err != nil {
		t.Fatal(err)
	}
	if err := foreign.Remove(); err != nil {
		t.Fatal(err)
	}
	c := ownCluster(t, 0)
	keystore := filepath.Join(c.Dir(), "tls", "broker.pem")
	own, err := os.ReadFile(keystore)
	if err != nil {
		t.Fatal(err)
	}
	restartWith := func(pem []byte) {
		if err := c.Stop(context.Background(), 1); err != nil {
			t.Error(err)
		}
		if err := os.WriteFile(keystore, pem, 0o600); err != nil {
			t.Error(err)
		}
		if err := c.Start(context.Background(), 1); err != nil {
			t.Error(err)
		}
	}
	p := onCluster(t, c, kafkatest.SSL, kafka.Security{
		Protocol: kafka.SSL, CAFile: c.TLS.CA, CertFile: c.TLS.Cert, KeyFile: c.TLS.Key,
	})
	p.load(2 * time.Second)
	p.meanwhile(func() { restartWith(stranger) })
	p.load(30 * time.Second)
	p.meanwhile(func() { restartWith(own) })
	p.load(12 * time.Second)
	p.settle(time.Minute)
	p.wantAll("delivered")
	t.Logf("%v; the slowest for %v", p.count(), p.slowest())
	p.close()
	p.check(true, false)
	if n := len(p.log.lines("level=WARN", "kind=certificate", "not trusted")); n != 1 {
		t.Errorf("%d lines say that the certificate is not trusted, want 1:\n%s", n, p.log)
	}
}
