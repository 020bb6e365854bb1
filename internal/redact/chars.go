package redact

// class is a set of bytes.
type class uint16

// The parts that classes are made of.
const (
	digit class = 1 << iota
	lower
	upper
	under
	dash
	dot
	slash // the two bytes of standard base64 beside letters and digits: "+" and "/"
	equals
	tilde
	percent
	hex // lower case
	blank
	newline
	stars
	capitalHex
	quoting // the quotes that a name or a value may stand in
)

// The classes that tokens are made of.
const (
	letter = lower | upper
	alnum  = letter | digit
	anyHex = hex | capitalHex
	word   = alnum | under
	urlish = word | dash            // base64url
	dotted = urlish | dot           // several parts
	base64 = alnum | slash | equals // standard base64
	space  = blank | newline
)

var classes = func() (t [256]class) {
	fill := func(c class, bytes string) {
		for i := range len(bytes) {
			t[bytes[i]] |= c
		}
	}
	fill(digit, "0123456789")
	fill(lower, "abcdefghijklmnopqrstuvwxyz")
	fill(upper, "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	fill(under, "_")
	fill(dash, "-")
	fill(dot, ".")
	fill(slash, "+/")
	fill(equals, "=")
	fill(tilde, "~")
	fill(percent, "%")
	fill(hex, "0123456789abcdef")
	fill(blank, " \t")
	fill(newline, "\r\n")
	fill(stars, "*_")
	fill(capitalHex, "ABCDEF")
	fill(quoting, "\"'")
	return t
}()

func is(b byte, c class) bool { return classes[b]&c != 0 }

// run returns where the bytes of class c that begin at i end, at most limit bytes on.
func run(s string, i int, c class, limit int) int {
	end := len(s)
	if limit < end-i {
		end = i + limit
	}
	for i < end && classes[s[i]]&c != 0 {
		i++
	}
	return i
}

// runBack returns where the bytes of class c that end before i begin, at most limit bytes back.
func runBack(s string, i int, c class, limit int) int {
	begin := max(0, i-limit)
	for i > begin && classes[s[i-1]]&c != 0 {
		i--
	}
	return i
}

// folded maps the bytes of upper case letters to those of lower case.
var folded = func() (t [256]byte) {
	for i := range t {
		t[i] = byte(i)
		if 'A' <= i && i <= 'Z' {
			t[i] += 'a' - 'A'
		}
	}
	return t
}()

// hasPrefixFold reports whether s begins with prefix, which is in lower case, in any case.
func hasPrefixFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if folded[s[i]] != prefix[i] {
			return false
		}
	}
	return true
}

// sameFold reports whether a and b are the same in any case.
func sameFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range len(a) {
		if folded[a[i]] != folded[b[i]] {
			return false
		}
	}
	return true
}

// hasFolded reports whether a set, which is in lower case, has s in any case.
func hasFolded(set map[string]bool, s string) bool {
	var lower [20]byte
	if len(s) > len(lower) {
		return false
	}
	for i := range len(s) {
		lower[i] = folded[s[i]]
	}
	return set[string(lower[:len(s)])]
}

// setOfBytes returns which bytes are in s.
func setOfBytes(s string) (t [256]bool) {
	for i := range len(s) {
		t[s[i]] = true
	}
	return t
}

// seenIn returns the classes that the bytes of s are of.
func seenIn(s string) (all class) {
	for i := range min(len(s), enough) {
		all |= classes[s[i]]
	}
	return all
}

func equalFold(s, lower string) bool { return len(s) == len(lower) && hasPrefixFold(s, lower) }

// startsWord reports whether a word may begin at i: it follows no letter or digit, or one that is
// the letter of an escape or of a flag that its value is glued to, or a parameter of a terminal's
// command that may be cut off.
func startsWord(s string, i int) bool {
	return i == 0 || !is(s[i-1], alnum) || isEscape(s, i-1) || isFlagLetter(s, i-1) ||
		is(s[i-1], digit) && isParameter(s, i-1)
}

// isFlagLetter reports whether the byte at i is the letter of a flag such as -p, and all of it.
func isFlagLetter(s string, i int) bool {
	return i > 0 && is(s[i], letter) && s[i-1] == '-' &&
		(i == 1 || s[i-2] <= ' ' || s[i-2] == '"' || s[i-2] == '\'')
}

// isParameter reports whether the digit at i is one of a parameter of a terminal's command.
func isParameter(s string, i int) bool {
	begin := i
	for i > 0 && i > begin-16 && (is(s[i], digit) || s[i] == ';') {
		i--
	}
	return s[i] == '[' && i > 0 && s[i-1] == 0x1b
}

// isEscape reports whether the byte at i is the letter of an escape such as \n, which texts have
// that were escaped twice.
func isEscape(s string, i int) bool {
	return i > 0 && s[i-1] == '\\' && (s[i] == 'n' || s[i] == 't' || s[i] == 'r')
}

// blob is how many bytes of base64 in a row are data rather than a word, a path or a key.
const blob = 40

// wordBegin returns where the bytes of class c that end before i begin, at most limit bytes back,
// the letter of an escape left out.
func wordBegin(s string, i int, c class, limit int) int {
	begin := runBack(s, i, c, limit)
	if begin < i && isEscape(s, begin) {
		begin++
	}
	return begin
}
