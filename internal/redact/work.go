package redact

import "strings"

// Work is counted in units of about one byte looked at, for the time that a text costs must not
// depend on what is in it. What every text costs at the same speed, the filter, is counted once for
// the eight bytes that it looks at together.
const (
	workPerByte = 4       // of a message
	workAtLeast = 1 << 18 // for a message, so that no short one ever comes to the end of its budget
	workOfFind  = 40      // to call a finder
	workOfStop  = 16      // to look up where the filter stops, or to take down what is there
	workOfName  = 100     // to judge a name
	workOfMark  = 64      // to put a mark in the place of a secret
)

// lookBack is how far before a literal that announces it a secret may begin, with the name before
// it.
const lookBack = 256

// budget is the work that may still be spent on a message. It is for one goroutine.
type budget struct {
	left   int
	custom int // for the patterns of users, whose work costs more
}

// Users' patterns have a budget of their own, so that they cannot use up that of the built-in
// rules.
const (
	customPerByte = 16
	customAtLeast = 8 << 20
)

func budgetFor(bytes int) budget {
	return budget{workAtLeast + workPerByte*bytes, customAtLeast + customPerByte*bytes}
}

// spend takes what has been done, and reports whether something is left.
func (b *budget) spend(work int) bool {
	b.left = max(0, b.left-work)
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
// enough to tell.
func (s *scan) contains(i int, chars, c class) bool {
	for end := min(len(s.text), i+enough); i < end && is(s.text[i], chars); i++ {
		s.work++
		if is(s.text[i], c) {
			return true
		}
	}
	return false
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
