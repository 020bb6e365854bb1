package statediff

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf16"
	"unicode/utf8"
)

// str reads a string and returns its canonical text, including quotes. What is canonical as it is
// stays in the pending run.
func (c *Canonicalizer) str() ([]byte, error) {
	first, place, changed := c.i, c.here(), false
	c.i++
	for {
		end, ascii := plain(c.src, c.i)
		if !ascii && !utf8.Valid(c.src[c.i:end]) {
			c.repair(end)
			changed = true
		}
		c.i = end
		if end == len(c.src) {
			return nil, c.bad("")
		}
		switch c.src[end] {
		case '"':
			c.i++
			if changed {
				c.flush()
				return c.doc.text[place:], nil
			}
			return c.src[first:c.i], nil
		case '\\':
			rewritten, err := c.escape()
			if err != nil {
				return nil, err
			}
			changed = changed || rewritten
		default:
			return nil, c.bad("a control character in a string")
		}
	}
}

// plain returns the first position from i of a byte that must be escaped in a string (quote,
// backslash, control character), or the end of src. It also reports whether all bytes before it are
// ASCII. It examines eight bytes at a time.
func plain(src []byte, i int) (end int, ascii bool) {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	var seen uint64
	for ; i+8 <= len(src); i += 8 {
		w := binary.LittleEndian.Uint64(src[i:])
		quote, slash := w^(ones*'"'), w^(ones*'\\')
		// The high bit of a byte is set if it is below 0x20, or zero after the XOR. Borrows spoil
		// only what comes after the first such byte.
		found := ((w-ones*0x20)&^w | (quote-ones)&^quote | (slash-ones)&^slash) & highs
		if found != 0 {
			k := bits.TrailingZeros64(found) &^ 7
			seen |= w & (1<<k - 1)
			return i + k/8, seen&highs == 0
		}
		seen |= w
	}
	for ; i < len(src) && src[i] >= 0x20 && src[i] != '"' && src[i] != '\\'; i++ {
		seen |= uint64(src[i])
	}
	return i, seen&highs == 0
}

// repair copies the source up to end, with U+FFFD for each byte that is not UTF-8.
func (c *Canonicalizer) repair(end int) {
	c.flush()
	text := c.doc.text
	for piece := c.src[c.i:end]; len(piece) > 0; {
		r, n := utf8.DecodeRune(piece)
		text = utf8.AppendRune(text, r)
		piece = piece[n:]
	}
	c.doc.text, c.run = text, end
}

// escape reads one escape sequence, or two for a pair of surrogates, and reports whether it was not
// canonical and had to be rewritten.
func (c *Canonicalizer) escape() (rewritten bool, err error) {
	if c.i+1 >= len(c.src) {
		c.i = len(c.src)
		return false, c.bad("")
	}
	switch c.src[c.i+1] {
	case '"', '\\', 'b', 'f', 'n', 'r', 't':
		c.i += 2
		return false, nil
	case '/':
		c.rewrite(2, []byte{'/'})
		return true, nil
	case 'u':
		return c.escapedRune()
	}
	return false, c.bad("an unknown escape")
}

// rewrite replaces the next n bytes of the source.
func (c *Canonicalizer) rewrite(n int, by []byte) {
	c.flush()
	c.doc.text = append(c.doc.text, by...)
	c.i += n
	c.run = c.i
}

func (c *Canonicalizer) escapedRune() (rewritten bool, err error) {
	r, ok := hex4(c.src, c.i+2)
	if !ok {
		return false, c.bad("four hex digits are missing in an escape")
	}
	n := 6
	if utf16.IsSurrogate(r) {
		low, ok := rune(0), c.i+7 < len(c.src) && c.src[c.i+6] == '\\' && c.src[c.i+7] == 'u'
		if ok {
			low, ok = hex4(c.src, c.i+8)
		}
		if r = utf16.DecodeRune(r, low); ok && r != utf8.RuneError {
			n = 12
		}
	}
	var buf [8]byte
	by := appendEscaped(buf[:0], r)
	if string(by) == string(c.src[c.i:c.i+n]) {
		c.i += n
		return false, nil
	}
	c.rewrite(n, by)
	return true, nil
}

func hex4(src []byte, i int) (r rune, ok bool) {
	if i+4 > len(src) {
		return 0, false
	}
	for _, b := range src[i : i+4] {
		switch {
		case '0' <= b && b <= '9':
			b -= '0'
		case 'a' <= b && b <= 'f':
			b -= 'a' - 10
		case 'A' <= b && b <= 'F':
			b -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(b)
	}
	return r, true
}

// appendEscaped appends a rune in its canonical form: only quote, backslash and control characters
// are escaped.
func appendEscaped(dst []byte, r rune) []byte {
	const short = "btn\x00fr" // for 0x08 to 0x0d
	switch {
	case r == '"' || r == '\\':
		return append(dst, '\\', byte(r))
	case r >= 0x20:
		return utf8.AppendRune(dst, r)
	case 0x08 <= r && r <= 0x0d && r != 0x0b:
		return append(dst, '\\', short[r-0x08])
	}
	return append(dst, '\\', 'u', '0', '0', '0'+byte(r>>4), "0123456789abcdef"[r&0xf])
}

// appendQuoted appends s as a canonical string.
func appendQuoted(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for _, r := range s {
		dst = appendEscaped(dst, r)
	}
	return append(dst, '"')
}

// appendUnquoted appends the content of a canonical string.
func appendUnquoted(dst, text []byte) []byte {
	return appendUnescaped(dst, text[1:len(text)-1])
}

// appendUnescaped appends the unescaped form of the inside of a canonical string.
func appendUnescaped(dst, text []byte) []byte {
	for len(text) > 0 {
		k, _ := plain(text, 0)
		dst = append(dst, text[:k]...)
		if k == len(text) {
			break
		}
		r, n := unescaped(text[k:])
		dst, text = append(dst, r), text[k+n:]
	}
	return dst
}

// unescaped reads one canonical escape sequence. It returns the byte it stands for, and its length.
func unescaped(text []byte) (b byte, n int) {
	switch text[1] {
	case 'b':
		return '\b', 2
	case 'f':
		return '\f', 2
	case 'n':
		return '\n', 2
	case 'r':
		return '\r', 2
	case 't':
		return '\t', 2
	case 'u':
		r, _ := hex4(text, 2)
		return byte(r), 6
	}
	return text[1], 2
}
