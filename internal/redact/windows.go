package redact

import "slices"

// window is four bytes in a row of which at least two are a trigger's: each of the four is one of a set.
type window struct {
	offset int // in the literal; -1 is the byte before it
	first  []uint16
	second []uint16 // pairs, the first byte is the low one
}

// windowsOf returns the rarest window of a trigger on even offsets, and the rarest on odd ones.
func windowsOf(t *trigger) [2]window {
	var best [2]window
	least := [2]float64{2, 2}
	for offset := -1; offset <= max(0, len(t.literal)-3); offset++ {
		w := window{offset, t.pairs(offset), t.pairs(offset + 2)}
		if c, odd := share(w.first)*share(w.second), offset&1; c < least[odd] {
			best[odd], least[odd] = w, c
		}
	}
	return best
}

// pairs returns the pairs that may stand at an offset, where any byte may stand outside of the literal.
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
	if offset < 0 || offset >= len(t.literal) {
		return everyByte
	}
	b := t.literal[offset]
	if t.fold && is(b, lower) {
		return []byte{b, b - 'a' + 'A'}
	}
	return []byte{b}
}

var everyByte = func() (all []byte) {
	for b := range 256 {
		all = append(all, byte(b))
	}
	return all
}()

// buckets deals windows out so that pairs of different windows seldom come together by chance.
type buckets struct {
	first, second [8][1 << 16 / 64]uint64 // sets of pairs
	shares        [8][2]float64           // how common the pairs of each set are
}

// put adds a window to the bucket in which it does the least harm.
func (b *buckets) put(w window) {
	best, least := 0, 2.0
	for i := range b.shares {
		was := b.shares[i]
		now := [2]float64{was[0] + share(fresh(&b.first[i], w.first)), was[1] + share(fresh(&b.second[i], w.second))}
		if more := now[0]*now[1] - was[0]*was[1]; more < least {
			best, least = i, more
		}
	}
	b.shares[best][0] += share(fresh(&b.first[best], w.first))
	b.shares[best][1] += share(fresh(&b.second[best], w.second))
	for _, p := range w.first {
		b.first[best][p>>6] |= 1 << (p & 63)
	}
	for _, p := range w.second {
		b.second[best][p>>6] |= 1 << (p & 63)
	}
}

// fresh returns the pairs that are not in the set.
func fresh(set *[1 << 16 / 64]uint64, pairs []uint16) []uint16 {
	if !slices.ContainsFunc(pairs, func(p uint16) bool { return set[p>>6]>>(p&63)&1 != 0 }) {
		return pairs
	}
	return slices.DeleteFunc(slices.Clone(pairs), func(p uint16) bool { return set[p>>6]>>(p&63)&1 != 0 })
}

// fill writes the sets in the form that [filter.next] reads.
func (b *buckets) fill(pairs *[1 << 16]uint16) {
	for i := range b.first {
		for p := range pairs {
			pairs[p] |= uint16(b.first[i][p>>6]>>(p&63)&1)<<(8+i) | uint16(b.second[i][p>>6]>>(p&63)&1)<<i
		}
	}
}

// commonPairs are the pairs of letters that make up most of English, the commonest first.
const commonPairs = "th he in er an re on at en nd ti es or te of ed is it al ar st to nt ng se ha as ou io le ve co me de hi ri ro ic ne ea ra ce li ch ll " +
	"be ma si om ur ca el ta la ns di fo ho pe ec pr no ct us ac ot il tr ly nc et ut ss so rs un lo wa ge ie wh ee wi em ad ol rt po we na ul ni ts mo ow pa " +
	"im mi ai sh ir su id os iv ia am fi ci vi pl ig tu ev ld ry mp fe bl ab gh ty op wo sa ay ex ke ui fr oo ag if ap sp cl bo od ck gr do up bu br qu ef"

// letterPairs are the shares of pairs of letters, in either case, the first one the row.
var letterPairs = func() (t [26][26]float64) {
	for a := range t {
		for b := range t[a] {
			t[a][b] = 1.0 / 4096
		}
	}
	for i := 0; i+2 <= len(commonPairs); i += 3 {
		t[commonPairs[i]-'a'][commonPairs[i+1]-'a'] = 0.25 / float64(i/3+10) // nearly Zipf's law
	}
	return t
}()

// share is how much of the texts that come by these pairs are, by a rough guess that knows of English, of names, and of random letters.
func share(pairs []uint16) (sum float64) {
	for _, p := range pairs {
		a, b := byte(p), byte(p>>8)
		switch {
		case is(a, lower) && is(b, lower):
			sum += letterPairs[a-'a'][b-'a']
		case is(a, alnum) && is(b, alnum):
			sum += 1.0 / 4096
		case a < ' ' || b < ' ' || a >= 0x80 || b >= 0x80:
			sum += 1.0 / 8192
		case a == ' ' || b == ' ':
			sum += 1.0 / 140
		case a == '_' || b == '_':
			sum += 1.0 / 600
		default:
			sum += 1.0 / 2048
		}
	}
	return sum
}
