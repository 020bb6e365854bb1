package redact

import "strings"

// Bounds of how far the end of a quoted value is searched for, and of how much of the punctuation behind a bare one is left out.
const (
	maxQuoted   = 16 << 10
	maxTrailing = 8
)

// value returns the value that begins at i: what is in quotes, or what goes on until something ends it. Of a value without quotes it
// is as much as is enough to judge it.
func (s *scan) value(i int) (lo, hi int, quoted bool) {
	lo, hi, quoted = s.valueAt(i)
	s.work += 32 + 6*(hi-lo)
	return lo, hi, quoted
}

func (s *scan) valueAt(i int) (lo, hi int, quoted bool) {
	text := s.text
	if i+1 < len(text) && strings.IndexByte("fbru", folded[text[i]]) >= 0 && (text[i+1] == '"' || text[i+1] == '\'') {
		i++ // a prefix of a string in Python
	}
	slashes := i
	for slashes < len(text) && slashes < i+8 && text[slashes] == '\\' {
		slashes++
	}
	if slashes < len(text) && strings.IndexByte("\"'`", text[slashes]) >= 0 {
		lo = slashes + 1
		if hi = closing(text, lo, text[slashes], slashes-i); hi < 0 {
			hi = lineEnd(text, lo) // the text was cut
		}
		return lo, hi, true
	}
	if i < len(text) && text[i] == '{' {
		if n := strings.IndexByte(text[i:min(len(text), i+maxName)], '}'); n > 0 && text[i+n-1] != '{' {
			return i, i + n + 1, false // ODBC quotes so; and so are placeholders written
		}
	}
	return i, bareEnd(text, i, enough), false
}

// closing returns where the content of a quoted value ends: before a quote that as many backslashes precede as preceded the first
// one, or -1.
func closing(text string, from int, quote byte, slashes int) int {
	for i, end := from, min(len(text), from+maxQuoted); i < end; i++ {
		if text[i] == '\n' && quote != '`' {
			return -1
		}
		if text[i] != quote {
			continue
		}
		n := i - runOf(text, i, '\\')
		if n == slashes {
			return i - n
		}
		if n < slashes {
			return -1
		}
	}
	return -1
}

// lineEnd returns where the line ends that i is in.
func lineEnd(text string, i int) int {
	for end := min(len(text), i+maxQuoted); i < end && !is(text[i], newline); i++ {
		if text[i] == '\\' && i+1 < end && (text[i+1] == 'n' || text[i+1] == 'r') {
			break
		}
	}
	return i
}

// runOf returns where the bytes b that end before i begin.
func runOf(text string, i int, b byte) int {
	for i > 0 && text[i-1] == b {
		i--
	}
	return i
}

// bareEnd returns where a value without quotes ends that begins at i, at most limit bytes on.
func bareEnd(text string, i, limit int) int {
	begin := i
	for ; i < len(text) && i-begin < limit; i++ {
		b := text[i]
		if endsURL(b) || b == ';' || b == '\\' && i+1 < len(text) && strings.IndexByte(`nrt"'`, text[i+1]) >= 0 {
			break
		}
		if (b == '&' || b == ',') && endsPair(text, i+1) {
			break
		}
	}
	for range maxTrailing {
		if i == begin || strings.IndexByte(".,:)]}", text[i-1]) < 0 || balances(text[begin:i]) {
			break
		}
		i--
	}
	return i
}

// endsPair reports whether a new pair of name and value, or nothing, begins at i.
func endsPair(text string, i int) bool {
	if i == len(text) || is(text[i], space) || strings.HasPrefix(text[i:], "amp;") {
		return true
	}
	end := run(text, i, dotted, maxName)
	return end > i && end < len(text) && (text[end] == '=' || text[end] == ':')
}

// balances reports whether the bracket that s ends with was opened in s.
func balances(s string) bool {
	for _, pair := range [3]string{"()", "[]", "{}"} {
		if s[len(s)-1] == pair[1] {
			return strings.Count(s, pair[:1]) >= strings.Count(s, pair[1:])
		}
	}
	return false
}

// isPlaceholder reports whether s stands for a value that is filled in elsewhere, is struck out, or is empty.
func isPlaceholder(s string) bool {
	if s == "" || onlyMarks(s) || strings.Trim(s, s[:1]) == "" && strings.IndexByte("*xX.-_#?", s[0]) >= 0 || strings.Trim(s, "•…") == "" {
		return true
	}
	if len(s) < 3 {
		return s[0] == '%' && strings.IndexByte("sdvqr", s[len(s)-1]) >= 0 || s[0] == '$' && is(s[len(s)-1], digit)
	}
	first, inner, last := s[0], s[1:len(s)-1], s[len(s)-1]
	switch first {
	case '<':
		return last == '>'
	case '[':
		return last == ']' && isIdentifier(inner)
	case '{':
		return last == '}' && (inner[0] == '{' || isReference(inner))
	case '$':
		return isVariable(s[1:])
	case '%':
		return last == '%' && isReference(inner) || inner[0] == '(' && s[len(s)-2] == ')'
	case ':', '@':
		return isIdentifier(s[1:])
	}
	if hasPrefixFold(s, "your") && len(s) > 4 && !is(s[4], alnum) {
		return isIdentifier(s)
	}
	return false
}

// isVariable reports whether what follows a dollar sign is the name of a variable, or a number of a parameter.
func isVariable(s string) bool {
	last := s[len(s)-1]
	switch s[0] {
	case '{':
		return last == '}'
	case '(':
		return last == ')'
	}
	return run(s, 0, upper|under|digit, len(s)) == len(s)
}

// isReference reports whether s is a name that a program may have for something.
func isReference(s string) bool {
	return run(s, 0, word|dot, len(s)) == len(s) && (s == "" || !is(s[0], digit)) && !contains(s, word|dot, digit)
}

// isTemplate reports whether s has a place for a value in it and nothing that looks like one.
func isTemplate(s string) bool {
	open := strings.IndexByte(s, '{')
	if open < 0 {
		return false
	}
	n := strings.IndexByte(s[open:], '}')
	return n > 0 && !strings.ContainsAny(s[:open], "0123456789") && !strings.ContainsAny(s[open+n:], "0123456789")
}

// isIdentifier reports whether s is made of letters, dashes and underscores alone: a word, or a name in a program.
func isIdentifier(s string) bool { return run(s, 0, letter|under|dash, len(s)) == len(s) }

// isCode reports whether s begins as an expression of a program does: a call, an index, a member, a composite.
func isCode(s string) bool {
	i := run(s, 0, letter|under, len(s))
	if i == 0 {
		return strings.IndexByte("([{&", s[0]) >= 0 && s[0] != '{' || strings.HasPrefix(s, "{") && !strings.HasSuffix(s, "}")
	}
	for i < len(s) && s[i] == '.' {
		next := run(s, i+1, letter|under, len(s))
		if next == i+1 {
			return false
		}
		if next == len(s) {
			return true
		}
		i = next
	}
	return i < len(s) && (s[i] == '(' || s[i] == '[' || strings.HasPrefix(s[i:], "?.") || strings.HasPrefix(s[i:], "::"))
}

// namesSecret reports whether an identifier has the name of a secret in it, so that it is a variable that holds one.
func namesSecret(s string) bool {
	for _, w := range [...]string{"passw", "secret", "token", "_key", "pwd", "credential"} {
		for i := range len(s) - min(len(s), len(w)-1) {
			if hasPrefixFold(s[i:], w) {
				return true
			}
		}
	}
	return false
}

// isPath reports whether s is an absolute path.
func isPath(s string) bool {
	return s != "" && (s[0] == '/' || s[0] == '~') || len(s) > 2 && is(s[0], letter) && s[1] == ':' && (s[2] == '\\' || s[2] == '/')
}

// noValue are words in the place of a secret that say what it is, or that there is none.
var noValue = setOf("none null nil undefined true false yes no not required optional string str text varchar char number int integer float bool boolean object any " +
	"bytes byte array list dict map interface empty missing invalid incorrect wrong expired hidden masked redacted unset set unknown unauthorized denied " +
	"valid weak strong here below above and or is was the a an const let var func function return self this new await omitted removed " +
	"changed reset updated authentication authorization authorized failed")

// states are what sessions are in, how tests end, and in which ways one proves who one is.
var states = setOf("ok pass passed fail passed failed skip skipped error open opened closed active inactive idle ended started new " +
	"basic bearer digest oauth oauth2 jwt ntlm kerberos negotiate saml oidc ldap mtls sso apikey api_key api-key anonymous default enabled disabled")

func isState(s string) bool { return hasFolded(states, s) || hasFolded(noValue, s) }

func isWordForNoValue(s string) bool { return hasFolded(noValue, s) }

// looksSecret reports whether a word looks like a secret rather than a word of a sentence. The value of a weak name has to look more
// like one.
func looksSecret(s string, weak bool) bool {
	var seen class
	symbols := false
	for i := range len(s) {
		seen |= classes[s[i]]
		symbols = symbols || strings.IndexByte("!@#$%^&*+~?|=", s[i]) >= 0
	}
	if seen&space != 0 || isQuantity(s) {
		return false
	}
	if weak {
		return len(s) >= 8 && seen&digit != 0 && seen&letter != 0 || len(s) >= 24 && seen&lower != 0 && seen&upper != 0
	}
	if len(s) < 4 {
		return false
	}
	return symbols && seen&alnum != 0 || seen&digit != 0 && (seen&letter != 0 && len(s) >= 5 || seen&alnum == digit && run(s, 0, digit, len(s)) == len(s))
}

// isQuantity reports whether s is a number with a unit, a version, a date or a time: 12-character, v1.2.3, 2024-05-20, 10:30.
func isQuantity(s string) bool {
	if s != "" && (s[0] == 'v' || s[0] == 'V') {
		s = s[1:]
	}
	i := run(s, 0, digit, len(s))
	if i == 0 || i == len(s) {
		return false
	}
	rest := s[i:]
	if is(rest[0], dash) && len(rest) > 1 && run(rest, 1, lower|dash, len(rest)) == len(rest) {
		return true
	}
	for j := range len(rest) {
		if !is(rest[j], digit|dot|dash) && strings.IndexByte(":/TZ+", rest[j]) < 0 {
			return false
		}
	}
	return true
}
