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
	cfg := Config{Logger: slog.New(slog.NewTextHandler(&out, nil)),
		Redaction: Redaction{Names: []string{"staff number"}}}.withDefaults()
	c := newClient(cfg)
	cause := fmt.Errorf("dial: %w", errors.New("password=hunter2! staff_number=Q-17xyz"))
	c.log.With("x", 1).WithGroup("g").Error("it fails", "error", cause,
		"brokers", []string{"a:9092"})
	c.log.Warn("it fails", "last_error", cause.Error(), "cause", cause)
	c.log.Warn("it is well", "error", errors.New("none"), "other", "password=hunter2!")
	got := out.String()
	for _, want := range []string{"level=ERROR", "x=1", "g.brokers=[a:9092]",
		"dial: password=[REDACTED:password]", "[REDACTED:staff-number]", "error=none"} {
		if !strings.Contains(got, want) {
			t.Errorf("the log does not say %q:\n%s", want, got)
		}
	}
	if strings.Contains(got, "Q-17") || strings.Count(got, "hunter2") != 1 {
		t.Errorf("the log says:\n%s", got)
	}
}

func TestABudgetThatIsSpentIsLoggedOnceAndCounted(t *testing.T) {
	var out bytes.Buffer
	c := newClient(Config{Logger: slog.New(slog.NewTextHandler(&out, nil))}.withDefaults())
	c.redactor.String("", "password=hunter2!")
	if out.Len() > 0 {
		t.Errorf("another text is logged: %s", &out)
	}
	for range 3 {
		c.redactor.String("", strings.Repeat("xoxb-", 1<<17))
	}
	if got := out.String(); strings.Count(got, "\n") != 1 || !strings.Contains(got, "level=WARN") {
		t.Errorf("the log says, want one warning:\n%s", got)
	}
	for _, n := range redactions(c.redactor) {
		if n.Name == "unsearched" && n.Count != 3 {
			t.Errorf("%d texts are counted, want 3", n.Count)
		}
	}
}
