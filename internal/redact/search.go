package redact

import "slices"

// search is one look at a text for what literals announce. Finders look at what has been found
// while the search goes on, so that work is known at each place: what is dear from there on is not
// looked at.
type search struct {
	r         *Redactor
	scan      *scan // nil until a literal is found
	text      string
	before    []span
	allowance allowance
	work      int
	next      int  // of the literals that were found, the first that nobody has looked at
	end       int  // where the work was done; -1 if that did not happen
	mark      int  // of those before, the first that may end behind where the filter is
	veils     bool // there is what others have to be seen through
}

// all searches the text from where the filter stops first; that is still to be found out, from
// there on, if there are marks of a pass before.
func (q *search) all(i int) {
	var few [8]found
	f := q.r.filter
	if q.before != nil {
		i = q.stop(i)
	}
	for ; i >= 0; i = q.stop(pastRun(q.text, i)) {
		literals, tried := f.literals(few[:0], q.text, i, inTexts)
		q.work += workOfStop + tried*workOfTry
		for _, l := range literals {
			q.work += workOfLiteral
			if t := &f.triggers[l.trigger]; t.veil || t.isOver(q.text, l.at) {
				q.veils = q.veils || t.veil
				continue
			}
			if q.scan == nil {
				q.scan = q.r.scan(q.text)
			}
			q.scan.found = inOrder(q.scan.found, l)
		}
		if q.work > q.allowance.at(i) {
			q.end = i
		}
		if q.follow(i - f.longest); q.end >= 0 {
			return
		}
	}
	q.follow(len(q.text))
}

// stop returns where the filter stops next, from i on: -1 if it does not. Behind the first pass it
// looks only near the marks that the pass before has made.
func (q *search) stop(i int) int {
	if q.before == nil {
		return q.r.filter.next(q.text, i)
	}
	for {
		for len(q.before) > 0 && q.before[0].hi+nearby < i {
			q.before, q.mark = q.before[1:], max(0, q.mark-1)
		}
		if len(q.before) == 0 {
			return -1
		}
		at := q.r.filter.next(q.text, max(i, q.before[0].lo-nearby))
		if at >= 0 {
			if end := q.markEnd(at); end > at {
				i = end // where no literal begins that is not of the mark
				continue
			}
		}
		if at <= q.before[0].hi+nearby {
			return at // or -1, for there is no other
		}
		i = at
	}
}

// markEnd returns where to go on if at is in one of the marks that the pass before has made, so far
// in it that no literal begins before it that is found there: at otherwise.
func (q *search) markEnd(at int) int {
	for q.mark < len(q.before) && q.before[q.mark].hi <= at {
		q.mark++
	}
	if q.mark == len(q.before) || at < q.before[q.mark].lo+len(markBegin)-1 {
		return at
	}
	return max(at, q.before[q.mark].hi-windowBytes/2)
}

// follow calls the finders of the literals that begin before until, in order.
func (q *search) follow(until int) {
	s := q.scan
	if s == nil || q.next == len(s.found) || s.found[q.next].at >= until {
		return
	}
	s.work = q.work
	for q.end < 0 && q.next < len(s.found) && s.found[q.next].at < until {
		l := s.found[q.next]
		if q.next++; q.next == 2*maxFound { // streams ask for the last of them
			s.found = slices.Delete(s.found, 0, maxFound)
			q.next -= maxFound
		}
		t := &s.r.filter.triggers[l.trigger]
		if l.at < s.floor && !t.through || s.isInMark(l.at) ||
			t.name && q.before != nil && isFilled(s.text, l.at+len(t.literal)) {
			continue
		}
		s.limit = q.allowance.at(l.at)
		if s.work += workOfFind; s.isSpent() {
			q.end = l.at
			break
		}
		t.find(s, l.at)
	}
	q.work = s.work
}

// isFilled reports whether a name that goes on at i has a mark for its whole value, so that there
// is nothing left to hide.
func isFilled(text string, i int) bool {
	i = run(text, i, nameBytes, maxName)
	if i = run(text, i, quoting, 1); i == len(text) || text[i] != '=' && text[i] != ':' {
		return false
	}
	i = run(text, run(text, i+1, blank, 1), quoting, 1)
	end := markEnd(text, i)
	return end > i && (end == len(text) || is(text[end], newline|quoting))
}
