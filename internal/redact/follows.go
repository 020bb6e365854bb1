package redact

import "strings"

// punctuation is what stands between a value and what follows it in the same word, in programs,
// documents and sentences.
const punctuation = ")]}\"'`;,.:!?|\\>/"

// isSyntax reports whether what stands from i on, up to the next blank, may follow a value that has
// ended. What is drawn at random may have the quote in it that it begins with, and a sign behind
// that which often follows one: so all that follows is looked at, and not a sign alone.
func (a *assignment) isSyntax(i int) bool {
	text := a.text
	end := min(a.wordEnd(i), i+enough)
	a.work += end - i
	at := i
	for at < end && strings.IndexByte(punctuation, text[at]) >= 0 {
		if text[at] == '\\' && strings.IndexByte("nrt", byteAt(text, at+1)) >= 0 && (at+2 >= end ||
			is(text[at+2], letter|dash) || strings.IndexByte("\\\"'", text[at+2]) >= 0) {
			return true // the end of a line, escaped
		}
		at++
	}
	if at == end || text[at] >= 0x80 {
		return true
	}
	if isOdd(text[i:end]) {
		return false
	}
	before := byte(0)
	if at > i {
		before = text[at-1]
	}
	switch b := text[at]; b {
	case '<':
		tag := a.run(at+1, slash|alnum, end-at-1)
		return tag == end || text[tag] == '>'
	case '+', '&', '=', '-', '*', '%':
		return a.isOperand(at, end)
	case '{', '(', '[':
		return at+1 == end || (text[at+1] == '{' || text[at+1] == '%') && (at+2 == end ||
			strings.Contains(text[at:end], "}")) // and templates
	}
	return a.isNamed(at, end, before)
}

// isOdd reports whether there is something in a text without blanks that programs and documents do
// not have outside of quotes.
func isOdd(s string) bool {
	signs := 0
	for i := range len(s) {
		next := byteAt(s, i+1)
		switch s[i] {
		case '^', '~', '#':
			return true
		case '@', '*', '%', '$', '?':
			signs++
		case '\\':
			if strings.IndexByte("nrt\"'\\`/u", next) < 0 && next != 0 {
				return true
			}
		case ']', ')':
			if is(next, alnum) {
				return true
			}
		case '(', '{', '[':
			if is(next, dot) || next == '>' {
				return true
			}
		}
	}
	return signs > 1
}

// isOperand reports whether what follows an operator up to end is what programs have there.
func (a *assignment) isOperand(i, end int) bool {
	text, operator := a.text, a.text[i]
	for i < end && strings.IndexByte("+&=-*%>!", text[i]) >= 0 {
		i++
	}
	if operator == '&' { // the next field of a form, unless it is another command
		return text[i-1] == '&' && i > 1 && text[i-2] == '&' || i == end || a.isPair(i, end, 2)
	}
	if i == end {
		return true
	}
	if strings.IndexByte("\"'`", text[i]) >= 0 {
		return i+1 == end || strings.IndexByte(text[i+1:end], text[i]) >= 0
	}
	n, _ := path(text[i:end])
	name := text[i : i+n]
	if i += n; !isPlainName(name) || contains(name, word|dot, digit) {
		return false
	}
	return i == end && isOneCase(name) || i < end && strings.IndexByte(";,)}](.[+\"'`",
		text[i]) >= 0
}

// isNamed reports whether the name that begins at i is one of a pair, a member or a list, behind
// the byte before it.
func (a *assignment) isNamed(i, end int, before byte) bool {
	text := a.text
	name := a.run(i, alnum|under|dash, end-i)
	if name == i || isMixed(text[i:name]) {
		return false
	}
	plain := isPlainName(text[i:name]) && isIdentifier(text[i:name])
	after := byteAt(text, name)
	if name == end {
		after = ' '
	}
	switch before {
	case '.': // a member
		return strings.IndexByte("( ", after) >= 0
	case '>': // the text of an element
		return plain && (after == ' ' || after == '<' && byteAt(text, name+1) == '/')
	case '"', '\'', '`': // the next of a list, or the name of a pair
		return after == before &&
			(name+1 >= end || strings.IndexByte(",:]})\\", text[name+1]) >= 0) ||
			name+1 < end && after == '\\' && text[name+1] == before
	case ',', ';', '{', '/', '|':
		return isPlainName(text[i:name]) && strings.IndexByte("=: ,)]}", after) >= 0
	case '!', '?', ':':
		return plain && after == ' '
	}
	return false
}

// isPlainName reports whether a name is long enough to be one, or written as names are.
func isPlainName(name string) bool { return len(name) >= 4 || isOneCase(name) }

// isOpened reports whether the tag whose end begins at i, which is </name>, was opened before it.
func (a *assignment) isOpened(i int) bool {
	before := a.text[max(0, i-maxQuoted/16):i]
	a.work += len(before) / 4
	name := a.text[i+2 : run(a.text, i+2, alnum|dash, maxName)]
	return strings.Contains(before, "<"+name)
}

// isFormField reports whether what is from i to at may be the value of a field of a form, which has
// nothing in it that addresses escape.
func (a *assignment) isFormField(i, at int) bool {
	i = markEnd(a.text, i)
	return run(a.text, i, dotted|percent|tilde|stars|slash, at-i) == at
}

// settingsOfConnections are what stands behind a password in a connection string.
var settingsOfConnections = setOf("database server host hostname port user userid uid username " +
	"data datasource initial integrated encrypt trust trusted trustservercertificate timeout " +
	"connection connect command pooling driver sslmode sslca ssl charset endpoint application " +
	"minpoolsize maxpoolsize multiple multipleactiveresultsets persist option entitypath " +
	"accountname accountkey endpointsuffix defaultendpointsprotocol protocol schema search " +
	"sharedaccesskeyname sharedaccesskey applicationname keepalive failover allow abortconnect " +
	"ssl_mode defaultdatabase account role warehouse dbname catalog provider network address " +
	"integratedsecurity authentication")

// isSetting reports whether the name that begins at i is one of a setting in a connection string.
func (a *assignment) isSetting(i, hi int) bool {
	end := a.run(i, lower|upper|under, 26)
	if end < hi && a.text[end] == ' ' {
		return hasFolded(settingsOfConnections, a.text[i:end])
	}
	return end < hi && a.text[end] == '=' && hasFolded(settingsOfConnections, a.text[i:end])
}
