package callback_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// checkReport verifies that a report accounts for everything.
func checkReport(t *testing.T, r callback.Report) {
	t.Helper()
	sum := r.Delivered + r.Unacknowledged + r.Unchanged + r.Left
	for reason, n := range r.Dropped {
		if n == 0 {
			t.Errorf("the report has reason %s with no loss", reason)
		}
		sum += n
	}
	if sum != r.Emitted || r.Left != 0 || r.Complete() != (r.Delivered == r.Emitted) {
		t.Errorf("the report does not add up: %+v", r)
	}
}

func TestShutdownDeliversWhatWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, reporting("auto"))
		for i := range 100 {
			client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint(i)}).StartNode("n")
		}
		report, err := client.Shutdown(t.Context())
		if err != nil || !report.Complete() || report.Emitted != 200 || report.Accepted != 200 {
			t.Errorf("%+v, %v", report, err)
		}
		checkReport(t, report)
		if n := len(rec.Events()); n != 200 {
			t.Errorf("%d events arrived, want 200", n)
		}
		again, err := client.Shutdown(t.Context())
		if fmt.Sprint(again) != fmt.Sprint(report) || err != nil {
			t.Errorf("a second call gives %+v, %v; want the same", again, err)
		}
	})
}

func TestShutdownReportsEveryLossByReason(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t, func(cfg *callback.Config) { cfg.QueueEvents = 5 })
		c.decide(func(b *batching.Batch) error {
			switch string(b.Key) {
			case "refused":
				return errRefused
			case "unknown":
				return errors.New("nobody knows")
			}
			return nil
		})
		client.StartRun(callback.RunInfo{ThreadID: "refused"})
		client.StartRun(callback.RunInfo{ThreadID: "unknown"})
		client.StartRun(callback.RunInfo{ThreadID: "arrives"})
		// too large
		client.StartRun(callback.RunInfo{ThreadID: "arrives"}).Root().
			StartNode(strings.Repeat("x", 1<<20))
		client.StartRun(callback.RunInfo{ThreadID: "arrives"})
		client.StartRun(callback.RunInfo{ThreadID: "too many"})
		report, err := client.Shutdown(t.Context())
		want := callback.Report{
			Emitted: 7, Accepted: 5, Delivered: 3, Unacknowledged: 1,
			Dropped: map[string]uint64{"rejected": 1, "too_large": 1, "queue_full": 1},
		}
		if fmt.Sprint(report) != fmt.Sprint(want) {
			t.Errorf("the report is %+v, want %+v", report, want)
		}
		checkReport(t, report)
		if err != nil {
			t.Errorf("everything came to an end in time, but the error is %v", err)
		}
	})
}

// stuck is a Sender that never calls done, not even when it is closed.
type stuck struct {
	closes   func(ctx context.Context) error
	mu       sync.Mutex
	sent     int
	blocking chan struct{} // Send waits for it unless it is nil
}

func (s *stuck) Send(*batching.Batch, func(*batching.Batch, error)) {
	s.mu.Lock()
	s.sent++
	s.mu.Unlock()
	if s.blocking != nil {
		<-s.blocking
	}
}

// unblock ends calls of Send that wait.
func (s *stuck) unblock() {
	if s.blocking != nil {
		close(s.blocking)
	}
}

func (s *stuck) Stats() batching.SenderStats { return batching.SenderStats{} }

func (s *stuck) Close(ctx context.Context) error {
	if s.closes == nil {
		return nil
	}
	return s.closes(ctx)
}

// The synctest bubble fails the test if a goroutine is left two seconds later.
func TestShutdownKeepsItsDeadline(t *testing.T) {
	const deadline, late = 2 * time.Second, 200 * time.Millisecond
	waits := func(ctx context.Context) error { <-ctx.Done(); return ctx.Err() }
	tests := map[string]struct {
		sender  *stuck
		change  func(*callback.Config)
		context func() (context.Context, context.CancelFunc)
		within  time.Duration
	}{
		"never answers":                {sender: &stuck{}},
		"never answers, closing waits": {sender: &stuck{closes: waits}},
		"never answers, reports go on": {sender: &stuck{}, change: reporting("always")},
		"never answers, closing fails": {sender: &stuck{closes: func(context.Context) error {
			return errOops
		}}},
		"one permit": {sender: &stuck{closes: waits},
			change: func(cfg *callback.Config) { cfg.MaxPermits = 1 }},
		"a full queue": {sender: &stuck{closes: waits},
			change: func(cfg *callback.Config) { cfg.QueueEvents = 10 }},
		"Send itself waits": {sender: &stuck{closes: waits,
			blocking: make(chan struct{})}},
		"Send waits, and reports go on": {sender: &stuck{closes: waits,
			blocking: make(chan struct{})}, change: reporting("always")},
		"the default deadline": {sender: &stuck{closes: waits}, context: func() (context.Context,
			context.CancelFunc) {
			return context.WithCancel(context.Background())
		}, within: 10 * time.Second},
		"a deadline of the configuration": {sender: &stuck{closes: waits},
			context: func() (context.Context, context.CancelFunc) {
				return context.WithCancel(context.Background())
			}, change: func(cfg *callback.Config) { cfg.ShutdownTimeout = 50 * time.Millisecond },
			within: 50 * time.Millisecond},
		"a context that has ended": {sender: &stuck{closes: waits},
			context: func() (context.Context, context.CancelFunc) {
				ctx, cancel := context.WithCancel(context.Background())
				cancel()
				return ctx, cancel
			}, within: time.Nanosecond},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				cfg := callback.Config{Sender: tt.sender,
					SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler)}
				if tt.change != nil {
					tt.change(&cfg)
				}
				if tt.sender.blocking != nil {
					tt.sender.blocking = make(chan struct{}) // it belongs to the bubble
				}
				defer time.Sleep(2 * time.Second)
				defer tt.sender.unblock()
				client, err := callback.New(cfg)
				if err != nil {
					t.Fatal(err)
				}
				for i := range 50 {
					client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint(i)}).End(nil)
				}
				time.Sleep(time.Second)
				client.StartRun(callback.RunInfo{ThreadID: "waits"})

				open, within := tt.context, tt.within
				if open == nil {
					open, within = func() (context.Context, context.CancelFunc) {
						return context.WithTimeout(context.Background(), deadline)
					}, deadline
				}
				ctx, cancel := open()
				defer cancel()
				start := time.Now()
				report, err := client.Shutdown(ctx)
				if took := time.Since(start); took > within+late {
					t.Errorf("it took %v, want at most %v", took, within+late)
				}
				checkReport(t, report)
				if report.Delivered != 0 || report.Unacknowledged == 0 || report.Emitted != 101 {
					t.Errorf("the report is %+v", report)
				}
				if err == nil || !strings.HasPrefix(err.Error(),
					fmt.Sprintf("callback: shutdown: %d of %d events were not delivered",
						report.Emitted, report.Emitted)) {
					t.Errorf("the error is %v", err)
				}
				if tt.context == nil && !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("the error is not the context's: %v", err)
				}
				s := client.Stats()
				if s.Queue.Events != 0 || s.Queue.Bytes != 0 || s.Permits.InUse != 0 ||
					s.Batches.Pending != 0 || s.Total.Unacknowledged != report.Unacknowledged {
					t.Errorf("left after shutdown: %+v, %+v, %+v", s.Queue, s.Permits, s.Batches)
				}
				again, err2 := client.Shutdown(context.Background())
				if fmt.Sprint(again) != fmt.Sprint(report) || err2 != err {
					t.Errorf("a second call gives %+v, %v; want the same", again, err2)
				}
			})
		})
	}
}

func TestShutdownSaysThatTheSenderDidNotClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := callback.New(callback.Config{
			Sender:      &stuck{closes: func(context.Context) error { return errOops }},
			SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := client.Shutdown(t.Context()); !errors.Is(err, errOops) {
			t.Errorf("the error is %v", err)
		}
	})
}

func TestManyCallsOfShutdownAreOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		rec := callbacktest.NewRecorder()
		client := rec.Client(t, reporting("always"))
		var wg sync.WaitGroup
		for i := range 10 {
			wg.Go(func() {
				for range 20 {
					client.StartRun(callback.RunInfo{ThreadID: fmt.Sprint(i)}).End(nil)
				}
			})
		}
		var mu sync.Mutex
		reports := map[string]int{}
		for range 5 {
			wg.Go(func() {
				report, err := client.Shutdown(t.Context())
				mu.Lock()
				defer mu.Unlock()
				reports[fmt.Sprint(report, err)]++
			})
		}
		wg.Wait()
		if len(reports) != 1 {
			t.Errorf("several reports: %v", reports)
		}
		if s := client.Stats().Total; s.Delivered+s.Dropped[batching.Closed] != s.Emitted ||
			s.Emitted != 400 {
			t.Errorf("the account is %+v", s)
		}
		if got, sent := len(rec.Events()), client.Stats().Total.Delivered; got != int(sent) {
			t.Errorf("%d events arrived, %d count as delivered", got, sent)
		}
	})
}

// A second call waits for the first, but no longer than its own context allows.
func TestASecondShutdownKeepsItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t)
		c.hold()
		client.StartRun(callback.RunInfo{}).End(nil)
		first := make(chan error, 1)
		go func() { _, err := client.Shutdown(t.Context()); first <- err }()
		synctest.Wait()
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		report, err := client.Shutdown(ctx)
		if took := time.Since(start); took != time.Second ||
			!errors.Is(err, context.DeadlineExceeded) || report.Emitted != 0 {
			t.Errorf("after %v: %+v, %v", took, report, err)
		}
		c.release()
		if err := <-first; err != nil {
			t.Errorf("the first call: %v", err)
		}
		if report, err := client.Shutdown(ctx); err != nil || !report.Complete() ||
			report.Emitted != 2 {
			t.Errorf("a call after the end: %+v, %v", report, err)
		}
	})
}

func TestANilContextIsNoDeadline(t *testing.T) {
	client := callbacktest.NewRecorder().Client(t)
	client.StartRun(callback.RunInfo{}).End(nil)
	var none context.Context
	if err := client.Flush(none); err != nil {
		t.Error(err)
	}
	if report, err := client.Shutdown(none); err != nil || !report.Complete() ||
		report.Emitted != 2 {
		t.Errorf("%+v, %v", report, err)
	}
}

// Callers that wait for room return when the client ends.
func TestShutdownFreesCallersThatWaitForRoom(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, c := withCourier(t, func(cfg *callback.Config) {
			cfg.QueueEvents, cfg.Overflow, cfg.BlockTimeout = 2, "block", 10*time.Minute
		})
		c.hold()
		client.StartRun(callback.RunInfo{}).End(nil)
		var wg sync.WaitGroup
		for range 3 {
			wg.Go(func() { client.StartRun(callback.RunInfo{}) })
		}
		synctest.Wait()
		if n := client.Stats().Queue.Blocked; n != 3 {
			t.Errorf("%d callers wait, want 3", n)
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start := time.Now()
		report, _ := client.Shutdown(ctx)
		wg.Wait()
		if took := time.Since(start); took > 1200*time.Millisecond {
			t.Errorf("callers waited for %v", took)
		}
		checkReport(t, report)
		if report.Dropped["closed"] != 3 || report.Unacknowledged != 2 {
			t.Errorf("the report is %+v", report)
		}
	})
}

func TestTheLogSaysTheLimitsInWordsAndHowItEnded(t *testing.T) {
	var log bytes.Buffer
	client := callbacktest.NewRecorder().Client(t, func(cfg *callback.Config) {
		cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
		cfg.InstanceID, cfg.Topic, cfg.Overflow, cfg.Linger = "instance-1", "topic-1", "block", -1
	})
	client.StartRun(callback.RunInfo{}).End(nil)
	if _, err := client.Shutdown(t.Context()); err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(log.String()), "\n")
	if len(lines) != 2 {
		t.Fatalf("the log has %d lines:\n%s", len(lines), log.String())
	}
	for i, parts := range [][]string{
		{"started", "instance=instance-1", "topic=topic-1", "128MiB or 1048576 events",
			"about 26 s of 10000 events a second of 500 bytes each",
			"when_full=block", "linger=0s", "permits=8192", "max_message=900KiB",
			"given_up_after=2m0s"},
		{"ended", "emitted=2", "delivered=2", "unacknowledged=0"},
	} {
		for _, part := range parts {
			if !strings.Contains(lines[i], part) {
				t.Errorf("line %d does not say %s: %s", i+1, part, lines[i])
			}
		}
	}
}
