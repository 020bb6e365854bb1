package redact

import "strings"

// wrappers are what a value stands in as printers show it and programs write it: Some("x") of
// Rust, SecretStr('x') of Python.
var wrappers = setOf("String::from string::from some ok just optional secretstr " +
	"secretbytes secretbox secret sensitive " +
	"secretstring secretvalue protected")

// unwrapped returns where the value begins that is in a wrapper which begins at i, or behind what
// printers say of it: the type and the length, in Go (spew) and PHP, and the tags and anchors of
// YAML. It is i otherwise.
func (a *assignment) unwrapped(i int) int {
	text := a.text
	if i >= len(text) {
		return i
	}
	if at := a.run(i, space, 32); at > i && strings.HasPrefix(text[at:], "string(") {
		i = at // in the next line, as PHP dumps it
	}
	switch b := text[i]; {
	case b == '(' && strings.HasPrefix(text[i:], "(string) (len="):
		at := a.run(i+len("(string) (len="), digit, 9)
		if strings.HasPrefix(text[at:], `) "`) {
			return at + len(") ")
		}
	case b == '!' && strings.HasPrefix(text[i:], "!!str "):
		return i + len("!!str ")
	case b == '&' && a.form == colon:
		at := a.run(i+1, word|dash, maxName)
		if at > i+1 && byteAt(text, at) == ' ' && at+1 < len(text) &&
			!is(text[at+1], newline|blank) && strings.IndexByte("|>{[", text[at+1]) < 0 {
			return at + 1
		}
	case is(b, letter):
		n := strings.IndexByte(text[i:min(len(text), i+16)], '(')
		if n < 0 {
			return i
		}
		at := i + n
		if text[i:at] == "string" { // var_dump of PHP
			if end := a.run(at+1, digit, 9); strings.HasPrefix(text[end:], `) "`) && end > at+1 {
				return end + len(") ")
			}
			return i
		}
		quote := at + 1
		for quote < len(text) && quote < at+4 && text[quote] == '\\' {
			quote++
		}
		if b := byteAt(text, quote); (b == '"' || b == '\'') && hasFolded(wrappers, text[i:at]) {
			return at + 1
		}
	}
	return i
}
