package kafka

import (
	"context"
	"fmt"
	"log/slog"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// logged makes a Sender log to l.
func logged(l *logbook) func(*kafka.Config) {
	return func(c *kafka.Config) { c.Logger = slog.New(slog.NewTextHandler(l, nil)) }
}

// A cluster that was unreachable at the start comes without the topic. The log has the words that
// Open would have returned, once, and nothing says that all is well until the topic exists; then
// waiting batches are delivered.
func TestClusterThatComesLaterWithoutTheTopic(t *testing.T) {
	log := new(logbook)
	s := setup{partitions: -1, config: logged(log), before: func(b *bench) { b.faults.die() }}
	s.run(t, func(b *bench) {
		for range 50 {
			b.send("thread")
			time.Sleep(100 * time.Millisecond)
		}
		b.faults.goOn()
		time.Sleep(20 * time.Second)
		if n := len(log.lines(`does not exist; create it with kafka-topics.sh`)); n != 1 {
			t.Errorf("%d lines say that the topic does not exist, want 1:\n%s", n, log)
		}
		if n := len(log.lines("accepts records")); n != 0 {
			t.Errorf("the log says that all is well:\n%s", log)
		}
		if last := b.sender.Stats().LastError; !strings.Contains(last, "exist") &&
			!strings.Contains(last, "UNKNOWN_TOPIC") {
			t.Errorf("LastError is %q", last)
		}
		if err := b.cluster.CreateTopic(topic, 3, nil); err != nil {
			t.Fatal(err)
		}
		b.settle(time.Minute)
		b.wantAll("delivered")
		time.Sleep(10 * time.Second)
		if n := len(log.lines("level=INFO", "accepts records")); n != 1 {
			t.Errorf("%d lines say that the cluster takes records, want 1:\n%s", n, log)
		}
	})
}

// The same for one that comes with another password, and accepts the right one later.
func TestClusterThatComesLaterWithAnotherPassword(t *testing.T) {
	log := new(logbook)
	password := "another"
	s := setup{
		cluster: []kfake.Opt{kfake.EnableSASL(), kfake.Superuser("PLAIN", "user", "right")},
		config: func(c *kafka.Config) {
			logged(log)(c)
			c.Security = kafka.Security{
				Protocol: kafka.SASLPlaintext, Mechanism: kafka.Plain,
				Username: "user", Password: kafka.NewSecret(password),
			}
		},
		before: func(b *bench) { b.faults.die() },
	}
	s.run(t, func(b *bench) {
		b.send("thread")
		b.cluster.ControlKey(int16(kmsg.SASLAuthenticate), func(r kmsg.Request) (kmsg.Response,
			error, bool) {
			b.cluster.KeepControl()
			resp := r.ResponseKind().(*kmsg.SASLAuthenticateResponse)
			resp.ErrorCode, resp.ErrorMessage = kerr.SaslAuthenticationFailed.Code,
				kmsg.StringPtr("invalid credentials")
			return resp, nil, true
		})
		b.faults.goOn()
		time.Sleep(20 * time.Second)
		if n := len(log.lines(`does not accept user`)); n != 1 {
			t.Errorf("%d lines say that the password is refused, want 1:\n%s", n, log)
		}
		if last := b.sender.Stats().LastError; !strings.Contains(last,
			"SASL_AUTHENTICATION_FAILED") {
			t.Errorf("LastError is %q", last)
		}
		b.settle(3 * time.Minute)
		if n := b.count(); n["timeout"] != 1 {
			t.Errorf("the batch ended as %v, want it dropped at its deadline", n)
		}
		if err := b.outcome[1].err; !strings.Contains(err.Error(), "SASL_AUTHENTICATION_FAILED") {
			t.Errorf("the batch ended with %v", err)
		}
	})
}

// A broker advertises an address that is unreachable. The log has it within seconds, by address.
func TestAdvertisedAddressThatNobodyReaches(t *testing.T) {
	for _, tt := range []struct {
		name string
		dial func(ctx context.Context, address string) error
		want string
	}{
		{"refused", func(_ context.Context, address string) error {
			return &net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%s: connection refused",
				address)}
		}, "refused"},
		{"no answer", func(ctx context.Context, _ string) error { <-ctx.Done(); return ctx.Err() },
			"no answer within"},
		{"no such name", func(_ context.Context, address string) error {
			return &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host",
				Name: address, IsNotFound: true}}
		}, "no such host"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			log := new(logbook)
			// after the client has its producer ID: it waits for that under a lock, which stops the
			// clock
			var broken atomic.Bool
			s := setup{brokers: 2, partitions: 16, config: func(c *kafka.Config) {
				logged(log)(c)
				c.Brokers = c.Brokers[:1]
				dial := c.Dialer
				second := "127.0.0.1:9093"
				c.Dialer = func(ctx context.Context, network, address string) (net.Conn, error) {
					if broken.Load() && strings.HasSuffix(address, ":9093") {
						return nil, tt.dial(ctx, second)
					}
					return dial(ctx, network, address)
				}
			}}
			s.run(t, func(b *bench) {
				for i := range 40 {
					b.send(fmt.Sprint("thread ", i))
				}
				b.settle(time.Second)
				broken.Store(true)
				b.faults.cut()
				for i := range 60 {
					b.send(fmt.Sprint("thread ", i%40))
					time.Sleep(100 * time.Millisecond)
				}
				if n := len(log.lines("level=WARN", "a broker cannot be used", ":9093", tt.want,
					"advertised.listeners")); n != 1 {
					t.Errorf("%d lines name the address, want 1:\n%s", n, log)
				}
				if last := b.sender.Stats().LastError; last == "" {
					t.Error("LastError is empty")
				}
				b.close()
				time.Sleep(time.Minute) // a dial that is under way ends by itself
			})
		})
	}
}

// A cluster is rebuilt behind its name: it does not know the identities of the topic and the
// producer. What was sent since the old one ended is delivered.
func TestClusterIsRebuilt(t *testing.T) {
	log := new(logbook)
	s := setup{brokers: 1, partitions: 3, config: logged(log)}
	s.run(t, func(b *bench) {
		load := func(d time.Duration) {
			for n, began := 0, time.Now(); time.Since(began) < d; n++ {
				b.send(fmt.Sprint("thread ", n%20))
				time.Sleep(20 * time.Millisecond)
			}
		}
		load(3 * time.Second)
		b.settle(time.Second)
		before := b.count()["delivered"]
		b.cluster.Close()
		load(10 * time.Second)
		b.rebuild(3)
		load(10 * time.Second)
		b.settle(3 * time.Minute)
		b.wantAll("delivered")
		arrived := 0
		for _, ids := range b.arrived() {
			arrived += len(ids)
		}
		if n := b.count()["delivered"] - before; arrived < n {
			t.Errorf("%d records are in the new cluster, want the %d that were sent since the old "+
				"one ended", arrived, n)
		}
		t.Log(log)
	})
}
