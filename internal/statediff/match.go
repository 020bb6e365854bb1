package statediff

import (
	"cmp"
	"hash/maphash"
	"slices"
)

// matcher pairs the elements of two arrays and finds the longest run of pairs that are in the same
// order on both sides. Of equal elements, the first is paired with the first, the second with the
// second. If all elements differ, the result is the longest common subsequence, in n log n for any
// input. A search that is exact for repeated elements as well would have to be cut off somewhere.
type matcher struct {
	seed  maphash.Seed
	left  []element
	right []element
	pair  []uint32 // for each left element its partner on the right, or none
	tails []uint32 // for each length, the left element at the end of the best run of that length
	back  []uint32 // for each left element, the one before it in its run
	keep  []bool   // the left elements of the longest run
	// elements with a partner outside the run: of the left side, then of the right side
	moved []bool
}

// element is an element of an array, with its hash and position.
type element struct {
	hash  uint64
	index uint32
}

func byHash(a, b element) int {
	return cmp.Or(cmp.Compare(a.hash, b.hash), cmp.Compare(a.index, b.index))
}

// subsequence adds the edits for two stretches, neither of which is empty.
func (d *Differ) subsequence(g *gap) (kept bool) {
	if !d.match(g) {
		return false
	}
	// The gaps recurse into arrays that use the matcher again, so the parts that are still needed
	// are copied.
	m := &d.pairs
	keep, pair, moved := slices.Clone(m.keep), slices.Clone(m.pair), slices.Clone(m.moved)
	movedA, movedB := moved[:len(g.left)], moved[len(g.left):]
	i, j := 0, 0
	for k := 0; k <= len(g.left); k++ {
		to := len(g.right)
		if k < len(g.left) {
			if !keep[k] {
				continue
			}
			to = int(pair[k])
		}
		part := gap{f: g.f, whole: g.whole, ai: g.ai + uint32(i), bi: g.bi + uint32(j),
			left: g.left[i:k], right: g.right[j:to]}
		if !d.gap(&part, movedA[i:k], movedB[j:to]) {
			return false
		}
		i, j = k+1, to+1
	}
	return true
}

// match fills the matcher for two stretches. It returns false if that is more work than allowed.
func (d *Differ) match(g *gap) bool {
	m := &d.pairs
	if m.seed == (maphash.Seed{}) {
		m.seed = maphash.MakeSeed()
	}
	if m.left = d.hashed(m.left, d.base, g.left); d.spent {
		return false
	}
	if m.right = d.hashed(m.right, d.next, g.right); d.spent {
		return false
	}
	m.pair = fill(m.pair, len(g.left), none)
	m.moved = fill(m.moved, len(g.left)+len(g.right), false)
	for i, j := 0, 0; i < len(m.left) && j < len(m.right); {
		a, b := m.left[i], m.right[j]
		switch {
		case a.hash < b.hash:
			i++
		case a.hash > b.hash:
			j++
		default:
			if d.equal(g.left[a.index], g.right[b.index]) {
				m.pair[a.index] = b.index
				m.moved[a.index], m.moved[len(g.left)+int(b.index)] = true, true
			}
			i, j = i+1, j+1
		}
	}
	m.longestRun()
	for i, kept := range m.keep {
		if kept {
			m.moved[i], m.moved[len(g.left)+int(m.pair[i])] = false, false
		}
	}
	return !d.spent
}

// hashed fills into with the hashes of elements, in order of the hashes.
func (d *Differ) hashed(into []element, doc *Document, nodes []uint32) []element {
	into = into[:0]
	for i, n := range nodes {
		if !d.spend(doc.size(n) + 16) {
			return into
		}
		into = append(into, element{maphash.Bytes(d.pairs.seed, doc.at(n)), uint32(i)})
	}
	slices.SortFunc(into, byHash)
	return into
}

// longestRun sets keep: the longest increasing subsequence of the partners.
func (m *matcher) longestRun() {
	m.tails = m.tails[:0]
	m.back = fill(m.back, len(m.pair), none)
	m.keep = fill(m.keep, len(m.pair), false)
	for i, partner := range m.pair {
		if partner == none {
			continue
		}
		k, _ := slices.BinarySearchFunc(m.tails, partner, func(tail, partner uint32) int {
			return cmp.Compare(m.pair[tail], partner)
		})
		if k > 0 {
			m.back[i] = m.tails[k-1]
		}
		if k == len(m.tails) {
			m.tails = append(m.tails, none)
		}
		m.tails[k] = uint32(i)
	}
	if len(m.tails) == 0 {
		return
	}
	for i := m.tails[len(m.tails)-1]; i != none; i = m.back[i] {
		m.keep[i] = true
	}
}

// fill returns s with n times v in it.
func fill[T any](s []T, n int, v T) []T {
	s = room(s, n)[:n]
	for i := range s {
		s[i] = v
	}
	return s
}
