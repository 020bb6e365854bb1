package batching

import (
	"context"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// logbook is a slog.Handler that stores what it is given.
type logbook struct {
	block chan bool // nil, or what Handle waits for

	mu    sync.Mutex
	lines []string
	attrs []map[string]slog.Value
}

func (b *logbook) Handle(_ context.Context, r slog.Record) error {
	if b.block != nil {
		<-b.block
	}
	attrs := map[string]slog.Value{}
	r.Attrs(func(a slog.Attr) bool { attrs[a.Key] = a.Value; return true })
	b.mu.Lock()
	defer b.mu.Unlock()
	b.lines, b.attrs = append(b.lines, r.Level.String()+" "+r.Message), append(b.attrs, attrs)
	return nil
}

func (b *logbook) Enabled(context.Context, slog.Level) bool { return true }
func (b *logbook) WithAttrs([]slog.Attr) slog.Handler       { return b }
func (b *logbook) WithGroup(string) slog.Handler            { return b }

// check checks the number of lines so far, and that they alternate between the beginning and the
// end of losses.
func (b *logbook) check(t *testing.T, want int) {
	t.Helper()
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.lines) != want {
		t.Errorf("%d lines, want %d: %q", len(b.lines), want, b.lines)
	}
	for i, line := range b.lines {
		phrase := []string{"are being lost", "no longer being lost"}[i%2]
		if !strings.Contains(line, phrase) || !strings.HasPrefix(line, "WARN") {
			t.Errorf("line %d is %q, want a warning that events %s", i, line, phrase)
		}
	}
}

func (b *logbook) last(key string) any {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.attrs[len(b.attrs)-1][key].Any()
}

func TestLossesAreSaidOnceWhenTheyBeginAndOnceWhenTheyEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(logbook)
		s := new(heldSender)
		e := start(t, s, func(c *Config) { c.Logger = slog.New(log); c.QueueEvents = 1 })
		l := e.NewLane("a", nil, 0, 0)
		state(0).emit(l)
		log.check(t, 0)
		for i := range 1000 { // flapping, for a minute and a half
			state(0).emit(l)
			if i%10 == 9 {
				time.Sleep(900 * time.Millisecond)
				s.end(nil)
				state(0).emit(l)
			}
		}
		log.check(t, 1)
		time.Sleep(2*lossesQuiet - time.Second)
		log.check(t, 2)
		if n := log.last("dropped_queue_full"); n != uint64(1000) {
			t.Errorf("the last line says %v dropped, want 1000", n)
		}
		time.Sleep(time.Hour)
		log.check(t, 2)

		state(1).padded(DefaultMaxMessageBytes).emit(l)
		log.check(t, 3)
		time.Sleep(3 * lossesQuiet)
		log.check(t, 4)
		if n := log.last("dropped_too_large"); n != uint64(1) {
			t.Errorf("the last line says %v dropped as too large, want 1", n)
		}
		s.end(&SendError{Outcome: Unacknowledged})
		log.check(t, 5)
		time.Sleep(3 * lossesQuiet)
		log.check(t, 6)
		if n := log.last("unacknowledged"); n != uint64(1) {
			t.Errorf("the last line says %v unacknowledged, want 1", n)
		}
	})
}

func TestLossesAreSummedUpAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := new(logbook)
		e := start(t, new(heldSender), func(c *Config) { c.Logger, c.Permits = slog.New(log), 1 })
		l := e.NewLane("a", nil, 0, 0)
		state(0).emit(l)
		time.Sleep(time.Second) // it has the only permit, so later events stay in the queue
		state(1).emit(l)
		event(2).emit(l)
		_ = e.Close(context.Background())
		log.check(t, 2)
		if n := log.last("dropped_shutdown"); n != uint64(2) {
			t.Errorf("the last line says %v dropped at shutdown, want 2", n)
		}
		for range 100 {
			event(2).emit(l) // into a closed engine
		}
		log.check(t, 2)
		time.Sleep(time.Minute)
		log.check(t, 2)
	})
}

func TestLogHandlerThatBlocksStopsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := &logbook{block: make(chan bool)}
		s := new(heldSender)
		e := start(t, s, func(c *Config) {
			c.Logger = slog.New(log)
			c.MaxMessageBytes = 100
			c.Linger = -1
		})
		l := e.NewLane("a", nil, 0, 0)
		before := time.Now()
		for range 100 {
			state(1).padded(100).emit(l)
			state(2).emit(l)
		}
		synctest.Wait()
		if st := e.Stats(); time.Since(before) != 0 || st.Total.InFlight != 100 {
			t.Errorf("after %v: %+v", time.Since(before), st.Total)
		}
		s.end(nil)
		close(log.block)
	})
}
