package kafka

import (
	"context"
	"errors"
	"net"
	"os"
	"sync"
	"syscall"
)

type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

// faults is between a client and its brokers, and does to connections what networks and stopped
// processes do.
type faults struct {
	dial dialer

	mu       sync.Mutex
	only     string // the address they apply to; "" for all
	refuse   bool
	requests gate // what brokers do not receive while it is shut
	answers  gate // what clients do not receive while it is shut
	open     map[*link]struct{}
}

func newFaults(dial dialer) *faults {
	return &faults{dial: dial, open: make(map[*link]struct{})}
}

// gate is open or shut. Waiting for it uses channels, so that a fake clock advances.
type gate struct{ opened chan struct{} } // nil while open

func (g *gate) shut() {
	if g.opened == nil {
		g.opened = make(chan struct{})
	}
}

func (g *gate) open() {
	if g.opened != nil {
		close(g.opened)
		g.opened = nil
	}
}

// standStill makes every broker behave like a process that got SIGSTOP: connections are accepted,
// requests received, nothing is done.
func (f *faults) standStill() { f.locked(func() { f.requests.shut() }) }

// loseAnswers lets brokers work, but loses their responses.
func (f *faults) loseAnswers() { f.locked(func() { f.answers.shut() }) }

// goOn ends what the other methods have begun. What was delayed arrives.
func (f *faults) goOn() {
	f.locked(func() {
		f.refuse = false
		f.requests.open()
		f.answers.open()
	})
}

// die cuts every connection, with all that is in flight on it, and refuses new ones.
func (f *faults) die() {
	f.locked(func() { f.refuse = true })
	f.cut()
}

// cut breaks every connection, with all that is in flight on it.
func (f *faults) cut() {
	var links []*link
	f.locked(func() {
		for l := range f.open {
			links = append(links, l)
		}
	})
	for _, l := range links {
		l.cut()
	}
}

func (f *faults) locked(do func()) {
	f.mu.Lock()
	defer f.mu.Unlock()
	do()
}

// DialContext connects to a broker through f.
func (f *faults) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	f.mu.Lock()
	refuse, concerned := f.refuse, f.only == "" || f.only == address
	f.mu.Unlock()
	if !concerned {
		return f.dial(ctx, network, address)
	}
	if refuse {
		return nil, &net.OpError{Op: "dial", Net: network,
			Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	}
	client, near := net.Pipe()
	l := &link{faults: f, ends: []net.Conn{near}, done: make(chan struct{})}
	f.locked(func() { f.open[l] = struct{}{} })
	go l.run(near, address)
	return client, nil
}

// link is one connection through f.
type link struct {
	faults *faults
	once   sync.Once
	done   chan struct{}
	mu     sync.Mutex
	ends   []net.Conn
}

func (l *link) cut() {
	l.once.Do(func() {
		close(l.done)
		l.faults.locked(func() { delete(l.faults.open, l) })
		l.mu.Lock()
		defer l.mu.Unlock()
		for _, end := range l.ends {
			end.Close()
		}
	})
}

// run connects to the broker, once that is possible, and passes bytes in both directions. Each
// direction buffers any amount of them, as a kernel does for some.
func (l *link) run(near net.Conn, address string) {
	defer l.cut()
	requests := make(chan []byte, 1<<16)
	go l.read(near, requests)
	if !l.wait(&l.faults.requests) {
		return
	}
	far, err := l.faults.dial(context.Background(), "tcp", address)
	if err != nil {
		return
	}
	l.mu.Lock()
	l.ends = append(l.ends, far)
	l.mu.Unlock()
	select {
	case <-l.done:
		far.Close()
		return
	default:
	}
	answers := make(chan []byte, 1<<16)
	go l.read(far, answers)
	go l.write(near, answers, &l.faults.answers)
	l.write(far, requests, &l.faults.requests)
}

func (l *link) read(from net.Conn, into chan<- []byte) {
	defer close(into)
	for {
		p := make([]byte, 32<<10)
		n, err := from.Read(p)
		if n > 0 {
			into <- p[:n]
		}
		if err != nil {
			if !errors.Is(err, net.ErrClosed) {
				l.cut()
			}
			return
		}
	}
}

func (l *link) write(to net.Conn, from <-chan []byte, g *gate) {
	for p := range from {
		if !l.wait(g) {
			return
		}
		if _, err := to.Write(p); err != nil {
			l.cut()
			return
		}
	}
}

// wait waits until g is open, and reports whether the link still is.
func (l *link) wait(g *gate) bool {
	for {
		l.faults.mu.Lock()
		opened := g.opened
		l.faults.mu.Unlock()
		if opened == nil {
			return true
		}
		select {
		case <-opened:
		case <-l.done:
			return false
		}
	}
}
