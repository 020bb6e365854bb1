package reduce

import "slices"

// Range is a range of numbers, including both ends.
type Range struct {
	From, To uint64
}

// maxRanges bounds how many gaps of a thread are stored; beyond that, the oldest are only counted.
const maxRanges = 256

// numbers is what is known of a thread's sequence.
type numbers struct {
	first, last uint64
	gaps        []Range // in order, not adjacent, none empty
	missing     uint64  // count of the numbers in gaps, and in those that were dropped
	// the range of the gaps that were dropped, and the count of the numbers in them
	hull    Range
	dropped uint64
	early   []Range // numbers before the first one that came after it, in order, not adjacent
}

// place is the position of a number.
type place int

const (
	placeFirst  place = iota // the first one seen
	placeNext                // directly after the last one
	placeBeyond              // after the last one, with a gap
	placeGap                 // in a gap
	placeTaken               // the number of another message, or before the first one
)

func (n *numbers) place(number uint64) place {
	switch {
	case n.last == 0:
		return placeFirst
	case number == n.last+1:
		return placeNext
	case number > n.last:
		return placeBeyond
	}
	if _, found := n.gap(number); found {
		return placeGap
	}
	return placeTaken
}

// take adds a number that is not taken.
func (n *numbers) take(number uint64) {
	switch n.place(number) {
	case placeFirst:
		n.first, n.last = number, number
	case placeBeyond:
		n.missing += number - n.last - 1
		if len(n.gaps) >= maxRanges {
			n.drop(maxRanges / 4)
		}
		n.gaps = append(n.gaps, Range{n.last + 1, number - 1})
		n.last = number
	case placeNext:
		n.last = number
	case placeGap:
		n.fill(number)
	}
}

// bytes returns how much memory the ranges take.
func (n *numbers) bytes() int { return 16 * (len(n.gaps) + len(n.early)) }

// drop forgets the oldest gaps.
func (n *numbers) drop(count int) {
	if n.dropped == 0 {
		n.hull.From = n.gaps[0].From
	}
	for _, g := range n.gaps[:count] {
		n.dropped += g.length()
	}
	n.hull.To = n.gaps[count-1].To
	n.gaps = slices.Delete(n.gaps, 0, count)
}

// takeEarly notes a number before the first one.
func (n *numbers) takeEarly(number uint64) {
	i, found := slices.BinarySearchFunc(n.early, number, searchRange)
	if found {
		return
	}
	n.early = slices.Insert(n.early, i, Range{number, number})
	if i+1 < len(n.early) && n.early[i+1].From == number+1 {
		n.early[i].To = n.early[i+1].To
		n.early = slices.Delete(n.early, i+1, i+2)
	}
	if i > 0 && n.early[i-1].To == number-1 {
		n.early[i-1].To = n.early[i].To
		n.early = slices.Delete(n.early, i, i+1)
	}
	if len(n.early) > maxRanges {
		n.early = slices.Delete(n.early, 0, 1)
	}
}

func (n *numbers) gap(number uint64) (i int, found bool) {
	return slices.BinarySearchFunc(n.gaps, number, searchRange)
}

// searchRange compares a range with a number: 0 if it is in it.
func searchRange(r Range, number uint64) int {
	switch {
	case r.To < number:
		return -1
	case r.From > number:
		return 1
	}
	return 0
}

func (n *numbers) fill(number uint64) {
	i, _ := n.gap(number)
	var rest []Range
	if g := n.gaps[i]; g.From < number {
		rest = append(rest, Range{g.From, number - 1})
	}
	if g := n.gaps[i]; g.To > number {
		rest = append(rest, Range{number + 1, g.To})
	}
	n.gaps = slices.Replace(n.gaps, i, i+1, rest...)
	n.missing--
}
