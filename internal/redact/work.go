package redact

import (
	"math"
	"math/bits"
	"strings"
)

// Work is counted in units of about a nanosecond, for the time that a text costs must not depend on
// what is in it.
const (
	workPerByte   = 13       // that a text earns for each byte that is looked at
	burstPerByte  = 21       // of a message, that may be spent before it is earned
	budgetAtLeast = 34 << 10 // so that no short message comes to the end of its budget
	burstAtMost   = 5 << 18  // so that a long one does early
	bytesPerBasis = 2        // that the filter looks at in one unit, whatever they are
	workOfStop    = 60       // to look up where the filter stops
	workOfTry     = 1        // to compare a literal
	workOfLiteral = 7        // to take down one that is there
	workOfFind    = 50       // to call a finder
	workOfName    = 100      // to judge a name
	workOfJudge   = 30       // to judge a value
	workOfWord    = 14       // to look what a word of a sentence is
	workOfVeil    = 20       // to see through one byte or command
	workOfMark    = 70       // to put a mark in the place of a secret
)

// Before any text is looked at, the filter says whether that is needed at all. It may stop so often
// for nothing that looking would have been cheaper; from there on, all is looked at.
const (
	patiencePerByte = 3
	patienceAtLeast = 4 << 10
)

// patience is the work that may still be done to find out whether texts have to be looked at.
type patience int

func patienceFor(bytes int) patience {
	return patience(patienceAtLeast + patiencePerByte*min(bytes, mostEarning))
}

// stop takes what one stop of the filter costs, at which so many literals were tried, and reports
// whether there is an end of it.
func (p *patience) stop(tried int) (ended bool) {
	*p -= patience(workOfStop + tried*workOfTry)
	return *p < 0
}

// lookBack is how far before a literal that announces it a secret may begin, with the name before
// it.
const lookBack = 256

// budget is the work that may still be spent on a message. It is for one goroutine. What is left at
// once is a burst; the rest is earned by what has been looked at, so that a text that is dear from
// its beginning is not looked at to its end.
type budget struct {
	left   int
	rest   int // to be earned
	custom int // for the patterns of users, whose work costs more
}

// Users' patterns have a budget of their own, so that they cannot use up that of the built-in
// rules.
const (
	customPerByte = 16
	customAtLeast = 8 << 20
)

// mostEarning is how many bytes may earn, so that nothing overflows.
const mostEarning = math.MaxInt / 64

func budgetFor(bytes int) budget {
	bytes = min(bytes, mostEarning)
	burst, rest := burstPerByte*min(bytes, burstAtMost/burstPerByte), workPerByte*bytes
	return budget{max(burst, budgetAtLeast-rest), rest, customAtLeast + customPerByte*bytes}
}

// earn moves what so many bytes earn from the rest to what is left.
func (b *budget) earn(bytes int) {
	earned := min(b.rest, workPerByte*min(bytes, mostEarning))
	b.left, b.rest = b.left+earned, b.rest-earned
}

// allowance is the work that may be spent on one look at a text: three quarters of what is left, or
// more behind the first look, so that something is left for the next one, and what the text earns.
type allowance struct{ burst, rest int }

// allowanceFor returns what one look may take. A text earns only when it is looked at for the first
// time.
func (b *budget) allowanceFor(first bool) allowance {
	if first {
		return allowance{b.left - b.left/4, b.rest}
	}
	return allowance{burst: b.left - b.left/8}
}

// at returns the work that may have been spent when the look comes to i, but for what the filter
// takes in any case.
func (a *allowance) at(i int) int {
	return a.burst + min(a.rest, workPerByte*min(i, mostEarning)) - a.basis(i)
}

// basis is what the filter takes for so many bytes.
func (a *allowance) basis(bytes int) int { return bytes / bytesPerBasis }

// spend takes what has been done, and reports whether something is left. A finder may do more than
// that, which what is earned later has to make up for.
func (b *budget) spend(work int) bool {
	b.left -= work
	return b.left > 0
}

// isSpent reports whether the work that may be done on the text is done.
func (s *scan) isSpent() bool { return s.work > s.limit }

// stop hides the rest of the text, which nobody will look at: what begins at at is not known to be
// harmless.
func (s *scan) stop(at int) {
	s.stopped = true
	lo := max(s.floor, at-lookBack)
	if m := s.marksFrom(lo); len(m) > 0 {
		lo = min(lo, m[0].lo)
	}
	if lo < len(s.text) && !onlyMarks(s.text[lo:]) {
		s.spans = append(s.spans, span{lo, len(s.text), ruleUnsearched})
		s.floor = len(s.text)
	}
}

// The methods below look at the text as the functions of the same names do, and count it.

func (s *scan) run(i int, c class, limit int) int {
	end := run(s.text, i, c, limit)
	s.work += 1 + end - i
	return end
}

func (s *scan) back(i int, c class, limit int) int {
	begin := runBack(s.text, i, c, limit)
	s.work += 1 + i - begin
	return begin
}

func (s *scan) wordBegin(i int, c class, limit int) int {
	begin := wordBegin(s.text, i, c, limit)
	s.work += 1 + i - begin
	return begin
}

func (s *scan) insideBlob(i int) bool {
	if i == 0 || !is(s.text[i-1], alnum|slash|under|dash) {
		return false
	}
	return i-s.back(i, alnum|slash, blob) == blob || i-s.back(i, urlish, blob) == blob
}

// contains reports whether a byte of class c is in the run of chars that begins at i, as far as is
// enough to tell. What a miss has ruled out is remembered, for runs of tokens' beginnings.
func (s *scan) contains(i int, chars, c class) bool {
	l := &s.lack
	end := min(len(s.text), i+enough)
	known := l.chars == chars && l.class == c && l.from <= i && i < l.to
	if known {
		i = min(l.to, end)
	} else {
		*l = lacking{chars, c, i, i}
	}
	from := i
	for i < end && classes[s.text[i]]&chars != 0 && classes[s.text[i]]&c == 0 {
		i++
	}
	s.work += 2 + i - from
	l.to = max(l.to, i)
	return i < end && classes[s.text[i]]&chars != 0
}

// lacking is a part of a run of chars in which there is no byte of a class.
type lacking struct {
	chars, class class
	from, to     int
}

// tokenEnd returns where the run of chars that begins at i ends, the full stop of a sentence left
// out.
func (s *scan) tokenEnd(i int, chars class) int {
	end := s.whole(i, chars)
	for end > i && s.text[end-1] == '.' {
		s.work++
		end--
	}
	return end
}

// index returns where sub begins in [lo, hi) of the text, or -1.
func (s *scan) index(lo, hi int, sub string) int {
	n := strings.Index(s.text[lo:hi], sub)
	if n < 0 {
		s.work += 1 + (hi-lo)/8
		return -1
	}
	s.work += 1 + n/8
	return lo + n
}

// ended remembers where a run of bytes ends, for whatever begins within it ends there too.
type ended struct {
	class    class
	from, to int
}

// whole returns where the run of chars that begins at i ends, however long it is.
func (s *scan) whole(i int, chars class) int {
	e := &s.ends[uint32(chars)*0x9E3779B1>>29]
	if e.class != chars || i < e.from || i >= e.to {
		end := s.run(i, chars, len(s.text))
		*e = ended{chars, i, end}
	}
	return e.to
}

// judged is a name that has been judged.
type judged struct {
	name    string
	verdict verdict
}

// judgedNames are the names in a text that were judged last.
type judgedNames struct {
	all  [64]judged
	used uint64 // which of them are
}

// forget drops the names, for they are parts of the text.
func (j *judgedNames) forget() {
	for ; j.used != 0; j.used &= j.used - 1 {
		j.all[bits.TrailingZeros64(j.used)] = judged{}
	}
}

// judge says what a name in the text says. The same few names are in most texts.
func (s *scan) judge(name string) verdict {
	if name == "" {
		return verdict{}
	}
	at := len(name) + int(name[0])*7 + int(name[len(name)-1])*3 + int(name[len(name)/2])*5
	if s.judged == nil {
		s.judged = new(judgedNames)
	}
	at %= len(s.judged.all)
	j := &s.judged.all[at]
	if j.name == name {
		s.work += workOfName / 5
		return j.verdict
	}
	s.work += workOfName
	s.judged.used |= 1 << at
	*j = judged{name, s.r.names.judge(name)}
	return j.verdict
}
