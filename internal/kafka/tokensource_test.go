package kafka

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"
)

// tokensAt returns tokens by client credentials from an endpoint, and the log.
func tokensAt(t *testing.T, url string) (*Config, *tokens, *bytes.Buffer) {
	log := new(bytes.Buffer)
	cfg := Config{
		Brokers: []string{"localhost:9092"}, Logger: slog.New(slog.NewTextHandler(log, nil)),
		Security: Security{
			Protocol: SASLPlaintext, Mechanism: OAuthBearer,
			TokenURL: url, ClientID: "id", ClientSecret: NewSecret("s3cr3tX9"),
		},
	}
	return &cfg, cfg.newTokens(t.Context()), log
}

func TestWhatATokenEndpointMayAnswer(t *testing.T) {
	const credentials = "check Config.Security.ClientID"
	const address = "check its address, Config.Security.TokenURL"
	for _, tt := range []struct {
		name   string
		status int
		body   string
		says   string
		advice string // "": not a rejection, so logins wait
	}{
		{"wrong secret", 401, `{"error":"invalid_client","error_description":"s3cr3tX9 is wrong"}`,
			"invalid_client: [REDACTED] is wrong", credentials},
		{"wrong scope", 400, `{"error":"invalid_scope"}`, "answers 400, invalid_scope",
			credentials},
		{"nothing there", 404, `<html>s3cr3tX9</html>`, "answers 404", address},
		{"another method", 405, ``, "answers 405", address},
		{"a login page", 302, ``, "answers 302", address},
		{"too many", 429, ``, "answers 429", ""},
		{"out of order", 503, `oops`, "answers 503", ""},
		{"an error as a success", 200, `{"error":"invalid_scope"}`, "invalid_scope", ""},
		{"a page", 200, `<html>s3cr3tX9</html>`, "gives no token", ""},
		{"no token", 200, `{}`, "access_token", ""},
		{"another kind", 200, `{"access_token":"abc","token_type":"mac"}`, "no Bearer tokens", ""},
		{"a control character", 200, `{"access_token":"a\u0001b","token_type":"Bearer"}`,
			"control character", ""},
		{"no number", 200, `{"access_token":"abc","token_type":"Bearer","expires_in":"soon"}`,
			"gives no token", ""},
		{"no end", 200, `{"access_token":"` + strings.Repeat("a", 3<<20), "gives no token", ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
				_ *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				w.Header().Set("Location", "/elsewhere")
				w.WriteHeader(tt.status)
				w.Write([]byte(tt.body)) //nolint:errcheck // the other side may not read it all
			}))
			defer server.Close()
			cfg, tokens, log := tokensAt(t, server.URL)
			token, err := tokens.get(t.Context())
			if err == nil || token != "" || !strings.Contains(err.Error(), tt.says) {
				t.Fatalf("%q, %v, want an error that says %q", token, err, tt.says)
			}
			err = (&starter{cfg: cfg}).explain(&tokenFailure{err})
			var refusal *refusalError
			refused := errors.As(err, &refusal)
			if refused != (tt.advice != "") || !strings.Contains(err.Error(), tt.advice) {
				t.Errorf("%v, want a refusal that says %q", err, tt.advice)
			}
			if said := err.Error() + log.String(); strings.Contains(said, "s3cr3tX9") ||
				len(said) > 2000 {
				t.Errorf("%d characters: %.2000s", len(said), said)
			}
		})
	}
}

// otherTransport is what instrumentation puts in place of the default one.
type otherTransport struct{ http.RoundTripper }

func TestATokenIsHadWhateverTheApplicationsDefaultTransportIs(t *testing.T) {
	before := http.DefaultTransport
	http.DefaultTransport = otherTransport{before}
	defer func() { http.DefaultTransport = before }()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte(`{"access_token":"abc","token_type":"bearer","expires_in":60}`))
	}))
	defer server.Close()
	_, tokens, _ := tokensAt(t, server.URL)
	if token, err := tokens.get(context.Background()); token != "abc" || err != nil {
		t.Errorf("%q, %v", token, err)
	}
}

func TestAnEndpointWithoutTLSIsAWarningUnlessItIsHere(t *testing.T) {
	for url, want := range map[string]bool{
		"http://idp.example.com/token": true, "http://10.0.0.1:8080/token": true,
		"https://idp.example.com/token": false, "http://localhost:8080/token": false,
		"http://127.0.0.2/token": false, "http://[::1]/token": false,
	} {
		cfg, _, log := tokensAt(t, url)
		cfg.Brokers, cfg.Topic, cfg.StartTimeout = []string{"127.0.0.1:1"}, "t", 50*time.Millisecond
		s, err := Open(t.Context(), *cfg)
		if err != nil {
			t.Fatal(err)
		}
		s.Close(t.Context()) //nolint:errcheck // it holds nothing
		text, times := log.String(), 0
		if want {
			times = 1
		}
		if strings.Count(text, "over http") != times || strings.Contains(text, "s3cr3tX9") {
			t.Errorf("%s: %q", url, log)
		}
	}
}
