package kafka

import (
	"context"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"fmt"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// network opens the connections of a client, counts their bytes, and can cut those that make no
// progress.
//
// franz-go bounds a connection's first requests (ApiVersions, SASL) only by its request timeout; no
// context ends them. A broker that accepts connections and never responds would keep a batch for
// several such timeouts beyond its deadline. Cutting the connection ends them at once.
type network struct {
	dial    func(ctx context.Context, network, address string) (net.Conn, error)
	tls     *credentials // nil without TLS
	timeout time.Duration
	stats   *counters
	hear    func(answer)        // receives brokers' responses; may be nil
	failed  func(string, error) // receives failures to connect to an address; may be nil
	start   time.Time           // all times below are relative to this

	// allCut is set when a connection was cut, and cleared when any connection receives something.
	allCut atomic.Bool
	// lastHeard is when anything was last received from any peer, plus 1 ns; 0 before that.
	lastHeard atomic.Int64
	nodes     sync.Map // from the IDs of brokers to *peer

	mu      sync.Mutex
	open    map[*conn]struct{}
	dialing map[*dialing]struct{}
	peers   map[string]*peer
}

// dialing is a connection that is being opened.
type dialing struct {
	peer    *peer
	address string
	since   time.Duration
	told    bool // its delay was reported
	cancel  context.CancelFunc
}

func newNetwork(cfg *Config, t timing, certs *credentials, stats *counters) *network {
	return &network{
		dial: guardedDial(cfg.Dialer), tls: certs, timeout: t.dial, stats: stats,
		start: time.Now(),
		open:  make(map[*conn]struct{}), dialing: make(map[*dialing]struct{}),
		peers: make(map[string]*peer),
	}
}

func (n *network) now() time.Duration { return time.Since(n.start) }

// DialContext connects to address, and starts TLS over the connection if the network has
// credentials.
func (n *network) DialContext(ctx context.Context, transport, address string) (net.Conn, error) {
	attempt, cancel := context.WithTimeout(ctx, n.timeout)
	defer cancel()
	if p := n.peer(address); p.barred.Load() > int64(n.now()) {
		p.ask(n.now())
		return nil, retryable{errBarred}
	}
	d := n.begin(address, cancel)
	defer func() {
		n.mu.Lock()
		delete(n.dialing, d)
		n.mu.Unlock()
	}()

	raw, err := n.dial(attempt, transport, address)
	if err != nil {
		n.report(ctx, address, err)
		return nil, dialFailure(ctx, err)
	}
	c := n.track(raw, d.peer)
	if _, secured := raw.(*tls.Conn); secured || n.tls == nil {
		return n.tapped(c), nil
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		host = address
	}
	secured := tls.Client(c, n.tls.config(host))
	if err := secured.HandshakeContext(attempt); err != nil {
		c.Close() //nolint:errcheck // it is being given up
		n.report(ctx, address, err)
		return nil, dialFailure(ctx, err)
	}
	return n.tapped(&tlsConn{secured, c}), nil
}

func (n *network) tapped(c net.Conn) net.Conn {
	if n.hear == nil {
		return c
	}
	return newTap(c, n.hear)
}

// report reports a failure to connect, unless the caller's own context has ended.
func (n *network) report(ctx context.Context, address string, err error) {
	if n.failed != nil && ctx.Err() == nil {
		n.failed(address, err)
	}
}

// unanswered reports the addresses to which a connection has been under way for limit.
func (n *network) unanswered(limit time.Duration) {
	if n.failed == nil {
		return
	}
	var addresses []string
	n.mu.Lock()
	for d := range n.dialing {
		if waited := n.now() - d.since; waited >= limit && !d.told {
			d.told = true
			addresses = append(addresses, d.address)
		}
	}
	n.mu.Unlock()
	for _, address := range addresses {
		n.failed(address,
			&net.OpError{Op: "dial", Net: "tcp", Err: fmt.Errorf("%s: no answer within %v", address,
				limit)})
	}
}

func (n *network) begin(address string, cancel context.CancelFunc) *dialing {
	n.mu.Lock()
	defer n.mu.Unlock()
	p := n.peerLocked(address)
	p.ask(n.now())
	d := &dialing{peer: p, address: address, since: n.now(), cancel: cancel}
	n.dialing[d] = struct{}{}
	return d
}

func (n *network) track(raw net.Conn, p *peer) *conn {
	c := &conn{Conn: raw, network: n, peer: p}
	n.stats.connects.Add(1)
	n.mu.Lock()
	n.open[c] = struct{}{}
	n.mu.Unlock()
	return c
}

// errBarred is returned instead of dialling a barred peer.
var errBarred = errors.New("kafka: the broker did not answer a moment ago")

// cut closes every connection to one of the peers in only, or to any peer if only is nil, that has
// waited for its peer for at least limit. It returns how many it closed. The limit is a fifth of
// that for a peer that has sent nothing since its last connection was cut, and for every peer as
// long as none sends anything. Such a peer is not dialled for another fifth. franz-go makes several
// attempts, for one request after the other, before it checks deadlines again.
func (n *network) cut(limit time.Duration, only map[*peer]bool) int {
	now, all := n.now(), n.allCut.Load()
	return n.closeWhere(func(w waiting) bool {
		if only != nil && !only[w.peer] {
			return false
		}
		if all || w.peer.cut.Load() {
			if now-w.since < limit/5 {
				return false
			}
			w.peer.barred.Store(int64(now + limit/5))
			return true
		}
		return now-w.since >= limit
	})
}

// hasten closes connections that have waited for anything but the response to a produce request:
// none of that takes long if a broker works. The peer is then not dialled for a third of limit, so
// that the client asks another one. While no other peer responds either, the limit is longer.
func (n *network) hasten(limit, longer time.Duration) {
	now := n.now()
	n.closeWhere(func(w waiting) bool {
		if w.produce || w.peer.heardSince(w.since) {
			return false
		}
		if !n.heardSince(w.since) && now-w.since < longer || now-w.since < limit {
			return false
		}
		w.peer.barred.Store(int64(now + limit/3))
		return true
	})
}

// waiting is a connection, open or being opened, that waits for its peer.
type waiting struct {
	peer    *peer
	since   time.Duration
	produce bool // for the response to a produce request
}

func (n *network) closeWhere(match func(waiting) bool) (closed int) {
	var still []*conn
	n.mu.Lock()
	for d := range n.dialing {
		if match(waiting{peer: d.peer, since: d.since}) {
			n.gaveUp(d.peer)
			d.cancel()
			closed++
		}
	}
	for c := range n.open {
		if since, ok := c.waits(); ok && match(waiting{c.peer, since, c.produce.Load()}) {
			still = append(still, c)
		}
	}
	n.mu.Unlock()
	for _, c := range still {
		n.gaveUp(c.peer)
		c.Close() //nolint:errcheck // closing is the point
	}
	return closed + len(still)
}

func (n *network) gaveUp(p *peer) {
	p.cut.Store(true)
	n.allCut.Store(true)
}

// conn is a connection that knows whether it waits for its peer. A client reads only when it
// expects a response, so a connection that has been in Read or Write for long makes no progress.
type conn struct {
	net.Conn
	network *network
	peer    *peer
	// reading and writing are since when a call waits, in ns plus 1; 0 if none does.
	reading, writing atomic.Int64
	produce          atomic.Bool // the last request was a produce request
	closed           atomic.Bool
}

// waits returns whether the connection waits for its peer, and since when.
func (c *conn) waits() (since time.Duration, ok bool) {
	read, write := c.reading.Load(), c.writing.Load()
	first := read
	if read == 0 || write != 0 && write < read {
		first = write
	}
	return time.Duration(first - 1), first != 0
}

// request reads the start of a request that the client writes, in one call: its length and its API
// key.
func (c *conn) request(p []byte) {
	c.produce.Store(len(p) >= 6 && binary.BigEndian.Uint16(p[4:]) == produceKey)
}

func (c *conn) Read(p []byte) (int, error) {
	c.reading.Store(int64(c.network.now()) + 1)
	defer c.reading.Store(0)
	n, err := c.Conn.Read(p)
	if n > 0 {
		c.network.heard(c.peer)
	}
	return n, asRetryable(err)
}

func (c *conn) Write(p []byte) (int, error) {
	now := c.network.now()
	c.peer.ask(now)
	c.writing.Store(int64(now) + 1)
	defer c.writing.Store(0)
	if c.network.tls == nil {
		c.request(p)
	}
	n, err := c.Conn.Write(p)
	c.network.stats.wireBytes.Add(uint64(n))
	return n, asRetryable(err)
}

func (c *conn) Close() error {
	if !c.closed.Swap(true) {
		c.network.stats.disconnects.Add(1)
		c.network.mu.Lock()
		delete(c.network.open, c)
		c.network.mu.Unlock()
	}
	return c.Conn.Close()
}

// tlsConn is a conn with TLS on top.
type tlsConn struct {
	*tls.Conn
	below *conn
}

func (c *tlsConn) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	return n, asRetryable(err)
}

func (c *tlsConn) Write(p []byte) (int, error) {
	c.below.request(p)
	n, err := c.Conn.Write(p)
	return n, asRetryable(err)
}

// retryable marks an error as worth a retry to franz-go, which otherwise fails everything it has at
// once. That happens when a certificate is rejected, or when a connection of a foreign dialer
// breaks. After a good start, a rejected certificate most likely means a rotation under way, and
// there is time for it to end until the delivery timeout.
type retryable struct{ error }

func (e retryable) Unwrap() error   { return e.error }
func (e retryable) Temporary() bool { return true }
func (e retryable) Timeout() bool {
	var timeout interface{ Timeout() bool }
	return errors.As(e.error, &timeout) && timeout.Timeout()
}

// asRetryable returns err as franz-go should see it.
func asRetryable(err error) error {
	if err == nil || kgo.IsRetryableBrokerErr(err) {
		return err
	}
	return retryable{err}
}

// dialFailure returns err as franz-go should see it. An error from the caller's context is left as
// it is. So is the failure to reach an address, on which franz-go tries another broker.
func dialFailure(ctx context.Context, err error) error {
	var op *net.OpError
	if ctx.Err() != nil || errors.As(err, &op) && op.Op == "dial" {
		return err
	}
	return asRetryable(err)
}
