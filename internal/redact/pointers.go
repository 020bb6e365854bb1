package redact

import "strings"

// pointers are what texts join a name and a value with, beside those of programs. Each has a blank
// before it.
var pointers = []struct {
	text string
	form form
}{{"-> ", says}, {"<- \"", loose}, {"\u2192", says}, {"\u279c", says}, {"\u21d2", says},
	{"- ", beside}, {"\u2013 ", beside}, {"| ", beside}}

// beginsPointer are the bytes that pointers begin with.
var beginsPointer = func() (t [256]bool) {
	for _, p := range pointers {
		t[p.text[0]] = true
	}
	return t
}()

// points looks for such a pointer at i, where the name and the blanks behind it end.
func (a *assignment) points(i, name int) bool {
	if i > name && beginsPointer[a.text[i]] {
		for _, p := range pointers {
			if hasPrefixFold(a.text[i:], p.text) {
				a.at, a.form = i+len(strings.TrimRight(p.text, "\"")), p.form
				return true
			}
		}
	}
	if i > name {
		a.work += workOfJudge / 2
		if at := a.clause(i); at > 0 {
			a.at, a.form = at, says
			return true
		}
		if at := a.copula(i); at > 0 {
			a.at, a.form = at, says
			return true
		}
		if at := a.apposition(i); at > 0 {
			a.at, a.form = at, says
			return true
		}
		if at := a.remark(i); at > 0 {
			a.at, a.form = at, colon
			return true
		}
		if a.isToldToSet(i) {
			a.at, a.form = i+len("to "), says
			return true
		}
		if end := a.wordEnd(i); end-i >= leastGuarded && a.text[i-1] == ' ' {
			a.work += workOfJudge
			if isGuarded(a.text[i:end]) && !a.isExpression(i) {
				a.at, a.form = i, beside
				return true
			}
		}
	}
	if i > name && !a.quoted && a.directly(i) {
		a.at, a.form = i, says
		return true
	}
	before := a.text[max(0, a.begin-maxName):a.begin]
	a.work += maxName / 4
	switch {
	case i == a.end: // no blank
	case a.text[i-1] == '\t':
		a.at, a.form = i, beside
	case equalFold(a.text[a.begin:a.end], "password") && strings.Contains(before, "login "):
		// .netrc
		a.at, a.form = i, says
	case i > name && (a.begin == 0 || is(a.text[a.begin-1], newline)) &&
		(isStrong(a.text[i:a.wordEnd(i)]) || a.isOpaqueAt(i)) && a.endsLine(a.wordEnd(i)):
		// a line of a file of settings
		a.at, a.form = i, beside
	case a.text[i-1] == '>' && i == name: // the cells of a table
		a.at, a.form = i, beside
	}
	return a.form != none
}

// remark returns where the value begins behind a remark in brackets: password (for bob): x. It is 0
// if there is none.
func (a *assignment) remark(i int) int {
	if a.text[i] != '(' {
		return 0
	}
	rest := a.text[i:min(len(a.text), i+maxName)]
	n := strings.IndexByte(rest, ')')
	a.work += maxName / 4
	if n < 2 || !strings.HasPrefix(rest[n:], "): ") || strings.IndexByte(rest[:n], '\n') > 0 {
		return 0
	}
	return i + n + len("): ")
}

// isToldToSet reports whether "to " begins at i, and before the name somebody sets or changes it.
func (a *assignment) isToldToSet(i int) bool {
	if !hasPrefixFold(a.text[i:], "to ") {
		return false
	}
	a.work += maxName / 4
	before := a.text[max(0, a.begin-maxName/2):a.begin]
	for range 3 {
		before = strings.TrimRight(before, " ")
		word := before[strings.LastIndexByte(before, ' ')+1:]
		if hasFolded(wordsOfSetting, word) {
			return true
		}
		before = before[:len(before)-len(word)]
	}
	return false
}

var wordsOfSetting = setOf("set sets setting change changed changes reset resets update updated")

// leastGuarded is how long such a word is at least.
const leastGuarded = 10

// isGuarded reports whether a word in a sentence is likely a secret though nothing joins it with
// the name before it: letters and digits take turns in it, or it has a sign that words have not.
func isGuarded(word string) bool {
	word = strings.TrimRight(word, ".,;:?")
	if len(word) < leastGuarded || !looksSecret(word, true) || isPlaceholder(word) ||
		strings.Contains(word, "://") {
		return false
	}
	if run(word, 0, alnum, len(word)) == len(word) {
		return isMixed(word) && (len(word) >= 16 || isStrong(word))
	}
	return run(word, 0, alnum|stars|tilde|slash|equals|under|dash, len(word)) == len(word) &&
		(strings.IndexAny(word, "~*") > 0 || strings.HasSuffix(word, "==")) ||
		strings.IndexAny(word, "$^!+") > 0 && !strings.ContainsAny(word, "(){}[]<>\"'`;|") &&
			isStrong(word)
}
