package redact

import "strings"

// schemes are those of the Authorization header that one credential follows.
var schemes = setOf("bearer basic token apikey api-key key negotiate ntlm bot jwt ssws " +
	"privatetoken genie-key")

// headerEnd returns where the header ends whose value goes on at i: at the end of the line, or at
// the quote that the header is in.
func headerEnd(text string, i int) int {
	begin := i
	for end := min(len(text), i+maxQuoted); i < end && !is(text[i], newline) &&
		text[i] != '<'; i++ {
		switch b := text[i]; {
		case b == '\\' && i+1 < end && strings.IndexByte(`nr"'`, text[i+1]) >= 0:
			return i
		case b == '"' && i > begin && text[i-1] == '=' && strings.IndexByte(text[i+1:end],
			'"') >= 0:
			// of a parameter, as in nonce="x"
			i += 1 + strings.IndexByte(text[i+1:end], '"')
		case b == '"', (b == '\'' || b == '`') && (i+1 == end ||
			strings.IndexByte(" \t\r\n,;)]}\"'\\", text[i+1]) >= 0):
			return i // a cookie may have a quote in it
		}
	}
	return i
}

// hideAuthorization hides the credentials in an Authorization header and leaves the scheme.
func (a *assignment) hideAuthorization() {
	a.work += workOfJudge
	lo, hi, quoted := a.value(a.at)
	if !quoted {
		lo, hi = a.at, len(a.text)
	}
	lo = a.run(lo, blank, 16)
	scheme := a.run(lo, urlish, 32)
	begin := a.run(scheme, blank, 16)
	if lo >= hi || markEnd(a.text, begin) > begin {
		return
	}
	switch param := a.run(begin, urlish, maxName); {
	case begin == scheme || begin >= hi || is(a.text[begin], newline):
		// one word, which is the credential
		begin = lo
	case hasFolded(schemes, a.text[lo:scheme]):
	case param > begin && param < hi && a.text[param] == '=':
		// Digest, AWS4-HMAC-SHA256, OAuth: names and values
		if !quoted {
			hi = headerEnd(a.text, begin)
		}
		a.hide(begin, hi, ruleAuthorization)
		return
	default: // a sentence, unless one of its first words is a secret
		if end := a.wordEnd(begin); isStrong(a.text[begin:end]) || looksSecret(a.text[begin:end],
			true) {
			break
		}
		begin, hi = lo, scheme
	}
	a.hideCredential(begin, hi, begin > lo)
}

// hideCredential hides the word that begins at lo, and ends before hi, if it is a credential; one
// that a scheme precedes is, unless a sentence goes on behind it.
func (a *assignment) hideCredential(lo, hi int, scheme bool) {
	end := lo
	if n := a.bracketed(lo); n > lo {
		return
	}
	for end < hi && !endsURL(a.text[end]) && a.text[end] != '\\' &&
		(strings.IndexByte(",;", a.text[end]) < 0 || end+1 < hi &&
			is(a.text[end+1], alnum|under) && !a.isPair(end+1, hi, 1)) {
		end++
	}
	for n := 0; n < maxTrailing && end > lo && strings.IndexByte(")]}", a.text[end-1]) >= 0 &&
		!balances(a.text[lo:end]); n++ {
		end--
	}
	a.work += 4*workOfJudge + end - lo
	word := a.text[lo:end]
	if isPlaceholder(word) || isWordForNoValue(word) || isTemplate(word) || a.isExpression(lo) {
		return
	}
	next := a.run(end, blank, 16)
	sentence := isIdentifier(word) && (next < hi && next > end && is(a.text[next], letter) ||
		equalFold(word, "token"))
	if scheme && !sentence || looksSecret(word, true) || isOpaque(word) {
		a.hide(lo, end, ruleAuthorization)
	}
}

// hideCookie hides the cookies in a header, and reports whether that is what it is.
func (a *assignment) hideCookie() bool {
	lo, hi, quoted := a.value(a.at)
	if !quoted {
		lo = a.at
	}
	name := a.run(lo, dotted, 128)
	if name == lo || name+1 >= len(a.text) || a.text[name] != '=' {
		return false
	}
	if !quoted {
		hi = headerEnd(a.text, name+1)
	}
	if name+1 >= hi || isPlaceholder(a.text[name+1:hi]) {
		return false
	}
	a.hide(lo, hi, ruleCookie)
	return true
}
