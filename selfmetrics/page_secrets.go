package selfmetrics

import (
	"regexp"
	"strings"
)

// maxErrorRunes bounds how much of an error a page shows.
const maxErrorRunes = 500

// hidden stands in the place of what looks like a secret.
const hidden = "[hidden]"

// secretValue is what stands behind a name and a sign: quoted, or a word that is not hidden yet.
const secretValue = `(?:"(?:[^"\\]|\\.)*"|'[^']*'|[^\s,;&}\[][^\s,;&}]*)()`

// secrets finds what looks like a secret in the text of an error. Of each match the groups stay.
var secrets = []*regexp.Regexp{
	regexp.MustCompile(`(?s)()-----BEGIN [A-Z0-9 ]+-----.*?(?:-----END [A-Z0-9 ]+-----|$)()`),
	regexp.MustCompile(`(\b[a-zA-Z][a-zA-Z0-9+.-]*://)[^\s/]*(@)`),
	regexp.MustCompile(`(?i)(\b(?:bearer|basic|negotiate|digest)\s+)[^\s"',;]+()`),
	regexp.MustCompile(`(?i)(\b(?:authorization|password|secret)["']?\s*(?:[:=]|\bis\b)\s*)` + secretValue),
	regexp.MustCompile(`(?i)((?:pass(?:word|wd|phrase)?|pwd|secret|token|credentials?|api[_-]?key|access[_-]?key|private[_-]?key|jaas\.config)` +
		`[\w.-]*["']?\s*[:=]\s*)` + secretValue),
}

// long finds what is too long for a word: a key or a token if it has letters and digits.
var long = regexp.MustCompile(`[A-Za-z0-9+/_=-]{32,}`)

// withoutSecrets returns an error's text with what looks like a secret hidden, and cut to what is worth reading.
func withoutSecrets(text string) string {
	for _, pattern := range secrets {
		text = pattern.ReplaceAllString(text, "${1}"+hidden+"${2}")
	}
	text = long.ReplaceAllStringFunc(text, func(s string) string {
		if strings.ContainsAny(s, "0123456789") && strings.ContainsFunc(s, isLetter) {
			return hidden
		}
		return s
	})
	runes := []rune(strings.ToValidUTF8(text, "\uFFFD"))
	if len(runes) > maxErrorRunes {
		return string(runes[:maxErrorRunes]) + "…"
	}
	return string(runes)
}

func isLetter(r rune) bool { return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' }
