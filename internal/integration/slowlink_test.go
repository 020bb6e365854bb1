package integration

import (
	"context"
	"net"
	"time"
)

// slowLink delays all responses of brokers by the same time: it has a high latency, but no low
// bandwidth.
type slowLink struct {
	delay time.Duration
	inner func(ctx context.Context, network, address string) (net.Conn, error) // nil for TCP
}

type arrival struct {
	bytes []byte
	err   error
	due   time.Time
}

type slowConn struct {
	net.Conn
	arrivals chan arrival
	closed   chan struct{}
	rest     []byte
}

func (l *slowLink) dial(ctx context.Context, network, address string) (net.Conn, error) {
	dial := l.inner
	if dial == nil {
		dial = (&net.Dialer{}).DialContext
	}
	conn, err := dial(ctx, network, address)
	if err != nil {
		return nil, err
	}
	c := &slowConn{Conn: conn, arrivals: make(chan arrival, 1024), closed: make(chan struct{})}
	go c.receive(l.delay)
	return c, nil
}

func (c *slowConn) receive(delay time.Duration) {
	for {
		buf := make([]byte, 64<<10)
		n, err := c.Conn.Read(buf)
		select {
		case c.arrivals <- arrival{buf[:n], err, time.Now().Add(delay)}:
		case <-c.closed:
			return
		}
		if err != nil {
			return
		}
	}
}

func (c *slowConn) Read(p []byte) (int, error) {
	if len(c.rest) == 0 {
		select {
		case a := <-c.arrivals:
			select {
			case <-time.After(time.Until(a.due)):
			case <-c.closed:
				return 0, net.ErrClosed
			}
			if len(a.bytes) == 0 {
				return 0, a.err
			}
			c.rest = a.bytes
		case <-c.closed:
			return 0, net.ErrClosed
		}
	}
	n := copy(p, c.rest)
	c.rest = c.rest[n:]
	return n, nil
}

func (c *slowConn) Close() error {
	select {
	case <-c.closed:
	default:
		close(c.closed)
	}
	return c.Conn.Close()
}
