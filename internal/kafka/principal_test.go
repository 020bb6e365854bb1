package kafka

import (
	"context"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
)

func TestOdditiesOfAPassword(t *testing.T) {
	for password, want := range map[string]string{
		"plain": "", "two words": "", "p\n": "line break", "p ": "ends in a blank",
		" p": "begins with a blank", "\ufeffp": "invisible",
		"p\u200bq": "invisible", "p\x00q": "invisible", `"p"`: "quotes", "'p'": "quotes",
		"cGFzc3dvcmQK": "base64", "cGFzc3dvcmQ=": "",
	} {
		got := oddities(NewSecret(password))
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q in it", password, got, want)
		}
		if strings.Contains(got, strings.TrimSpace(password)) && password != "plain" &&
			len(password) > 4 {
			t.Errorf("%q is in %q", password, got)
		}
	}
}

// A password in place of the user name is not shown.
func TestAdviceShowsNoSecret(t *testing.T) {
	const secret = "x7Kq!9vTz2#LmN4pR8s"
	s := &starter{cfg: &Config{
		Brokers: []string{"b:1"}, Topic: "t", Security: Security{Protocol: SASLSSL,
			Mechanism: Plain, Username: secret, Password: NewSecret(secret)},
	}}
	for _, err := range []error{
		kerr.SaslAuthenticationFailed, kerr.TopicAuthorizationFailed,
		kerr.ClusterAuthorizationFailed, kerr.UnsupportedSaslMechanism,
		kerr.IllegalSaslState, errAbsent, errOldBrokers, errors.New("other"),
	} {
		if text := s.advice(err); strings.Contains(text, secret) ||
			strings.Contains(text, secret[:6]) {
			t.Errorf("for %v it advises %q", err, text)
		}
	}
}

// The advice on missing permissions, of a running client or of a reader, suits every kind of login.
func TestAdviceOnRightsWithEveryLogin(t *testing.T) {
	const bearer = "User:CLIENT (in the place of CLIENT the name that the brokers know " +
		"this client by)"
	for _, tt := range []struct {
		name     string
		security Security
		want     string
	}{
		{"nobody", Security{}, "User:ANONYMOUS"},
		{"a user", Security{Protocol: SASLSSL, Mechanism: Plain,
			Username: "bob", Password: NewSecret("p")}, "User:bob"},
		{"a token", Security{Protocol: SASLSSL, Mechanism: OAuthBearer, TokenFile: "/none"},
			bearer},
		{"a token with a subject", Security{
			Protocol: SASLSSL, Mechanism: OAuthBearer,
			Token: func(context.Context) (string, time.Time, error) {
				return unsigned(`{"sub":"carol"}`), time.Time{}, nil
			},
		}, "User:carol"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			cfg := Config{
				Brokers: []string{"b:1"}, Topic: "t", Security: tt.security,
				Logger: slog.New(slog.DiscardHandler),
			}.withDefaults()
			s := newSender(&cfg)
			defer s.stop()
			if s.tokens != nil {
				s.tokens.get(t.Context()) // nolint:errcheck // a missing file gives no token
			}
			got := s.words.advice(kerr.TopicAuthorizationFailed)
			if !strings.Contains(got, "--allow-principal "+tt.want+" --operation") {
				t.Errorf("a writer is told %q", got)
			}
			want := tt.want
			if tt.security.Token != nil {
				want = bearer // whose tokens are its client's
			}
			err := cfg.ExplainReading(kerr.TopicAuthorizationFailed)
			reads := " --operation Describe --operation Read"
			if !strings.Contains(err.Error(), "--allow-principal "+want+reads) {
				t.Errorf("a reader is told %q", err)
			}
		})
	}
}

// unsigned is a JWT that only says something.
func unsigned(payload string) string {
	return "e30." + base64.RawURLEncoding.EncodeToString([]byte(payload)) + ".x"
}
