package reduce

import "slices"

// era is the part of a thread that is numbered in one go: another producer that does not know the
// numbers before it begins the next one.
type era struct {
	numbers numbers
	sources []Source // that wrote it
	// there were messages whose source is unknown, so that any statement may be about it
	anybody bool
}

// The limits of what is known of a thread's writers. Further ones count as unknown.
const (
	maxSources = 8
	maxEras    = 4
)

// wrote notes who wrote a message of the era.
func (e *era) wrote(source Source) {
	if source == (Source{}) || len(e.sources) >= maxSources && !slices.Contains(e.sources, source) {
		e.anybody = true
	} else if !slices.Contains(e.sources, source) {
		e.sources = append(e.sources, source)
	}
}

// concerns reports whether statements of a source can be about the era.
func (e *era) concerns(source Source) bool {
	return e.anybody || source == (Source{}) || slices.Contains(e.sources, source)
}

// restart begins the next era. What was stated without its being known by whom, or of whom, can
// only be about the era before: it must not explain gaps of the next one.
func (t *Thread) restart(number uint64) {
	over := era{t.numbers, t.sources, t.anybody}
	t.past = append(t.past, over)
	t.era = era{numbers: numbers{missing: t.numbers.missing}}
	t.numbers.take(number)
	for len(t.past) >= maxEras || len(t.past) > 0 && over.anybody {
		t.settle()
	}
}

// lossBytes returns about how much memory it takes to know what is missing, beyond a few gaps.
func (t *Thread) lossBytes() int {
	n := t.ledger.bytes + t.numbers.bytes()
	for _, e := range t.past {
		n += 256 + e.numbers.bytes()
	}
	return n
}

// settle closes the account of the oldest era: what is stated later does not change it.
func (t *Thread) settle() {
	shares := t.shares()
	for _, g := range t.past[0].gaps(shares.of[0]) {
		t.settled.count(*g, false)
	}
	t.past = slices.Delete(t.past, 0, 1)
	for i := len(t.ledger.books) - 1; i >= 0; i-- {
		if shares.era[i] == 0 {
			t.ledger.drop(i)
		}
	}
}

// shares says which books are about which era: about the last one that their source wrote.
type shares struct {
	era       []int // for each book; -1 for none
	of        map[int][]stated
	elsewhere []stated
}

func (t *Thread) shares() shares {
	s := shares{era: make([]int, len(t.ledger.books)), of: map[int][]stated{}}
	for i, b := range t.ledger.books {
		n := len(t.past)
		if !t.concerns(b.source) {
			for n--; n >= 0 && !t.past[n].concerns(b.source); n-- {
			}
		}
		s.era[i] = n
		if n < 0 {
			s.elsewhere = append(s.elsewhere, b.losses...)
			continue
		}
		s.of[n] = append(s.of[n], b.losses...)
	}
	return s
}

// Losses returns what is missing in the thread, and what producers have stated about it: which of
// it they lost, and why. Statements may come before and after what they explain, and more than
// once. The caller owns the result. It takes a computation: call it when it is needed, not for each
// message.
//
// If the sources of messages are unknown (see [Reducer.AddFrom]), statements about numbers before
// another producer took over are forgotten when it does.
func (t *Thread) Losses() Losses {
	var all Losses
	all.Missing, all.Explained, all.Unexplained = t.settled.Missing, t.settled.Explained,
		t.settled.Unexplained
	all.Causes = slices.Clone(t.settled.Causes)
	shares := t.shares()
	for i, e := range append(slices.Clone(t.past), t.era) {
		for _, g := range e.gaps(shares.of[i]) {
			all.add(*g, i == len(t.past))
		}
	}
	for _, s := range shares.elsewhere {
		g := Gap{Range: s.Range, Place: PlaceElsewhere, Missing: s.count, Merged: !s.exact(),
			Verdict: Explained}
		newAccount(s).draw(s.count, &g)
		all.add(g, false)
	}
	return all
}

// unseen returns what was stated of a thread of which no message was seen. Each start of a producer
// may have numbered it from the beginning.
func (l *ledger) unseen() Losses {
	var all Losses
	var e era
	for _, b := range l.books {
		for _, g := range e.gaps(b.losses) {
			all.add(*g, true)
		}
	}
	return all
}

// gaps returns the gaps of an era, given what was stated about it.
func (e *era) gaps(losses []stated) []*Gap {
	n := &e.numbers
	var holes []*hole
	if n.dropped > 0 {
		holes = append(holes, &hole{gap: Gap{Range: n.hull, Place: PlaceBetween, Missing: n.dropped,
			Merged: true}})
	}
	for _, r := range n.gaps {
		holes = append(holes, newHole(r, PlaceBetween, r))
	}
	holes = append(n.start(losses), append(holes, n.end(losses)...)...)
	explain(holes, losses)
	gaps := make([]*Gap, 0, len(holes))
	for _, h := range holes {
		if h.gap.Place == PlaceStart {
			h.stated()
		}
		if h.gap.Missing > 0 {
			gaps = append(gaps, &h.gap)
		}
	}
	return gaps
}

func newHole(r Range, place Place, open ...Range) *hole {
	h := &hole{gap: Gap{Range: r, Place: place}, open: open}
	for _, o := range open {
		h.gap.Missing += o.length()
	}
	return h
}

// stated makes a gap at the start one of what is stated: nothing else is known to be missing there.
func (h *hole) stated() {
	h.gap.Missing = h.gap.Explained
	if !h.doubted {
		h.gap.Verdict = Explained
	}
}

// start returns what may be missing before the first number.
func (n *numbers) start(losses []stated) []*hole {
	lowest := n.first
	for _, s := range losses {
		lowest = min(lowest, s.From)
	}
	if lowest == n.first {
		return nil
	}
	var open []Range
	from := lowest
	for _, r := range n.early {
		if r.From > from {
			open = append(open, Range{from, r.From - 1})
		}
		from = max(from, r.To+1)
	}
	if from < n.first {
		open = append(open, Range{from, n.first - 1})
	}
	return []*hole{newHole(Range{lowest, n.first - 1}, PlaceStart, open...)}
}

// end returns what may be missing after the last number.
func (n *numbers) end(losses []stated) []*hole {
	last, place := n.last, PlaceEnd
	from := n.last
	for _, s := range losses {
		last = max(last, s.To)
	}
	if last == n.last {
		return nil
	}
	if from++; n.last == 0 {
		place, from = PlaceAll, last
		for _, s := range losses {
			from = min(from, s.From)
		}
	}
	r := Range{from, last}
	return []*hole{newHole(r, place, r)}
}
