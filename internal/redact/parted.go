package redact

import (
	"slices"
	"strings"
)

// partedForm is the form of a credential whose prefix is that of ordinary texts too: what tells is
// how long its parts are, and what stands between them.
type partedForm struct {
	rule   string
	prefix string
	parts  []tokenPart
}

// tokenPart is a part of a credential, and what follows it.
type tokenPart struct {
	chars    class
	min, max int
	then     string
}

// open is the length of a part that has no bound of its own.
const open = 256

var (
	projectOfConvex = []tokenPart{{lower | digit | dash, 8, 48, "|"}, {base64, 40, open, ""}}
	keyOfPhase      = []tokenPart{{anyHex, 64, 64, ":"}, {anyHex, 64, 64, ":"},
		{anyHex, 64, 64, ":"}, {anyHex, 64, 64, ""}}
	intentOfStripe = []tokenPart{{alnum, 14, 40, "_secret_"}, {alnum, 20, 64, ""}}
)

var partedForms = []partedForm{
	{"asana-token", "1/", []tokenPart{{digit, 13, 20, ":"}, {anyHex, 32, 32, ""}}},
	{"asana-token", "2/", []tokenPart{{digit, 13, 20, "/"}, {digit, 13, 20, ":"},
		{anyHex, 32, 32, ""}}},
	{"baidu-key", "bce-v3/ALTAK-", []tokenPart{{urlish, 20, 24, "/"}, {anyHex, 40, 40, ""}}},
	{"boundary-token", "at_", []tokenPart{{alnum, 10, 10, "_"}, {alnum, 40, open, ""}}},
	{"clickup-token", "pk_", []tokenPart{{digit, 5, 12, "_"}, {upper | digit, 32, 32, ""}}},
	{"close-key", "api_", []tokenPart{{alnum, 20, 24, "."}, {alnum, 20, 24, ""}}},
	{"convex-key", "dev:", projectOfConvex},
	{"convex-key", "prod:", projectOfConvex},
	{"infisical-token", "st.", []tokenPart{{anyHex, 24, 24, "."}, {anyHex, 32, 32, "."},
		{anyHex, 32, 64, ""}}},
	{"lambda-key", "secret_", []tokenPart{{word, 34, 80, "."}, {alnum, 32, 32, ""}}},
	{"oculus-token", "OC|", []tokenPart{{digit, 12, 20, "|"}, {alnum, 27, 40, ""}}},
	{"phase-token", "pss_service:v1:", keyOfPhase},
	{"phase-token", "pss_service:v2:", keyOfPhase},
	{"phase-token", "pss_user:v1:", keyOfPhase},
	{"rancher-token", "token-", []tokenPart{{lower | digit, 5, 5, ":"},
		{lower | digit, 54, 54, ""}}},
	{"stripe-key", "pi_", intentOfStripe},
	{"stripe-key", "seti_", intentOfStripe},
	{"telnyx-key", "KEY", []tokenPart{{anyHex, 32, 32, "_"}, {urlish, 22, 22, ""}}},
	{"zoho-token", "1000.", []tokenPart{{anyHex, 32, 32, "."}, {anyHex, 32, 32, ""}}},
}

// end returns where the credential ends whose parts begin at i, or -1.
func (f *partedForm) end(text string, i int) int {
	for _, p := range f.parts {
		end := run(text, i, p.chars, p.max+1)
		if n := end - i; n < p.min || n > p.max || !strings.HasPrefix(text[end:], p.then) {
			return -1
		}
		i = end + len(p.then)
	}
	return i
}

// begins reports whether the first part may be behind the prefix, or has escapes in it.
func (f *partedForm) begins(text string, i int) bool {
	p := f.parts[0]
	n := run(text, i, p.chars, p.min)
	return n-i == p.min || n < len(text) && text[n] == '\\'
}

func (f *partedForm) find(s *scan, at int, by rule) {
	body := at + len(f.prefix)
	if !s.r.on[by] || !startsWord(s.text, at) || s.insideBlob(at) {
		return
	}
	end := f.end(s.text, body)
	if s.work += max(end-body, 0) + f.parts[0].max; end >= 0 {
		s.hide(at, end, by)
	}
}

// partedTriggers returns a trigger for each form of several parts.
func partedTriggers(rules []string) []trigger {
	var ts []trigger
	for i := range partedForms {
		f := &partedForms[i]
		by := rule(slices.Index(rules, f.rule))
		ts = append(ts, trigger{literal: f.prefix, only: f.begins,
			find: func(s *scan, at int) { f.find(s, at, by) }})
	}
	return ts
}
