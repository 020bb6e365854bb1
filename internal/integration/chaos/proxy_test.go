package chaos

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"sync"
	"testing"
	"time"
)

// traffic says what a proxy does with bytes.
type traffic int

const (
	flows     traffic = iota // all bytes are passed on
	cut                      // connections are reset, new ones at once
	deaf                     // bytes from the broker are swallowed, requests arrive
	mute                     // bytes to the broker are swallowed
	swallowed                // bytes of both directions are swallowed
)

// swallows reports whether bytes that come from the broker, or go to it, are swallowed.
func (m traffic) swallows(fromBroker bool) bool {
	return m == swallowed || m == deaf && fromBroker || m == mute && !fromBroker
}

// proxy is between a client and one broker.
type proxy struct {
	listener net.Listener
	target   string

	mu    sync.Mutex
	mode  traffic
	links map[*link]bool
	all   sync.WaitGroup
}

// link is one connection through a proxy. It is torn once bytes of it were swallowed: what follows
// them would make no sense.
type link struct {
	client, broker net.Conn
	torn           bool
}

func (l *link) close() {
	_ = l.client.Close()
	_ = l.broker.Close()
}

func newProxy(target string) (*proxy, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	p := &proxy{listener: listener, target: target, links: make(map[*link]bool)}
	p.all.Go(p.accept)
	return p, nil
}

func (p *proxy) address() string { return p.listener.Addr().String() }

// set changes what happens to bytes. Connections that lost some end with the fault, as does every
// connection when it begins to be cut.
func (p *proxy) set(mode traffic) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.mode = mode
	for l := range p.links {
		if mode == cut || mode == flows && l.torn {
			l.close()
		}
	}
}

func (p *proxy) close() {
	_ = p.listener.Close()
	p.set(cut)
	p.all.Wait()
}

func (p *proxy) accept() {
	for {
		client, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err == nil {
			p.all.Go(func() { p.serve(client) })
		}
	}
}

func (p *proxy) serve(client net.Conn) {
	broker, err := net.DialTimeout("tcp", p.target, 5*time.Second)
	if err != nil {
		_ = client.Close()
		return
	}
	l := &link{client: client, broker: broker}
	defer l.close()
	p.mu.Lock()
	refused := p.mode == cut
	if !refused {
		p.links[l] = true
	}
	p.mu.Unlock()
	if refused {
		return
	}
	var back sync.WaitGroup
	back.Go(func() { p.pass(l, client, broker, true) })
	p.pass(l, broker, client, false)
	back.Wait()
	p.mu.Lock()
	delete(p.links, l)
	p.mu.Unlock()
}

// pass copies one direction of a connection until it ends, and ends the other with it.
func (p *proxy) pass(l *link, to io.Writer, from io.Reader, fromBroker bool) {
	defer l.close()
	buf := make([]byte, 32<<10)
	for {
		n, err := from.Read(buf)
		if n > 0 && !p.swallow(l, fromBroker) {
			if _, err := to.Write(buf[:n]); err != nil {
				return
			}
		}
		if err != nil {
			return
		}
	}
}

// swallow reports whether bytes that were read are lost.
func (p *proxy) swallow(l *link, fromBroker bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.mode.swallows(fromBroker) {
		l.torn = true
		return true
	}
	return p.mode == flows && l.torn
}

// network has a proxy for each broker, numbered from 1.
type network struct {
	proxies []*proxy
	by      map[string]*proxy // by the broker's address
}

func newNetwork(t *testing.T, brokers []string) *network {
	t.Helper()
	n := &network{by: make(map[string]*proxy)}
	for _, address := range brokers {
		p, err := newProxy(address)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(p.close)
		n.proxies = append(n.proxies, p)
		n.by[address] = p
	}
	return n
}

// set changes what happens to the bytes of one broker.
func (n *network) set(broker int, mode traffic) { n.proxies[broker-1].set(mode) }

// setAll changes what happens to the bytes of all brokers.
func (n *network) setAll(mode traffic) {
	for _, p := range n.proxies {
		p.set(mode)
	}
}

// dial is the client's dialer: it connects to the proxy of the broker at that address.
func (n *network) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if p := n.by[address]; p != nil {
		address = p.address()
	}
	return (&net.Dialer{}).DialContext(ctx, network, address)
}

// echo answers each connection with what comes, and passes it on to arrived.
func echo(t *testing.T) (address string, arrived <-chan string) {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = listener.Close() })
	all := make(chan string, 10)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go func() {
				defer func() { _ = conn.Close() }()
				buf := make([]byte, 10)
				for {
					n, err := conn.Read(buf)
					if err != nil {
						return
					}
					all <- string(buf[:n])
					_, _ = conn.Write(buf[:n])
				}
			}()
		}
	}()
	return listener.Addr().String(), all
}

// patience is how long a test waits for what should come, or for what should not.
func patience(comes bool) time.Duration {
	if comes {
		return 10 * time.Second
	}
	return 100 * time.Millisecond
}

func TestProxyCutsWhatItIsTold(t *testing.T) {
	address, arrived := echo(t)
	for _, tt := range []struct {
		name            string
		mode            traffic
		arrives, echoed bool
	}{
		{"flows", flows, true, true},
		{"deaf", deaf, true, false},
		{"mute", mute, false, false},
		{"swallowed", swallowed, false, false},
		{"cut", cut, false, false},
	} {
		t.Run(tt.name, func(t *testing.T) {
			n := newNetwork(t, []string{address})
			conn, err := n.dial(t.Context(), "tcp", address)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = conn.Close() }()
			n.set(1, tt.mode)
			_, _ = conn.Write([]byte("a"))
			_ = conn.SetReadDeadline(time.Now().Add(patience(tt.echoed)))
			buf := make([]byte, 10)
			if k, _ := conn.Read(buf); (k > 0) != tt.echoed {
				t.Errorf("%q came back, want it: %v", buf[:k], tt.echoed)
			}
			select {
			case got := <-arrived:
				if !tt.arrives {
					t.Errorf("%q arrived", got)
				}
			case <-time.After(patience(tt.arrives)):
				if tt.arrives {
					t.Error("nothing arrived")
				}
			}
			n.set(1, flows)
			if tt.mode == flows {
				return
			}
			_ = conn.SetReadDeadline(time.Now().Add(patience(true)))
			if _, err := conn.Read(buf); err == nil || errors.Is(err, os.ErrDeadlineExceeded) {
				t.Errorf("a connection that lost bytes goes on: %v", err)
			}
		})
	}
}
