package redact

import "strings"

// assignment is a secret's name in a text and what follows it as its value.
type assignment struct {
	*scan
	verdict
	begin, end int  // of the name
	quoted     bool // the name is in quotes, as a key of JSON
	form       form
	at         int    // where the value begins
	html       bool   // there are tags between them
	doubtful   bool   // it has to be strong
	in         around // what is open where the value begins
}

// form is how a text joins a name and a value.
type form int

const (
	none     form = iota
	tight         // password=x
	loose         // password = x, := or =>
	colon         // password: x
	says          // password is x, password -> x
	beside        // password - x, and x in the next column
	flag          // --password x
	argument      // ("password", "x")
	call          // setPassword("x")
	literal       // PASSWORD 'x'
	tag           // <password>x</password>
)

// assignTriggers are the words that the names of secrets end in, as far as texts are searched for
// them, and those that users added.
func assignTriggers(n *names) []trigger {
	words := []string{
		"password", "passwd", "passphrase", "passcode", "pswd", "pwd", "pass=", "pass:",
		"secret", "token", "key", "authorization",
		"cookie", "credential", "creds", "csrf", "xsrf", "sessid", "_session=",
		"sshpass", "dbpass", "jsessionid", "keypass", "storepass", "userpass", "requirepass",
		"bindpw", "_pw", "-pw", "psk", "_pat", "mnemonic", "cvv", "cvc", "connect.sid",
		"auth_header", "basicauth", "basic_auth", "_auth=", "_auth =", "pw: ", "passwort",
		"kennwort", "senha",
		"wachtwoord", "contrase", "phrase", "recovery_code", "authtok", "sonar.login",
	}
	for _, a := range n.added {
		if last := a.words[len(a.words)-1]; len(last) >= 3 {
			words = append(words, last)
		}
	}
	ts := []trigger{{literal: "identified by ", fold: true, find: findIdentified},
		{literal: "identified with ", fold: true, find: findIdentifiedWith}}
	for _, w := range words {
		ts = append(ts, trigger{literal: w, fold: true, name: true, find: findAssignment})
	}
	for _, w := range []string{"_pass", "-pass"} {
		ts = append(ts, trigger{literal: w, fold: true, name: true, word: true,
			find: findAssignment, only: endsWordAt})
	}
	ts = append(ts, trigger{literal: "Pass", name: true, word: true, find: findAssignment,
		only: endsWordAt})
	return ts
}

// maxName bounds how far a name is followed to either side of the word that it was found by.
const maxName = 64

// nameBytes are the bytes that names in texts are made of.
const nameBytes = dotted

// findAssignment looks at the name that the word at at is in, and hides its value.
func findAssignment(s *scan, at int) {
	if s.name.from <= at && at < s.name.to {
		s.work -= workOfFind - workOfLiteral // another word of the same name has been looked at
		return
	}
	a := assignment{scan: s, begin: s.wordBegin(at, nameBytes, maxName),
		end: s.run(at, nameBytes, maxName)}
	for a.end > at && !is(s.text[a.end-1], alnum) {
		a.end--
	}
	if a.begin == at && at > 1 && s.text[at-1] == ' ' && hasPrefixFold(s.text[at:], "key") {
		a.begin = s.back(at-1, nameBytes, maxName) // api key
	} else {
		s.name = ended{from: a.begin, to: a.end}
	}
	for a.begin < at && s.text[a.begin] == '.' {
		a.begin++
	}
	if a.begin+2 <= at && strings.HasPrefix(s.text[a.begin:], "-D") {
		a.begin += 2 // a property of Java's
	}
	a.findValue()
	if (a.form == none || a.form == beside) && a.findColumn() {
		return
	}
	if a.form == none {
		a.hideInFront()
		return
	}
	if a.verdict = s.judge(s.text[a.begin:a.end]); !a.secret {
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

// findMember hides the value of a member of a document that a text has in it, as errors have
// answers of services. The words that it is for are too common elsewhere.
func findMember(s *scan, at int) {
	end := s.run(at, nameBytes, maxName)
	if end == len(s.text) || strings.IndexByte("\"'\\", s.text[end]) < 0 {
		return
	}
	a := assignment{scan: s, begin: s.wordBegin(at, nameBytes, maxName), end: end}
	if a.findValue(); a.form != colon || !a.quoted {
		return
	}
	if a.verdict = s.judge(s.text[a.begin:a.end]); !a.secret {
		return
	}
	lo, hi, quoted := a.value(a.at)
	s.work += 2 * workOfJudge
	if text := a.text[lo:hi]; quoted && !a.isNoValue(text) && !isState(text) &&
		a.isQuotedSecret(text) && looksSecret(text, true) {
		a.hide(lo, hi, a.rule)
	}
}

// findValue reads what stands between the name and its value, and decides on the form; none if
// there is no value.
func (a *assignment) findValue() {
	text, i := a.text, a.end
	a.work += workOfJudge / 2
	if strings.HasPrefix(text[i:], "'s ") && a.isOpaqueAt(i+len("'s ")) { // my token's x
		a.at, a.form = i+len("'s "), says
		return
	}
	for i < len(text) && i < a.end+4 && strings.IndexByte("\"'`\\]*_", text[i]) >= 0 {
		a.quoted = a.quoted || strings.IndexByte("\\]*_", text[i]) < 0
		i++
	}
	if strings.HasPrefix(text[i:], "} = ") && strings.HasSuffix(strings.TrimRight(
		text[max(0, a.begin-2):a.begin], "\"'"), "{") { // an entry of Perl's
		i++
	}
	i = a.afterTag(i)
	name := i
	i = a.run(i, blank, 8)
	if i == len(text) {
		return
	}
	a.at = i + 1
	switch b, next := text[i], byteAt(text, i+1); {
	case strings.HasPrefix(text[a.end:], `\t`):
		a.at, a.form = a.end+len(`\t`), beside
	case strings.HasPrefix(text[i:], "\uff1a"), strings.HasPrefix(text[i:], "\uff1d"):
		a.at, a.form = i+len("\uff1a"), colon
	case b == '=' && next == '>' || b == ':' && next == '=':
		a.at, a.form = i+2, loose
	case b == '=' && (next == '=' || next == '~'), b == ':' && next == ':':
		if i == name && i+2 < len(text) && !is(text[i+2], space) && !a.isCompared(i+2) {
			a.form, a.doubtful = tight, true // a comparison, unless what stands there is strong
		} else if at := a.run(i+2, blank, 4); b == '=' && next == '=' && at < len(text) &&
			strings.IndexByte("\"'", text[at]) >= 0 && a.isSecretInQuotes(at) {
			a.at, a.form = at, loose
		}
	case b == '=' && i == name && next != ' ':
		a.form = tight
	case b == '=':
		a.form = loose
	case b == '?' && next == '=': // of a makefile
		a.at, a.form = i+2, loose
	case b == ':' && next == '?' && a.isVariable(): // what a shell says if there is none
	case b == ':':
		a.form = colon
		if typed := a.annotated(i + 1); typed > 0 {
			a.at, a.form = typed, loose
			break
		}
		a.at = a.afterTag(a.run(i+1, stars, 3))
	case b == ',' && a.quoted && a.isAlone():
		a.form = argument
	case b == '{' && a.quoted:
		a.at = a.byDefault(i)
		if a.at > 0 {
			a.form = loose
		}
	case b == '>' && i == a.end && a.opensElement():
		a.form = tag
	case b == '&' && strings.HasPrefix(text[i:], "&gt;") && i == a.end &&
		strings.HasSuffix(text[:a.begin], "&lt;"):
		a.at, a.form = i+len("&gt;"), tag
	case a.declared(i):
	case b == '[' && i == a.end && !a.quoted: // char token[] = "x"
		if at := a.run(i+1, digit, 6); byteAt(text, at) == ']' {
			at = a.run(at+1, blank, 4)
			if byteAt(text, at) == '=' && byteAt(text, at+1) != '=' {
				a.at, a.form = at+1, loose
			}
		}
	case b == '{' && i == a.end && (next == '"' || next == '\''): // std::string token{"x"}
		a.form = call
	case b == '{' && strings.HasPrefix(text[i:], "{ get;"): // a property of C#'s
		if n := strings.Index(text[i:min(len(text), i+64)], "} = \""); n > 0 {
			a.at, a.form = i+n+len("} = "), loose
		}
	case b == '(' && i == a.end && (next == '"' || next == '\'' || next == '`'):
		a.form = call
	case a.laidOut(i):
	case a.points(i, name):
	case i > name && !a.quoted && a.annotated(i) > 0:
		a.at, a.form = a.annotated(i), loose
	case a.namesMember(i):
	case i == name || a.quoted:
	case text[a.begin] == '-' && i > name, a.isSet():
		a.at, a.form = i, flag
	case b == '\'' || b == '"' || b == '`':
		a.at, a.form = i, literal
	}
	a.at = a.run(a.at, blank, 16)
	if a.form == argument && strings.HasPrefix(text[a.at:], "default=") {
		a.at += len("default=")
	}
	if a.form == loose && strings.HasPrefix(text[a.at:], "<<") { // a text below it
		if end := a.run(a.at+2, word|dash, 24); end < len(text) && is(text[end], newline) {
			a.at = a.run(end, space, 32)
		}
	}
	if a.form == colon && !a.quoted && a.at < len(text) && is(text[a.at], newline) {
		if at := a.nextLine(a.at); at > 0 {
			a.at, a.form = at, says
		}
	}
	if a.at >= len(text) || a.form >= says && a.form != tag && a.isVariable() {
		a.form = none
	}
}

// isVariable reports whether the name is that of a variable that a shell puts a value in the place
// of.
func (a *assignment) isVariable() bool {
	return a.begin > 0 && (a.text[a.begin-1] == '$' && !strings.HasSuffix(a.text[:a.begin-1],
		"set ") || a.begin > 1 && a.text[a.begin-2:a.begin] == "${")
}

// isAlone reports whether the name is all that is in the quotes around it, and no value of a member
// or an attribute itself.
func (a *assignment) isAlone() bool {
	text, i := a.text, a.begin
	if i == 0 || strings.IndexByte("\"'`", text[i-1]) < 0 {
		return false
	}
	i = runOf(text[:i-1], i-1, '\\')
	i = a.back(i, blank, 4)
	return i == 0 || text[i-1] != ':' && text[i-1] != '='
}

// afterTag returns what follows the tags of HTML that begin at i, or i.
func (a *assignment) afterTag(i int) int {
	text := a.text
	for range 3 {
		if i >= len(text) || text[i] != '<' {
			break
		}
		n := strings.IndexByte(text[i:min(len(text), i+16)], '>')
		if n >= 2 && text[i:i+n+1] == "</key>" { // a list of properties
			next := a.run(i+n+1, space, 32)
			if strings.HasPrefix(text[next:], "<string>") {
				a.html = true
				return next + len("<string>")
			}
		}
		if n < 2 || !hasFolded(tagsOfText, strings.TrimPrefix(text[i+1:i+n], "/")) {
			break
		}
		i += n + 1
		a.html = true
	}
	return i
}

// tagsOfText are the tags of HTML that stand between a name and its value.
var tagsOfText = setOf("b strong em i u code tt kbd pre p br div span td th tr dt dd li label a " +
	"font h1 h2 h3 h4")

// isCompared reports whether a text in quotes begins at i, which ends in the same word.
func (a *assignment) isCompared(i int) bool {
	if strings.IndexByte("\"'`", a.text[i]) < 0 {
		return false
	}
	return strings.IndexByte(a.text[i+1:max(i+1, a.wordEnd(i))], a.text[i]) >= 0
}

func byteAt(text string, i int) byte {
	if i < len(text) {
		return text[i]
	}
	return 0
}

// hideValue hides the value if it is one.
func (a *assignment) hideValue() {
	if a.form != tag {
		a.at = a.unwrapped(a.fallback(a.printed(a.at)))
		if a.form == colon && a.text[a.at-1] == ' ' && (a.rule == ruleCredentials ||
			a.rule == rulePassword) {
			a.at = a.passwordOfUser(a.at)
		}
	}
	if lo, hi := a.block(); hi > lo {
		a.hide(lo, hi, a.rule)
		return
	}
	if lo, hi := a.list(); hi > lo {
		a.hide(lo, hi, a.rule)
		return
	}
	if a.isDescribed() {
		return
	}
	lo, hi, quoted := a.value(a.at)
	if !quoted && lo > 0 && a.text[lo-1] == '>' { // of an element, with entities in it
		rest := a.text[lo:min(len(a.text), lo+maxBare)]
		if n := strings.Index(rest, "</"); n > 0 && !strings.ContainsAny(rest[:n], " \t\r\n<") {
			hi = lo + n
		}
	}
	a.work += workOfJudge
	if quoted && (a.isPiece(hi) || a.isParameterOfSQL(lo, hi) || a.form == tight &&
		a.text[lo-1] == '`' && strings.IndexByte(a.text[lo:hi], ' ') > 0) { // or a command's output
		return
	}
	defer a.hideNewer(hi)
	text := a.text[lo:min(hi, lo+maxBare)] // which is enough to judge it
	if a.isNoValue(text) || strings.HasPrefix(text, pemBegin[:len(pemBegin)-1]) {
		return // a key is hidden whole, for what it is
	}
	if quoted && !a.isQuotedSecret(text) || !quoted && !a.isBareSecret(lo, hi) {
		return
	}
	a.hide(lo, hi, a.rule)
}

// cdata begins a text of XML in which nothing is escaped.
const cdata = "<![CDATA["

// hideElement hides what is between <password> and the end of the element.
func (a *assignment) hideElement() {
	end, n := "</", -1
	if strings.HasPrefix(a.text[a.at:], cdata) {
		a.at += len(cdata)
		end = "]]>"
	} else if a.text[a.at-1] == ';' {
		end = "&lt;/"
	}
	if end == "</" {
		n = strings.IndexByte(a.text[a.at:min(len(a.text), a.at+maxQuoted)], '<')
	} else {
		n = strings.Index(a.text[a.at:min(len(a.text), a.at+maxBare)], end)
		a.work += maxBare / 16
	}
	if n < 0 || !strings.HasPrefix(a.text[a.at+n:], end) {
		return
	}
	text := a.text[a.at : a.at+n]
	if trimmed := strings.TrimSpace(text); isPlaceholder(trimmed) || isWordForNoValue(trimmed) ||
		a.weak && strings.Contains(trimmed, " ") && !looksSecret(trimmed, true) {
		return
	}
	a.hide(a.at, a.at+n, a.rule)
}

// findIdentifiedWith hides the password in SQL's IDENTIFIED WITH plugin BY 'x'.
func findIdentifiedWith(s *scan, at int) {
	i := s.run(at+len("identified with "), word, maxName)
	if hasPrefixFold(s.text[i:], " by ") {
		findIdentified(s, i+len(" by ")-len("identified by "))
	}
}

// findIdentified hides the password in SQL's IDENTIFIED BY 'x'.
func findIdentified(s *scan, at int) {
	a := assignment{scan: s, begin: at, at: s.run(at+len("identified by "), blank, 16)}
	if lo, hi, _ := a.value(a.at); hi > lo && a.at < len(s.text) && strings.IndexByte("\"'`nN",
		s.text[a.at]) >= 0 && !isPlaceholder(s.text[lo:hi]) {
		s.hide(lo, hi, rulePassword)
	}
}
