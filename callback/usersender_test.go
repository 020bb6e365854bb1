package callback_test

import (
	"context"
	"errors"
	"log/slog"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// wickedSender is a Sender whose methods do what the test tells them to.
type wickedSender struct {
	*callbacktest.Recorder
	send, stats, close func()
	after              func() // Send has called done
	twice              bool   // it calls done twice, and with another batch
	err                error
}

func (s *wickedSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	call(s.send)
	if s.err != nil {
		done(b, s.err)
	} else {
		s.Recorder.Send(b, done)
	}
	if s.twice {
		done(nil, nil)
		done(new(batching.Batch), errors.New("again"))
	}
	call(s.after)
}

func (s *wickedSender) Stats() batching.SenderStats { call(s.stats); return batching.SenderStats{} }
func (s *wickedSender) Close(context.Context) error { call(s.close); return nil }

func call(f func()) {
	if f != nil {
		f()
	}
}

// Whatever the application's Sender does, every event comes to an end, statistics can be read, and
// Shutdown returns.
func TestWickedSenders(t *testing.T) {
	oh := func() { panic(&wicked{func() { panic("oh") }}) }
	block := func() { time.Sleep(time.Hour) }
	for name, tt := range map[string]struct {
		sender wickedSender
		lost   bool
		failed bool // Shutdown has an error
	}{
		"Send panics":              {sender: wickedSender{send: oh}, lost: true},
		"Send panics when it ends": {sender: wickedSender{after: oh}},
		"Send blocks for a while": {sender: wickedSender{send: func() {
			time.Sleep(time.Second)
		}}},
		"done is called twice":     {sender: wickedSender{twice: true}},
		"the error is a typed nil": {sender: wickedSender{err: (*wicked)(nil)}, lost: true},
		"the error panics":         {sender: wickedSender{err: &wicked{oh}}, lost: true},
		"the error is a nil *SendError": {sender: wickedSender{err: (*batching.SendError)(nil)},
			lost: true},
		"the error is out of range": {sender: wickedSender{err: &batching.SendError{Outcome: 77,
			Reason: 99}}, lost: true},
		"Stats panics": {sender: wickedSender{stats: oh}},
		"Stats blocks": {sender: wickedSender{stats: block}},
		"Close panics": {sender: wickedSender{close: oh}, failed: true},
		"Close blocks": {sender: wickedSender{close: block}, failed: true},
		"all of it": {sender: wickedSender{send: oh, stats: block,
			close: block}, lost: true, failed: true},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				sender := tt.sender
				sender.Recorder = callbacktest.NewRecorder()
				client, err := callback.New(callback.Config{Sender: &sender,
					SelfMetrics: "always", Logger: slog.New(&wicked{oh})})
				if err != nil {
					t.Fatal(err)
				}
				for range 3 {
					run := client.StartRun(callback.RunInfo{})
					run.StartNode("node").End(nil)
					run.End(nil)
					if err := client.Flush(t.Context()); err != nil {
						t.Error(err)
					}
				}
				start := time.Now()
				s := client.Stats()
				client.Stats()
				if took := time.Since(start); took > time.Second {
					t.Errorf("statistics took %v", took)
				}
				if lost := s.Total.Delivered != 12; s.Total.Emitted != 12 || lost != tt.lost {
					t.Errorf("%d of %d events were delivered", s.Total.Delivered, s.Total.Emitted)
				}
				start = time.Now()
				ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
				defer cancel()
				report, err := client.Shutdown(ctx)
				if took := time.Since(start); took > 7*time.Second {
					t.Errorf("shutdown took %v", took)
				}
				if (err != nil) != tt.failed || report.Left != 0 {
					t.Errorf("shutdown: %+v, %v", report, err)
				}
				time.Sleep(24 * time.Hour) // until all calls have returned
			})
		})
	}
}

// talkative is a Sender that acknowledges at once, from another goroutine. Whenever it is given
// another batch, it also reports failure for every batch that it ever had.
type talkative struct {
	*callbacktest.Recorder
	done []func(*batching.Batch, error)
}

func (s *talkative) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	go done(b, nil)
	time.Sleep(time.Millisecond)
	s.done = append(s.done, done)
	for _, d := range s.done {
		go d(nil, errors.New("again"))
	}
}

func TestWhatASenderSaysAgainEndsNoOtherBatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client, err := callback.New(callback.Config{
			Sender:      &talkative{Recorder: callbacktest.NewRecorder()},
			SelfMetrics: "off", Logger: slog.New(slog.DiscardHandler),
		})
		if err != nil {
			t.Fatal(err)
		}
		for range 50 {
			client.StartRun(callback.RunInfo{}).End(nil)
			if err := client.Flush(t.Context()); err != nil {
				t.Error(err)
			}
		}
		report, err := client.Shutdown(t.Context())
		if err != nil || report.Delivered != 100 {
			t.Errorf("%+v, %v: not every batch ended with its first answer", report, err)
		}
	})
}

// onlyOne is a Sender that is not safe for concurrent use; the race detector reports it if it is
// used concurrently.
type onlyOne struct {
	*callbacktest.Recorder
	calls int
}

func (s *onlyOne) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	s.calls++
	time.Sleep(time.Millisecond)
	s.Recorder.Send(b, done)
	s.calls--
}

func TestSendIsCalledByOneAtATime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sender := &onlyOne{Recorder: callbacktest.NewRecorder()}
		client := sender.Client(t, func(cfg *callback.Config) {
			cfg.Sender, cfg.SelfMetrics, cfg.SelfMetricsInterval = sender,
				"always", 100*time.Millisecond
		})
		for range 1000 {
			client.StartRun(callback.RunInfo{}).End(nil)
			time.Sleep(time.Millisecond)
		}
		flush(t, client)
		if s := client.Stats(); s.Report.Sent < 5 || s.Report.Failed > 0 {
			t.Errorf("%+v, want reports between the events", s.Report)
		}
	})
}
