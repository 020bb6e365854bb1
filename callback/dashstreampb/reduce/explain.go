package reduce

import (
	"cmp"
	"iter"
	"slices"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
)

// hole is a gap while it is being explained.
type hole struct {
	gap  Gap
	open []Range // missing numbers that no exact loss covers; unused in a merged one
	// which of the numbers are explained is not known, because there are fewer stated than missing
	doubted bool
}

// use is a range that a coarse loss was used for.
type use struct {
	Range
	hole *hole
	loss *account // nil where none had any left
}

// Explain says which of the missing numbers of one numbering of a thread losses explain: all gaps
// of which some are, with their causes, and the ranges that are left. Where coarse losses do not
// suffice, which numbers are left is arbitrary. The ranges are in order and do not overlap, and
// each number has been stated once. A [Reducer] does this for what it reads, in bounded memory.
func Explain(missing []Range, losses []pb.Loss) (explained []Gap, rest []Range) {
	holes := make([]*hole, len(missing))
	for i, r := range missing {
		holes[i] = newHole(r, PlaceBetween, r)
	}
	all := make([]stated, len(losses))
	for i, l := range losses {
		all[i] = statedOf(l)
	}
	for _, u := range explain(holes, all) {
		if u.loss == nil {
			rest = append(rest, u.Range)
		}
	}
	for _, h := range holes {
		if h.gap.Explained > 0 {
			explained = append(explained, h.gap)
		}
	}
	return explained, joined(rest)
}

// joined joins ranges that are adjacent.
func joined(ranges []Range) (all []Range) {
	for _, r := range ranges {
		if n := len(all); n > 0 && all[n-1].To == r.From-1 {
			all[n-1].To = r.To
		} else {
			all = append(all, r)
		}
	}
	return all
}

// explain sets what the losses account for, and returns what coarse ones are used for. The holes
// are in the order of their numbers.
func explain(holes []*hole, losses []stated) (uses []use) {
	losses = slices.Clone(losses)
	slices.SortStableFunc(losses, func(a, b stated) int { return cmp.Compare(a.From, b.From) })
	var exact, coarse []*account
	for _, s := range losses {
		if s.exact() {
			exact = append(exact, newAccount(s))
		} else {
			coarse = append(coarse, newAccount(s))
		}
	}
	parts := union(exact)
	for _, h := range holes {
		h.cover(parts)
	}
	for _, h := range holes {
		if h.gap.Merged {
			uses = append(uses, h.assignMerged(coarse)...)
			continue
		}
		for _, open := range h.open {
			uses = append(uses, h.assign(open, coarse)...)
		}
	}
	doubt(uses, coarse)
	for _, h := range holes {
		h.judge()
	}
	return uses
}

// covered is a range that an exact loss covers.
type covered struct {
	Range
	account *account
}

// union returns what exact losses cover, in order, each number once.
func union(exact []*account) (parts []covered) {
	for _, a := range exact {
		r := a.Range
		if n := len(parts); n > 0 && parts[n-1].To >= r.From {
			if parts[n-1].To >= r.To {
				continue
			}
			r.From = parts[n-1].To + 1
		}
		parts = append(parts, covered{r, a})
	}
	return parts
}

// cover explains what exact losses cover.
func (h *hole) cover(parts []covered) {
	if h.gap.Merged {
		left := h.gap.Missing
		for c := range within(parts, h.gap.Range) {
			left -= c.account.draw(min(left, c.length()), &h.gap)
		}
		return
	}
	var rest []Range
	for _, open := range h.open {
		from, done := open.From, false
		for c := range within(parts, open) {
			if c.From > from {
				rest = append(rest, Range{from, c.From - 1})
			}
			c.account.draw(c.length(), &h.gap)
			if done = c.To == open.To; !done {
				from = c.To + 1
			}
		}
		if !done {
			rest = append(rest, Range{from, open.To})
		}
	}
	h.open = rest
}

// within yields what is covered of a range, in order.
func within(parts []covered, in Range) iter.Seq[covered] {
	i, _ := slices.BinarySearchFunc(parts, in.From, func(c covered, from uint64) int {
		return cmp.Compare(c.To, from)
	})
	return func(yield func(covered) bool) {
		for _, c := range parts[i:] {
			common := Range{max(c.From, in.From), min(c.To, in.To)}
			if c.From > in.To || !yield(covered{common, c.account}) {
				return
			}
		}
	}
}

// assign uses coarse losses for a range of missing numbers: for each number the one that ends
// first. That explains as many as possible.
func (h *hole) assign(open Range, coarse []*account) (uses []use) {
	for at := open.From; ; {
		var best *account
		end := open.To // until there the choice is the same
		for _, a := range coarse {
			switch {
			case a.To < at || a.left == 0:
			case a.From > at:
				end = min(end, a.From-1)
			case best == nil || a.To < best.To:
				best = a
			}
		}
		if best != nil {
			end = min(end, best.To)
			end = at + best.draw(end-at+1, &h.gap) - 1
		}
		uses = append(uses, use{Range{at, end}, h, best})
		if end == open.To {
			return uses
		}
		at = end + 1
	}
}

// assignMerged uses coarse losses for a merged gap, those that end first.
func (h *hole) assignMerged(coarse []*account) (uses []use) {
	inOrder := slices.Clone(coarse)
	slices.SortStableFunc(inOrder, func(a, b *account) int { return cmp.Compare(a.To, b.To) })
	for _, a := range inOrder {
		common := Range{max(a.From, h.gap.From), min(a.To, h.gap.To)}
		left := h.gap.Missing - h.gap.Explained
		if common.From > common.To || left == 0 {
			continue
		}
		if a.draw(min(left, common.length()), &h.gap) > 0 {
			uses = append(uses, use{common, h, a})
		}
	}
	if h.gap.Explained < h.gap.Missing {
		uses = append(uses, use{h.gap.Range, h, nil})
	}
	return uses
}

// doubt marks the holes of which it is not known what is explained: a loss that covers a number
// that is left over could as well be used for it, and not for what it was used for.
func doubt(uses []use, coarse []*account) {
	var wave []use
	for _, u := range uses {
		if u.loss == nil {
			wave = append(wave, u)
		}
	}
	for len(wave) > 0 {
		var next []use
		for _, a := range coarse {
			common := false
			for _, u := range wave {
				if a.From <= u.To && u.From <= a.To {
					u.hole.doubted, common = true, true
				}
			}
			if !common || a.doubted {
				continue
			}
			a.doubted = true
			for _, u := range uses {
				if u.loss == a {
					u.hole.doubted = true
					next = append(next, u)
				}
			}
		}
		wave = next
	}
}

func (h *hole) judge() {
	switch g := &h.gap; {
	case h.doubted:
		g.Verdict = Partly
	case g.Explained == g.Missing:
		g.Verdict = Explained
	case g.Explained > 0:
		g.Verdict = Partly
	}
}
