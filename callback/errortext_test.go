package callback

import (
	"bytes"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

func TestErrorsAreLoggedWithoutSecrets(t *testing.T) {
	var out bytes.Buffer
	cfg := Config{Logger: slog.New(slog.NewTextHandler(&out, nil)), Redaction: Redaction{Names: []string{"staff number"}}}.withDefaults()
	c := newClient(cfg)
	cause := fmt.Errorf("dial: %w", errors.New("password=hunter2! staff_number=Q-17xyz"))
	c.log.With("x", 1).WithGroup("g").Error("it fails", "error", cause, "brokers", []string{"a:9092"})
	c.log.Warn("it fails", "last_error", cause.Error(), "cause", cause)
	c.log.Warn("it is well", "error", errors.New("none"), "other", "password=hunter2!")
	got := out.String()
	for _, want := range []string{"level=ERROR", "x=1", "g.brokers=[a:9092]", "dial: password=[REDACTED:password]", "[REDACTED:staff-number]", "error=none"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log does not say %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "Q-17") || strings.Count(got, "hunter2") != 1 {
		t.Errorf("the log says:\n%s", got)
	}
}
