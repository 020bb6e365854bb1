package redact

import (
	"math"
)

// window is four bytes in a row of which at least two are a trigger's: each of the four is one of a set.
type window struct {
	offset int // in the literal; -1 is the byte before it
	first  []uint16
	second []uint16 // pairs, the first byte is the low one
}

// windowsOf returns the windows that a trigger may be found by, on even and on odd offsets.
func windowsOf(t *trigger) (even, odd []window) {
	for offset := -1; offset <= max(0, len(t.literal)-3); offset++ {
		w := window{offset, t.pairs(offset), t.pairs(offset + 2)}
		if offset&1 == 0 {
			even = append(even, w)
		} else {
			odd = append(odd, w)
		}
	}
	return even, odd
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

// put adds one of the windows to the bucket in which it does the least harm, and returns it.
func (b *buckets) put(windows []window) window {
	var bucket, chosen int
	var added [2]float64
	least := math.Inf(1)
	for i := range windows {
		for k := range b.shares {
			more := [2]float64{absent(&b.first[k], windows[i].first), absent(&b.second[k], windows[i].second)}
			s := b.shares[k]
			if harm := (s[0]+more[0])*(s[1]+more[1]) - s[0]*s[1]; harm < least {
				bucket, chosen, added, least = k, i, more, harm
			}
		}
	}
	b.shares[bucket][0] += added[0]
	b.shares[bucket][1] += added[1]
	w := windows[chosen]
	for _, p := range w.first {
		b.first[bucket][p>>6] |= 1 << (p & 63)
	}
	for _, p := range w.second {
		b.second[bucket][p>>6] |= 1 << (p & 63)
	}
	return w
}

// absent returns the share of the pairs that are not in the set.
func absent(set *[1 << 16 / 64]uint64, pairs []uint16) (sum float64) {
	for _, p := range pairs {
		if set[p>>6]>>(p&63)&1 == 0 {
			sum += share(p)
		}
	}
	return sum
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

// share is how much of the texts that come by a pair is, by a rough guess that knows of English, of names, and of random letters.
func share(p uint16) float64 {
	a, b := byte(p), byte(p>>8)
	switch {
	case is(a, lower) && is(b, lower):
		return letterPairs[a-'a'][b-'a']
	case is(a, alnum) && is(b, alnum):
		return 1.0 / 4096
	case a < ' ' || b < ' ' || a >= 0x80 || b >= 0x80:
		return 1.0 / 8192
	case a == ' ' || b == ' ':
		return 1.0 / 140
	case a == '_' || b == '_':
		return 1.0 / 600
	}
	return 1.0 / 2048
}
