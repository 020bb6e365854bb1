package selfmetrics

import (
	"strings"

	"github.com/dashstream/dashstream-go/internal/redact"
)

// maxErrorRunes bounds how much of an error a page shows.
const maxErrorRunes = 500

// errorRedactor has the built-in rules. A page uses them also where redaction of what is published
// is turned off.
var errorRedactor, _ = redact.New(redact.Rules{}) // no rule of a user's that could be wrong

// withoutSecrets returns an error's text with what looks like a secret hidden, and cut to what is
// worth reading. more hides what the application's own rules find; it may be nil.
func withoutSecrets(text string, more func(string) string) string {
	text = strings.ToValidUTF8(text, "\uFFFD")
	if more != nil {
		text = more(text)
	}
	text, _ = errorRedactor.String("", text)
	if runes := []rune(text); len(runes) > maxErrorRunes {
		return string(runes[:maxErrorRunes]) + "…"
	}
	return text
}
