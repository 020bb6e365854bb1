package redact

import (
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads the string that begins at the next byte, a quote, and returns its text, which is valid
// until the next one is read.
func (w *walker) str() (string, error) {
	lo := w.at + 1
	if w.at = special(w.src, lo); w.at < len(w.src) && w.src[w.at] == '"' {
		w.at++
		return w.src[lo : w.at-1], nil
	}
	w.buf = w.buf[:0]
	for w.at < len(w.src) {
		w.buf = append(w.buf, w.src[lo:w.at]...)
		switch w.src[w.at] {
		case '"':
			w.at++
			return view(w.buf), nil
		case '\\':
			if !w.escape() {
				return "", w.wrong("an escape")
			}
		default:
			return "", w.wrong("no control character in a string")
		}
		lo = w.at
		w.at = special(w.src, lo)
	}
	return "", w.wrong("the end of the string")
}

// escapes are the bytes that one-letter escapes stand for.
var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r',
	't': '\t'}

// escape decodes the escape at the next byte, and reports whether it is one. Half a surrogate pair
// becomes U+FFFD, as in encoding/json.
func (w *walker) escape() bool {
	rest := w.src[w.at:]
	if len(rest) < 2 {
		return false
	}
	if b := escapes[rest[1]]; b != 0 {
		w.buf = append(w.buf, b)
		w.at += 2
		return true
	}
	u, ok := codeUnit(rest)
	if !ok {
		return false
	}
	w.at += 6
	if utf16.IsSurrogate(u) {
		low, _ := codeUnit(rest[6:])
		if u = utf16.DecodeRune(u, low); u != utf8.RuneError {
			w.at += 6
		}
	}
	w.buf = utf8.AppendRune(w.buf, u)
	return true
}

// Bytes that are repeated in a word.
const (
	ones    = 0x0101010101010101
	highs   = 0x8080808080808080
	quotes  = ones * '"'
	slashes = ones * '\\'
	blanks  = ones * ' '
)

// special returns where the first byte of s at or after i is that a string cannot hold as it is: a
// quote, a backslash, or a control character.
func special(s string, i int) int {
	for ; i+8 <= len(s); i += 8 {
		v := eight(s[i : i+8])
		q, b := v^quotes, v^slashes
		// The lowest byte that is marked is right; those above it may be marked for a borrow.
		if m := ((q-ones)&^q | (b-ones)&^b | (v-blanks)&^v) & highs; m != 0 {
			return i + bits.TrailingZeros64(m)/8
		}
	}
	for ; i < len(s); i++ {
		if s[i] == '"' || s[i] == '\\' || s[i] < ' ' {
			return i
		}
	}
	return i
}

// codeUnit returns the UTF-16 code unit of \uXXXX, with which s begins.
func codeUnit(s string) (rune, bool) {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return 0, false
	}
	var u rune
	for i := 2; i < 6; i++ {
		b := folded[s[i]]
		if !is(b, hex) {
			return 0, false
		}
		if is(b, digit) {
			u = u<<4 | rune(b-'0')
		} else {
			u = u<<4 | rune(b-'a'+10)
		}
	}
	return u, true
}

// appendQuoted appends s as a string of JSON.
func appendQuoted(to []byte, s string) []byte {
	const digits = "0123456789abcdef"
	to = append(to, '"')
	for {
		n := special(s, 0)
		to = append(to, s[:n]...)
		if n == len(s) {
			return append(to, '"')
		}
		switch b := s[n]; b {
		case '"', '\\':
			to = append(to, '\\', b)
		case '\n':
			to = append(to, '\\', 'n')
		case '\r':
			to = append(to, '\\', 'r')
		case '\t':
			to = append(to, '\\', 't')
		default:
			to = append(to, '\\', 'u', '0', '0', digits[b>>4], digits[b&15])
		}
		s = s[n+1:]
	}
}
