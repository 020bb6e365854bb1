package callback

import (
	"context"
	"fmt"
	"io"
	"math"
	"os"
	"sync"
	"sync/atomic"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/jsonlines"
)

// NewLines returns a Sender that writes JSON lines to w, for Config.Sender: the same lines that the
// program tail prints with --json for a topic of one partition. It needs no Kafka. Each record is
// one call of w.Write, which the client waits for, so w should be a file, a terminal or a buffer.
// If a write fails, the record is dropped as rejected, or unacknowledged if w has written a part of
// it. Close does not close w.
func NewLines(w io.Writer) batching.Sender { return newLines(w) }

func newLines(w io.Writer) *lines {
	// The client's own messages need no limit.
	own := pb.Decoder{MaxMessageBytes: math.MaxInt32 - 1, MaxElements: math.MaxInt32}
	return &lines{w: w, lines: jsonlines.New(own)}
}

// lines is the Sender of NewLines.
type lines struct {
	mu     sync.Mutex
	w      io.Writer
	lines  *jsonlines.Lines
	offset int64
	torn   bool     // the last line is incomplete
	file   *os.File // file to close; nil if the caller owns it
	closed sync.Once

	failed atomic.Pointer[batching.SenderStats] // Stats with the last failure
}

// openLines returns the Sender for Config.LinesFile.
func openLines(path string) (batching.Sender, error) {
	if path == "-" {
		return NewLines(os.Stdout), nil
	}
	f, err := os.OpenFile(path, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return nil, fmt.Errorf("callback: LinesFile: %w", err)
	}
	l := newLines(f)
	l.file = f
	return l, nil
}

// Send implements [batching.Sender].
func (l *lines) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	n, err := l.write(b)
	if err == nil {
		done(b, nil)
		return
	}
	err = fmt.Errorf("callback: lines: %w", err)
	l.failed.Store(&batching.SenderStats{LastError: err.Error(), LastErrorAt: time.Now()})
	if n > 0 {
		done(b, &batching.SendError{Outcome: batching.Unacknowledged, Err: err})
		return
	}
	done(b, &batching.SendError{Outcome: batching.Dropped, Reason: batching.Rejected, Err: err})
}

// write returns how many bytes of b's lines were written. It ends an incomplete line before it
// writes the next one.
func (l *lines) write(b *batching.Batch) (n int, err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	text := l.lines.Record(jsonlines.Place{Offset: l.offset, Key: b.Key}, b.Value)
	if l.torn {
		text = append([]byte("\n"), text...)
	}
	if n, err = l.w.Write(text); err != nil {
		l.torn = l.torn && n == 0 || n > 0 && text[n-1] != '\n'
		l.lines.Undo()
		return n, err
	}
	l.torn = false
	l.offset++
	return n, nil
}

// Stats implements [batching.Sender]. It reports the last failure only, because there is no
// network.
func (l *lines) Stats() batching.SenderStats {
	if s := l.failed.Load(); s != nil {
		return *s
	}
	return batching.SenderStats{}
}

// Close implements [batching.Sender]. It does not wait for a write; a write that is stuck ends when
// the file is closed.
func (l *lines) Close(context.Context) (err error) {
	if l.file != nil {
		l.closed.Do(func() { err = l.file.Close() })
	}
	return err
}
