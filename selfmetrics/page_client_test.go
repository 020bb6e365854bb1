package selfmetrics_test

import (
	"context"
	"encoding/json"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/dashstream/dashstream-go/batching"
	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// stuckSender stands still in Send, so the worker stands still with it.
type stuckSender struct {
	freed chan struct{}
	once  sync.Once
	stats batching.SenderStats
}

func (s *stuckSender) Send(b *batching.Batch, done func(*batching.Batch, error)) {
	<-s.freed
	done(b, nil)
}
func (s *stuckSender) Stats() batching.SenderStats { return s.stats }
func (s *stuckSender) Close(context.Context) error {
	s.once.Do(func() { close(s.freed) })
	return nil
}

func stuckClient(
	t *testing.T, sender *stuckSender, change func(*callback.Config),
) *callback.Client {
	t.Helper()
	cfg := callback.Config{
		Sender: sender, QueueEvents: 100, Overflow: "block", BlockTimeout: 10 * time.Minute,
		SelfMetrics: "off", ShutdownTimeout: time.Second,
		Logger: slog.New(slog.NewTextHandler(io.Discard, nil)),
	}
	if change != nil {
		change(&cfg)
	}
	client, err := callback.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	return client
}

func read(t *testing.T, client *callback.Client, path string) (int, string) {
	t.Helper()
	w := httptest.NewRecorder()
	selfmetrics.Handler(client).ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestThePageAnswersWhileEverythingElseIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		sender := &stuckSender{freed: make(chan struct{})}
		client := stuckClient(t, sender, nil)
		run := client.StartRun(callback.RunInfo{ThreadID: "t"})
		for range 3 {
			go func() {
				for range 100 {
					run.Root().Warning("w")
				}
			}()
		}
		time.Sleep(20 * time.Second)
		began := time.Now()
		code, text := read(t, client, "/json")
		if waited := time.Since(began); code != http.StatusOK || waited != 0 {
			t.Fatalf("answer %d after %v:\n%s", code, waited, text)
		}
		var d struct {
			Input   struct{ Blocked_callers int64 }
			Queue   struct{ Events, Capacity_events int64 }
			Permits struct{ Worker_heartbeat_seconds float64 }
			History []struct{ Events int64 }
		}
		if err := json.Unmarshal([]byte(text), &d); err != nil {
			t.Fatal(err)
		}
		if d.Input.Blocked_callers != 3 || d.Queue.Events != 100 ||
			d.Queue.Capacity_events != 100 ||
			d.Permits.Worker_heartbeat_seconds < 10 || len(d.History) == 0 {
			t.Errorf("the page says %+v", d)
		}
		_, html := read(t, client, "/")
		for _, want := range []string{"3 callers waiting", "stuck for", "100 of 100 events"} {
			if !strings.Contains(html, want) {
				t.Errorf("the page does not say %q", want)
			}
		}
		sender.once.Do(func() { close(sender.freed) })
		if _, err := client.Shutdown(context.Background()); err != nil {
			t.Error(err)
		}
	})
}

// The secrets stand wherever a user can put one, and where errors could repeat them.
func TestNoSecretIsOnThePage(t *testing.T) {
	const secret = "Zq9-planted"
	sender := &stuckSender{freed: make(chan struct{}), stats: batching.SenderStats{
		LastErrorAt: time.Now(), LastError: "sasl: handshake with kafka://svc:" + secret +
			"@broker:9092 failed: password=" + secret + " Authorization: Basic " + secret,
	}}
	client := stuckClient(t, sender, func(cfg *callback.Config) {
		cfg.SecurityProtocol, cfg.SASLMechanism, cfg.SASLUsername, cfg.SASLPassword = "sasl_ssl",
			"PLAIN", secret, callback.NewSecret(secret)
		cfg.TLSKeyPassword = callback.NewSecret(secret)
		cfg.TenantID = secret
	})
	defer client.Shutdown(context.Background())
	run := client.StartRun(callback.RunInfo{ThreadID: secret})
	run.Root().Warning(secret)
	for _, path := range []string{"/", "/json"} {
		code, text := read(t, client, path)
		if code != http.StatusOK || strings.Contains(text, secret) {
			i := max(strings.Index(text, secret), 0)
			t.Errorf("%s is answered with %d and says %.100s", path, code, text[max(i-50, 0):])
		}
		if !strings.Contains(text, "sasl: handshake with kafka://") {
			t.Errorf("%s does not say the last error", path)
		}
	}
}

// A page shows what the application calls a secret no more than what everybody does.
func TestThePageKeepsToTheRulesOfTheApplication(t *testing.T) {
	for name, disabled := range map[string]bool{"redaction on": false, "redaction disabled": true} {
		t.Run(name, func(t *testing.T) {
			sender := &stuckSender{freed: make(chan struct{}), stats: batching.SenderStats{
				LastErrorAt: time.Now(), LastError: "no account 4711-0815 of the Bank: " +
					"staff_number=Q-17xyz password=hunter2!",
			}}
			client := stuckClient(t, sender, func(cfg *callback.Config) {
				cfg.Redaction = callback.Redaction{Disabled: disabled,
					Names: []string{"staff number"},
					Rules: []callback.RedactionRule{{Name: "account",
						Pattern: `account (?P<secret>[0-9-]+)`}}}
			})
			defer client.Shutdown(context.Background())
			for _, path := range []string{"/", "/json"} {
				if _, text := read(t, client, path); strings.Contains(text, "0815") ||
					strings.Contains(text, "Q-17") || strings.Contains(text, "hunter2") ||
					!strings.Contains(text, "of the Bank") {
					t.Errorf("%s shows a secret, or not the error", path)
				}
			}
			const want = "no account [REDACTED:account] of the Bank: " +
				"staff_number=[REDACTED:staff-number] password=[REDACTED:password]"
			if got := client.Stats().Sender.LastError; got != want {
				t.Errorf("the last error is %q, want %q", got, want)
			}
			for _, c := range client.Stats().Input.Redactions {
				if c.Count > 0 {
					t.Errorf("what was hidden on the page counts as hidden in what is "+
						"published: %+v", c)
				}
			}
		})
	}
}

func TestANilClientHasAPage(t *testing.T) {
	if code, text := read(t, nil, "/"); code != http.StatusOK ||
		!strings.Contains(text, "disabled") {
		t.Errorf("answer %d:\n%s", code, text)
	}
}
