package redact

import "strings"

// assignment is a secret's name in a text and what follows it as its value.
type assignment struct {
	*scan
	verdict
	begin, end int  // of the name
	quoted     bool // the name is in quotes, as a key of JSON
	form       form
	at         int // where the value begins
}

// form is how a text joins a name and a value.
type form int

const (
	none     form = iota
	tight         // password=x
	loose         // password = x, := or =>
	colon         // password: x
	says          // password is x
	flag          // --password x
	argument      // ("password", "x")
	literal       // PASSWORD 'x'
	tag           // <password>x</password>
)

// assignTriggers are the words that the names of secrets end in, as far as texts are searched for them, and those that users added.
func assignTriggers(n *names) []trigger {
	words := []string{
		"password", "passwd", "passphrase", "passcode", "pswd", "pwd", "_pass", "pass=", "pass:", "secret", "token", "key", "authorization",
		"cookie", "credential", "csrf", "xsrf", "sessid", "_session=",
	}
	for _, a := range n.added {
		if last := a.words[len(a.words)-1]; len(last) >= 3 {
			words = append(words, last)
		}
	}
	ts := []trigger{{literal: "IDENTIFIED BY ", find: findIdentified}}
	for _, w := range words {
		ts = append(ts, trigger{literal: w, fold: true, find: findAssignment})
	}
	return ts
}

// maxName bounds how far a name is followed to either side of the word that it was found by.
const maxName = 64

// nameBytes are the bytes that names in texts are made of.
const nameBytes = dotted

// findAssignment looks at the name that the word at at is in, and hides its value.
func findAssignment(s *scan, at int) {
	a := assignment{scan: s, begin: wordBegin(s.text, at, nameBytes, maxName), end: run(s.text, at, nameBytes, maxName)}
	for a.end > at && !is(s.text[a.end-1], alnum) {
		a.end--
	}
	if a.begin == at && at > 1 && s.text[at-1] == ' ' && hasPrefixFold(s.text[at:], "key") {
		a.begin = runBack(s.text, at-1, nameBytes, maxName) // api key
	}
	for a.begin < at && s.text[a.begin] == '.' {
		a.begin++
	}
	if a.findValue(); a.form == none {
		return
	}
	if a.verdict = s.r.names.judge(s.text[a.begin:a.end]); !a.secret {
		return
	}
	switch {
	case a.form == tag:
		a.hideElement()
	case a.rule == ruleAuthorization && !a.narrow && a.form != says:
		a.hideAuthorization()
	case a.rule == ruleCookie && a.form != says && a.hideCookie():
	default:
		a.hideValue()
	}
}

// findValue reads what stands between the name and its value, and decides on the form; none if there is no value.
func (a *assignment) findValue() {
	text, i := a.text, a.end
	for i < len(text) && i < a.end+4 && strings.IndexByte("\"'`\\]", text[i]) >= 0 {
		a.quoted = a.quoted || text[i] != '\\' && text[i] != ']'
		i++
	}
	name := i
	i = run(text, i, blank, 8)
	if i == len(text) {
		return
	}
	next := byte(0)
	if i+1 < len(text) {
		next = text[i+1]
	}
	a.at = i + 1
	switch b := text[i]; {
	case b == '=' && next == '>' || b == ':' && next == '=':
		a.at, a.form = i+2, loose
	case b == '=' && (next == '=' || next == '~'), b == ':' && next == ':':
	case b == '=' && i == name && next != ' ':
		a.form = tight
	case b == '=':
		a.form = loose
	case b == ':':
		a.form = colon
	case b == ',' && a.quoted:
		a.form = argument
	case b == '>' && a.begin > 0 && text[a.begin-1] == '<' && i == a.end:
		a.form = tag
	case i == name || a.quoted:
	case hasPrefixFold(text[i:], "is "):
		a.at, a.form = i+len("is "), says
	case strings.HasPrefix(text[a.begin:a.end], "--"):
		a.at, a.form = i, flag
	case b == '\'' || b == '"' || b == '`':
		a.at, a.form = i, literal
	}
	a.at = run(text, a.at, blank, 16)
	if a.at >= len(text) {
		a.form = none
	}
}

// hideValue hides the value if it is one.
func (a *assignment) hideValue() {
	lo, hi, quoted := a.value(a.at)
	long := !quoted && hi-lo >= enough
	if !quoted && a.form == tight && a.begin > 0 && a.text[a.begin-1] == ';' {
		hi = a.settingEnd(hi)
	}
	text := a.text[lo:hi]
	if a.isNoValue(text) || strings.HasPrefix(text, pemBegin[:len(pemBegin)-1]) {
		return // a key is hidden whole, for what it is
	}
	if quoted && !a.isQuotedSecret(text) || !quoted && !a.isBareSecret(text, hi) {
		return
	}
	if long {
		hi = bareEnd(a.text, lo, len(a.text))
	}
	a.hide(lo, hi, a.rule)
}

// settingEnd returns where a setting of a connection string ends whose value goes on to hi at least: at the next semicolon, for there
// a value may have blanks in it.
func (a *assignment) settingEnd(hi int) int {
	rest := a.text[hi:min(len(a.text), hi+maxName)]
	if n := strings.IndexAny(rest, ";\"'`<>\r\n"); n > 0 && rest[n] == ';' {
		return hi + n
	}
	return hi
}

// isNoValue reports whether a text in the place of a value says that there is none, or repeats the name.
func (a *assignment) isNoValue(text string) bool {
	return isPlaceholder(text) || equalFold(text, lowered(a.text[a.begin:a.end])) || a.directory && isPath(text)
}

// isQuotedSecret decides on a value in quotes.
func (a *assignment) isQuotedSecret(text string) bool {
	if isTemplate(text) || isWordForNoValue(text) || strings.IndexByte("),; ", text[0]) >= 0 {
		return false
	}
	switch a.form {
	case says, argument:
		return looksSecret(text, a.weak)
	case literal:
		return looksSecret(text, a.weak) || a.text[a.begin:a.end] == "PASSWORD"
	default:
		return !a.weak || a.quoted || strings.IndexByte(text, ' ') < 0 || looksSecret(text, true)
	}
}

// isBareSecret decides on a value without quotes that ends at hi.
func (a *assignment) isBareSecret(text string, hi int) bool {
	core := strings.TrimRight(text, ".,:;!?")
	if core == "" || a.plural || isWordForNoValue(core) || isCode(text) || hasPrefixFold(text, "http://") || hasPrefixFold(text, "https://") {
		return a.plural && a.form == tight && looksSecret(text, true)
	}
	plain := isIdentifier(core)
	switch a.form {
	case tight:
		if plain && a.isArgument(hi) {
			return false
		}
		return !a.weak || len(text) >= 6 && !isQuantity(text) || is(text[0], letter)
	case loose, colon:
		if plain {
			return !a.weak && len(core) >= 3 && !namesSecret(core) && !a.isArgument(hi) && a.endsLine(hi)
		}
		return looksSecret(core, a.weak)
	case flag:
		return text[0] != '-' && (looksSecret(core, a.weak) || !a.weak && (a.endsLine(hi) || strings.HasPrefix(a.text[hi:], " -")))
	case says:
		return looksSecret(core, a.weak)
	}
	return false
}

// isArgument reports whether the assignment, which ends at hi, stands among the arguments of a call in a program.
func (a *assignment) isArgument(hi int) bool {
	before := runBack(a.text, a.begin, space, 64)
	if before > 0 && (a.text[before-1] == '(' || a.text[before-1] == ',') {
		return true
	}
	return hi < len(a.text) && (a.text[hi] == ')' || a.text[hi] == ',')
}

// endsLine reports whether nothing but blanks follows hi in its line.
func (a *assignment) endsLine(hi int) bool {
	hi = run(a.text, hi, blank, 64)
	return hi == len(a.text) || is(a.text[hi], newline) || strings.HasPrefix(a.text[hi:], `\n`) || strings.HasPrefix(a.text[hi:], `\r`)
}

// hideElement hides what is between <password> and the end of the element.
func (a *assignment) hideElement() {
	n := strings.IndexByte(a.text[a.at:min(len(a.text), a.at+maxQuoted)], '<')
	if n < 0 || !strings.HasPrefix(a.text[a.at+n:], "</") {
		return
	}
	text := a.text[a.at : a.at+n]
	if trimmed := strings.TrimSpace(text); isPlaceholder(trimmed) || isWordForNoValue(trimmed) || a.weak && strings.Contains(trimmed, " ") && !looksSecret(trimmed, true) {
		return
	}
	a.hide(a.at, a.at+n, a.rule)
}

// findIdentified hides the password in SQL's IDENTIFIED BY 'x'.
func findIdentified(s *scan, at int) {
	a := assignment{scan: s, at: run(s.text, at+len("IDENTIFIED BY "), blank, 16)}
	if lo, hi, quoted := a.value(a.at); quoted && !isPlaceholder(s.text[lo:hi]) {
		s.hide(lo, hi, rulePassword)
	}
}
