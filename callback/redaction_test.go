package callback

import (
	"testing"
)

func TestRedactionIsOnUnlessItIsDisabled(t *testing.T) {
	c := Config{}.withDefaults()
	r, err := c.redactor()
	if err != nil || r == nil {
		t.Fatalf("%v, %v", r, err)
	}
	if got, _ := r.String("db_password", "swordfish"); got != "[REDACTED:password]" {
		t.Errorf("%q", got)
	}
	c.Redaction.Disabled = true
	if r, err := c.redactor(); r != nil || err != nil || len(redactions(r)) != 0 {
		t.Errorf("disabled: %v, %v", r, err)
	}
}

func TestEverySettingOfRedactionArrives(t *testing.T) {
	c, err := configFrom(environ(map[string]string{
		"DASHSTREAM_REDACT_NAMES": "ssn,employee number", "DASHSTREAM_REDACT_ALLOW": "token",
		"DASHSTREAM_REDACT_CREDIT_CARDS": "true",
		"DASHSTREAM_REDACT_EMAILS":       "true", "DASHSTREAM_REDACT_OFF": "session",
	}), nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Redaction.Rules = []RedactionRule{{Name: "order", Pattern: `order (?P<secret>\d+)`,
		Literals: []string{"order"}}}
	c.Redaction.AllowValues, c.Redaction.AllowPatterns = []string{"public"}, []string{"test-[a-z]+"}
	if err := c.Validate(); err != nil {
		t.Fatal(err)
	}
	r, err := c.redactor()
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct{ name, value, want string }{
		{"userSSN", "1", "[REDACTED:ssn]"},
		{"EMPLOYEE_NUMBER", "1", "[REDACTED:employee-number]"},
		{"token", "x", "x"},
		{"access_token", "x", "[REDACTED:token]"},
		{"session", "x", "x"},
		{"note", "4111 1111 1111 1111", "[REDACTED:credit-card]"},
		{"note", "write to bob@example.com", "write to [REDACTED:email]"},
		{"note", "see Order 17", "see Order 17"},
		{"note", "see order 17", "see order [REDACTED:order]"},
		{"password", "public", "public"},
		{"password", "test-it", "test-it"},
	} {
		if got, _ := r.String(tt.name, tt.value); got != tt.want {
			t.Errorf("%s=%s: %q, want %q", tt.name, tt.value, got, tt.want)
		}
	}
	counts := map[string]uint64{}
	for _, c := range redactions(r) {
		counts[c.Name] = c.Count
	}
	for rule, want := range map[string]uint64{"ssn": 1, "order": 1, "email": 1, "token": 1,
		"password": 0, "github-token": 0} {
		if n, ok := counts[rule]; !ok || n != want {
			t.Errorf("%s is counted %d times (is there: %t), want %d", rule, n, ok, want)
		}
	}
}

func TestEachWrongRuleOfRedactionIsAnErrorOfItsOwn(t *testing.T) {
	c := Config{Redaction: Redaction{
		Rules:         []RedactionRule{{Name: "A", Pattern: "x"}, {Name: "jwt", Pattern: "x+"}},
		AllowPatterns: []string{"("},
	}}.withDefaults()
	if n := len(each(c.validate())); n != 3 {
		t.Errorf("%d errors, want 3: %v", n, c.validate())
	}
}
