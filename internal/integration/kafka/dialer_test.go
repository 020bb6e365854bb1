package kafka

import (
	"context"
	"errors"
	"net"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/internal/kafka"
)

// nilError is an error whose methods panic if it is nil.
type nilError struct{ inner error }

func (e *nilError) Error() string { return e.inner.Error() }
func (e *nilError) Unwrap() error { return e.inner }

// An application's dialer that panics, or returns what it should not, is a dialer that fails.
func TestDialerThatPanics(t *testing.T) {
	var none *nilError
	for name, bad := range map[string]func() (net.Conn, error){
		"it panics":         func() (net.Conn, error) { panic("oh") },
		"typed nil":         func() (net.Conn, error) { return nil, none },
		"wrapped typed nil": func() (net.Conn, error) { return nil, errors.Join(none) },
		"nothing":           func() (net.Conn, error) { return nil, nil },
	} {
		for _, option := range []bool{false, true} {
			t.Run(name, func(t *testing.T) {
				var on atomic.Bool
				s := setup{config: func(c *kafka.Config) {
					inner := c.Dialer
					dial := func(ctx context.Context, n, address string) (net.Conn, error) {
						if on.Load() {
							return bad()
						}
						return inner(ctx, n, address)
					}
					if c.Dialer = dial; option {
						c.Dialer, c.Options = nil, []kgo.Opt{kgo.Dialer(dial)}
					}
				}}
				s.run(t, func(b *bench) {
					on.Store(true)
					b.faults.cut()
					b.send("a")
					time.Sleep(5 * time.Second)
					if last := b.sender.Stats().LastError; !strings.Contains(last, "the dialer") {
						t.Errorf("LastError is %q", last)
					}
					on.Store(false)
					b.settle(time.Minute)
					b.wantAll("delivered")
				})
			})
		}
	}
}

// A dialer that does not return, not even when its context ends, holds no batch beyond its
// deadline.
func TestDialerThatHangs(t *testing.T) {
	const delivery = 10 * time.Second
	var hangs atomic.Bool
	var release chan struct{}
	s := setup{brokers: threeOf, partitions: manyPartitions, config: func(c *kafka.Config) {
		inner := c.Dialer
		c.DeliveryTimeout, release = delivery, make(chan struct{})
		c.Dialer = func(ctx context.Context, n, address string) (net.Conn, error) {
			if hangs.Load() {
				<-release
			}
			return inner(ctx, n, address)
		}
	}}
	s.run(t, func(b *bench) {
		hangs.Store(true)
		b.faults.cut()
		for range 20 {
			for _, key := range keysOf(manyPartitions) {
				b.send(key)
			}
			time.Sleep(500 * time.Millisecond)
		}
		b.settle(time.Minute)
		hangs.Store(false)
		close(release)
		if n := b.count()["timeout"]; n != 20*manyPartitions {
			t.Errorf("batches ended as %v, want all for want of time", b.count())
		}
		if slowest := b.slowest(); slowest > bound(delivery) {
			t.Errorf("a batch took %v", slowest)
		}
		id := b.send("a")
		b.settle(time.Minute)
		if o := b.outcome[id]; o.err != nil {
			t.Errorf("a batch ended with %v after the dialer had returned", o.err)
		}
	})
}
