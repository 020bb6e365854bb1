package redact

import "strings"

// leastOpaque is how long a word is at least that can be nothing but drawn at random.
const leastOpaque = 12

// isOpaque reports whether a word in a sentence, or on a command line, can be nothing but what was
// drawn at random: a UUID, a run of hexadecimal digits or of base64, or a strong password with
// something in it that neither programs nor documents have.
func isOpaque(word string) bool {
	if len(word) < leastOpaque {
		return false
	}
	if n := run(word, 0, anyHex|dash, len(word)); n == len(word) {
		return n >= 32 && contains(word, anyHex|dash, digit) && contains(word, anyHex|dash, letter)
	}
	if len(word) >= 32 && run(word, 0, base64|equals, len(word)) == len(word) {
		return strings.Count(word, "/") < 4 && isStrong(word) && isMixed(word)
	}
	if !isStrong(word) || isPath(word) {
		return false
	}
	return isOdd(word) || len(word) >= 16 && strings.ContainsAny(word, "!$%^~@+?|=&*#") &&
		seenIn(word)&alnum == alnum && strings.IndexByte(word, '(') < 0
}

// directNames are the ends of names that a sentence, or a command, has its value right behind.
var directNames = [...]string{"password", "passwd", "passphrase", "passcode", "pwd", "secret",
	"token", "key", "kennwort", "passwort", "senha", "wachtwoord"}

// directly reports whether what begins at i, behind the name and a blank, is a value: it has to be
// opaque, for mostly such a word goes on with a sentence.
func (a *assignment) directly(i int) bool {
	if a.wordEnd(i)-i < leastOpaque {
		return false
	}
	named := false
	for _, n := range directNames {
		at := a.end - len(n)
		named = named || at >= a.begin && equalFold(a.text[at:a.end], n)
	}
	return named && a.isOpaqueAt(i)
}

// isOpaqueAt reports whether an opaque word begins at i, without the punctuation behind it.
func (a *assignment) isOpaqueAt(i int) bool {
	end := a.wordEnd(i)
	a.work += min(end-i, enough)
	word := strings.TrimRight(a.text[i:min(end, i+enough)], ".,;:!?")
	return isOpaque(word) && !isPlaceholder(word) && !strings.Contains(word, "://") &&
		!a.isExpression(i)
}

// maxClause is how many words may stand between a name and what joins it with its value.
const maxClause = 8

// ofClause are the bytes of those words.
var ofClause = func() (t [256]bool) {
	for b := range t {
		t[b] = is(byte(b), ofOwners) || b >= 0x80 || strings.IndexByte("'\"`@:,", byte(b)) >= 0
	}
	return t
}()

// clause returns where the value begins if words begin at i that end with a colon, or with a word
// that joins a name with its value, and an opaque word is behind it: the password that you asked
// for is x, the token is generated for bob: x. It is 0 if there are none.
func (a *assignment) clause(i int) int {
	text, at := a.text, i
	if a.quoted || i >= len(text) || !is(text[i], letter) && text[i] < 0x80 {
		return 0
	}
	for range maxClause {
		word := at
		for word < len(text) && word < at+32 && ofClause[text[word]] {
			word++
		}
		a.work += workOfWord + word - at
		if word > at && text[word-1] == ':' && word < len(text) && is(text[word], newline) {
			if next := a.run(word, space, 8); a.isOpaqueAt(next) && a.endsLine(a.wordEnd(next)) {
				return next
			}
		}
		if word == at || byteAt(text, word) != ' ' {
			return 0
		}
		colon := text[word-1] == ':'
		if !colon && strings.IndexByte(".,", text[word-1]) >= 0 {
			return 0
		}
		at = word + 1
		if colon {
			if a.isOpaqueAt(at) {
				return at
			}
			return 0
		}
		if value := a.copula(at); value > 0 && a.isOpaqueAt(value) {
			return value
		}
	}
	return 0
}

// fallback returns where the text in quotes begins that an expression at i has as its last resort,
// if it looks like a secret: process.env.X || "x". It is i otherwise.
func (a *assignment) fallback(i int) int {
	text, hi := a.text, min(len(a.text), i+2*maxName)
	if i >= hi || !is(text[i], letter|under) && text[i] != '$' {
		return i
	}
	for at := i + 1; ; {
		at = a.nextOr(at, hi)
		if at >= hi || text[at] == '\n' {
			return i
		}
		if at += orBegins(text[at:]); at < hi && strings.IndexByte("\"'`", text[at]) >= 0 &&
			a.isSecretInQuotes(at) {
			return at
		}
	}
}

// nextOr returns the first place in [i, hi) at which orBegins, or the line ends: hi if there is
// none. What has been looked at once is not looked at for the next name.
func (s *scan) nextOr(i, hi int) int {
	from := i
	if i >= s.noOr.from && i < s.noOr.to {
		from, i = s.noOr.from, s.noOr.to
	}
	begin := i
	for i < hi && s.text[i] != '\n' && orBegins(s.text[i:]) == 0 {
		i++
	}
	s.work += 2 + max(0, i-begin)
	s.noOr = ended{from: from, to: i}
	return min(i, hi)
}

// orBegins returns how long the operator with blanks around it is that s begins with and that has
// the last resort behind it: 0 if there is none.
func orBegins(s string) int {
	if len(s) < len(" or ") || s[0] != ' ' {
		return 0
	}
	switch s[:4] {
	case " || ", " ?? ", " or ":
		return len(" or ")
	}
	return 0
}

// isSecretInQuotes reports whether a text in quotes begins at i that looks like a secret even where
// names and states stand mostly.
func (a *assignment) isSecretInQuotes(i int) bool {
	rest := a.text[i+1 : min(len(a.text), i+1+enough)]
	n := strings.IndexByte(rest, a.text[i])
	if n < 0 {
		n = len(rest)
	}
	a.work += n
	word := rest[:n]
	return strings.IndexByte(word, ' ') < 0 && (isStrong(word) || isOpaque(word)) &&
		!isPath(word) && !strings.Contains(word, "://")
}

// laidOut finds a value where documents have it in a place of its own: the string behind a key of a
// property list, the text of a part of a form.
func (a *assignment) laidOut(i int) bool {
	text := a.text
	if strings.HasPrefix(text[a.end:], "</key>") {
		at := a.run(a.end+len("</key>"), space, 32)
		if strings.HasPrefix(text[at:], "<string>") {
			a.at, a.form = at+len("<string>"), tag
			return true
		}
	}
	if a.namedBelow() {
		return true
	}
	if a.quoted && a.begin >= len(`name="`) && strings.HasSuffix(text[:a.begin-1], "name=") &&
		strings.Contains(text[max(0, a.begin-maxName):a.begin], "form-data") {
		for _, gap := range [...]string{"\r\n\r\n", "\n\n", `\r\n\r\n`, `\n\n`} {
			if strings.HasPrefix(text[i:], gap) {
				a.at, a.form = i+len(gap), tight
				return true
			}
		}
	}
	return false
}

// valueAbove is what a value begins with that may have its name below.
const valueAbove = "value: "

// namedBelow finds a value that stands above its name, as in a list of YAML's whose members are
// sorted from the end: value: x, and name: DB_PASSWORD in the next line.
func (a *assignment) namedBelow() bool {
	if !strings.HasSuffix(strings.TrimRight(a.text[max(0, a.begin-12):a.begin], "\"'"), "name: ") {
		return false
	}
	from := max(0, a.begin-4*maxName)
	before := strings.TrimRight(a.text[from:a.begin], "\"'")
	above, ok := strings.CutSuffix(before, "name: ")
	a.work += maxName / 4
	if !ok {
		return false
	}
	above = strings.TrimRight(above, " \t\r\n")
	line := strings.LastIndexByte(above, '\n') + 1
	value := strings.TrimLeft(above[line:], " -")
	if !strings.HasPrefix(value, valueAbove) || len(above) == len(before) {
		return false
	}
	a.at, a.form = from+len(above)-len(value)+len(valueAbove), colon
	return true
}
