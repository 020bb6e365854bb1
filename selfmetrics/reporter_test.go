package selfmetrics

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// inbox keeps what was sent: for each report its time since the inbox was made, its reason and its
// interval.
type inbox struct {
	since time.Time

	mu      sync.Mutex
	entries []string
	last    Report
}

func newInbox() *inbox { return &inbox{since: time.Now()} }

func (b *inbox) send(r Report) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.entries = append(b.entries, fmt.Sprintf("%v %s (%v)", time.Since(b.since), r.Reason,
		r.Interval))
	b.last = r
}

func (b *inbox) expect(t *testing.T, want ...string) {
	t.Helper()
	synctest.Wait()
	b.mu.Lock()
	defer b.mu.Unlock()
	if !slices.Equal(b.entries, want) {
		t.Errorf("reports are\n  %s\nwant\n  %s", strings.Join(b.entries, "\n  "),
			strings.Join(want, "\n  "))
	}
}

// scrape scrapes c every period until the context ends.
func scrape(ctx context.Context, c *Collector, every time.Duration) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(c)
	for ticker := time.NewTicker(every); ; {
		select {
		case <-ticker.C:
			_, _ = registry.Gather()
		case <-ctx.Done():
			return
		}
	}
}

func stop(t *testing.T, r *Reporter) {
	t.Helper()
	if err := r.Stop(t.Context()); err != nil {
		t.Error(err)
	}
}

func TestReportsGoEveryIntervalWhileNobodyScrapes(t *testing.T) {
	for _, mode := range []Mode{Auto, Always} {
		t.Run(mode.String(), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				in := newInbox()
				r := NewReporter(New(Info{}, fixed(idle())),
					ReporterConfig{Mode: mode, Send: in.send})
				r.Start()
				r.Start()
				time.Sleep(35 * time.Second)
				stop(t, r)
				in.expect(t, "0s start (10s)", "10s interval (10s)", "20s interval (10s)",
					"30s interval (10s)", "35s final (10s)")
			})
		})
	}
}

func TestReportsAreRareWhileSomebodyScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, in := New(Info{}, fixed(idle())), newInbox()
		r := NewReporter(c, ReporterConfig{Send: in.send})
		scraping, end := context.WithTimeout(t.Context(), 142*time.Second)
		defer end()
		go scrape(scraping, c, 5*time.Second)
		r.Start()
		time.Sleep(185 * time.Second)
		stop(t, r)
		in.expect(t,
			"0s start (10s)",
			"10s interval (1m0s)", // says that the next ones come less often
			"1m10s interval (1m0s)",
			"2m10s interval (1m0s)",
			"2m40s interval (10s)", // the last scrape was at 140 s, two intervals ago
			"2m50s interval (10s)",
			"3m0s interval (10s)",
			"3m5s final (10s)",
		)
	})
}

func TestTheModeAlwaysIgnoresScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, in := New(Info{}, fixed(idle())), newInbox()
		r := NewReporter(c, ReporterConfig{Mode: Always, Interval: 4 * time.Second, Send: in.send})
		scraping, end := context.WithCancel(t.Context())
		go scrape(scraping, c, time.Second)
		r.Start()
		time.Sleep(9 * time.Second)
		stop(t, r)
		end()
		in.expect(t, "0s start (4s)", "4s interval (4s)", "8s interval (4s)", "9s final (4s)")
	})
}

func TestAnIntervalOverAMinuteIsKeptWhileSomebodyScrapes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, in := New(Info{}, fixed(idle())), newInbox()
		r := NewReporter(c, ReporterConfig{Interval: 100 * time.Second, Send: in.send})
		scraping, end := context.WithCancel(t.Context())
		go scrape(scraping, c, 15*time.Second)
		r.Start()
		time.Sleep(250 * time.Second)
		stop(t, r)
		end()
		in.expect(t, "0s start (1m40s)", "1m40s interval (1m40s)", "3m20s interval (1m40s)",
			"4m10s final (1m40s)")
	})
}

func TestAMinuteIsNotStretchedToWholeIntervals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c, in := New(Info{}, fixed(idle())), newInbox()
		r := NewReporter(c, ReporterConfig{Interval: 7 * time.Second, Send: in.send})
		scraping, end := context.WithCancel(t.Context())
		go scrape(scraping, c, 5*time.Second)
		r.Start()
		time.Sleep(68 * time.Second)
		stop(t, r)
		end()
		in.expect(t, "0s start (7s)", "7s interval (1m0s)", "1m7s interval (1m0s)",
			"1m8s final (1m0s)")
	})
}

func TestTheModeOffSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInbox()
		r := NewReporter(New(Info{}, fixed(idle())), ReporterConfig{Mode: Off, Send: in.send})
		r.Start()
		r.LevelChanged()
		time.Sleep(time.Minute)
		stop(t, r)
		in.expect(t)
	})
}

func TestAChangeOfLevelIsReportedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInbox()
		r := NewReporter(New(Info{}, fixed(idle())), ReporterConfig{Send: in.send})
		r.Start()
		time.Sleep(7 * time.Second)
		r.LevelChanged()
		time.Sleep(12 * time.Second)
		in.expect(t, "0s start (10s)", "7s level (10s)", "17s interval (10s)")
		stop(t, r)
	})
}

func TestChangesOfLevelThatCannotBeSentYetBecomeOneReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, release := newInbox(), make(chan struct{})
		r := NewReporter(New(Info{}, fixed(idle())), ReporterConfig{Send: func(r Report) {
			<-release
			in.send(r)
		}})
		r.Start()
		synctest.Wait()
		for range 100 {
			r.LevelChanged()
		}
		close(release)
		in.expect(t, "0s start (10s)", "0s level (10s)")
		stop(t, r)
	})
}

func TestTheFinalReportHasTheFinalFigures(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, stats := newInbox(), idle()
		r := NewReporter(New(Info{}, func() Stats { return stats }), ReporterConfig{Send: in.send})
		r.Start()
		synctest.Wait()
		stats.Queue.Events = 41
		stop(t, r)
		stop(t, r)
		r.Start()
		r.LevelChanged()
		time.Sleep(time.Minute)
		in.expect(t, "0s start (10s)", "0s final (10s)")
		i := slices.IndexFunc(in.last.Samples, func(s Sample) bool {
			return s.Name == "dashstream_telemetry_queue_depth"
		})
		if i < 0 || in.last.Samples[i].Value != 41 {
			t.Errorf("the final report does not say that 41 events are left")
		}
	})
}

func TestAReporterThatWasNotStartedSendsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in := newInbox()
		r := NewReporter(New(Info{}, fixed(idle())), ReporterConfig{Send: in.send})
		stop(t, r)
		r.Start()
		time.Sleep(time.Minute)
		in.expect(t)
	})
}

func TestStopReturnsInTimeWhenSendHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		in, release := newInbox(), make(chan struct{})
		r := NewReporter(New(Info{}, fixed(idle())), ReporterConfig{Send: func(r Report) {
			in.send(r)
			<-release
		}})
		r.Start()
		ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
		defer cancel()
		if err := r.Stop(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("Stop returned %v", err)
		}
		if took := time.Since(in.since); took != 2*time.Second {
			t.Errorf("Stop took %v", took)
		}
		close(release)
		stop(t, r)
		in.expect(t, "0s start (10s)", "2s final (10s)")
	})
}

func TestReportsGoOnAfterAPanicAndTheLogSaysSoOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		in := newInbox()
		r := NewReporter(New(Info{}, fixed(idle())), ReporterConfig{
			Logger: slog.New(slog.NewTextHandler(&log, nil)),
			Send: func(r Report) {
				if time.Since(in.since) < 25*time.Second {
					panic("no way out")
				}
				in.send(r)
			},
		})
		r.Start()
		time.Sleep(45 * time.Second)
		stop(t, r)
		in.expect(t, "30s interval (10s)", "40s interval (10s)", "45s final (10s)")
		for text, want := range map[string]int{"level=WARN": 1, "no way out": 1,
			"complete again": 1} {
			if got := strings.Count(log.String(), text); got != want {
				t.Errorf("the log says %q %d times, want %d:\n%s", text, got, want, &log)
			}
		}
	})
}

func TestAReportThatCannotBeReadIsSentAsFarAsItCan(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		in := newInbox()
		r := NewReporter(New(Info{}, func() Stats { panic("broken") }), ReporterConfig{
			Logger: slog.New(slog.NewTextHandler(&log, nil)), Send: in.send,
		})
		r.Start()
		time.Sleep(10 * time.Second)
		in.expect(t, "0s start (10s)", "10s interval (10s)")
		stop(t, r)
		if got := strings.Count(log.String(), "broken"); got != 1 {
			t.Errorf("the log names the cause %d times, want once:\n%s", got, &log)
		}
	})
}

func TestANilReporterDoesNothing(t *testing.T) {
	var r *Reporter
	r.Start()
	r.LevelChanged()
	stop(t, r)
}

func TestModesAreReadFromText(t *testing.T) {
	for _, mode := range []Mode{Auto, Always, Off} {
		got := Mode(99)
		if err := got.UnmarshalText([]byte(mode.String())); err != nil || got != mode {
			t.Errorf("%v is read as %v, %v", mode, got, err)
		}
	}
	mode := Off
	if err := mode.UnmarshalText([]byte("On")); err == nil || !strings.Contains(err.Error(),
		`"On"`) || mode != Off {
		t.Errorf(`"On" is read as %v, %v`, mode, err)
	}
}
