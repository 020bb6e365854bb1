package settings

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/dashstream/dashstream-go/internal/redact"
)

const (
	notShown = "(not shown)"
	// maxShown is the maximum length of a value shown in errors, maxWord that of a word in it.
	maxShown, maxWord = 300, 24
)

// Quoted returns a value as errors show it.
func Quoted(v any) string {
	switch v := v.(type) {
	case string:
		return Shown(v)
	case []string:
		items := make([]string, len(v))
		for i := range v {
			items[i] = Shown(v[i])
		}
		return "[" + strings.Join(items, " ") + "]"
	}
	return fmt.Sprint(v)
}

// Shown returns value in quotes if it can hardly be a secret in the wrong place, and otherwise a
// few words that describe it. Names, paths, addresses and numbers consist of words of letters, of
// digits, or of letters followed by a few digits; random texts do not. Keys of a form that
// redaction knows are not shown either: some consist of words.
func Shown(value string) string {
	switch {
	case strings.Contains(value, "-----BEGIN"):
		return "(a PEM block, not shown)"
	case len(value) > maxShown || !plain(value) || uuid.MatchString(value) || isSecret(value):
		return fmt.Sprintf("(%d characters, not shown)", utf8.RuneCountInString(value))
	}
	return strconv.Quote(value)
}

// telling are characters between words that names, paths and numbers do not have. Passwords,
// connection strings and URLs with a password have them.
const telling = "@=;!$&%#*^~`|{}<>?\"'\\"

// uuid is what many keys are, and one of 150 of them consists of words.
var uuid = regexp.MustCompile(`[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}`)

// isSecret reports whether redaction hides a part of value.
func isSecret(value string) bool {
	_, hidden := builtin().String("", value)
	return hidden
}

// builtin returns a redactor of the built-in rules.
var builtin = sync.OnceValue(func() *redact.Redactor {
	r, _ := redact.New(redact.Rules{}) // the zero Rules cannot be wrong
	return r
})

// amount is a number with a unit, and a duration, which may be several.
var amount = regexp.MustCompile(
	`^[-+]?[0-9][0-9_.,]{0,20} ?([A-Za-zµ]{0,5}|[hm]([0-9.]+[hmsµn]{1,2}){1,4})$`)

func plain(value string) bool {
	if amount.MatchString(value) {
		return true
	}
	if strings.ContainsAny(value, telling) {
		return false
	}
	signs := 0 // in a row, or in all of a short value
	words := strings.FieldsFunc(value, func(r rune) bool {
		return !unicode.IsLetter(r) && !unicode.IsDigit(r)
	})
	for _, r := range value {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			signs++
		}
	}
	for _, w := range words {
		if !plainWord(w) {
			return false
		}
	}
	return signs <= 2*len(words)+3
}

// word is a word, a number, or a word with a number at its ends. Words may be put together as
// CamelCase.
var word = regexp.MustCompile(
	`^\p{N}{0,20}(\p{Lu}*|\p{Lo}*|\p{Lu}?\p{Ll}*(\p{Lu}\p{Ll}{2,})*)\p{N}{0,20}$`)

func plainWord(w string) bool {
	if runes := []rune(w); len(runes) > maxWord {
		return allSame(runes) || len(runes) <= 2*maxWord && word.MatchString(w) &&
			strings.ToLower(w) != w
	}
	return len(w) <= 4 && !strings.ContainsFunc(w, unicode.IsDigit) || word.MatchString(w)
}

func allSame(runes []rune) bool {
	for _, r := range runes {
		if r != runes[0] {
			return false
		}
	}
	return true
}
