package redact

import "strings"

// declared finds a value behind what says of which kind it is, or that it follows: As String in
// Basic, the type of an entry of Windows's registry, an argument that is named default, a pair of
// Kotlin's, a tuple of Erlang's.
func (a *assignment) declared(i int) bool {
	text := a.text
	rest := text[i:min(len(text), i+maxName)]
	switch {
	case strings.HasPrefix(rest, "As "):
		if n := strings.Index(rest, " = \""); n > 0 {
			a.at, a.form = i+n+len(" = "), loose
		}
	case strings.HasPrefix(rest, "REG_SZ ") || strings.HasPrefix(rest, "REG_EXPAND_SZ "):
		a.at, a.form = i+strings.IndexByte(rest, ' '), flag
	case strings.HasPrefix(rest, "/t REG_"):
		if n := strings.Index(rest, " /d "); n > 0 {
			a.at, a.form = i+n+len(" /d "), flag
		}
	case a.quoted && text[a.begin] == '-' && rest != "" && is(rest[0], newline): // of a list
		if at := a.run(i, space, 32); strings.HasPrefix(text[at:], "- ") {
			a.at, a.form = at+len("- "), argument
		}
	case !a.quoted && strings.HasPrefix(rest, ",") && i == a.end && (a.begin == 0 ||
		is(text[a.begin-1], newline)) && a.isOpaqueAt(i+1) && a.endsLine(a.wordEnd(i+1)):
		a.at, a.form = i+1, literal
	case a.quoted && strings.HasPrefix(rest, "to \""):
		a.at, a.form = i+len("to "), argument
	case !a.quoted && strings.HasPrefix(rest, ", \"") && a.begin > 0 && text[a.begin-1] == '{':
		a.at, a.form = i+1, argument
	}
	return a.form != none
}

// hideNewer hides the value that another one, which ends at i, is replaced with, as in a plan of
// Terraform's: "x" -> "y".
func (a *assignment) hideNewer(i int) {
	const arrow = "\" -> \""
	if !strings.HasPrefix(a.text[i:], arrow) || !a.isSecretInQuotes(i+len(arrow)-1) {
		return
	}
	if lo, hi, _ := a.value(i + len(arrow) - 1); hi > lo {
		a.hide(lo, hi, a.rule)
	}
}

// passwordOfUser returns where the password begins if what begins at i is the name of a user, with
// a blank and a slash or a colon behind it: i otherwise. Without a blank it may be one password.
func (a *assignment) passwordOfUser(i int) int {
	end := a.run(i, dotted, maxName)
	at := a.run(end, blank, 2)
	if end == i || at == end || strings.IndexByte(":/", byteAt(a.text, at)) < 0 {
		return i
	}
	at = a.run(at+1, blank, 2)
	word := a.text[at:min(a.wordEnd(at), at+enough)]
	if a.work += len(word); isStrong(word) && !isPlaceholder(word) &&
		!strings.Contains(word, "://") {
		return at
	}
	return i
}

// printed returns where the text in quotes begins that stands for the %s at i: i if there is none.
func (a *assignment) printed(i int) int {
	rest, ok := strings.CutPrefix(a.text[i:], "%s")
	if !ok {
		return i
	}
	rest = strings.TrimPrefix(rest, `\n`)
	for _, gap := range [...]string{"' '", "\" \"", "', '", "\", \""} {
		if at := len(a.text) - len(rest) + len(gap) - 1; strings.HasPrefix(rest, gap) &&
			a.isSecretInQuotes(at) {
			return at
		}
	}
	return i
}

// opensElement reports whether the name is that of an element of XML, with a namespace or without.
func (a *assignment) opensElement() bool {
	i := a.begin
	if i > 1 && a.text[i-1] == ':' {
		i = a.back(i-1, word, 24)
	}
	return i > 0 && a.text[i-1] == '<'
}
