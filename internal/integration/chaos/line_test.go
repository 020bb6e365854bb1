package chaos

import (
	"context"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// line is the network between a client and a fake cluster. It works on a fake clock.
type line struct {
	dialer func(ctx context.Context, network, address string) (net.Conn, error)

	slow  atomic.Int64 // how long answers take, in nanoseconds
	mu    sync.Mutex
	deaf  bool // what brokers answer is lost
	ended bool // no connection is possible
	open  map[*wire]bool
}

// wire is one connection of a line. Once bytes of it were lost, all that follow are.
type wire struct {
	net.Conn
	line *line
	torn bool
}

func (l *line) dial(ctx context.Context, network, address string) (net.Conn, error) {
	l.mu.Lock()
	ended := l.ended
	l.mu.Unlock()
	if ended {
		return nil, net.ErrClosed
	}
	conn, err := l.dialer(ctx, network, address)
	if err != nil {
		return nil, err
	}
	w := &wire{Conn: conn, line: l}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.open[w] = true
	return w, nil
}

// Read reads what is not lost.
func (w *wire) Read(p []byte) (int, error) {
	for {
		n, err := w.Conn.Read(p)
		if slow := w.line.slow.Load(); slow > 0 && n > 0 {
			time.Sleep(time.Duration(slow))
		}
		w.line.mu.Lock()
		w.torn = w.torn || w.line.deaf
		torn := w.torn
		w.line.mu.Unlock()
		if err != nil || !torn {
			return n, err
		}
	}
}

// Close ends the connection.
func (w *wire) Close() error {
	w.line.mu.Lock()
	delete(w.line.open, w)
	w.line.mu.Unlock()
	return w.Conn.Close()
}

// set says what happens from now on.
func (l *line) set(deaf, ended bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.deaf, l.ended = deaf, ended
}

// cut ends all connections, with what is on its way; only torn ones if told so.
func (l *line) cut(onlyTorn bool) {
	l.mu.Lock()
	var wires []*wire
	for w := range l.open {
		if w.torn || !onlyTorn {
			wires = append(wires, w)
		}
	}
	l.mu.Unlock()
	for _, w := range wires {
		_ = w.Close()
	}
}
