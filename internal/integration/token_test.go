package integration

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

const tokenSecret = "a client's own secret, 2+2=4"

// tokenServer is an OAuth 2 token endpoint that knows one client.
type tokenServer struct {
	*httptest.Server
	lives   time.Duration
	given   atomic.Int64
	asked   atomic.Int64
	refuses atomic.Bool // 401
	failing atomic.Bool // 503
	hangs   atomic.Bool
	release chan struct{}
}

// newTokenServer returns a token endpoint whose tokens the cluster's OAuthJWKS listener accepts.
func newTokenServer(t *testing.T, c *cluster, lives time.Duration) *tokenServer {
	t.Helper()
	s := &tokenServer{lives: lives, release: make(chan struct{})}
	s.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		s.serve(t, c, w, r)
	}))
	t.Cleanup(func() { close(s.release); s.Close() })
	return s
}

func (s *tokenServer) serve(t *testing.T, c *cluster, w http.ResponseWriter, r *http.Request) {
	s.asked.Add(1)
	if s.hangs.Load() {
		select {
		case <-s.release:
		case <-r.Context().Done():
		}
		return
	}
	w.Header().Set("Content-Type", "application/json")
	id, secret, _ := r.BasicAuth()
	switch {
	case s.failing.Load():
		w.WriteHeader(http.StatusServiceUnavailable)
	case s.refuses.Load() || id != "client" || secret != strings.NewReplacer(" ", "+", "'", "%27",
		",", "%2C", "+", "%2B", "=", "%3D").Replace(tokenSecret) ||
		r.FormValue("grant_type") != "client_credentials" || r.FormValue("scope") != "events more":
		w.WriteHeader(http.StatusUnauthorized)
		fmt.Fprintf(w, `{"error":"invalid_client","error_description":"no client %s"}`, tokenSecret)
	default:
		token, err := c.real.Token("agent", s.lives)
		if err != nil {
			t.Error(err)
		}
		s.given.Add(1)
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": token, "token_type": "Bearer",
			"expires_in": s.lives.Seconds()})
	}
}

// withEndpoint returns a configuration that logs in with tokens of the endpoint.
func (c *cluster) withEndpoint(url string) callback.Config {
	cfg := c.config()
	cfg.Brokers, cfg.SecurityProtocol, cfg.SASLMechanism = c.real.Brokers(kafkatest.OAuthJWKS),
		"sasl_plaintext", "OAUTHBEARER"
	cfg.SASLTokenURL, cfg.SASLClientID, cfg.SASLClientSecret = url,
		"client", callback.NewSecret(tokenSecret)
	cfg.SASLScope = "events more"
	return cfg
}

// complete ends a client whose events must all have arrived, and reads them back.
func (c *cluster) complete(t *testing.T, client *callback.Client) {
	t.Helper()
	report, err := client.Shutdown(deadline(t, time.Minute))
	if err != nil || !report.Complete() {
		t.Fatalf("%+v, %v; last error: %s", report, err, client.Stats().Sender.LastError)
	}
	if err := c.readTopic(t).Err(); err != nil {
		t.Error(err)
	}
	t.Logf("%d events delivered, none lost", report.Delivered)
}

// oneBrokerIsEnough skips a test with three brokers that .ci/run also runs with one.
func oneBrokerIsEnough(t *testing.T, c *cluster) {
	t.Helper()
	if c.real.Size() > 1 && !long() {
		t.Skip("tried on one broker; DASHSTREAM_LONG=1 tries it on several too")
	}
}

func long() bool { return os.Getenv("DASHSTREAM_LONG") != "" }

func TestEverySourceOfTokensLogsIn(t *testing.T) {
	c := realCluster(t)
	server := newTokenServer(t, c, time.Minute)
	file := filepath.Join(t.TempDir(), "token")
	signed, err := c.real.Token("agent", time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(signed+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, change := range map[string]func(*callback.Config){
		"endpoint": func(*callback.Config) {},
		"file": func(cfg *callback.Config) {
			*cfg = c.withoutEndpoint(*cfg)
			cfg.SASLTokenFile = file
		},
		"function": func(cfg *callback.Config) {
			*cfg = c.withoutEndpoint(*cfg)
			cfg.SASLMechanism = ""
			cfg.SASLToken = func(context.Context) (string, time.Time, error) {
				return signed,
					time.Time{}, nil
			}
		},
		"function, unsecured validator, extensions": func(cfg *callback.Config) {
			*cfg = c.withoutEndpoint(*cfg)
			cfg.Brokers = c.real.Brokers(kafkatest.OAuthUnsecured)
			cfg.SASLExtensions = []string{"logicalCluster=lkc-1", "identityPoolId=pool-1"}
			cfg.SASLToken = func(context.Context) (string, time.Time, error) {
				return kafkatest.UnsecuredToken("agent", time.Minute), time.Now().Add(time.Minute),
					nil
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			c := realCluster(t)
			cfg := c.withEndpoint(server.URL)
			change(&cfg)
			client := newClient(t, cfg)
			for i := range 10 {
				oneRun(client, fmt.Sprint(name, i), 2)
			}
			c.complete(t, client)
		})
	}
}

func (c *cluster) withoutEndpoint(cfg callback.Config) callback.Config {
	cfg.SASLTokenURL, cfg.SASLClientID, cfg.SASLClientSecret, cfg.SASLScope = "", "",
		callback.Secret{}, ""
	return cfg
}

// Tokens that are valid for ten seconds are renewed for two minutes, and nothing is lost. The short
// form uses tokens of five seconds, for twelve seconds.
func TestTokensAreRenewedBeforeTheyExpire(t *testing.T) {
	c := realCluster(t)
	oneBrokerIsEnough(t, c)
	lives, runs := 5*time.Second, 12*time.Second
	if long() {
		lives, runs = 10*time.Second, 2*time.Minute
	}
	server := newTokenServer(t, c, lives)
	client := newClient(t, c.withEndpoint(server.URL))
	oneRun(client, "first", 2) // a broker that has just started responds that it is loading
	if err := client.Flush(t.Context()); err != nil {
		t.Fatal(err)
	}
	begin := time.Now()
	during(client, 50, 500, "x", func() { after(runs) })
	stats := client.Stats()
	c.complete(t, client)
	given := server.given.Load()
	t.Logf("%d tokens of %v in %v; %d connections failed, %d ended", given, lives, runs,
		stats.Sender.ConnectFailures, stats.Sender.Disconnects)
	if least := int64(runs/lives) - 1; given < least {
		t.Errorf("%d tokens, want at least %d", given, least)
	}
	if stats.Sender.LastErrorAt.After(begin) {
		t.Errorf("something failed: %s", stats.Sender.LastError)
	}
}

func TestATokenEndpointThatFailsAfterAGoodStartLosesNothing(t *testing.T) {
	for name, fail := range map[string]func(s *tokenServer, on bool){
		"refuses":              func(s *tokenServer, on bool) { s.refuses.Store(on) },
		"hangs":                func(s *tokenServer, on bool) { s.hangs.Store(on) },
		"answers with a fault": func(s *tokenServer, on bool) { s.failing.Store(on) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := realCluster(t)
			oneBrokerIsEnough(t, c)
			server := newTokenServer(t, c, 4*time.Second)
			cfg, log := c.withEndpoint(server.URL), &logBuffer{}
			cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
			client := newClient(t, cfg)
			during(client, 20, 200, "x", func() {
				after(2 * time.Second)
				fail(server, true)
				after(8 * time.Second) // longer than the last token is valid
				fail(server, false)
				after(4 * time.Second)
			})
			c.complete(t, client)
			if text := log.String(); strings.Count(text, "no token to log in with; logins wait") !=
				1 ||
				strings.Count(text, "there is a token to log in with again") != 1 ||
				strings.Contains(text, tokenSecret) {
				t.Errorf("the log:\n%s", text)
			}
		})
	}
}

// logBuffer is safe for concurrent use.
type logBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *logBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *logBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func TestATokenThatExpiresDuringAnOutageIsReplacedAfterIt(t *testing.T) {
	c := realCluster(t)
	oneBrokerIsEnough(t, c)
	server := newTokenServer(t, c, 3*time.Second)
	client := newClient(t, c.withEndpoint(server.URL))
	during(client, 20, 200, "x", func() {
		after(time.Second)
		thaw := c.freeze(t)
		after(7 * time.Second)
		thaw()
		after(time.Second)
	})
	c.complete(t, client)
}

func TestTokensAtTheStart(t *testing.T) {
	c := realCluster(t)
	start := func(t *testing.T, cfg callback.Config) (*callback.Client, string, error) {
		log := &logBuffer{}
		cfg.StartTimeout, cfg.Logger = 2*time.Second, slog.New(slog.NewTextHandler(log, nil))
		client, err := callback.New(cfg)
		t.Cleanup(func() { _, _ = client.Shutdown(canceled()) })
		return client, log.String(), err
	}
	t.Run("a refusal of the endpoint is an error", func(t *testing.T) {
		server := newTokenServer(t, c, time.Minute)
		server.refuses.Store(true)
		_, _, err := start(t, c.withEndpoint(server.URL))
		for _, want := range []string{"DASHSTREAM_SASL_OAUTHBEARER_CLIENT_SECRET",
			"DASHSTREAM_SASL_OAUTHBEARER_SCOPE", "401", "invalid_client"} {
			if err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %v, want %s in it", err, want)
			}
		}
		if err != nil && strings.Contains(err.Error(), tokenSecret) {
			t.Errorf("the secret is in %v", err)
		}
	})
	t.Run("a token that brokers refuse is an error", func(t *testing.T) {
		cfg := c.withoutEndpoint(c.withEndpoint(""))
		cfg.SASLToken = func(context.Context) (string, time.Time, error) {
			return kafkatest.UnsecuredToken("agent", time.Minute), time.Time{}, nil
		}
		_, _, err := start(t, cfg)
		if err == nil || !strings.Contains(err.Error(), "does not accept the token") ||
			!strings.Contains(err.Error(), "SASL_AUTHENTICATION_FAILED") {
			t.Errorf("the error is %v", err)
		}
	})
	for name, broken := range map[string]func(cfg *callback.Config, s *tokenServer) (mend func()){
		"an endpoint that hangs": func(_ *callback.Config, s *tokenServer) func() {
			s.hangs.Store(true)
			return func() { s.hangs.Store(false) }
		},
		"a function that fails": func(cfg *callback.Config, _ *tokenServer) func() {
			var works atomic.Bool
			*cfg = c.withoutEndpoint(*cfg)
			cfg.SASLToken = func(context.Context) (string, time.Time, error) {
				if !works.Load() {
					return "", time.Time{}, errors.New("the vault is sealed")
				}
				token, err := c.real.Token("agent", time.Minute)
				return token, time.Time{}, err
			}
			return func() { works.Store(true) }
		},
		"a function that panics": func(cfg *callback.Config, _ *tokenServer) func() {
			var works atomic.Bool
			*cfg = c.withoutEndpoint(*cfg)
			cfg.SASLToken = func(context.Context) (string, time.Time, error) {
				if !works.Load() {
					panic("no vault")
				}
				token, err := c.real.Token("agent", time.Minute)
				return token, time.Time{}, err
			}
			return func() { works.Store(true) }
		},
	} {
		t.Run(name+" is waited for", func(t *testing.T) {
			c := realCluster(t)
			server := newTokenServer(t, c, time.Minute)
			cfg := c.withEndpoint(server.URL)
			mend := broken(&cfg, server)
			begin := time.Now()
			client, log, err := start(t, cfg)
			if err != nil || !strings.Contains(log, "starting without it") {
				t.Fatalf("%v, after %v; the log:\n%s", err, time.Since(begin), log)
			}
			oneRun(client, "t", 2)
			mend()
			c.complete(t, client)
		})
	}
}
