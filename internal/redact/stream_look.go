package redact

import (
	"cmp"
	"slices"
	"strings"
	"unicode/utf8"
)

// look finds what is secret in the text of a stream, and the literals near its end.
func (s *Stream) look() {
	text := view(s.text)
	s.spans, s.literal = s.spans[:0], -1
	near := len(text) - valueNear
	work := budgetFor(len(text))
	sc := s.r.look(text, nil, &work)
	if sc == nil {
		return
	}
	s.spans = append(s.spans, sc.spans...)
	for _, l := range sc.found {
		literal := s.r.filter.triggers[l.trigger].literal
		at := l.at
		if !hasPrefixFold(text[min(at, len(text)):], lowered(literal)) {
			at = max(0, near) // it is veiled, and stands somewhere else
		}
		if at+len(literal) > near && (s.literal < 0 || at < s.literal) && !s.isOver(at) {
			s.literal = at
		}
	}
	// it was seen through, to somewhere else
	if len(sc.found) == 0 && strings.ContainsAny(text, "\x1b\\") {
		s.literal = max(0, near)
	}
	s.r.done(sc)
	for range maxPasses {
		if len(s.spans) == 0 || !s.lookAgain(text) {
			break
		}
	}
}

// isOver reports whether a literal is in a secret that has ended, so that it announces none.
func (s *Stream) isOver(literal int) bool {
	for i := range s.spans {
		if sp := &s.spans[i]; sp.lo <= literal && literal < sp.hi {
			return !s.isOpen(sp)
		}
	}
	return false
}

// announced reports whether a literal is in the text that may announce a secret in a document.
func (s *Stream) announced(text string) bool {
	var few [8]found
	for i := s.r.filter.next(text, 0); i >= 0; i = s.r.filter.next(text, i+2) {
		if literals, _ := s.r.filter.literals(few[:0], text, i, inAnything); len(literals) > 0 {
			return true
		}
	}
	return false
}

// lookAgain looks at what the text becomes without the secrets that were found, as [Redactor.text]
// does, and takes what it finds there for the text as it was. It reports whether it found
// something.
func (s *Stream) lookAgain(text string) bool {
	var b strings.Builder
	at := 0
	var places []stood
	for _, sp := range s.spans {
		places = append(places, stood{b.Len(), at, at})
		b.WriteString(text[at:sp.lo])
		places = append(places, stood{b.Len(), sp.lo, sp.hi})
		b.WriteString(s.r.marks[sp.rule])
		at = sp.hi
	}
	places = append(places, stood{b.Len(), at, at})
	b.WriteString(text[at:])
	work := budgetFor(b.Len())
	sc := s.r.look(b.String(), nil, &work)
	if sc == nil {
		return false
	}
	found := len(sc.spans) > 0
	for _, sp := range sc.spans {
		lo, _ := stoodAt(places, sp.lo)
		_, hi := stoodAt(places, sp.hi-1)
		s.spans = append(s.spans, span{lo, hi, sp.rule})
	}
	s.r.done(sc)
	if found {
		s.merge()
	}
	return found
}

// stood says that what stands at at of a text with marks stood at lo before. It is a mark for [lo,
// hi) if that is not empty.
type stood struct{ at, lo, hi int }

// stoodAt returns what the byte at i of a text with marks stands for.
func stoodAt(places []stood, i int) (lo, hi int) {
	n, found := slices.BinarySearchFunc(places, i, func(p stood, i int) int {
		return cmp.Compare(p.at, i)
	})
	if !found {
		n--
	}
	for n+1 < len(places) && places[n+1].at == i {
		n++ // what is before it is empty
	}
	p := places[n]
	if p.hi > p.lo {
		return p.lo, p.hi
	}
	return p.lo + i - p.at, p.lo + i - p.at + 1
}

// merge orders the spans and makes one of those that overlap.
func (s *Stream) merge() {
	slices.SortFunc(s.spans, func(a, b span) int { return cmp.Or(a.lo-b.lo, b.hi-a.hi) })
	out := s.spans[:0]
	for _, next := range s.spans {
		if last := len(out) - 1; last >= 0 && next.lo < out[last].hi {
			out[last].hi = max(out[last].hi, next.hi)
			continue
		}
		out = append(out, next)
	}
	s.spans = out
}

// endOfKey is how much of a secret that goes on is kept, for its end may have begun.
const endOfKey = 96

// decided returns up to where the text may be published, because what comes cannot make a secret of
// it.
func (s *Stream) decided() int {
	n, word := len(s.text), s.wordBegin()
	c := word
	if s.literal >= 0 {
		c = min(c, s.literal)
	}
	c = s.beforeLater(s.beforeNumber(s.beforeAWSSecret(c)))
	if n-c > maxKeptWord {
		c = n - streamContext
	}
	for i := range s.spans {
		if sp := &s.spans[i]; sp.lo < c && c < sp.hi || s.isOpen(sp) {
			c = min(c, sp.lo)
		}
	}
	if c == word && isPlainWord(s.text[word:]) && !(s.r.on[ruleCard] && word < n &&
		is(s.text[word], digit)) {
		return n
	}
	c = max(c, s.sent)
	for i := range s.spans {
		sp := &s.spans[i]
		if !(s.inside && sp.lo < s.sent) && sp.hi-sp.lo <= secretHead {
			continue
		}
		if s.isOpen(sp) {
			c = max(c, n-endOfKey)
		} else {
			c = max(c, sp.hi)
		}
	}
	return c
}

// isOpen reports whether a secret may go on with what comes.
func (s *Stream) isOpen(sp *span) bool {
	text := view(s.text)
	if secret := text[sp.lo:]; strings.Contains(secret[:min(len(secret), secretHead)], pemBegin) {
		_, end, found := cutLast(secret, pemEnd) // END, and the label after it
		if found && len(end) < pemLabel && !strings.Contains(end, "-----") {
			return true
		}
	}
	return run(text, sp.hi, space, len(text)) == len(text)
}

// cutLast cuts s around the last sep.
func cutLast(s, sep string) (before, after string, found bool) {
	i := strings.LastIndex(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+len(sep):], true
}

// isBreak reports whether a byte stands between words.
func isBreak(b byte) bool { return is(b, space) || b == '"' || b == '\'' || b == '`' }

// endsAt reports whether a word ends with the byte at i, or before it. Scripts without blanks have
// an end behind each character.
func endsAt(text string, i int) bool {
	switch b := text[i]; {
	case is(b, space):
		return true
	case b >= utf8.RuneSelf:
		return i+1 == len(text) || utf8.RuneStart(text[i+1])
	case i == 0:
		return false
	case text[i-1] == '"':
		return b == ',' || b == ':' || b == '}' || b == ']'
	default:
		return isEscape(text, i)
	}
}

// endsWord reports whether a word ends in part, which follows before.
func endsWord(before []byte, part string) bool {
	if n := len(before); n > 0 && part != "" && (before[n-1] == '"' || before[n-1] == '\\') {
		return true
	}
	for i := range len(part) {
		if endsAt(part, i) {
			return true
		}
	}
	return false
}

// wordBegin returns where the last word begins, which may have been published already.
func (s *Stream) wordBegin() int {
	text := view(s.text)
	for i := len(text) - 1; i >= 0; i-- {
		if endsAt(text, i) {
			return i + 1
		}
	}
	return 0
}

// beforeAWSSecret returns c, or where something begins before it that is the secret of an AWS key
// if the id of one follows.
func (s *Stream) beforeAWSSecret(c int) int {
	text := view(s.text)
	for i := runBack(text, max(0, c-awsNear-awsSecret), alnum|slash, awsSecret); i < c; i++ {
		begin := i
		if i = run(text, i, alnum|slash, len(text)); i > s.sent && i-begin == awsSecret &&
			isAWSSecret(text[begin:i]) {
			return max(begin, s.sent)
		}
	}
	return c
}

// beforeNumber returns c, or where the digits begin that end there and may be those of a card.
func (s *Stream) beforeNumber(c int) int {
	if !s.r.on[ruleCard] || c < len(s.text) && !is(s.text[c], digit) {
		return c
	}
	begin := runBack(view(s.text[s.sent:]), c-s.sent, digit|blank|dash, 32) + s.sent
	return run(view(s.text), begin, blank|dash, c-begin)
}

// beforeLater returns c, or where something begins before it that what stands behind it may give
// away: what is handed to a command in its line, the value of a member whose name is that of the
// next one, and a word that can be nothing but a secret, for a sentence may say of what.
func (s *Stream) beforeLater(c int) int {
	fresh := min(s.fresh+len("printf "), len(s.text))
	s.fresh = 0
	if !s.later && !mayBeTold(view(s.text[wordBefore(s.text, len(s.text)-fresh):])) {
		return c
	}
	from := max(0, len(s.text)-enough)
	text := view(s.text[from:])
	told := len(s.text)
	line := text[strings.LastIndexByte(text, '\n')+1:]
	for _, command := range handing {
		if i := strings.Index(line, command); i >= 0 {
			told = min(told, len(s.text)-len(line)+i+len(command))
		}
	}
	if at := openMember(text); at >= 0 {
		told = min(told, from+at)
	}
	near := wordBefore(s.text, max(from, len(s.text)-inFrontNear))
	if i := opaqueIn(view(s.text[near:])); i >= 0 {
		told = min(told, near+i)
	}
	s.later = told < len(s.text)
	return min(c, told)
}

// mayBeTold reports whether something begins in a text that what follows may give away.
func mayBeTold(text string) bool {
	return lastValue(text) >= 0 || strings.Contains(text, handing[0]) ||
		strings.Contains(text, handing[1]) || opaqueIn(text) >= 0
}

// inFrontNear is how far behind a word a sentence says what it is.
const inFrontNear = maxSubject*(maxWordOfSubject+1) + 24

// wordBefore returns where the word begins that goes on at i, at most a few hundred bytes before.
func wordBefore(text []byte, i int) int {
	for least := max(0, i-enough); i > least && !is(text[i-1], space); {
		i--
	}
	return i
}

// opaqueIn returns where the first opaque word of a text begins; -1 if there is none.
func opaqueIn(text string) int {
	for i := 0; i < len(text); i++ {
		begin := i
		for i < len(text) && !is(text[i], space) {
			i++
		}
		if i-begin >= leastOpaque && isOpaque(strings.Trim(text[begin:i], "`\"'")) {
			return begin
		}
	}
	return -1
}

// openMember returns where the value of the last member begins behind which another one may have
// its name; -1 if there is none.
func openMember(text string) int {
	n := lastValue(text)
	if n < 0 {
		return -1
	}
	at, _ := valueOfMember(text, n)
	if at == 0 {
		return -1
	}
	value := text[at:]
	end := strings.IndexAny(value, " \t\r\n<,")
	if value != "" && strings.IndexByte("\"'", value[0]) >= 0 {
		if end = strings.IndexByte(value[1:], value[0]); end >= 0 {
			end++
		}
	}
	if end >= 0 && (len(value)-end > 2*maxName || strings.Count(value[end:], "\n") > 1) {
		return -1
	}
	return at
}

// isPlainWord reports whether what is kept is a word of a sentence, or the beginning of one, rather
// than that of a secret.
func isPlainWord(word []byte) bool {
	w := strings.TrimRight(view(word), ".,!?)")
	if len(w) > 16 || len(word)-len(w) > 2 || w == "" {
		return len(word) == 0
	}
	if run(w, 0, digit, 4) == len(w) {
		return true
	}
	return is(w[0], letter) && run(w, 1, lower, len(w)) == len(w)
}
