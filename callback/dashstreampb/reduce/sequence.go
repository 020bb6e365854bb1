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
			n.gaps = slices.Delete(n.gaps, 0, maxRanges/4)
		}
		n.gaps = append(n.gaps, Range{n.last + 1, number - 1})
		n.last = number
	case placeNext:
		n.last = number
	case placeGap:
		n.fill(number)
	}
}

// restart starts afresh with a number.
func (n *numbers) restart(number uint64) { n.first, n.last, n.gaps = number, number, nil }

func (n *numbers) gap(number uint64) (i int, found bool) {
	return slices.BinarySearchFunc(n.gaps, number, func(g Range, number uint64) int {
		switch {
		case g.To < number:
			return -1
		case g.From > number:
			return 1
		}
		return 0
	})
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
