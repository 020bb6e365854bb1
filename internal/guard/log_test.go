package guard

import (
	"context"
	"log/slog"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"
)

// book stores the messages that it handles, after it has done what the test tells it to.
type book struct {
	before func(message string)
	mu     sync.Mutex
	lines  []string
}

func (*book) Enabled(_ context.Context, l slog.Level) bool { return l >= slog.LevelInfo }

func (b *book) Handle(_ context.Context, r slog.Record) error {
	if b.before != nil {
		b.before(r.Message)
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	text := r.Message
	r.Attrs(func(a slog.Attr) bool { text += " " + a.String(); return true })
	b.lines = append(b.lines, text)
	return nil
}

func (*book) WithAttrs([]slog.Attr) slog.Handler { panic("oh") }
func (b *book) WithGroup(string) slog.Handler    { return nil }

func (b *book) read() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Clone(b.lines)
}

func TestLinesAreWrittenInOrderBeforeTheCallReturns(t *testing.T) {
	synctest.Test(t, testLinesInOrder)
}

func testLinesInOrder(t *testing.T) {
	b := &book{}
	log := Logger(slog.New(b))
	for _, m := range []string{"a", "b", "c"} {
		log.Info(m, "n", 1)
		log.Debug("not asked for")
	}
	if got, want := b.read(), []string{"a n=1", "b n=1", "c n=1"}; !slices.Equal(got, want) {
		t.Errorf("written: %q, want %q", got, want)
	}
	if Logger(log) != log {
		t.Error("a guarded logger is guarded once more")
	}
	log.With("a", 1).WithGroup("g").Info("d")
	if got := b.read(); !slices.Contains(got, "d") {
		t.Errorf("written: %q, want the line of a logger whose handler cannot take attributes", got)
	}
}

func TestALogHandlerCannotEndTheProgram(t *testing.T) { synctest.Test(t, testWickedHandlers) }

func testWickedHandlers(t *testing.T) {
	b := &book{before: func(m string) {
		switch m {
		case "panic":
			panic("oh")
		case "exit":
			runtime.Goexit()
		}
	}}
	log := Logger(slog.New(b))
	for _, m := range []string{"panic", "a", "exit", "b"} {
		log.Info(m)
	}
	if got, want := b.read(), []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("written: %q, want %q", got, want)
	}
	Logger(slog.New((*book)(nil))).Info("typed nil")
}

func TestNobodyWaitsForALogHandlerThatIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		b := &book{before: func(m string) {
			if m == "stuck" {
				<-release
			}
		}}
		log := Logger(slog.New(b))
		start := time.Now()
		log.Info("stuck")
		for range logBacklog + 50 {
			log.Info("behind it")
		}
		if took := time.Since(start); took > logPatience {
			t.Errorf("the caller waited for %v", took)
		}
		close(release)
		synctest.Wait()
		if got := len(b.read()); got != 1+logBacklog {
			t.Errorf("%d lines were written, want %d", got, 1+logBacklog)
		}
		if got := b.read()[1]; got != "behind it lines_lost_before=50" {
			t.Errorf("the first line behind it is %q", got)
		}
		log.Info("again")
		if got := b.read(); got[len(got)-1] != "again" {
			t.Errorf("the last line is %q", got[len(got)-1])
		}
	})
}

func TestALoggerWithoutAHandlerIsTheDefault(t *testing.T) { synctest.Test(t, testDefault) }

func testDefault(t *testing.T) {
	b := &book{}
	before := slog.Default()
	defer slog.SetDefault(before)
	slog.SetDefault(slog.New(b))
	Logger(nil).Info("a")
	Logger(&slog.Logger{}).Info("b")
	if got, want := b.read(), []string{"a", "b"}; !slices.Equal(got, want) {
		t.Errorf("written: %q, want %q", got, want)
	}
}
