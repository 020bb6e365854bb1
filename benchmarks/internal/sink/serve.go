// Package sink runs the receiving end of a benchmark in a process of its own, so that the
// producer's process shows the producer's cost alone: a Kafka broker that acknowledges and keeps
// nothing, or an OTLP receiver that counts.
package sink

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"sync/atomic"
	"time"
)

// The kinds of sink.
const (
	Kafka = "kafka"
	OTLP  = "otlp"
)

// Topic is the one that a Kafka sink has, Partitions how many partitions it has.
const (
	Topic      = "events"
	Partitions = 4
)

// Counts are what a sink has received since it started.
type Counts struct {
	// Address is where to send to.
	Address string
	// Records counts Kafka records, or OTLP spans and log records.
	Records uint64
	// WireBytes counts all bytes read from connections, protocol overhead included.
	WireBytes uint64
}

// receiver is one kind of sink.
type receiver interface {
	address() string
	records() (uint64, error)
	close()
}

// Serve is the body of a sink's process. It writes its [Counts] as a line of JSON at the start and
// again for every line that it reads, and ends with its input. A line "limit N" limits the bytes
// that it reads from connections to N a second, "limit 0" lifts that.
func Serve(kind string, in io.Reader, out io.Writer) error {
	m := &meter{}
	r, err := open(kind, m)
	if err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	defer r.close()
	answer := json.NewEncoder(out)
	report := func() error {
		n, err := r.records()
		if err != nil {
			return fmt.Errorf("sink: %w", err)
		}
		return answer.Encode(Counts{Address: r.address(), Records: n, WireBytes: m.read.Load()})
	}
	if err := report(); err != nil {
		return err
	}
	lines := bufio.NewScanner(in)
	for lines.Scan() {
		if limit, ok := strings.CutPrefix(lines.Text(), "limit "); ok {
			var n int64
			if _, err := fmt.Sscan(limit, &n); err != nil {
				return fmt.Errorf("sink: limit %q: %w", limit, err)
			}
			m.limit.Store(n)
		}
		if err := report(); err != nil {
			return err
		}
	}
	return lines.Err()
}

func open(kind string, m *meter) (receiver, error) {
	switch kind {
	case Kafka:
		return newBroker(m)
	case OTLP:
		return newCollector(m)
	}
	return nil, fmt.Errorf("no kind of sink %q", kind)
}

// meter counts what connections read, and slows them down.
type meter struct {
	read  atomic.Uint64
	limit atomic.Int64 // bytes a second; 0 for none
}

type meteredListener struct {
	net.Listener
	meter *meter
}

func (l meteredListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	return &meteredConn{Conn: c, meter: l.meter}, nil
}

type meteredConn struct {
	net.Conn
	meter *meter
}

// slice is how much a slowed connection reads at once.
const slice = 4 << 10

func (c *meteredConn) Read(p []byte) (int, error) {
	limit := c.meter.limit.Load()
	if limit > 0 && len(p) > slice {
		p = p[:slice]
	}
	n, err := c.Conn.Read(p)
	c.meter.read.Add(uint64(n))
	if limit > 0 && n > 0 {
		time.Sleep(time.Duration(int64(n) * int64(time.Second) / limit))
	}
	return n, err
}

func listen(m *meter, network, address string) (net.Listener, error) {
	l, err := net.Listen(network, address)
	if err != nil {
		return nil, err
	}
	return meteredListener{l, m}, nil
}
