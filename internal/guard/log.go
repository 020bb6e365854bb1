package guard

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

const (
	// logPatience is how long a caller waits for the application's log handler.
	logPatience = 500 * time.Millisecond
	// logBacklog bounds the lines that wait while the handler is stuck. Later lines are lost.
	logBacklog = 256
)

// Logger returns a logger that may be used anywhere, even under a lock, whatever the handler of l
// does. One goroutine at a time calls the handler; a panic in it loses the line. The caller waits
// for the handler, up to a limit. So lines are in order, and are written when the call returns,
// unless the handler is stuck. While it is stuck, nobody waits for it.
//
// A logger made by Logger is returned as it is. For a nil l, and for one without a handler, the
// handler of [slog.Default] is used.
func Logger(l *slog.Logger) *slog.Logger {
	if l == nil || l.Handler() == nil {
		l = slog.Default()
	}
	h := l.Handler()
	if _, ok := h.(*handler); ok || h == slog.DiscardHandler {
		return l
	}
	return slog.New(&handler{inner: h, lines: &lines{}})
}

// handler is a guarded [slog.Handler].
type handler struct {
	inner slog.Handler
	lines *lines
}

// Enabled returns true: the handler itself is asked later, where it may take its time.
func (h *handler) Enabled(context.Context, slog.Level) bool { return true }

// Handle queues the line and waits for the handler, up to the limit.
func (h *handler) Handle(ctx context.Context, r slog.Record) error {
	done := h.lines.add(line{h.inner, ctx, r.Clone(), make(chan struct{})})
	if done == nil {
		return nil
	}
	timer := time.NewTimer(logPatience)
	defer timer.Stop()
	select {
	case <-done:
	case <-timer.C:
		h.lines.giveUp()
	}
	return nil
}

// WithAttrs implements [slog.Handler].
func (h *handler) WithAttrs(attrs []slog.Attr) slog.Handler {
	return h.with(func() slog.Handler { return h.inner.WithAttrs(attrs) })
}

// WithGroup implements [slog.Handler].
func (h *handler) WithGroup(name string) slog.Handler {
	return h.with(func() slog.Handler { return h.inner.WithGroup(name) })
}

func (h *handler) with(more func() slog.Handler) slog.Handler {
	inner := h.inner
	Call(func() {
		if made := more(); made != nil {
			inner = made
		}
	})
	return &handler{inner: inner, lines: h.lines}
}

// line is a record for a handler.
type line struct {
	handler slog.Handler
	ctx     context.Context
	record  slog.Record
	done    chan struct{}
}

// lines are the lines that have not been written. A goroutine writes them, and ends when there are
// none.
type lines struct {
	mu      sync.Mutex
	waiting []line
	active  bool
	stuck   bool // a caller waited in vain; nobody waits until all is written
	lost    int
}

// add returns a channel that is closed when the line has been written, nil if waiting is pointless.
func (q *lines) add(l line) <-chan struct{} {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) >= logBacklog {
		q.lost++
		return nil
	}
	q.waiting = append(q.waiting, l)
	if !q.active {
		q.active = true
		go q.write()
	}
	if q.stuck {
		return nil
	}
	return l.done
}

func (q *lines) giveUp() {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.stuck = q.active
}

// write writes lines until none is left.
func (q *lines) write() {
	over := false
	defer func() {
		if !over { // the handler ended the goroutine, as a failing test does
			go q.write()
		}
	}()
	for {
		l, ok := q.next()
		if !ok {
			over = true
			return
		}
		l.write()
	}
}

func (q *lines) next() (line, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.waiting) == 0 {
		q.waiting, q.active, q.stuck = nil, false, false
		return line{}, false
	}
	l := q.waiting[0]
	q.waiting[0] = line{}
	q.waiting = q.waiting[1:]
	if q.lost > 0 {
		l.record.AddAttrs(slog.Int("lines_lost_before", q.lost))
		q.lost = 0
	}
	return l, true
}

func (l *line) write() {
	defer close(l.done)
	defer Recover(func(string) {})
	if l.handler.Enabled(l.ctx, l.record.Level) {
		_ = l.handler.Handle(l.ctx, l.record) // slog drops the error as well
	}
}
