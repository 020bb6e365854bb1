package redact

import (
	"math"
	"math/bits"
	"slices"
)

// A trigger is a literal without which a rule's secrets do not occur, and what to do where it occurs.
type trigger struct {
	literal string // at least three bytes; lower case if fold is set
	fold    bool   // in any case
	find    finder
	through bool // what is found may go on where something ends that is hidden already
	anchor  int  // where in the literal its rarest three bytes are
}

// A finder looks at a text around a literal that begins at at, and hides the secret that is there. It looks only so far that a text
// full of such literals stays cheap.
type finder func(s *scan, at int)

// filter finds the places of a text where a trigger's literal begins. Nearly every text has none, so it is built to say that fast: of
// each literal only three bytes are looked for at first, its anchor, and a text is probed at every second byte, where one of the two
// pairs that an anchor is made of has to show.
type filter struct {
	pairs    [1 << 16]uint8 // 1 for each pair of bytes that an anchor has: the first one is the low byte
	seen     [1 << 12]bool  // for each hash of three bytes whether an anchor has it
	anchors  []anchorSlot   // a hash table with linear probing, at most a quarter full
	shift    int            // 32 less the bits of an index into it
	triggers []trigger      // those of one anchor stand together
}

type anchorSlot struct {
	trigram  uint32 // see trigramAt; 0 is none
	first, n uint32 // which triggers
}

func (f *filter) slot(trigram uint32) uint32 { return trigram * 0x9E3779B1 >> f.shift }

func (f *filter) after(slot uint32) uint32 { return (slot + 1) & uint32(len(f.anchors)-1) }

// trigramAt returns the three bytes at i. A letter is the same in either case; a few other bytes fall together too, which does no harm,
// for the whole literal is compared in the end.
func trigramAt(s string, i int) uint32 {
	return (uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16) | 0x202020
}

func newFilter(triggers []trigger) *filter {
	f := &filter{shift: 30 - bits.Len(uint(len(triggers)))}
	f.anchors = make([]anchorSlot, 1<<(32-f.shift))
	groups := map[uint32][]trigger{}
	for _, t := range shortestFirst(triggers) {
		t.anchor = f.cheapest(t.literal, t.fold)
		f.allow(t.literal[t.anchor:t.anchor+3], t.fold)
		trigram := trigramAt(t.literal, t.anchor)
		groups[trigram] = append(groups[trigram], t)
	}
	for trigram, group := range groups {
		f.seen[hashed(trigram)] = true
		slot := f.slot(trigram)
		for f.anchors[slot].trigram != 0 {
			slot = f.after(slot)
		}
		f.anchors[slot] = anchorSlot{trigram, uint32(len(f.triggers)), uint32(len(group))}
		f.triggers = append(f.triggers, group...)
	}
	return f
}

// shortestFirst orders triggers so that those come first that leave the least choice of an anchor.
func shortestFirst(triggers []trigger) []trigger {
	return slices.SortedStableFunc(slices.Values(triggers), func(a, b trigger) int { return len(a.literal) - len(b.literal) })
}

// allow marks the pairs of an anchor.
func (f *filter) allow(anchor string, fold bool) {
	for i := range 2 {
		for _, p := range pairsOf(anchor[i:i+2], fold) {
			f.pairs[p] = 1
		}
	}
}

// pairsOf returns a pair, or the four forms that it has in any case.
func pairsOf(pair string, fold bool) (ps []uint16) {
	for _, a := range cases(pair[0], fold) {
		for _, b := range cases(pair[1], fold) {
			ps = append(ps, uint16(a)|uint16(b)<<8)
		}
	}
	return ps
}

func cases(b byte, fold bool) []byte {
	if fold && is(b, lower) {
		return []byte{b, b - 'a' + 'A'}
	}
	return []byte{b}
}

// next returns the first place at or after from where an anchor is likely to begin or to have begun one byte before: -1 if there is
// none.
func (f *filter) next(s string, from int) int {
	i := from
	for ; i+8 <= len(s); i += 8 {
		w := eight(s[i : i+8])
		if f.pairs[uint16(w)]|f.pairs[uint16(w>>16)]|f.pairs[uint16(w>>32)]|f.pairs[uint16(w>>48)] == 0 {
			continue
		}
		for k := i; k < i+8; k += 2 {
			if f.pairs[uint16(w)] != 0 && f.likely(s, k) {
				return k
			}
			w >>= 16
		}
	}
	for ; i+2 <= len(s); i += 2 {
		if f.pairs[uint16(s[i])|uint16(s[i+1])<<8] != 0 && f.likely(s, i) {
			return i
		}
	}
	return -1
}

// likely reports whether an anchor may begin at i or at the byte before.
func (f *filter) likely(s string, i int) bool {
	return i > 0 && f.seen[hashed(trigramAt(s, i-1))] || i+3 <= len(s) && f.seen[hashed(trigramAt(s, i))]
}

func hashed(trigram uint32) uint32 { return trigram * 0x85EBCA6B >> 20 }

// eight loads eight bytes at once.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// at returns the triggers whose anchors begin at i.
func (f *filter) at(s string, i int) []trigger {
	if i < 0 || i+3 > len(s) {
		return nil
	}
	trigram := trigramAt(s, i)
	for slot := f.slot(trigram); ; slot = f.after(slot) {
		switch a := &f.anchors[slot]; a.trigram {
		case trigram:
			return f.triggers[a.first : a.first+a.n]
		case 0:
			return nil
		}
	}
}

// matches returns where t's literal begins, given that its anchor begins at i: -1 if it does not.
func (t *trigger) matches(s string, i int) int {
	at := i - t.anchor
	if at < 0 || at+len(t.literal) > len(s) {
		return -1
	}
	if t.fold {
		if !hasPrefixFold(s[at:], t.literal) {
			return -1
		}
	} else if s[at:at+len(t.literal)] != t.literal {
		return -1
	}
	return at
}

// commonPairs are the pairs of letters that make up most of English, the commonest first.
const commonPairs = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll " +
	"be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa " +
	"im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke ui fr oo ag if ap sp cl bo od ck gr do up bu br qu ef"

// cheapest returns where in a literal the three bytes begin that add the least to what the filter stops at.
func (f *filter) cheapest(literal string, fold bool) int {
	best, least := 0, math.MaxInt
	for i := range len(literal) - 2 {
		cost := 0
		for k := range 2 {
			for _, p := range pairsOf(literal[i+k:i+k+2], fold) {
				if f.pairs[p] == 0 {
					cost += pairCost(byte(p), byte(p>>8))
				}
			}
		}
		if cost < least {
			best, least = i, cost
		}
	}
	return best
}

// pairCost is how common a pair is, on a scale of its own.
func pairCost(a, b byte) int {
	switch {
	case !is(a, alnum) && !is(b, alnum):
		return 120 // runs of dashes, dots and the like are common in tables and code
	case a == ' ' || b == ' ':
		return 300
	case a == '_' || b == '_':
		return 60
	case is(a, lower) && is(b, lower):
		for i := 0; i+2 <= len(commonPairs); i += 3 {
			if commonPairs[i] == a && commonPairs[i+1] == b {
				return 10_000 / (i/3 + 10) // nearly Zipf's law
			}
		}
	}
	return 10
}
