package redact

import (
	"slices"
	"strings"
)

// tokenForm is the form of a credential that its prefix gives away.
type tokenForm struct {
	rule   string
	prefix string // what it begins with
	chars  class  // what follows it
	min    int    // how many of them at least; however many there are, all are hidden
	wants  wants
}

// wants is what more a form asks for.
type wants uint8

const (
	// anywhere: the prefix is long enough that it may stand in the midst of a word.
	anywhere wants = 1 << iota
	// digits: without a digit it is words.
	digits
	// capitals: without a capital letter it is a hash, or words.
	capitals
	// dots: what follows it has a dot behind fourteen bytes.
	dots
	// anyCase: others write it in capitals, or in small letters.
	anyCase
	// drawn: without a digit, or letters of both cases, it is words.
	drawn
	// uuid: what follows it has dashes where a UUID has them.
	uuid
)

// enough is how many bytes are looked at to tell whether a run is a token.
const enough = 256

func (f *tokenForm) find(s *scan, at int, by rule) {
	text := s.text
	if !s.r.on[by] {
		return
	}
	if f.wants&anywhere == 0 && (!startsWord(text, at) || s.insideBlob(at)) {
		return
	}
	body := at + len(f.prefix)
	if s.run(body, f.chars, f.min)-body < f.min {
		return
	}
	if f.wants&digits != 0 && !s.contains(body, f.chars, digit) && !s.mixes(body, f.chars) {
		return
	}
	if f.wants&capitals != 0 && !s.contains(body, f.chars, upper) {
		return
	}
	if f.wants&drawn != 0 && !s.contains(body, f.chars, digit) &&
		!(s.contains(body, f.chars, upper) && s.contains(body, f.chars, lower)) {
		return
	}
	if f.wants&dots != 0 && byteAt(text, body+14) != '.' || f.wants&uuid != 0 &&
		(byteAt(text, body+8) != '-' || byteAt(text, body+23) != '-') {
		return
	}
	s.hide(at, s.tokenEnd(body, f.chars), by)
}

// mixes reports whether the run of chars at i is so long, and of letters of both cases, that it was
// drawn at random and has no digit by chance: one of 280 values of 32 letters and digits has none.
func (s *scan) mixes(i int, chars class) bool {
	const long = 32
	return s.run(i, chars, long)-i >= long && s.contains(i, chars, upper) && s.contains(i, chars,
		lower)
}

// contains reports whether a byte of class c is in the run of chars that s begins with.
func contains(s string, chars, c class) bool {
	for i := 0; i < len(s) && i < enough && is(s[i], chars); i++ {
		if is(s[i], c) {
			return true
		}
	}
	return false
}

// shortPrefix is how long prefixes are that words begin with too.
const shortPrefix = 4

// glimpse is how many bytes behind a short prefix are looked at everywhere.
const glimpse = 32

// follows reports whether what is behind the prefix may be of the form, or has escapes in it.
func (f *tokenForm) follows(s string, end int) bool {
	least := min(f.min, glimpse)
	n := run(s, end, f.chars, least)
	if n < len(s) && s[n] == '\\' {
		return true
	}
	return n-end == least && (f.wants&dots == 0 || byteAt(s, end+14) == '.')
}

// tokenTriggers returns a trigger for each form. rules are the names of all rules.
func tokenTriggers(rules []string) []trigger {
	var ts []trigger
	for i := range tokenForms {
		f := &tokenForms[i]
		by := rule(slices.Index(rules, f.rule))
		t := trigger{literal: f.prefix, find: func(s *scan, at int) { f.find(s, at, by) }}
		if f.wants&(anywhere|anyCase) != 0 { // what others write in capitals, they write so
			t.literal, t.fold = lowered(f.prefix), true
		}
		if len(f.prefix) <= shortPrefix && f.chars&slash == 0 {
			t.only = f.follows
		}
		ts = append(ts, t)
	}
	return ts
}

// otherSK are what follows "sk-" in keys that have a form of their own.
var otherSK = []string{"ant-", "or-v1-", "lf-"}

// knownSK are what follows "sk-" in OpenAI's keys but the oldest.
var knownSK = []string{"proj-", "svcacct-", "service-", "admin-", "None-"}

// findSK looks at "sk-", with which the keys of OpenAI begin, those of many who offer its API, and
// many a name of a style sheet's class.
func findSK(s *scan, at int) {
	text, body := s.text, at+len("sk-")
	if !startsWord(text, at) || s.insideBlob(at) {
		return
	}
	for _, other := range otherSK {
		if strings.HasPrefix(text[body:], other) {
			return
		}
	}
	known := false
	for _, k := range knownSK {
		known = known || strings.HasPrefix(text[body:], k)
	}
	var n, part, longest, digits, capitals int
	for n < enough && body+n < len(text) && is(text[body+n], urlish) {
		part++
		switch b := text[body+n]; {
		case is(b, under|dash):
			part = 0
		case is(b, digit):
			digits++
		case is(b, upper):
			capitals++
		}
		longest = max(longest, part)
		n++
	}
	s.work += n
	if known && n >= 24 || longest >= 16 && digits > 0 || n >= 40 && digits >= 3 && capitals >= 3 {
		s.hide(at, s.tokenEnd(body, urlish), ruleOpenAI)
	}
}
