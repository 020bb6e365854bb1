package redact

import "strings"

// Bounds of how far the end of a quoted value is searched for, and of how much of the punctuation
// behind a bare one is left out.
const (
	maxQuoted   = 16 << 10
	maxTrailing = 8
)

// value returns the value that begins at i: what is in quotes or brackets, or what goes on until
// the syntax around the name ends it.
func (a *assignment) value(i int) (lo, hi int, quoted bool) {
	lo, hi, quoted = a.valueAt(i)
	a.work += 32 + min(hi-lo, maxBare)
	return lo, hi, quoted
}

func (a *assignment) valueAt(i int) (lo, hi int, quoted bool) {
	text, begin := a.text, i
	a.in = *a.aroundAt(i)
	if i+1 < len(text) && strings.IndexByte("fbrun@$", folded[text[i]]) >= 0 && (text[i+1] == '"' ||
		text[i+1] == '\'') {
		i++ // a prefix of a string in Python, SQL or C#
	}
	slashes := i
	for slashes < len(text) && slashes < i+8 && text[slashes] == '\\' {
		slashes++
	}
	if slashes < len(text) && strings.IndexByte("\"'`", text[slashes]) >= 0 {
		if a.in.quote == text[slashes] && a.in.slashes == slashes-i {
			return i, i, false // it closes what the name is in
		}
		lo = slashes + 1
		if hi = a.closing(lo, text[slashes], slashes-i); hi < 0 {
			if hi = a.lineEnd(lo); !a.quoted && slashes == i { // or the text was cut
				if end := a.bareValue(begin); isStrong(text[begin:end]) &&
					!strings.HasPrefix(text[lo:], markBegin) {
					return begin, end, false
				}
			}
		}
		return lo, hi, true
	}
	if hi = a.bracketed(i); hi > i {
		return i, hi, false
	}
	return i, a.bareValue(i), false
}

// bracketed returns where what is in brackets ends that begins at i, if it stands for a value, or
// is a setting of ODBC's that is quoted so: i otherwise.
func (a *assignment) bracketed(i int) int {
	text := a.text[i:min(len(a.text), i+2*maxName)]
	if text == "" {
		return i
	}
	closing := byte(0)
	switch text[0] {
	case '{':
		closing = '}'
	case '<':
		closing = '>'
	case '$':
		if strings.HasPrefix(text, "$(") {
			closing = ')'
		} else if strings.HasPrefix(text, "${") {
			closing = '}'
		}
	}
	if closing == 0 {
		return i
	}
	n := strings.IndexByte(text, closing)
	a.work += len(text) / 8
	if doubled := strings.HasPrefix(text, "{{") || strings.HasPrefix(text, "${{"); doubled &&
		n > 2 && byteAt(text, n+1) == '}' {
		n++
	}
	if n < 2 || strings.IndexByte(text[:n], '\n') >= 0 || n+1 < len(text) &&
		strings.IndexByte(" \t\r\n\"'`,;)}]&./:@\\", text[n+1]) < 0 {
		return i
	}
	inner := strings.Trim(text[1:n], "{} ")
	setting := a.begin > 0 && a.text[a.begin-1] == ';'
	if text[0] == '$' && (closing == ')' || !isStrong(inner) ||
		strings.Contains(inner, ":-")) || text[0] == '<' && isPhrase(inner) || text[0] == '{' &&
		(setting || inner != "" && isReference(inner)) {
		return i + n + 1
	}
	return i
}

// isPhrase reports whether s has nothing but words in it.
func isPhrase(s string) bool { return run(s, 0, letter|under|dash|blank, len(s)) == len(s) }

// closed remembers where the texts in one kind of quotes end that begin in [from, to): at, or
// nowhere before to if that is negative.
type closed struct{ from, to, at int }

// closing returns where the content of a quoted value ends: before a quote that as many backslashes
// precede as preceded the first one, but for those that backslashes in the value are written as,
// and behind which nothing goes on; or -1.
func (a *assignment) closing(from int, quote byte, slashes int) (at int) {
	text, end := a.text, min(len(a.text), from+maxQuoted)
	var known *closed
	begin := from
	if slashes == 0 {
		known = &a.closed[strings.IndexByte("\"'`", quote)]
		if a.quoted {
			known = &a.closedBy[strings.IndexByte("\"'`", quote)]
		}
		if from >= known.from && from < known.to {
			if known.at >= 0 {
				return known.at
			}
			begin, from = known.from, max(from, known.to)
		}
	}
	raw := -1
	defer func() {
		a.work += max(0, end-from) / 2
		if known != nil && raw < 0 {
			*known = closed{begin, max(end, from), at}
		}
	}()
	for i := from; i < end; i++ {
		if text[i] == '\n' && quote != '`' {
			end = i
			break
		}
		if text[i] != quote {
			continue
		}
		a.work += 8
		n := i - runOf(text[:i], i, '\\')
		n = min(n, i-from)
		if n < slashes {
			end = i
			return -1
		}
		if n%(2*(slashes+1)) != slashes && n != slashes {
			if raw < 0 && slashes == 0 && a.goesOn(i+1) && (i+1 == len(text) ||
				text[i+1] != quote) && (a.quoted || a.in.quote != 0 || a.isSyntax(i+1)) {
				raw = i // where backslashes are nothing special
			}
			continue
		}
		rest := text[i+1 : min(len(text), i+4)]
		switch {
		case quote == '\'' && slashes == 0 && strings.HasPrefix(rest, `\''`):
			// as shells have one in quotes
			i += 3
		case slashes == 0 && rest != "" && rest[0] == quote: // as SQL has it in quotes
			i++
		case isMarked(text[from : i-slashes]), a.goesOn(i+1) && (a.quoted || slashes > 0 ||
			a.in.quote != 0 || a.isSyntax(i+1)):
			end = i
			return i - slashes
		}
	}
	return raw
}

// lineEnd returns where the line ends that i is in.
func (s *scan) lineEnd(i int) int {
	if i >= s.line.from && i < s.line.to {
		return s.line.to
	}
	text, begin := s.text, i
	for ; i < len(text) && !is(text[i], newline); i++ {
		if text[i] == '\\' && i+1 < len(text) && (text[i+1] == 'n' || text[i+1] == 'r') {
			break
		}
	}
	s.work += i - begin
	s.line = ended{from: begin, to: i}
	return i
}

// runOf returns where the bytes b that end before i begin.
func runOf(text string, i int, b byte) int {
	for i > 0 && text[i-1] == b {
		i--
	}
	return i
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

// goesOn reports whether what is at i may follow a text in quotes.
func (a *assignment) goesOn(i int) bool {
	text := a.text
	if i >= len(text) || is(text[i], space) {
		return true
	}
	next := byteAt(text, i+1)
	end := i+1 == len(text) || is(next, space) || next >= 0x80 ||
		strings.IndexByte("\"'`\\", next) >= 0
	switch text[i] {
	case ')', ']', '}':
		return end || strings.IndexByte(",;)}].:?&|+ {=-", next) >= 0
	case ',', ';':
		return end || next == '}' || next == ')' || next == ']' || a.isPair(i+1, len(text), 1)
	case '\\':
		return strings.IndexByte("nrt\"'\\\n", next) >= 0
	case '"', '\'', '`':
		return a.in.quote == text[i] || i+1 == len(text) || is(next, space) ||
			strings.IndexByte(",;)}]", next) >= 0
	case '|':
		return end || next == '|'
	case '<':
		return next == '/' || end
	case '/':
		return next == '>' || end
	case '.':
		name := a.run(i+1, word, maxName)
		return end || name > i+2 && byteAt(text, name) == '('
	case '&':
		return end || next == '&'
	case '+', '>':
		return end || next == text[i] || is(next, letter|under) || next == '<' || next == '(' ||
			next == '{'
	case ':', '!', '?', 0xe2: // and an ellipsis, or a dash
		return end || text[i] == 0xe2
	}
	return false
}

// isMarked reports whether s is nothing but marks, or such a key with the number that tells it
// apart from others.
func isMarked(s string) bool {
	if !strings.HasPrefix(s, markBegin) {
		return false
	}
	if n := strings.LastIndexByte(s, '#'); n > 0 && run(s, n+1, digit, len(s)) == len(s) {
		s = strings.TrimRight(s[:n], ".,;:!?")
	}
	return onlyMarks(s)
}

// isPlaceholder reports whether s stands for a value that is filled in elsewhere, is struck out, or
// is empty.
func isPlaceholder(s string) bool {
	if s == "" || isMarked(s) || isStruckOut(s) {
		return true
	}
	if len(s) == 2 && closes(s[0], s[1]) || s == "<>" {
		return true
	}
	if len(s) < 3 {
		return s[0] == '%' && strings.IndexByte("sdvqr", s[len(s)-1]) >= 0 || s[0] == '$' &&
			is(s[len(s)-1], alnum)
	}
	first, inner, last := s[0], s[1:len(s)-1], s[len(s)-1]
	switch first {
	case '<':
		return last == '>' && run(inner, 0, word|dash|blank|dot, len(inner)) == len(inner)
	case '[':
		return last == ']' && isIdentifier(inner)
	case '{':
		return last == '}' && (inner[0] == '{' && !isStrong(strings.Trim(inner, "{} ")) ||
			isReference(strings.TrimSuffix(strings.TrimSuffix(inner, "!r"), "!s")))
	case '$':
		return isVariable(s[1:])
	case '%':
		return last == '%' && isReference(strings.Trim(inner, "%")) ||
			inner[0] == '(' && s[len(s)-2] == ')' &&
				isReference(s[2:len(s)-2])
	case '#':
		return inner[0] == '{' && last == '}' && isReference(inner[1:])
	case ':', '@':
		return isIdentifier(s[1:])
	}
	if hasPrefixFold(s, "your") && len(s) > 4 && !is(s[4], alnum) {
		return isIdentifier(s)
	}
	return false
}

// isStruckOut reports whether s is nothing but the signs that stand for letters that are not shown.
func isStruckOut(s string) bool {
	const bullets = "•…"
	if s[0] == bullets[0] {
		return strings.Trim(s, bullets) == ""
	}
	return strings.IndexByte("*xX.-_#?", s[0]) >= 0 && strings.Trim(s, s[:1]) == ""
}

// isVariable reports whether what follows a dollar sign is the name of a variable, or a number of a
// parameter.
func isVariable(s string) bool {
	last := s[len(s)-1]
	switch s[0] {
	case '{':
		return last == '}' && (!isStrong(strings.Trim(s[1:len(s)-1], "{} ")) ||
			isReference(strings.Trim(s[1:len(s)-1], "{} ")) || strings.Contains(s, ":-"))
	case '(':
		return last == ')'
	}
	return run(s, 0, upper|under|digit, len(s)) == len(s) || isReference(s) && !isDrawn(s)
}

// isReference reports whether s is a name that a program may have for something.
func isReference(s string) bool {
	return run(s, 0, word|dot, len(s)) == len(s) && (s == "" || !is(s[0], digit)) &&
		!contains(s, word|dot, digit)
}

// isTemplate reports whether s has a place for a value in it and nothing that looks like one.
func isTemplate(s string) bool {
	open := strings.IndexByte(s, '{')
	if open < 0 {
		return false
	}
	n := strings.IndexByte(s[open:], '}')
	if n < 1 || strings.ContainsAny(s[:open], "0123456789") || strings.ContainsAny(s[open+n:],
		"0123456789") {
		return false
	}
	inner, _, _ := strings.Cut(strings.Trim(s[open+1:open+n], "{ "), ":")
	return !isStrong(s[:open]+s[open+n:]) && run(inner, 0, word|dot|blank,
		len(inner)) == len(inner) && !isMixed(inner)
}

// isIdentifier reports whether s is made of letters, dashes and underscores alone: a word, or a
// name in a program.
func isIdentifier(s string) bool { return run(s, 0, letter|under|dash, len(s)) == len(s) }

// namesSecret reports whether an identifier has the name of a secret in it, so that it is a
// variable that holds one.
func namesSecret(s string) bool {
	for _, w := range [...]string{"passw", "secret", "token", "_key", "privatekey", "apikey", "pwd",
		"credential"} {
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
	return s != "" && (s[0] == '/' || s[0] == '~') || len(s) > 2 && is(s[0], letter) &&
		s[1] == ':' && (s[2] == '\\' || s[2] == '/')
}

// isPlainPath reports whether a path has none of the characters that make a password strong.
func isPlainPath(s string) bool {
	return !strings.ContainsAny(s, "!\"#$%&'()*;<=>?@[]^`{|}")
}
