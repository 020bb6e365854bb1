package redact

import "strings"

// noValue are words in the place of a secret that say what it is, or that there is none.
var noValue = setOf("none null nil undefined true false yes no not required optional string str " +
	"text varchar char number int integer float bool boolean object any bytes byte array list " +
	"dict map interface empty missing invalid incorrect wrong expired hidden masked redacted " +
	"unset set unknown unauthorized denied valid weak strong here below above and or is was " +
	"the a an const let var func function return self this new await omitted removed changed " +
	"reset updated authentication authorization authorized failed replace_me replaceme " +
	"placeholder changeme change_me change-me dummy example todo fixme " +
	"tbd include omit same-origin obligatoire obligatoria obligatorio obligatorie obbligatoria " +
	"obbligatorio erforderlich verplicht wymagane")

// states are what sessions are in, how tests end, and in which ways one proves who one is.
var states = setOf("ok pass passed fail passed failed skip skipped error open opened closed " +
	"active inactive idle ended started new basic bearer digest oauth oauth2 jwt ntlm kerberos " +
	"negotiate saml oidc ldap mtls sso apikey api_key api-key anonymous default enabled disabled")

func isState(s string) bool { return hasFolded(states, s) || hasFolded(noValue, s) }

func isWordForNoValue(s string) bool { return hasFolded(noValue, s) }

// looksSecret reports whether a word looks like a secret rather than a word of a sentence. The
// value of a weak name has to look more like one.
func looksSecret(s string, weak bool) bool {
	var seen class
	symbols := false
	for i := range len(s) {
		seen |= classes[s[i]]
		symbols = symbols || symbolsOfSecrets[s[i]]
	}
	if seen&space != 0 || isQuantity(s) {
		return false
	}
	if weak {
		return len(s) >= 8 && seen&digit != 0 && seen&letter != 0 || len(s) >= 24 &&
			seen&lower != 0 && seen&upper != 0
	}
	if len(s) < 4 {
		return false
	}
	return symbols && seen&alnum != 0 || seen&digit != 0 && (seen&letter != 0 && len(s) >= 5 ||
		seen&alnum == digit && run(s, 0, digit, len(s)) == len(s))
}

var symbolsOfSecrets = setOfBytes("!@#$%^&*+~?|=")

// isQuantity reports whether s is a number with a unit, a version, a date or a time: 12-character,
// v1.2.3, 2024-05-20, 10:30.
func isQuantity(s string) bool {
	if s != "" && (s[0] == 'v' || s[0] == 'V') {
		s = s[1:]
	}
	i := run(s, 0, digit, len(s))
	if i == 0 || i == len(s) {
		return false
	}
	rest := s[i:]
	if is(rest[0], dash) && len(rest) > 1 && run(rest, 1, lower|dash, len(rest)) == len(rest) {
		return true
	}
	for j := range len(rest) {
		if !is(rest[j], digit|dot|dash) && strings.IndexByte(":/TZ+", rest[j]) < 0 {
			return false
		}
	}
	return true
}
