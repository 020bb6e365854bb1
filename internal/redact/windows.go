package redact

import (
	"cmp"
	"math"
	"slices"
)

// window is four bytes in a row of which at least two are a trigger's: each of the four is one of a
// set.
type window struct {
	offset int // in the literal; -1 is the byte before it
	first  []uint16
	second []uint16 // pairs, the first byte is the low one
}

const windowBytes = 4

// windowsOf returns the windows that a trigger may be found by, on even and on odd offsets.
func windowsOf(t *trigger, c *commonness) (even, odd []window) {
	from := 0
	if len(t.literal) < windowBytes+1 {
		from = -1
	}
	for offset := from; offset <= max(0, len(t.literal)-3); offset++ {
		w := window{offset, t.pairs(offset), t.pairs(offset + 2)}
		if offset&1 == 0 {
			even = append(even, w)
		} else {
			odd = append(odd, w)
		}
	}
	return rarest(even, c), rarest(odd, c)
}

// choices is how many windows a trigger may be dealt by.
const choices = 8

// rarest returns the windows that are met the least.
func rarest(windows []window, c *commonness) []window {
	var none pairSet
	slices.SortStableFunc(windows, func(v, w window) int {
		return cmp.Compare(none.chance(&v, c), none.chance(&w, c))
	})
	return windows[:min(len(windows), choices)]
}

// pairs returns the pairs that may stand at an offset, where any byte may stand outside of the
// literal.
func (t *trigger) pairs(offset int) []uint16 {
	var all []uint16
	for _, a := range t.bytes(offset) {
		for _, b := range t.bytes(offset + 1) {
			all = append(all, uint16(a)|uint16(b)<<8)
		}
	}
	return all
}

func (t *trigger) bytes(offset int) []byte {
	switch {
	case t.word && offset == len(t.literal) && is(t.literal[offset-1], letter):
		return behindWords
	case offset < 0 || offset >= len(t.literal):
		return everyByte
	}
	b := t.literal[offset]
	if t.fold && is(b, lower) {
		return []byte{b, b - 'a' + 'A'}
	}
	return []byte{b}
}

// behindWords are the bytes that may stand behind a word that ends in a letter, see [isWord].
var behindWords = slices.DeleteFunc(slices.Clone(everyByte),
	func(b byte) bool { return is(b, lower) || b >= 0x80 })

var everyByte = func() (all []byte) {
	for b := range 256 {
		all = append(all, byte(b))
	}
	return all
}()

// buckets deals windows out so that pairs of different windows seldom come together by chance.
type buckets [32]bucket

type bucket struct {
	first, second   pairSet
	firsts, seconds float64 // how much of the texts that come by their pairs are
}

type pairSet [1 << 16 / 64]uint64

func (s *pairSet) has(p uint16) bool { return s[p>>6]>>(p&63)&1 != 0 }

func (s *pairSet) add(pairs []uint16) {
	for _, p := range pairs {
		s[p>>6] |= 1 << (p & 63)
	}
}

// absent returns the share of the pairs that are not in the set.
func (s *pairSet) absent(pairs []uint16, c *commonness) (sum float64) {
	for _, p := range pairs {
		if !s.has(p) {
			sum += c.shares[p]
		}
	}
	return sum
}

// chance returns how often a window is met in texts whose pairs do not depend on each other, but
// for the pairs that are in the set.
func (s *pairSet) chance(w *window, c *commonness) float64 {
	return s.absent(w.first, c) * s.absent(w.second, c)
}

// put adds one of the windows to the bucket in which it does the least harm, and returns it.
func (b *buckets) put(windows []window, c *commonness) window {
	var in *bucket
	var chosen *window
	least := math.Inf(1)
	for i := range windows {
		stops := windows[i].stops(c)
		for k := range b {
			if harm := stops + b[k].harm(&windows[i], c, least-stops); harm < least {
				in, chosen, least = &b[k], &windows[i], harm
			}
		}
	}
	in.firsts += in.first.absent(chosen.first, c)
	in.seconds += in.second.absent(chosen.second, c)
	in.first.add(chosen.first)
	in.second.add(chosen.second)
	return *chosen
}

// stops is what is lost where the window is found, though it seldom is the literal: a stop costs as
// much as many a pair that comes by chance.
func (w *window) stops(c *commonness) (harm float64) {
	for _, p := range w.first {
		if !c.typical.firsts.has(p) {
			continue
		}
		for _, next := range c.typical.after[p] {
			if slices.Contains(w.second, next) {
				harm += costOfStop * typicalShare
			}
		}
	}
	return harm
}

// costOfStop is how many pairs that come by chance a stop costs as much as.
const costOfStop = 2

// harm is how much more often the bucket is met by chance when it has w too: in texts whose pairs
// do not depend on each other, and in typical ones. What is more than most is not told any more.
func (b *bucket) harm(w *window, c *commonness, most float64) float64 {
	firsts, seconds := b.first.absent(w.first, c), b.second.absent(w.second, c)
	harm := (b.firsts+firsts)*(b.seconds+seconds) - b.firsts*b.seconds
	for _, p := range w.first {
		if harm >= most {
			return harm
		}
		if !c.typical.firsts.has(p) || b.first.has(p) {
			continue
		}
		for _, next := range c.typical.after[p] {
			if b.second.has(next) || slices.Contains(w.second, next) {
				harm += typicalShare
			}
		}
	}
	for _, p := range w.second {
		if harm >= most {
			return harm
		}
		if !c.typical.seconds.has(p) || b.second.has(p) {
			continue
		}
		for _, previous := range c.typical.before[p] {
			if b.first.has(previous) {
				harm += typicalShare
			}
		}
	}
	return harm
}

// fill writes the sets in the form that [filter.next] reads.
func (b *buckets) fill(pairs *[1 << 16]uint64) {
	for i := range b {
		for p := range pairs {
			if b[i].first.has(uint16(p)) {
				pairs[p] |= 1 << (32 + i)
			}
			if b[i].second.has(uint16(p)) {
				pairs[p] |= 1 << i
			}
		}
	}
}
