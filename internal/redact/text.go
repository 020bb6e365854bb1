package redact

import (
	"cmp"
	"slices"
	"strings"
	"unsafe"
)

// span is a part of a text that a rule hides: [lo, hi).
type span struct {
	lo, hi int
	rule   rule
}

// scan is one look at a text.
type scan struct {
	r        *Redactor
	text     string
	floor    int    // what is before it has been decided
	noJWT    int    // before it none begins
	noPEM    int    // before it none begins
	noJWK    int    // before it all have been looked at
	noEnd    int    // from it on no PEM ends; -1 if that is not known
	noVault  int    // before it no old token of Vault begins
	noBot    int    // before it no token of a bot begins
	noAt     [2]int // between them no URL has an @
	noFlag   int    // before it curl has none
	noInsert int    // before it rows have been looked at
	table    table  // that was looked at last
	around   around
	closed   [3]closed // by quote
	closedBy [3]closed // the same, of names in quotes
	line     ended
	row      ended // without a line break
	bare     ended // where values without quotes end
	name     ended // that was looked at last
	ends     [8]ended
	noOr     ended   // between them no expression has a last resort
	lack     lacking // found last
	work     int     // that is done
	limit    int     // of the work
	stopped  bool    // at the limit
	wanted   uint64  // custom rules one of whose literals is in the text
	found    []found
	spans    []span
	marks    []span       // the marks that the text has already
	behind   int          // of the marks, the first that may end behind where the search is
	judged   *judgedNames // nil until a name is judged
}

// maxFound bounds the memory that is kept for the literals of the next text.
const maxFound = 1 << 12

// maxPasses bounds how often a text is looked at. A text with secrets is looked at again until it
// has no more, so that what is shown stays as it is when it comes here again, and so that a secret
// is found whose beginning another one had covered. Each pass hides something that no mark covers
// yet, so it ends by itself; two passes are the rule.
const maxPasses = 16

// text returns s without its secrets, and whether it had any. It spends of the budget.
func (r *Redactor) text(s string, b *budget) (string, bool) {
	changed := false
	var made []span
	for range maxPasses {
		var next string
		var ok bool
		spent := b.left <= 0
		next, made, ok = r.pass(s, made, b)
		if !ok {
			break
		}
		if s, changed = next, true; spent {
			break // all is hidden from the first place on that had to be looked at
		}
	}
	return s, changed
}

// pass looks at a text once, and returns the marks that it has made. Where those of the pass before
// it are far away, nothing has changed since then, and finders have nothing to look at; nil is for
// the first pass.
func (r *Redactor) pass(s string, before []span, b *budget) (string, []span, bool) {
	sc := r.look(s, before, b)
	if sc == nil {
		return s, nil, false
	}
	out, made := sc.hidden()
	r.done(sc)
	return out, made, len(made) > 0
}

// hides reports whether there is something to hide in s, without counting it.
func (r *Redactor) hides(s string, b *budget) bool {
	sc := r.look(s, nil, b)
	if sc == nil {
		return false
	}
	hides := len(sc.spans) > 0
	r.done(sc)
	return hides
}

// look finds what is secret in a text: nil if there is certainly nothing, which is nearly always
// so.
func (r *Redactor) look(s string, before []span, b *budget) *scan {
	return r.lookAt(s, before, b, true)
}

// lookAt is look for a text that may have to be seen through.
func (r *Redactor) lookAt(s string, before []span, b *budget, veiled bool) *scan {
	first := 0
	if before == nil {
		if first = r.filter.next(s, 0); first < 0 && !r.looksElsewhere() {
			b.earn(len(s))
			b.spend(len(s) / bytesPerBasis)
			return nil
		}
	}
	search := search{r: r, text: s, before: before, end: -1,
		allowance: b.allowanceFor(before == nil)}
	search.all(first)
	b.earn(len(s))
	sc, end := search.scan, search.end
	work := search.work + search.allowance.basis(len(s))
	var through []span
	if search.veils && veiled {
		seen := s
		if end >= 0 {
			seen = s[:end] // what is behind it is hidden anyhow
		}
		plain, from, left, took := seeThrough(seen, max(0, b.left-work)/2)
		work += len(seen)/4 + took
		if left >= 0 {
			end = left
		}
		if from != nil {
			b.spend(work)
			work = 0
			through = r.lookThrough(seen, plain, from, before, b)
		}
	}
	if sc == nil && (end >= 0 || len(through) > 0 || r.looksElsewhere()) {
		sc = r.scan(s)
	}
	if sc == nil {
		b.spend(work)
		return nil
	}
	if end >= 0 {
		sc.stop(end)
	}
	if r.looksElsewhere() || sc.wanted != 0 {
		sc.work, sc.limit = 0, b.left
		sc.lookElsewhere(before, b)
		work += sc.work
	}
	if len(through) > 0 {
		sc.spans = append(sc.spans, through...)
		sc.merge()
	}
	b.spend(work)
	return sc
}

// pastRun returns where to look for the next literal behind one that was looked for at i: behind
// all but the end of a long run of one byte, as data has it that was empty before it was encoded.
// No literal goes on for so long.
func pastRun(s string, i int) int {
	if i+1 < len(s) && s[i+1] == s[i] {
		return behindRun(s, i)
	}
	return i + 2
}

func behindRun(s string, i int) int {
	const long, rest = 64, 16
	if i+long > len(s) || s[i+long/2] != s[i] || s[i+long-1] != s[i] {
		return i + 2
	}
	end := i + 1
	for end < len(s) && s[end] == s[i] {
		end++
	}
	if end-i < long {
		return i + 2
	}
	return end - rest
}

// done keeps the memory of a scan for the next text.
func (r *Redactor) done(sc *scan) {
	sc.text = ""
	if sc.judged != nil {
		sc.judged.forget()
	}
	if cap(sc.found) > maxFound {
		sc.found = nil
	}
	r.scans.Put(sc)
}

func (r *Redactor) scan(s string) *scan {
	sc := r.scans.Get().(*scan)
	*sc = scan{r: r, text: s, found: sc.found[:0], spans: sc.spans[:0], marks: sc.marks[:0],
		noEnd: -1, judged: sc.judged}
	if strings.Contains(s, markBegin) {
		sc.marks = appendMarks(sc.marks, s)
	}
	return sc
}

// isInMark reports whether i is in a mark that the text has already. It is to be asked in the order
// of the text.
func (s *scan) isInMark(i int) bool {
	for s.behind < len(s.marks) && s.marks[s.behind].hi <= i {
		s.behind++
	}
	return s.behind < len(s.marks) && s.marks[s.behind].lo <= i
}

// marksFrom returns the marks that end after i.
func (s *scan) marksFrom(i int) []span {
	n, _ := slices.BinarySearchFunc(s.marks, i, func(m span, i int) int {
		return cmp.Compare(m.hi, i+1)
	})
	return s.marks[n:]
}

// looksElsewhere reports whether there are rules that no literal announces.
func (r *Redactor) looksElsewhere() bool {
	return r.always != 0 || r.on[ruleCard] ||
		r.on[ruleEmail]
}

// lookElsewhere applies the rules that do not go along with the filter. What they find may overlap
// what is there. There is none of their budget left if there is none of the filter's.
func (s *scan) lookElsewhere(near []span, b *budget) {
	before := len(s.spans)
	s.floor = 0
	if s.stopped {
		s.stop(0)
		s.merge()
		return
	}
	if s.r.on[ruleCard] {
		s.findCards()
		s.floor = 0
	}
	if s.r.on[ruleEmail] {
		s.findEmails()
	}
	for i := range s.r.custom {
		if c := &s.r.custom[i]; (s.wanted|s.r.always)>>i&1 != 0 {
			s.findCustom(c, near, b)
		}
	}
	if s.isSpent() {
		s.floor = 0
		s.stop(0)
	}
	if len(s.spans) > before {
		s.merge()
	}
}

// merge orders the spans and makes one of those that overlap; it bears the rule of the longest.
func (s *scan) merge() {
	slices.SortFunc(s.spans, func(a, b span) int { return cmp.Or(a.lo-b.lo, b.hi-a.hi) })
	out := s.spans[:0]
	longest := 0
	for _, next := range s.spans {
		if last := len(out) - 1; last >= 0 && next.lo < out[last].hi {
			if n := next.hi - next.lo; n > longest {
				longest, out[last].rule = n, next.rule
			}
			out[last].hi = max(out[last].hi, next.hi)
			continue
		}
		out = append(out, next)
		longest = next.hi - next.lo
	}
	s.spans = out
}

// hide takes [lo, hi) of the text as a secret that a rule found, but for what has been decided
// before. A mark is never cut in two, and what is only marks is left as it is.
func (s *scan) hide(lo, hi int, by rule) {
	lo = max(lo, s.floor)
	if lo >= hi || !s.r.on[by] || s.allows(s.text[lo:hi]) {
		return
	}
	covered := 0
	for _, m := range s.marksFrom(lo) {
		if m.lo >= hi {
			break
		}
		lo, hi = min(lo, m.lo), max(hi, m.hi)
		covered += m.hi - m.lo
	}
	if covered == hi-lo {
		return
	}
	s.spans = append(s.spans, span{lo, hi, by})
	s.floor = hi
	s.work += workOfMark
	s.aroundAt(lo)
	s.around.pass(hi)
}

// allows reports whether a text that would be hidden may be published.
func (s *scan) allows(text string) bool {
	a := &s.r.allowances
	s.work += len(text) * a.rate
	return !s.isSpent() && a.allow(text)
}

// nearby is how far from a mark there may be what it gives away.
const nearby = 1 << 10

// hidden returns the text with a mark in the place of each span, and where those are.
func (s *scan) hidden() (string, []span) {
	if len(s.spans) == 0 {
		return s.text, nil
	}
	made := make([]span, 0, len(s.spans))
	var b strings.Builder
	b.Grow(len(s.text) + 24*min(len(s.spans), 64))
	at := 0
	for _, sp := range s.spans {
		b.WriteString(s.text[at:sp.lo])
		made = append(made, span{lo: b.Len(), hi: b.Len() + len(s.r.marks[sp.rule])})
		b.WriteString(s.r.marks[sp.rule])
		s.r.count(sp.rule)
		at = sp.hi
	}
	b.WriteString(s.text[at:])
	return b.String(), made
}

// Marks are [REDACTED:rule], and [REDACTED] for those of others.
const (
	markBegin   = "[REDACTED"
	maxMarkName = 64
)

func markOf(rule string) string { return markBegin + ":" + rule + "]" }

// markEnd returns where the mark that begins at i ends, or i if none does.
func markEnd(s string, i int) int {
	if !strings.HasPrefix(s[i:], markBegin) {
		return i
	}
	end := i + len(markBegin)
	if end < len(s) && s[end] == ':' {
		end = run(s, end+1, lower|digit|dash, maxMarkName)
	}
	if end < len(s) && s[end] == ']' {
		return end + 1
	}
	return i
}

func appendMarks(to []span, s string) []span {
	for i := 0; ; {
		n := strings.Index(s[i:], markBegin)
		if n < 0 {
			return to
		}
		i += n
		end := markEnd(s, i)
		if end > i {
			to = append(to, span{lo: i, hi: end})
		}
		i = max(end, i+1)
	}
}

// onlyMarks reports whether s is one mark or more, and nothing else.
func onlyMarks(s string) bool {
	i := 0
	for i < len(s) {
		end := markEnd(s, i)
		if end == i {
			return false
		}
		i = end
	}
	return i > 0
}

// view returns the bytes of b as a string without a copy. It is for reading while b does not
// change, and nothing keeps it.
func view(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }
