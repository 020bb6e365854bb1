package kafka

import (
	"bytes"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestSecretShowsItselfToNobody(t *testing.T) {
	const password = "open sesame"
	secret := NewSecret(password)
	hidden := struct{ secret Secret }{secret}
	config := Config{Security: Security{Password: secret, KeyPassword: secret}}
	for _, value := range []any{secret, &secret, hidden, &hidden, config, &config, []Secret{secret},
		map[string]Secret{"k": secret}} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%p",
			"%T"} {
			if text := fmt.Sprintf(verb, value); shows(text, password) {
				t.Errorf("%s of %T is %q", verb, value, text)
			}
		}
	}
	log := new(bytes.Buffer)
	slog.New(slog.NewTextHandler(log, nil)).Info("", "secret", secret, "config", config)
	slog.New(slog.NewJSONHandler(log, nil)).Info("", "secret", secret, "security", config.Security)
	if shows(log.String(), password) {
		t.Errorf("slog shows it: %s", log)
	}
	encoded, err := json.Marshal(config.Security)
	if err != nil || shows(string(encoded), password) {
		t.Errorf("JSON is %s, %v", encoded, err)
	}
}

func shows(text, password string) bool {
	return strings.Contains(text, password) || strings.Contains(strings.ToLower(text),
		fmt.Sprintf("%x", password))
}

func TestSecretHoldsWhatItIsGiven(t *testing.T) {
	var zero, read Secret
	if !zero.IsZero() || zero.Reveal() != "" || zero.String() != "" || !NewSecret("").IsZero() {
		t.Error("the zero Secret is not empty")
	}
	if err := json.Unmarshal([]byte(`"open sesame"`), &read); err != nil ||
		read.Reveal() != "open sesame" || read.IsZero() {
		t.Errorf("from JSON: %q, %v", read.Reveal(), err)
	}
	if got := read.String(); got != "[REDACTED]" {
		t.Errorf("String is %q", got)
	}
}
