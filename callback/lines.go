package callback

import (
	"context"
	"fmt"
	"io"
	"os"
	"sync"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/internal/jsonlines"
)

// NewLines returns a Sender that writes what is sent to w, for Config.Sender: one JSON object a line,
// as the program tail prints it with --json for a topic of one partition. It needs no Kafka. Each
// record is one call of w.Write, which the client waits for, so w should be a file, a terminal or a
// buffer. What w refuses is dropped as rejected. Close does not close w.
func NewLines(w io.Writer) batching.Sender { return &lines{w: w, lines: jsonlines.New()} }

// lines is the Sender of NewLines.
type lines struct {
	mu     sync.Mutex
	w      io.Writer
	lines  *jsonlines.Lines
	offset int64
	file   *os.File // to be closed; nil if it is not ours
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
	return &lines{w: f, lines: jsonlines.New(), file: f}, nil
}

// Send implements [batching.Sender].
func (l *lines) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	if err := l.write(b); err != nil {
		done(b, &batching.SendError{
			Outcome: batching.Dropped, Reason: batching.Rejected,
			Err: fmt.Errorf("callback: lines: %w", err),
		})
		return
	}
	done(b, nil)
}

func (l *lines) write(b *batching.Batch) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	at := jsonlines.Place{Offset: l.offset, Key: b.Key}
	l.offset++
	_, err := l.w.Write(l.lines.Record(at, b.Value))
	return err
}

// Stats implements [batching.Sender]. It is zero: there is no network.
func (l *lines) Stats() batching.SenderStats { return batching.SenderStats{} }

// Close implements [batching.Sender].
func (l *lines) Close(context.Context) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.file == nil {
		return nil
	}
	f := l.file
	l.file = nil
	return f.Close()
}
