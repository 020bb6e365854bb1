// Package corpus makes up secrets in every form that is known, and what looks like one and is none,
// for tests of what may leave a program.
package corpus

import (
	stdbase64 "encoding/base64"
	"math/rand/v2"
	"strings"
)

// Secret is a text that holds a secret. All are made up when tests run, from pieces, so that no
// scanner of sources finds them.
type Secret struct {
	// What names its form, Text is all of it, and Secret the part that no byte of what leaves may
	// spell.
	What, Text, Secret string
	// Rule finds it; "" if several may.
	Rule string
}

// Secrets returns some of every form, the same for every seed.
func Secrets(seed uint64) []Secret {
	m := NewMaker(seed)
	return append(m.Tokens(), m.Contexts()...)
}

// Maker makes random parts of credentials, the same in every run.
type Maker struct{ *rand.Rand }

// NewMaker returns a Maker; those of one seed make the same.
func NewMaker(seed uint64) Maker { return Maker{rand.New(rand.NewPCG(seed, 6))} }

// Of returns n bytes of an alphabet.
func (m Maker) Of(alphabet string, n int) string {
	var b strings.Builder
	for range n {
		b.WriteByte(alphabet[m.IntN(len(alphabet))])
	}
	return b.String()
}

// The alphabets of credentials.
const (
	Digits      = "0123456789"
	Lowers      = "abcdefghijklmnopqrstuvwxyz"
	Uppers      = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	Letters     = Lowers + Uppers
	Alnums      = Letters + Digits
	URLSafe     = Alnums + "-_"
	Base64Chars = Alnums + "+/"
	HexDigits   = "0123456789abcdef"
)

// Alnum is n letters and digits, the first a letter, the second a digit; so are the first two of
// URLish and Base64.
func (m Maker) Alnum(n int) string {
	return m.Of(Letters, 1) + m.Of(Digits, 1) + m.Of(Alnums, n-2)
}

// URLish is n characters that are safe in a URL.
func (m Maker) URLish(n int) string {
	return m.Of(Letters, 1) + m.Of(Digits, 1) + m.Of(URLSafe, n-3) + m.Of(Alnums, 1)
}

// Base64 is n characters of base64.
func (m Maker) Base64(n int) string {
	return m.Of(Letters, 1) + m.Of(Digits, 1) + m.Of(Base64Chars, n-3) + m.Of(Alnums, 1)
}

// Hex is n hexadecimal digits.
func (m Maker) Hex(n int) string { return m.Of(HexDigits, n) }

// Password is a password as people make them.
func (m Maker) Password() string {
	words := []string{"hunter", "Tr0ub4dor", "swordFish", "Winter", "dragon", "letMeIn",
		"qwerty", "Monkey"}
	return words[m.IntN(len(words))] + m.Of(Digits, 3) + m.Of("!$*^~+", 1) + m.Of(Lowers, 2)
}

// JWT is a token with this header.
func (m Maker) JWT(header string) string {
	encode := stdbase64.RawURLEncoding.EncodeToString
	return encode([]byte(header)) + "." +
		encode([]byte(`{"sub":"`+m.Hex(16)+`","iat":1516239022}`)) + "." + m.URLish(43)
}

// PEM is a private key with this label, its lines ended by newline.
func (m Maker) PEM(label, newline string) string {
	var b strings.Builder
	b.WriteString("-----BEG" + "IN " + label + "-----" + newline)
	for range 8 {
		b.WriteString(m.Base64(64) + newline)
	}
	return b.String() + m.Base64(30) + "==" + newline + "-----E" + "ND " + label + "-----"
}
