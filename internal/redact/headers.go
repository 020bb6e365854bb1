package redact

import "strings"

// schemes are those of the Authorization header that one credential follows.
var schemes = setOf("bearer basic token apikey api-key key negotiate ntlm bot jwt ssws privatetoken genie-key")

// content returns what a header holds: the text in quotes that begins at the value, or what is there up to the end of the line or to
// the quote that the header is in.
func (a *assignment) content() (lo, hi int) {
	if lo, hi, quoted := a.value(a.at); quoted {
		return lo, hi
	}
	for hi, end := a.at, min(len(a.text), a.at+maxQuoted); ; hi++ {
		if hi == end || is(a.text[hi], newline) || a.text[hi] == '<' {
			return a.at, hi
		}
		switch b := a.text[hi]; {
		case b == '\\' && hi+1 < end && strings.IndexByte(`nr"'`, a.text[hi+1]) >= 0:
			return a.at, hi
		case b == '"' && a.text[hi-1] == '=' && strings.IndexByte(a.text[hi+1:end], '"') >= 0: // of a parameter, as in nonce="x"
			hi += 1 + strings.IndexByte(a.text[hi+1:end], '"')
		case b == '"' || b == '\'' || b == '`':
			return a.at, hi
		}
	}
}

// hideAuthorization hides the credentials in an Authorization header and leaves the scheme.
func (a *assignment) hideAuthorization() {
	lo, hi := a.content()
	lo = run(a.text, lo, blank, 16)
	if lo >= hi {
		return
	}
	scheme := run(a.text, lo, urlish, 32)
	begin := min(run(a.text, scheme, blank, 16), hi)
	if markEnd(a.text, begin) > begin {
		return
	}
	switch {
	case begin == scheme || begin == hi: // one word, which is the credential
		begin = lo
	case schemes[lowered(a.text[lo:scheme])]:
	case strings.IndexByte(a.text[begin:hi], '=') > 0: // Digest, AWS4-HMAC-SHA256, OAuth: names and values
		a.hide(begin, hi, ruleAuthorization)
		return
	default: // a sentence, unless its first word is a secret
		begin, hi = lo, scheme
	}
	end := begin
	for end < hi && !is(a.text[end], blank) && strings.IndexByte(",;", a.text[end]) < 0 {
		end++
	}
	for end > begin && strings.IndexByte(")]}", a.text[end-1]) >= 0 && !balances(a.text[begin:end]) {
		end--
	}
	word := a.text[begin:end]
	if isPlaceholder(word) || isWordForNoValue(word) || isTemplate(word) || isCode(word) {
		return
	}
	next := run(a.text, end, blank, 16)
	sentence := isIdentifier(word) && (next < hi && next > end && is(a.text[next], letter) || equalFold(word, "token"))
	if begin > lo && !sentence || looksSecret(word, true) {
		a.hide(begin, end, ruleAuthorization)
	}
}

// hideCookie hides the cookies in a header, and reports whether that is what it is.
func (a *assignment) hideCookie() bool {
	lo, hi := a.content()
	name := run(a.text, lo, dotted, 128)
	if name == lo || name+1 >= hi || a.text[name] != '=' || isPlaceholder(a.text[name+1:hi]) {
		return false
	}
	a.hide(lo, hi, ruleCookie)
	return true
}
