package serve

import (
	"context"
	"errors"
	"net"
	"os"
	"time"

	"github.com/coder/websocket"
)

// socket is the connection of a client. Everything that is written to it goes through send.
type socket struct {
	conn     *websocket.Conn
	raw      net.Conn
	timeout  time.Duration
	counters *counters
	failed   func() // is called when a send failed
}

// send calls write, which writes to the connection, and ends the connection if that takes longer
// than the timeout. Only one goroutine of a client may call it.
func (s *socket) send(path string, write func(context.Context, *websocket.Conn) error) error {
	ctx, cancel := context.WithTimeout(context.Background(), s.timeout)
	defer cancel()
	// Close knows no context, and what holds the connection must not hold its handler
	stop := context.AfterFunc(ctx, func() { _ = s.raw.Close() })
	defer stop()
	begin := time.Now()
	err := write(ctx, s.conn)
	if path == pathControl {
		s.counters.controlSend.Observe(time.Since(begin).Seconds())
	}
	if err == nil {
		err = ctx.Err() // Close is content when the connection ends under it
	}
	if err == nil {
		return nil
	}
	reason := sendFailed
	if ctx.Err() != nil || errors.Is(err, os.ErrDeadlineExceeded) {
		reason = sendTimeout
	}
	s.counters.failures.WithLabelValues(reason, path).Inc()
	s.failed()
	return err
}

// text sends a frame.
func (s *socket) text(path string, frame []byte) error {
	return s.send(path, func(ctx context.Context, ws *websocket.Conn) error {
		return ws.Write(ctx, websocket.MessageText, frame)
	})
}

// ping sends a ping and waits for its pong.
func (s *socket) ping() error {
	return s.send(pathControl, func(ctx context.Context, ws *websocket.Conn) error {
		return ws.Ping(ctx)
	})
}

// close says goodbye, and waits for the other end to say it as well.
func (s *socket) close(code websocket.StatusCode, reason string) {
	_ = s.send(pathControl, func(ctx context.Context, ws *websocket.Conn) error {
		err := ws.Close(code, reason)
		if ctx.Err() == nil && (websocket.CloseStatus(err) != -1 || errors.Is(err, net.ErrClosed)) {
			return nil // the other end said something, or had gone
		}
		return err
	})
}

// drop ends the connection without a word.
func (s *socket) drop() {
	_ = s.raw.Close()
	_ = s.conn.CloseNow() // writes nothing
}

// bounded is a connection of which every single write ends within the timeout, also those that the
// libraries make by themselves.
type bounded struct {
	net.Conn
	timeout time.Duration
	over    func()
}

func (b *bounded) Write(p []byte) (int, error) {
	if err := b.SetWriteDeadline(time.Now().Add(b.timeout)); err != nil {
		return 0, err
	}
	return b.Conn.Write(p)
}

func (b *bounded) Close() error {
	b.over()
	return b.Conn.Close()
}
