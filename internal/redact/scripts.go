package redact

import (
	"fmt"
	"slices"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// Names in scripts other than ASCII's are compared byte by byte, in each of the cases that they are
// written in.

// isASCII reports whether s has no other bytes.
func isASCII(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c >= utf8.RuneSelf })
}

// spellings returns a name in each of the cases that it is written in, ASCII's letters always
// small: one spelling if it has no other letters.
func spellings(name string) []string {
	if isASCII(name) {
		return []string{lowered(name)}
	}
	var all []string
	for _, s := range cased(name) {
		if s = lowered(s); !slices.Contains(all, s) {
			all = append(all, s)
		}
	}
	return all
}

// cased returns a name as it is, in small letters, with a capital first letter, and, in another
// script than ASCII's, in capitals and with a capital first letter of each word.
func cased(name string) []string {
	small := strings.ToLower(name)
	others := []string{small, capital(small)}
	if !isASCII(name) {
		words := strings.Fields(small)
		for i := range words {
			words[i] = capital(words[i])
		}
		others = append(others, strings.ToUpper(name), strings.Join(words, " "))
	}
	all := []string{name}
	for _, other := range others {
		if !slices.Contains(all, other) {
			all = append(all, other)
		}
	}
	return all
}

// capital is s with a capital first letter.
func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	return string(unicode.ToTitle(first)) + s[size:]
}

// otherScripts is the rule of users' names that are not of ASCII: marks have no other letters.
const otherScripts = "name"

// ruleOfName returns the words of a name joined by dashes.
func ruleOfName(name string) (string, error) {
	var w words
	if w.cut(name) {
		joined := w.joined()
		if customName.MatchString(joined) || !isASCII(joined) && isJoined(joined) {
			return joined, nil
		}
	}
	return "", fmt.Errorf("redact: name %q: want 1 to %d words of letters and digits, at most %d "+
		"bytes", name, maxNameWords, maxMarkName)
}

// isJoined reports whether a name has nothing but letters, digits and dashes in it, in any script.
func isJoined(name string) bool {
	return len(name) <= maxMarkName && utf8.ValidString(name) &&
		!strings.ContainsFunc(name, func(c rune) bool {
			return c != '-' && !unicode.IsLetter(c) && !unicode.IsDigit(c) && !unicode.IsMark(c)
		})
}

// scriptTriggers are the last words of the names that users added in other scripts.
func scriptTriggers(n *names) []trigger {
	var ts []trigger
	for _, a := range n.added {
		last := a.words[len(a.words)-1]
		if isASCII(last) {
			continue
		}
		for _, word := range spellings(last) {
			ts = append(ts, trigger{literal: word, fold: true, find: func(s *scan, at int) {
				s.findInScript(at, at+len(word), verdict{rule: a.rule, secret: true}, a.words)
			}})
		}
	}
	return ts
}

// findInScript looks at a word that a name ends with in another script, and hides the name's value.
func (s *scan) findInScript(at, end int, v verdict, words []string) {
	begin := at
	for begin > 0 && at-begin < maxName && isOfNames(s.text[begin-1]) {
		begin--
	}
	s.work += at - begin
	for begin < at && !utf8.RuneStart(s.text[begin]) {
		begin++
	}
	name := s.text[begin:end]
	if judged := s.judge(name); judged.secret {
		v = judged
	} else if len(words) > 1 || !isUnspaced(s.text[at:]) || s.r.names.allowed[lowered(name)] {
		return
	}
	s.findNamed(at, end, v)
}

// isOfNames reports whether a byte may be in a name of several words, in any script.
func isOfNames(b byte) bool { return b >= utf8.RuneSelf || b == ' ' || is(b, nameBytes) }

// isUnspaced reports whether s begins with a letter of a script that has no blanks between words,
// so that what is before it may be a word of its own.
func isUnspaced(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Thai, unicode.Lao,
		unicode.Khmer, unicode.Myanmar)
}

// escapedTriggers are the names in other scripts as documents have them that are written in ASCII.
func escapedTriggers(n *names) []trigger {
	var ts []trigger
	for _, name := range n.secrets() {
		word := slices.MaxFunc(name, byLength)
		if i := slices.IndexFunc(name, func(w string) bool { return !isASCII(w) }); isASCII(word) {
			if i < 0 {
				continue
			}
			word = name[i]
		}
		t := trigger{literal: escapedWord(word), fold: true}
		same := func(other trigger) bool { return other.literal == t.literal }
		if !slices.ContainsFunc(ts, same) {
			ts = append(ts, t)
		}
	}
	return ts
}

// maxEscaped bounds how much of a word is looked for where it is written in ASCII.
const maxEscaped = 4

// escapedWord is how JSON has the beginning of a word in ASCII.
func escapedWord(word string) string {
	var b strings.Builder
	escaped := 0
	for _, c := range word {
		switch {
		case c < utf8.RuneSelf:
			b.WriteRune(c)
		case c > 0xffff:
			high, low := utf16.EncodeRune(c)
			fmt.Fprintf(&b, `\u%04x\u%04x`, high, low)
			escaped += 2
		default:
			fmt.Fprintf(&b, `\u%04x`, c)
			escaped++
		}
		if escaped >= maxEscaped {
			break
		}
	}
	return b.String()
}
