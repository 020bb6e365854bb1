package integration

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

const partitions = 4

// cluster is the cluster that a test uses.
type cluster struct {
	brokers []string
	real    *kafkatest.Cluster // nil if its brokers cannot be frozen
	stall   *stall             // between the client and brokers that cannot be frozen
	topic   string
}

var topics atomic.Int64

// newCluster returns the cluster to test with, with an empty topic for this test.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{real: kafkatest.FromEnv(t), stall: &stall{}, topic: fmt.Sprintf("it-%d-%d",
		time.Now().UnixNano(), topics.Add(1))}
	if addrs := kafkatest.Brokers(t); addrs != "" {
		c.brokers = strings.Split(addrs, ",")
	} else {
		fake, err := kfake.NewCluster(kfake.NumBrokers(3))
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(fake.Close)
		c.brokers = fake.ListenAddrs()
	}
	createTopic(t, c.brokers, c.topic)
	return c
}

// realCluster returns a cluster whose brokers can be frozen and whose listeners are known, or skips
// the test.
func realCluster(t *testing.T) *cluster {
	t.Helper()
	c := newCluster(t)
	if c.real == nil {
		t.Skip("needs a cluster of package kafkatest: go run ./internal/kafkatest/cmd/kafka run " +
			"-- go test ./internal/integration/...")
	}
	return c
}

func createTopic(t *testing.T, brokers []string, topic string) {
	t.Helper()
	admin, err := kgo.NewClient(kgo.SeedBrokers(brokers...))
	if err != nil {
		t.Fatal(err)
	}
	defer admin.Close()
	req := kmsg.NewPtrCreateTopicsRequest()
	req.TimeoutMillis = 10_000
	one := kmsg.NewCreateTopicsRequestTopic()
	one.Topic, one.NumPartitions, one.ReplicationFactor = topic, partitions, -1
	req.Topics = append(req.Topics, one)
	resp, err := req.RequestWith(deadline(t, 30*time.Second), admin)
	if err != nil {
		t.Fatal(err)
	}
	if code := resp.Topics[0].ErrorCode; code != 0 {
		t.Fatalf("creating topic %s: error %d", topic, code)
	}
}

// config returns the default configuration for the cluster.
func (c *cluster) config() callback.Config {
	cfg := callback.Config{Brokers: c.brokers, Topic: c.topic,
		SelfMetrics: "off", Logger: slog.New(slog.NewTextHandler(io.Discard, nil))}
	if c.real == nil {
		cfg.Dialer = c.stall.dial
	}
	return cfg
}

// freeze stops the cluster from responding: connections stay open, and nothing is answered. thaw
// may be called once.
func (c *cluster) freeze(t *testing.T) (thaw func()) {
	t.Helper()
	if c.real == nil {
		c.stall.begin()
		var once sync.Once
		thaw = func() { once.Do(c.stall.end) }
		t.Cleanup(thaw)
		return thaw
	}
	for id := 1; id <= c.real.Size(); id++ {
		if err := c.real.Freeze(id); err != nil {
			t.Fatal(err)
		}
	}
	var once sync.Once
	thaw = func() {
		once.Do(func() {
			for id := 1; id <= c.real.Size(); id++ {
				if err := c.real.Thaw(id); err != nil {
					t.Error(err)
				}
			}
		})
	}
	t.Cleanup(thaw)
	return thaw
}

// stall is between a client and its brokers. While it is active, brokers' responses do not arrive.
type stall struct {
	mu   sync.Mutex
	held chan struct{} // closed when it ends; nil while there is none
}

func (s *stall) begin() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.held = make(chan struct{})
}

func (s *stall) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	close(s.held)
	s.held = nil
}

func (s *stall) current() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.held
}

func (s *stall) dial(ctx context.Context, network, address string) (net.Conn, error) {
	conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	return &stalledConn{Conn: conn, stall: s, closed: make(chan struct{})}, nil
}

type stalledConn struct {
	net.Conn
	stall  *stall
	once   sync.Once
	closed chan struct{}
}

func (c *stalledConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	if held := c.stall.current(); held != nil {
		select {
		case <-held:
		case <-c.closed:
			return 0, net.ErrClosed
		}
	}
	return n, err
}

func (c *stalledConn) Close() error {
	c.once.Do(func() { close(c.closed) })
	return c.Conn.Close()
}

func deadline(t *testing.T, d time.Duration) context.Context {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), d)
	t.Cleanup(cancel)
	return ctx
}

func newClient(t *testing.T, cfg callback.Config) *callback.Client {
	t.Helper()
	c, err := callback.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _ = c.Shutdown(canceled()) })
	return c
}

func canceled() context.Context {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	return ctx
}
