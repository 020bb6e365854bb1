package redact

import "strings"

// A value may stand in front of its name: {"value": "x", "name": "DB_PASSWORD"} in the midst of a
// text, <input value="x" type="password">, and x is the password.

// maxInFront bounds how far in front of a name its value begins.
const maxInFront = enough

// inFront finds a value in front of the name, and reports whether there is one. It is found where a
// member or an attribute holds the name, and one before it the value, and in a sentence, where it
// has to be opaque.
func (a *assignment) inFront() (lo, hi int, found bool) {
	a.work += maxName / 4
	if key := a.keyOfName(); key >= 0 {
		return a.memberBefore(key)
	}
	return a.subject()
}

// keyOfName returns where the key begins whose value the name is, as in "name": "DB_PASSWORD" and
// type="password"; -1 if there is none.
func (a *assignment) keyOfName() int {
	text := a.text
	i := before(text, a.begin, "\"'\\", 2)
	key := before(text, i, " \t", 2)
	switch b := byteBefore(text, key); b {
	case ':', '=':
		key--
	case '>': // <key>DB_PASSWORD</key>
		if key != i {
			return -1
		}
		key--
	default:
		return -1
	}
	end := before(text, before(text, key, " \t", 2), "\"'\\", 2)
	begin := end
	for begin > 0 && end-begin <= len("parameter") && is(text[begin-1], letter) {
		begin--
	}
	if !hasFolded(namesOfPairs, text[begin:end]) && !hasFolded(typesOfFields, text[begin:end]) {
		return -1
	}
	return before(text, begin, "\"'\\<", 2)
}

// typesOfFields are what attributes are called that say what a field of a form is.
var typesOfFields = setOf("type id")

// memberBefore finds the value of the pair that ends before the key at key, where only what stands
// between members is in between.
func (a *assignment) memberBefore(key int) (lo, hi int, found bool) {
	text := a.text
	from := max(a.floor, key-maxInFront)
	if from >= key {
		return 0, 0, false
	}
	end := memberEnd(text, from, key)
	window := text[from:end]
	a.work += key - from
	for range 2 { // the word may stand in the value as well
		n := lastValue(window)
		if n < 0 {
			break
		}
		if lo, a.form = valueOfMember(text, from+n); lo > 0 && lo < end {
			if lo, hi = unquoted(text, lo, end); hi > lo {
				a.at = lo
				return lo, hi, true
			}
		}
		window = window[:n]
	}
	return 0, 0, false
}

// memberEnd returns where the member ends that is before the key at key, but not before from: what
// ends it and begins the next one is left out, in the same line or the next.
func memberEnd(text string, from, key int) int {
	end, lines := key, 0
	for end > from && lines < 2 && strings.IndexByte(" \t\r\n,;-{", text[end-1]) >= 0 {
		if end--; text[end] == '\n' {
			lines++
		}
	}
	if strings.HasSuffix(text[from:end], "</value>") {
		return end - len("</value>")
	}
	return end
}

// unquoted returns [lo, hi) without the quotes at both ends, which may be escaped; nothing if there
// is one at one end only.
func unquoted(text string, lo, hi int) (int, int) {
	quote := lo
	for quote < hi && text[quote] == '\\' {
		quote++
	}
	if quote == hi || strings.IndexByte("\"'`", text[quote]) < 0 {
		return lo, hi
	}
	escape := quote - lo
	if hi-escape-1 <= quote || text[hi-1] != text[quote] ||
		text[hi-1-escape:hi-1] != text[lo:quote] {
		return lo, lo
	}
	return quote + 1, hi - 1 - escape
}

// valueOfMember returns where the value begins of the member whose name begins at i; 0 if it has
// none.
func valueOfMember(text string, i int) (at int, f form) {
	end := run(text, i, letter, len("value")+1)
	if !hasFolded(textsOfPairs, text[i:end]) || i > 0 && is(text[i-1], alnum|under|dash|dot) {
		return 0, none
	}
	for end < len(text) && end < i+8 && strings.IndexByte("\"'\\", text[end]) >= 0 {
		end++
	}
	if byteAt(text, end) == '>' {
		return end + 1, tag
	}
	switch end = run(text, end, blank, 2); byteAt(text, end) {
	case ':':
		return run(text, end+1, blank, 4), colon
	case '=':
		return run(text, end+1, blank, 4), loose
	}
	return 0, none
}

// subject finds an opaque word that a sentence says to be the secret: x is the password, use x as
// your key, x (password), x -> password.
func (a *assignment) subject() (lo, hi int, found bool) {
	text, i := a.text, a.begin
	switch byteBefore(text, i) {
	case '(':
		return a.opaqueBefore(i - 1)
	case '/': // of the file that it is written to
		for i > a.floor && a.begin-i < maxName && text[i-1] > ' ' {
			i--
		}
		a.work += a.begin - i
		if !strings.HasSuffix(text[:i], "> ") {
			return 0, 0, false
		}
	}
	for range maxSubject {
		end := before(text, i, " ", 1)
		if end == i {
			break
		}
		i = end
		for i > a.floor && end-i < maxWordOfSubject && !is(text[i-1], space) {
			i--
		}
		a.work += end - i + 1
		word := text[i:end]
		if hasFolded(joinsName, word) || isArrow(word) ||
			strings.HasPrefix(word, "(") && isLetters(word[1:]) {
			return a.opaqueBefore(i)
		}
		if !isLetters(word) {
			break
		}
	}
	return 0, 0, false
}

// The bounds of what may stand between a value and the name behind it.
const (
	maxSubject       = 5 // words
	maxWordOfSubject = 12
)

// joinsName are the words between a value and the name behind it.
var joinsName = setOf("is as for = -> => | > >> est ist es è é som als como comme come jako " +
	"är er")

func isArrow(word string) bool { return word == "\u2192" || word == "\u2014" || word == "\u2013" }

func isLetters(s string) bool {
	for i := range len(s) {
		if !is(s[i], letter) && s[i] != '\'' && s[i] < 0x80 {
			return false
		}
	}
	return true
}

// opaqueBefore finds the opaque word that ends before the blank before i.
func (a *assignment) opaqueBefore(i int) (lo, hi int, found bool) {
	text := a.text
	hi = before(text, i, " ", 1)
	if hi == i {
		return 0, 0, false
	}
	lo = hi
	for lo > a.floor && hi-lo < enough && !is(text[lo-1], space) {
		lo--
	}
	a.work += hi - lo
	if q := byteBefore(text, hi); hi-lo > 2 && strings.IndexByte("`\"'", q) >= 0 && text[lo] == q {
		lo, hi = lo+1, hi-1
	}
	if lo >= hi || !a.isOpaqueAt(lo) {
		return 0, 0, false
	}
	return lo, hi, true
}

// before returns where the bytes of set end before i, at most so many.
func before(text string, i int, set string, most int) int {
	for begin := i; i > 0 && begin-i < most && strings.IndexByte(set, text[i-1]) >= 0; {
		i--
	}
	return i
}

func byteBefore(text string, i int) byte {
	if i > 0 {
		return text[i-1]
	}
	return 0
}

// lastValue returns where a word last begins in s as the names of values do: -1 if none does.
func lastValue(s string) int {
	return max(strings.LastIndex(s, "val"), strings.LastIndex(s, "Val"))
}

// hideInFront hides the value in front of the name, if it looks like a secret.
func (a *assignment) hideInFront() {
	lo, hi, found := a.inFront()
	if !found {
		return
	}
	if a.verdict = a.judge(a.text[a.begin:a.end]); !a.secret || a.rule == ruleCookie {
		return
	}
	text := a.text[lo:min(hi, lo+maxBare)]
	if !looksSecret(text, true) || a.isNoValue(text) || isTemplate(text) || a.isExpression(lo) {
		return
	}
	a.hide(lo, hi, a.rule)
}
