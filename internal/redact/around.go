package redact

import "strings"

// around is what stands open where a name is: the quotes and the brackets of its line that have not
// been closed before it. It is read once from left to right, past what has been hidden.
type around struct {
	at      int  // up to here it has been read
	quote   byte // that is open, or 0
	slashes int  // before that quote
	inner   int  // how many brackets were open when the quote was opened
	open    [maxOpen]byte
	n       int
}

// maxOpen is how many brackets are told apart; those within are as if they were not there.
const maxOpen = 16

// aroundAt reads on to i, and returns what stands open there.
func (s *scan) aroundAt(i int) *around {
	a := &s.around
	if i < a.at {
		return a
	}
	if n := strings.LastIndexByte(s.text[a.at:i], '\n'); n >= 0 {
		*a = around{at: a.at + n + 1}
	}
	s.work += i - a.at
	text, at := s.text[:i], a.at
	for ; at < len(text); at++ {
		b := text[at]
		if !enclosing[b] {
			continue
		}
		switch b {
		case '"', '\'', '`':
			a.quoteAt(s.text, at)
		case '(', '[', '{':
			if a.n < maxOpen {
				a.open[a.n] = b
				a.n++
			}
		case ')', ']', '}':
			if a.n > 0 && (a.quote == 0 || a.n > a.inner) && closes(a.open[a.n-1], b) {
				a.n--
			}
		}
	}
	a.at = at
	return a
}

// enclosing are the bytes that open something, or close it.
var enclosing = setOfBytes("\"'`([{)]}")

// pass goes on behind what has been hidden, as if nothing stood there.
func (a *around) pass(hi int) { a.at = max(a.at, hi) }

func (a *around) quoteAt(text string, at int) {
	n := at - runOf(text, at, '\\')
	switch {
	case a.quote == 0:
		// or it is an apostrophe
		if at-n == 0 || !is(text[at-n-1], alnum) || n == 0 && isPrefixed(text, at) {
			a.quote, a.slashes, a.inner = text[at], n, a.n
		}
	case text[at] == a.quote && n == a.slashes && (at+1 == len(text) ||
		!is(text[at+1], alnum)):
		a.quote, a.n = 0, min(a.n, a.inner)
	}
}

// isPrefixed reports whether a letter stands before the quote at at that says of what kind the text
// in the quotes is, as f"{x}" in Python.
func isPrefixed(text string, at int) bool {
	return strings.IndexByte("fbrun", folded[text[at-1]]) >= 0 &&
		(at == 1 || !is(text[at-2], alnum))
}

func closes(open, closing byte) bool {
	return open == '(' && closing == ')' || open == '[' && closing == ']' || open == '{' &&
		closing == '}'
}

// maxBare bounds how far a value without quotes is searched for what ends it before a blank does.
const maxBare = 1 << 10

// bareValue returns where a value without quotes ends that begins at i: where the syntax around its
// name ends it. Nothing else does, for a password may have any character in it.
func (a *assignment) bareValue(i int) int {
	text, in := a.text, a.aroundAt(a.begin)
	hi := a.wordEnd(i)
	before := byte(0)
	if a.begin > 0 {
		before = text[a.begin-1]
	}
	settings := before == ';' || before == ' ' && a.begin > 1 && text[a.begin-2] == ';'
	looked := min(hi, i+maxBare) // what is as long as that has no syntax in it
	a.work += looked - i
	for at := i; at < min(hi, looked); at++ {
		if !mayEndBare[text[at]] {
			continue
		}
		a.work += 8
		ends := false
		switch b := text[at]; b {
		case '"', '\'', '`':
			ends = a.closesAround(in, i, at)
		case '\\':
			ends = a.isLineBreak(at, in)
		case '<':
			ends = a.html || isTag(text[at:hi]) && (text[at+1] != '/' || a.isOpened(at))
		case '>':
			ends = a.html
		case '&':
			ends = before == '?' || before == '&' || strings.HasPrefix(text[at:], "&amp;") ||
				at+1 < hi && is(text[at+1], lower) && a.isPair(at+1, hi, 4) && a.isFormField(i, at)
		case ';':
			ends = settings || at+1 == hi || a.isSetting(at+1, hi) ||
				at == i && a.isPair(at+1, hi, 2) && !isStrong(text[at:hi])
		case ',':
			ends = before == ',' && a.isPair(at+1, hi, 1) ||
				in.n > 0 && a.isPair(at+1, hi, 4) && isOneCase(text[at+1:at+5])
		}
		if ends {
			hi = at
		}
	}
	if settings && hi < len(text) && is(text[hi], blank) {
		hi = a.settingEnd(hi)
	}
	return a.withoutTrailing(i, hi)
}

// mayEndBare are the bytes that a value without quotes may end before.
var mayEndBare = setOfBytes("\"'`\\<>&;,")

// wordEnd returns where the bytes that begin at i end, of which none is a blank or a control
// character.
func (s *scan) wordEnd(i int) int {
	if i < s.bare.from || i >= s.bare.to {
		end := i
		for end < len(s.text) && s.text[end] > ' ' && s.text[end] != 0x7f {
			end++
		}
		s.work += end - i
		s.bare = ended{from: i, to: end}
	}
	return max(i, s.bare.to)
}

// closesAround reports whether the quote at at ends what the name and its value are in, or the text
// that a value is cut out of.
func (a *assignment) closesAround(in *around, from, at int) bool {
	text, slashes := a.text, at-runOf(a.text[:at], at, '\\')
	if in.quote != 0 {
		return text[at] == in.quote && slashes == in.slashes
	}
	rest := text[at+1:]
	if text[at] == '`' {
		return false
	}
	if at > from && (strings.HasPrefix(rest, `,"`) || strings.HasPrefix(rest, `,\"`) ||
		strings.HasPrefix(rest, `, "`)) && a.isSyntax(at+1) {
		return true
	}
	return at > from && (rest == "" || rest == "}" || strings.HasPrefix(rest, `},"`) ||
		strings.HasPrefix(rest, `},{`) || strings.HasPrefix(rest, "}}") ||
		strings.HasPrefix(rest, "}\n")) && a.isSyntax(at+1)
}

// isOneCase reports whether all letters are small, but for the first one.
func isOneCase(s string) bool { return len(s) > 1 && run(s, 1, lower|under, len(s)) == len(s) }

// isLineBreak reports whether the backslash at at begins what ends a line, or a quote, of a text
// that has been escaped.
func (a *assignment) isLineBreak(at int, in *around) bool {
	text := a.text
	next := at + 1
	for next < len(text) && text[next] == '\\' {
		next++
	}
	if next >= len(text) {
		return false
	}
	switch text[next] {
	case '"', '\'':
		return in.quote == text[next] && next-at == in.slashes || in.quote == 0 && a.quoted &&
			a.goesOn(next+1)
	case 'n', 'r', 't':
		if in.quote == 0 && !isEscape(text, a.begin-1) &&
			!strings.Contains(text[max(0, a.begin-maxName):a.begin], `\n`) {
			return false
		}
		rest := next + 1
		if rest == len(text) || strings.IndexByte("\\ \"'", text[rest]) >= 0 {
			return true
		}
		end := a.run(rest, dotted, maxName)
		return is(text[rest], letter|under) && end > rest+1 && (byteAt(text, end) == '=' ||
			byteAt(text, end) == ':')
	}
	return false
}

// isTag reports whether a tag of HTML that ends something begins s, or one that breaks the line.
func isTag(s string) bool {
	switch byteAt(s, 1) {
	case 'b', 'B':
		for _, line := range [...]string{"<br>", "<br/>", "<BR>", "<BR/>"} {
			if strings.HasPrefix(s, line) {
				return true
			}
		}
		return false
	case '/':
	default:
		return false
	}
	end := run(s, 2, alnum|dash, maxName)
	return end > 2 && is(s[2], letter) && end < len(s) && s[end] == '>'
}

// isPair reports whether a name of so many bytes at least begins at i, with an equals sign or a
// colon behind it, before hi.
func (a *assignment) isPair(i, hi, least int) bool {
	if i < hi && (a.text[i] == '"' || a.text[i] == '\'') {
		i++
	}
	end := a.run(i, lower|upper|under|dash, maxName)
	if least > 1 {
		end = a.run(min(i+1, hi), lower|under, maxName)
	}
	return end-i >= least && end < hi && is(a.text[i], letter|under) && (a.text[end] == '=' ||
		i > 0 && a.text[i-1] != '&' && a.text[i-1] != ';' && (a.text[end] == ':' || end+1 < hi &&
			a.text[end+1] == ':'))
}

// withoutTrailing leaves the punctuation out that a value ends with, and what closes a bracket that
// was opened before it.
func (a *assignment) withoutTrailing(lo, hi int) int {
	for range maxTrailing {
		if hi == lo || strings.IndexByte(".,:)]}", a.text[hi-1]) < 0 ||
			balances(a.text[max(lo, hi-enough):hi]) {
			break
		}
		a.work += min(hi-lo, enough) / 8
		hi--
	}
	return hi
}

// inNames are the symbols that words and names are joined with.
var inNames = setOfBytes("-_./:")

// isStrong reports whether a text is no word, no name and nothing that a program is written in, but
// has been drawn at random or made hard to guess: it has characters of three kinds.
func isStrong(s string) bool {
	if len(s) < 8 || isQuantity(s) {
		return false
	}
	var seen class
	symbols := 0
	for i := range min(len(s), enough) {
		c := classes[s[i]]
		seen |= c
		if c&alnum == 0 && !inNames[s[i]] {
			symbols++
		}
	}
	kinds := 0
	for _, c := range [...]class{lower, upper, digit} {
		if seen&c != 0 {
			kinds++
		}
	}
	if symbols > 0 {
		kinds++
	}
	return kinds >= 3
}
