package main

import (
	"unicode"
	"unicode/utf8"
)

// maxToken bounds a token in runes: a model's tokens of English have four characters on average,
// and longer words have several tokens.
const maxToken = 8

// nextToken cuts the first token off text: a word or a part of a long one with the space before it,
// up to three digits, a run of white space, or one other character. The texts of all tokens
// together are the text.
func nextToken(text string) (token, rest string) {
	at := 0
	if len(text) > 1 && text[0] == ' ' && text[1] != ' ' {
		at = 1
	}
	first, size := utf8.DecodeRuneInString(text[at:])
	at += size
	same, most := class(first)
	for n := 1; n < most && at < len(text); n++ {
		r, size := utf8.DecodeRuneInString(text[at:])
		if !same(r) {
			break
		}
		at += size
	}
	return text[:at], text[at:]
}

// class says which runes continue a token that begins with r, and how many runes it has at most.
func class(r rune) (same func(rune) bool, most int) {
	switch {
	case unicode.IsDigit(r):
		return unicode.IsDigit, 3
	case unicode.IsLetter(r):
		return unicode.IsLetter, maxToken
	case unicode.IsSpace(r):
		return unicode.IsSpace, maxToken
	}
	return nil, 1
}

func countTokens(text string) int {
	n := 0
	for text != "" {
		_, text = nextToken(text)
		n++
	}
	return n
}
