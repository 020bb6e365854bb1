package kafka

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// dialFunc opens a connection.
type dialFunc = func(ctx context.Context, network, address string) (net.Conn, error)

// guardedDial makes dial, which is user code, keep deadlines. Its panics, and those of its errors'
// methods, become errors. The client's goroutines call it: a panic would end the program there, and
// while it has not returned nothing else is sent to that broker.
func guardedDial(dial dialFunc) dialFunc {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		dialed := make(chan connection, 1)
		go func() {
			c := connection{err: errNoConnection} // remains if dial ends the goroutine
			defer func() { dialed <- c }()
			c.open(func() (net.Conn, error) { return dial(ctx, network, address) })
		}()
		select {
		case c := <-dialed:
			return c.Conn, c.err
		case <-ctx.Done():
		}
		late := time.NewTimer(dialGrace)
		defer late.Stop()
		select { // one that returns because ctx has ended says more
		case c := <-dialed:
			return c.Conn, c.err
		case <-late.C:
		}
		go func() {
			if c := <-dialed; c.Conn != nil {
				c.Close() //nolint:errcheck // nobody waits for it any more
			}
		}()
		return nil, &net.OpError{Op: "dial", Net: network,
			Err: fmt.Errorf("%s: the dialer has not returned: %w", address, ctx.Err())}
	}
}

// dialGrace is how long a dialer may take to return after its context has ended.
const dialGrace = 50 * time.Millisecond

var errNoConnection = errors.New("kafka: the dialer returned no connection, and no error")

// connection is what a dialer has returned.
type connection struct {
	net.Conn
	err error
}

func (c *connection) open(dial func() (net.Conn, error)) {
	panicked := guard.Call(func() {
		conn, err := dial()
		if err != nil {
			_, _ = err.Error(), kindOf(err) // which asks all that are wrapped
		}
		if conn != nil || err != nil {
			c.Conn, c.err = conn, err
		}
	})
	if panicked != "" {
		c.Conn, c.err = nil, fmt.Errorf("kafka: the dialer: %s", panicked)
	}
}

// withNetwork returns options that make the client use connections of the network. If
// [Config.Options] contain a dialer or a TLS configuration, the network uses those; otherwise it
// could not enforce deadlines.
func (n *network) withNetwork(options []kgo.Opt) ([]kgo.Opt, error) {
	if err := kgo.ValidateOpts(options...); err != nil {
		return nil, err
	}
	with := func(more ...kgo.Opt) []kgo.Opt {
		return append(options[:len(options):len(options)],
			more...)
	}
	// franz-go rejects a dialer together with a TLS configuration, which reveals either.
	dials := kgo.ValidateOpts(with(kgo.DialTLSConfig(new(tls.Config)))...) != nil
	secures := kgo.ValidateOpts(with(kgo.Dialer(n.DialContext))...) != nil
	if dials || secures {
		probe, err := kgo.NewClient(options...) // connects to nothing
		if err != nil {
			return nil, err
		}
		dial, _ := probe.OptValue(kgo.Dialer).(dialFunc)
		config, _ := probe.OptValue(kgo.DialTLSConfig).(*tls.Config)
		probe.Close()
		switch {
		case dials && dial != nil:
			n.dial = guardedDial(dial)
		case secures && config != nil:
			n.tls = &credentials{base: config}
		default:
			return nil, errors.New("a dialer or a TLS configuration that cannot be read")
		}
	}
	return with(kgo.DialTLSConfig(nil), kgo.Dialer(n.DialContext)), nil
}
