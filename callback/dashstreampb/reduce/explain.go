package reduce

import (
	"cmp"
	"slices"
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

// explain sets what the losses account for. The holes are in the order of their numbers.
func explain(holes []*hole, losses []stated) {
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
	for _, h := range holes {
		h.cover(exact)
	}
	var uses []use
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
}

// cover explains what exact losses cover.
func (h *hole) cover(exact []*account) {
	if h.gap.Merged {
		left := h.gap.Missing
		for _, covered := range union(exact, h.gap.Range) {
			left -= covered.account.draw(min(left, covered.length()), &h.gap)
		}
		return
	}
	var rest []Range
	for _, open := range h.open {
		from := open.From
		done := false
		for _, covered := range union(exact, open) {
			if covered.From > from {
				rest = append(rest, Range{from, covered.From - 1})
			}
			covered.account.draw(covered.length(), &h.gap)
			if done = covered.To == open.To; !done {
				from = covered.To + 1
			}
		}
		if !done {
			rest = append(rest, Range{from, open.To})
		}
	}
	h.open = rest
}

// covered is a part of a range that an exact loss covers, and none before it.
type covered struct {
	Range
	account *account
}

// union returns the parts of a range that exact losses cover, in order, none twice.
func union(exact []*account, in Range) []covered {
	var parts []covered
	from := in.From
	for _, a := range exact {
		if a.From > in.To {
			break
		}
		if a.To < from {
			continue
		}
		part := Range{max(a.From, from), min(a.To, in.To)}
		parts = append(parts, covered{part, a})
		if part.To == in.To {
			break
		}
		from = part.To + 1
	}
	return parts
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
