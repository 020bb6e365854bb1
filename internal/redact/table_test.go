package redact

import (
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// valueOf makes a value of a form, as short as it may be.
func (f *tokenForm) valueOf(m corpus.Maker) string {
	var alphabet strings.Builder
	for b := byte('!'); b < 0x7f; b++ {
		if is(b, f.chars) && is(b, alnum) {
			alphabet.WriteByte(b)
		}
	}
	body := []byte(m.Of(alphabet.String(), f.min+4))
	body[1] = '7'
	if is('Q', f.chars) {
		body[2] = 'Q'
	}
	if f.wants&dots != 0 {
		body[14] = '.'
	}
	if f.wants&uuid != 0 {
		for _, i := range [...]int{8, 13, 18, 23} {
			body[i] = '-'
		}
	}
	return f.prefix + string(body)
}

// Each form of the table is found, alone and in a sentence, and so it is in capitals where its
// prefix may stand anywhere.
func TestEachFormOfTheTableIsFound(t *testing.T) {
	r := redactor(t, Rules{})
	m := corpus.NewMaker(seedOf(t))
	for i := range tokenForms {
		f := &tokenForms[i]
		for range 5 {
			value := f.valueOf(m)
			for _, text := range []string{value, "use " + value + " now", "\"" + value + "\"",
				"x=" + value} {
				if got := stringOf(r, text); strings.Contains(got, value) {
					t.Errorf("%s: %q becomes %q", f.rule, text, got)
				}
			}
			if f.wants&anywhere != 0 && f.chars&alnum == alnum {
				if got := stringOf(r, strings.ToUpper(value)); got == strings.ToUpper(value) {
					t.Errorf("%s: %q is not found", f.rule, strings.ToUpper(value))
				}
			}
		}
	}
}
