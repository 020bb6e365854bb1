package redact

import (
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// Forms that no prefix of the table gives away, or whose prefix is known in more than one spelling.
func TestFormsOfSeveralParts(t *testing.T) {
	r := redactor(t, Rules{})
	m := corpus.NewMaker(seedOf(t))
	for name, secret := range map[string]string{
		"Braintree": "access_" + "token$production$" + m.Hex(16) + "$" + m.Hex(32),
		"Okta":      "SSWS 00" + m.URLish(40),
		"Twitter":   strings.Repeat("A", 21) + "MLhe" + m.Alnum(84),
	} {
		for _, format := range []string{"see %s there", "\"%s\"", "x: %s\n", "'%s',"} {
			text := strings.ReplaceAll(format, "%s", secret)
			if got := stringOf(r, text); strings.Contains(got, secret[len(secret)-12:]) {
				t.Errorf("%s: %q becomes %q", name, text, got)
			}
		}
	}
	for _, harmless := range []string{"access_token$production$x", "access_token$",
		"SSWS is a scheme"} {
		if got := stringOf(r, harmless); got != harmless {
			t.Errorf("%q becomes %q", harmless, got)
		}
	}
}
