package kafka

import (
	"errors"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kerr"
)

func TestOdditiesOfAPassword(t *testing.T) {
	for password, want := range map[string]string{
		"plain": "", "two words": "", "p\n": "line break", "p ": "ends in a blank", " p": "begins with a blank", "\ufeffp": "invisible",
		"p\u200bq": "invisible", "p\x00q": "invisible", `"p"`: "quotes", "'p'": "quotes", "cGFzc3dvcmQK": "base64", "cGFzc3dvcmQ=": "",
	} {
		got := oddities(NewSecret(password))
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%q: %q, want %q in it", password, got, want)
		}
		if strings.Contains(got, strings.TrimSpace(password)) && password != "plain" && len(password) > 4 {
			t.Errorf("%q is in %q", password, got)
		}
	}
}

// A password in the place of the user name is not shown.
func TestAdviceShowsNoSecret(t *testing.T) {
	const secret = "x7Kq!9vTz2#LmN4pR8s"
	s := &starter{cfg: &Config{
		Brokers: []string{"b:1"}, Topic: "t", Security: Security{Protocol: SASLSSL, Mechanism: Plain, Username: secret, Password: NewSecret(secret)},
	}}
	for _, err := range []error{
		kerr.SaslAuthenticationFailed, kerr.TopicAuthorizationFailed, kerr.ClusterAuthorizationFailed, kerr.UnsupportedSaslMechanism,
		kerr.IllegalSaslState, errAbsent, errOldBrokers, errors.New("other"),
	} {
		if text := s.advice(err); strings.Contains(text, secret) || strings.Contains(text, secret[:6]) {
			t.Errorf("for %v it advises %q", err, text)
		}
	}
}
