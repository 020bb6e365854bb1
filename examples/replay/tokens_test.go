package main

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func tokensOf(text string) []string {
	var tokens []string
	for text != "" {
		var token string
		token, text = nextToken(text)
		tokens = append(tokens, token)
	}
	return tokens
}

func TestTextIsCutLikeAModelsTokens(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"Hello, world!":             "Hello|,| world|!",
		"internationalisation":      "internat|ionalisa|tion",
		" a  b":                     " a|  |b",
		"line\n\n  next":            "line|\n\n  |next",
		"$1234.5 off":               "$|123|4|.|5| off",
		"Größer — 比較 ✓":             "Größer| —| 比較| ✓",
		" ":                         " ",
		"\xff\xfe":                  "\xff|\xfe",
		`{"id": "HAT136"}`:          `{|"|id|"|:| "|HAT|136|"|}`,
		strings.Repeat(" ", 20):     "        |        |    ",
		"naïve" + string(rune(769)): "naïve|\u0301",
	} {
		if got := strings.Join(tokensOf(text), "|"); got != want {
			t.Errorf("tokens of %q: %s, want %s", text, got, want)
		}
	}
}

func FuzzTokensAreTheText(f *testing.F) {
	for _, s := range []string{"Hello, world!", "a  b\tc", "比較", "\xff \xff", "1 22 333 4444"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tokens := tokensOf(text)
		if got := strings.Join(tokens, ""); got != text {
			t.Fatalf("tokens of %q make %q", text, got)
		}
		if n := countTokens(text); n != len(tokens) {
			t.Fatalf("%d tokens counted, %d cut", n, len(tokens))
		}
		for _, token := range tokens {
			if token == "" || utf8.RuneCountInString(token) > maxToken+1 {
				t.Fatalf("token %q of %q", token, text)
			}
			if utf8.ValidString(text) && !utf8.ValidString(token) {
				t.Fatalf("token %q of %q splits a character", token, text)
			}
		}
	})
}
