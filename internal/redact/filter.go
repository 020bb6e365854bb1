package redact

import (
	"slices"
	"unsafe"
)

// A trigger is a literal without which a rule's secrets do not occur, and what to do where it
// occurs.
type trigger struct {
	literal string // at least two bytes; lower case if fold is set
	fold    bool   // in any case
	// nil: the literal matters only where a text is a JSON document, as a part of a name or of what
	// escapes hide
	find finder
	name bool // it matters only in a name
	// others may stand behind what it begins, see [veilTriggers]
	veil bool
	word bool // it matters only as a word of one
	// what is found may go on where something ends that is hidden already
	through bool
	// says of the bytes behind the literal that they may be of a secret, whatever it stands in;
	// nil: any may
	only func(s string, end int) bool
	// says that what follows the literal in a text, from end on, makes no secret of it; nil:
	// nothing does
	unless func(s string, end int) bool
}

// A finder looks at a text around a literal that begins at at, and hides the secret that is there.
// It looks only so far that a text full of such literals stays cheap.
type finder func(s *scan, at int)

// filter finds the places where a trigger's literal begins. Nearly every text has none, so it is
// built to say that fast, at the same speed for every kind of text: it looks at each pair of bytes
// on an even place once, and asks whether a pair may be the first half of a window of four bytes
// and the next one the second half. Each trigger has two windows, for the literals that begin on
// even and on odd places. The windows share thirty-two buckets: a pair is in the first half of a
// bucket's windows, or in the second, or in neither, which thirty-two bits for each say of all
// buckets at once.
type filter struct {
	// by the two bytes, of which the first one is the low one: first halves in the high 32 bits,
	// second ones in the low
	pairs    [1 << 16]uint64
	anchors  []anchorSlot // a hash table with linear probing, at most a quarter full
	shift    int          // 32 less the bits of an index into it
	entries  []entry      // those of one anchor stand together
	triggers []trigger
	longest  int // of the literals: none begins farther from a window that it is found by
	seen     sights
	short    []shortLiteral
	shorts   [256]bool // what those begin with
	origin   *origin   // nil for a filter that none is made from
}

// origin is what a filter was made from, for others that have most of its triggers too.
type origin struct {
	windows [][2]window // of the triggers
	buckets buckets
}

// An anchor is three bytes of a literal, from which the whole literal is compared.
type anchorSlot struct {
	trigram  uint32 // see trigramAt; 0 is none
	first, n uint32 // of the entries
}

// A shortLiteral has two bytes, which is too few for an anchor.
type shortLiteral struct {
	pair    uint16 // its bytes as trigramAt has them
	trigger uint16
}

type entry struct {
	trigger uint16
	offset  uint16 // of the anchor in the literal
	// up to four bytes behind the anchor, as aheadAt has them, and which of them are the literal's
	next, mask uint32
	// the same of the bytes before it, as behindAt has them
	previous, maskBehind uint32
}

// aheadAt returns up to four bytes from i on, letters in either case the same: zeros beyond the
// end.
func aheadAt(s string, i int) uint32 {
	if i+4 <= len(s) {
		return (uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16 | uint32(s[i+3])<<24) |
			0x20202020
	}
	var ahead uint32
	for n := 0; i+n < len(s); n++ {
		ahead |= uint32(s[i+n]|0x20) << (8 * n)
	}
	return ahead
}

// behindAt returns up to four bytes before i, the last one in the high byte: zeros before the
// beginning.
func behindAt(s string, i int) uint32 {
	if i >= 4 {
		return aheadAt(s, i-4)
	}
	var behind uint32
	for n := range i {
		behind |= uint32(s[n]|0x20) << (8 * (4 - i + n))
	}
	return behind
}

// entryOf returns the entry of a trigger whose anchor is at offset.
func entryOf(t *trigger, trigger, offset int) entry {
	n := min(4, len(t.literal)-offset-3)
	e := entry{trigger: uint16(trigger), offset: uint16(offset), mask: uint32(1<<(8*n) - 1)}
	e.next = aheadAt(t.literal, offset+3) & e.mask
	e.maskBehind = ^uint32(0) << (32 - 8*min(4, offset))
	e.previous = behindAt(t.literal, offset) & e.maskBehind
	return e
}

func (f *filter) slot(trigram uint32) uint32 { return trigram * 0x9E3779B1 >> f.shift }

func (f *filter) after(slot uint32) uint32 { return (slot + 1) & uint32(len(f.anchors)-1) }

// trigramAt returns the three bytes at i. A letter is the same in either case; a few other bytes
// fall together too, which does no harm, for the whole literal is compared in the end.
func trigramAt(s string, i int) uint32 {
	return (uint32(s[i]) | uint32(s[i+1])<<8 | uint32(s[i+2])<<16) | 0x202020
}

// The bytes that are looked at in one round, and those of a window.
const (
	roundBytes = 16
)

// next returns the first place, of those that lie an even number of bytes from from, where a window
// begins and the bytes from there on, or from the next one on, are likely to be an anchor: -1 if
// there is none.
func (f *filter) next(s string, from int) int {
	pairs := &f.pairs
	begin := unsafe.Pointer(unsafe.StringData(s))
	var before uint64 // the first halves that the last pair may be
	i := from
	for ; i+roundBytes <= len(s); i += roundBytes {
		round := (*[roundBytes]byte)(unsafe.Add(begin, i)) // which needs no check of its bounds
		v, w := halfOf(round, 0), halfOf(round, 8)
		a, b, c, d := pairs[uint16(v)], pairs[uint16(v>>16)], pairs[uint16(v>>32)], pairs[v>>48]
		e, g, h, k := pairs[uint16(w)], pairs[uint16(w>>16)], pairs[uint16(w>>32)], pairs[w>>48]
		if before&a|a>>32&b|b>>32&c|c>>32&d|d>>32&e|e>>32&g|g>>32&h|h>>32&k != 0 {
			if at := f.likelyOf(s, i-2, [roundBytes / 2]uint64{before & a, a >> 32 & b, b >> 32 & c,
				c >> 32 & d, d >> 32 & e, e >> 32 & g, g >> 32 & h, h >> 32 & k}); at >= 0 {
				return at
			}
		}
		before = k >> 32
	}
	return f.window(s, i, before)
}

// likelyOf returns the first of the windows, one every two bytes from from on, that is there in a
// bucket and is likely: -1 if none is.
func (f *filter) likelyOf(s string, from int, buckets [roundBytes / 2]uint64) int {
	for n, in := range buckets {
		if at := from + 2*n; in != 0 && f.seen.mayBegin(s, at, sightOf(s[at:at+windowBytes])) {
			return at
		}
	}
	return -1
}

// halfOf loads eight bytes of a round at once.
func halfOf(round *[roundBytes]byte, i int) uint64 {
	return uint64(round[i]) | uint64(round[i+1])<<8 | uint64(round[i+2])<<16 |
		uint64(round[i+3])<<24 | uint64(round[i+4])<<32 |
		uint64(round[i+5])<<40 | uint64(round[i+6])<<48 | uint64(round[i+7])<<56
}

// window looks at the pairs of one round, one after another. Behind the end it looks as if other
// bytes followed, which no window asks for.
func (f *filter) window(s string, from int, before uint64) int {
	var pair uint64
	for i := from; i < min(len(s)+2, from+roundBytes); i += 2 {
		switch {
		case i+1 < len(s):
			pair = f.pairs[uint16(s[i])|uint16(s[i+1])<<8]
		case i < len(s):
			pair = f.pairs[s[i]]
		default:
			pair = f.pairs[0]
		}
		if before&pair != 0 && f.seen.mayBegin(s, i-2, sightAtEnd(s, i-2)) {
			return i - 2
		}
		before = pair >> 32
	}
	return -1
}

// sightAtEnd is sightOf for a window that may reach beyond the end.
func sightAtEnd(s string, i int) uint32 {
	var window [windowBytes]byte
	copy(window[:], s[i:])
	return sightOf(string(window[:]))
}

// eight loads the first eight bytes of s at once.
func eight(s string) uint64 {
	_ = s[7]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 | uint64(s[4])<<32 |
		uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// at returns what has its anchor at i.
func (f *filter) at(s string, i int) []entry {
	if i+3 > len(s) {
		return nil
	}
	trigram := trigramAt(s, i)
	for slot := f.slot(trigram); ; slot = f.after(slot) {
		switch a := &f.anchors[slot]; a.trigram {
		case trigram:
			return f.entries[a.first : a.first+a.n]
		case 0:
			return nil
		}
	}
}

// found is a literal in a text.
type found struct {
	at      int
	trigger uint16
}

// use is what a literal is looked for: the text that it may stand in is known to be no JSON
// document, or it may be one.
type use bool

const (
	inTexts    use = false
	inAnything use = true
)

// comparedWhole is how many literals one counts as that is compared whole, with what is behind it:
// a token's.
const comparedWhole = 10

// literals appends to to the literals that a window at i may be a part of, of those that matter for
// this use. It returns how many it has compared, too.
func (f *filter) literals(to []found, s string, i int, u use) (all []found, tried int) {
	for anchor := i; anchor <= i+1; anchor++ {
		if entries := f.at(s, anchor); len(entries) > 0 {
			ahead, behind := aheadAt(s, anchor+3), behindAt(s, anchor)
			tried += len(entries)
			for k := range entries {
				e := &entries[k]
				if ahead&e.mask == e.next && behind&e.maskBehind == e.previous {
					if !f.triggers[e.trigger].name {
						tried += comparedWhole
					}
					to = f.literal(to, s, anchor-int(e.offset), e.trigger, u)
				}
			}
		}
		if anchor+2 > len(s) {
			continue
		}
		if !f.shorts[s[anchor]|0x20] {
			continue
		}
		pair := (uint16(s[anchor]) | uint16(s[anchor+1])<<8) | 0x2020
		for _, l := range f.short {
			if l.pair == pair {
				to = f.literal(to, s, anchor, l.trigger, u)
			}
		}
	}
	return to, tried
}

func (f *filter) literal(to []found, s string, at int, trigger uint16, u use) []found {
	if t := &f.triggers[trigger]; at >= 0 && t.matters(u) && t.begins(s, at) {
		to = append(to, found{at, trigger})
	}
	return to
}

// matters reports whether a literal is to be looked for.
func (t *trigger) matters(u use) bool { return t.find != nil || u == inAnything }

// isOver reports whether the literal that begins at at is no secret's for what follows it. s is the
// text and nothing else: in encoded messages what follows a text may be taken for a part of it.
func (t *trigger) isOver(s string, at int) bool {
	return t.unless != nil && t.unless(s, at+len(t.literal))
}

// begins reports whether the literal stands at at.
func (t *trigger) begins(s string, at int) bool {
	if at+len(t.literal) > len(s) {
		return false
	}
	if t.fold && !hasPrefixFold(s[at:], t.literal) || !t.fold &&
		s[at:at+len(t.literal)] != t.literal {
		return false
	}
	return t.only == nil || t.only(s, at+len(t.literal))
}

// isWord reports whether the text from lo to hi may be a word of the name that it is in. Words are
// cut at digits too.
func isWord(s string, lo, hi int) bool {
	if hi < len(s) && is(s[hi-1], letter) && (is(s[hi], lower) || s[hi] >= 0x80) {
		return false
	}
	return lo == 0 || !is(s[lo], lower) || !is(s[lo-1], letter) && s[lo-1] < 0x80 ||
		lo > 1 && s[lo-2] == '\\'
}

// inOrder adds what was found to what stands in order already, unless it is there. Literals are
// found nearly in order.
func inOrder(all []found, l found) []found {
	i := len(all)
	if i == 0 || all[i-1].at < l.at {
		return append(all, l)
	}
	for ; i > 0 && (all[i-1].at > l.at || all[i-1].at == l.at &&
		all[i-1].trigger >= l.trigger); i-- {
		if all[i-1] == l {
			return all
		}
	}
	return slices.Insert(all, i, l)
}
