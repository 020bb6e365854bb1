package statediff

import (
	"math"
	"strconv"
)

// number reads a number. Most are already formatted as in ECMAScript, which can be recognised
// without computing their value.
func (c *Canonicalizer) number() error {
	first := c.i
	if c.i < len(c.src) && c.src[c.i] == '-' {
		c.i++
	}
	whole, err := c.digits()
	if err != nil {
		return err
	}
	if c.src[c.i-whole] == '0' && whole > 1 {
		return c.bad("a number that begins with 0")
	}
	fraction, exponent := 0, false
	if c.i < len(c.src) && c.src[c.i] == '.' {
		c.i++
		if fraction, err = c.digits(); err != nil {
			return err
		}
	}
	if c.i < len(c.src) && c.src[c.i]|0x20 == 'e' {
		exponent = true
		c.i++
		if c.i < len(c.src) && (c.src[c.i] == '+' || c.src[c.i] == '-') {
			c.i++
		}
		if _, err = c.digits(); err != nil {
			return err
		}
	}
	text := c.src[first:c.i]
	switch {
	case exponent || fraction > 0 && !shortDecimal(text, whole, fraction):
		c.double(first, text)
	case fraction == 0 && string(text) == "-0":
		c.i = first
		c.rewrite(2, []byte{'0'})
	case fraction == 0:
		if beyond53(text[len(text)-whole:]) {
			c.inexact()
		}
	}
	return nil
}

// inexact records that the number being read, whose node is the last one, cannot be represented by
// a double.
func (c *Canonicalizer) inexact() {
	c.doc.inexact = append(c.doc.inexact, uint32(len(c.doc.nodes)-1))
}

// digits reads at least one digit and returns how many there were.
func (c *Canonicalizer) digits() (int, error) {
	first := c.i
	for c.i < len(c.src) && c.src[c.i]-'0' <= 9 {
		c.i++
	}
	if c.i == first {
		return 0, c.bad("a digit is missing")
	}
	return c.i - first, nil
}

// beyond53 reports whether digits, which do not begin with 0, are more than 2^53.
func beyond53(digits []byte) bool {
	const limit = "9007199254740992"
	return len(digits) > len(limit) || len(digits) == len(limit) && string(digits) > limit
}

// shortDecimal reports whether text, digits with a fraction and no exponent, is formatted as in
// ECMAScript. That is true for at most 15 digits, because no two such decimals are the same double.
// They must also not end in a zero, and not be so small that an exponent is used.
func shortDecimal(text []byte, whole, fraction int) bool {
	if whole+fraction > 15 || text[len(text)-1] == '0' {
		return false
	}
	// digits after the point in the smallest number without an exponent, 1e-6
	const printed = 6
	if text[len(text)-fraction-2] != '0' || whole > 1 {
		return true
	}
	for _, b := range text[len(text)-fraction:][:min(fraction, printed)] {
		if b != '0' {
			return true
		}
	}
	return false
}

// double replaces the number just read, which began at first, by its shortest form, unless it is
// beyond every double.
func (c *Canonicalizer) double(first int, text []byte) {
	f, err := strconv.ParseFloat(string(text), 64)
	if err != nil {
		c.inexact()
		return
	}
	if size := math.Abs(f); size > 1<<53 && size < 1e21 {
		c.inexact() // it is formatted as a whole number
	}
	var buf [32]byte
	if by := appendDouble(buf[:0], f); string(by) != string(text) {
		c.i = first
		c.rewrite(len(text), by)
	}
}

// appendDouble appends f as formatted in ECMAScript: the shortest digits that yield f again, and an
// exponent from 1e21 on and below 1e-6.
func appendDouble(dst []byte, f float64) []byte {
	if f == 0 {
		return append(dst, '0')
	}
	size := math.Abs(f)
	if size >= 1e-6 && size < 1e21 {
		return strconv.AppendFloat(dst, f, 'f', -1, 64)
	}
	dst = strconv.AppendFloat(dst, f, 'e', -1, 64)
	if n := len(dst); dst[n-2] == '0' && (dst[n-3] == '-' || dst[n-3] == '+') {
		dst[n-2] = dst[n-1] // strconv writes at least two digits of an exponent
		dst = dst[:n-1]
	}
	return dst
}
