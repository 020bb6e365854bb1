package redact

// sights is a set of what windows may hold, as sightOf has it, and of some more that has the same
// hash, with the bytes that may stand beside each.
type sights struct {
	held   [1 << sightBits / 64]uint64
	beside [1 << besideBits]flanks
}

const (
	sightBits  = 20
	besideBits = 14
)

// flanks says which kinds of bytes, see kindOfByte, may stand before a window and behind it.
type flanks struct{ before, behind uint32 }

// anyKind is what may stand where no byte is a literal's.
const anyKind = 1<<32 - 1

// kindOfByte tells bytes apart as far as matters beside windows: each lower letter is a kind of its
// own, all upper ones are another, and so on.
var kindOfByte = func() (kinds [256]uint8) {
	for b := range kinds {
		switch c := byte(b); {
		case is(c, lower):
			kinds[b] = c - 'a'
		case is(c, letter):
			kinds[b] = 26
		case is(c, digit):
			kinds[b] = 27
		case c == ' ':
			kinds[b] = 28
		case c == '_' || c == '-':
			kinds[b] = 29
		case c < ' ' || c >= 0x80:
			kinds[b] = 30
		default:
			kinds[b] = 31
		}
	}
	return kinds
}()

func kindsOfBytes(bytes []byte) (kinds uint32) {
	for _, b := range bytes {
		kinds |= 1 << kindOfByte[b]
	}
	return kinds
}

// What of a window is a literal's: all four bytes, or all but the first or the last one, which may
// be any. They are factors of hashes.
const (
	allFour    = 0x85EBCA6B
	lastThree  = 0xC2B2AE35
	firstThree = 0x27D4EB2F
)

// sightOf returns the four bytes of a window.
func sightOf(window string) uint32 {
	_ = window[windowBytes-1]
	return uint32(window[0]) | uint32(window[1])<<8 | uint32(window[2])<<16 | uint32(window[3])<<24
}

// besideOf returns where it stands what may stand beside these bytes, in either case.
func besideOf(bytes, part uint32) uint32 {
	return ((bytes | 0x20202020) ^ part) * 0x9E3779B1 >> (32 - besideBits)
}

func (t *sights) add(bytes, part uint32, b flanks) {
	h := bytes * part >> (32 - sightBits)
	t.held[h/64] |= 1 << (h % 64)
	all := &t.beside[besideOf(bytes, part)]
	all.before, all.behind = all.before|b.before, all.behind|b.behind
}

// holds returns 1 if these bytes may be in the set, and else 0.
func (t *sights) holds(bytes, part uint32) uint64 {
	h := bytes * part >> (32 - sightBits)
	return t.held[h/64] >> (h % 64) & 1
}

// mayStand reports whether the bytes beside these may be what stands beside them.
func (t *sights) mayStand(bytes, part uint32, b flanks) bool {
	may := &t.beside[besideOf(bytes, part)]
	return may.before&b.before != 0 && may.behind&b.behind != 0
}

// mayBegin reports whether the four bytes of s at at, the sight, may be those of a window, and what
// stands beside them too.
func (t *sights) mayBegin(s string, at int, sight uint32) bool {
	four, last, first := t.holds(sight, allFour), t.holds(sight>>8, lastThree),
		t.holds(sight&0xffffff, firstThree)
	if four|last|first == 0 {
		return false // as nearly always
	}
	b := flanks{anyKind, anyKind}
	if at > 0 {
		b.before = 1 << kindOfByte[s[at-1]]
	}
	if end := at + windowBytes; end < len(s) {
		b.behind = 1 << kindOfByte[s[end]]
	}
	return four != 0 && t.mayStand(sight, allFour, b) ||
		last != 0 && t.mayStand(sight>>8, lastThree, flanks{anyKind, b.behind}) ||
		first != 0 && t.mayStand(sight&0xffffff, firstThree,
			flanks{b.before, 1 << kindOfByte[sight>>24]})
}

// see adds what a window of a trigger's literal may hold.
func (t *sights) see(of *trigger, w *window) {
	before := kindsOfBytes(of.bytes(w.offset - 1))
	switch n := len(of.literal); {
	case n < 3: // of the bytes beside it one is taken for its own
		t.each(of, 0, 3, lastThree, flanks{anyKind, anyKind})
		t.each(of, 0, 3, firstThree, flanks{anyKind, anyKind})
	case w.offset < 0:
		t.each(of, 0, 3, lastThree, flanks{anyKind, kindsOfBytes(of.bytes(3))})
	case w.offset+windowBytes > n:
		t.each(of, w.offset, 3, firstThree, flanks{before, kindsOfBytes(of.bytes(n))})
	default:
		t.each(of, w.offset, windowBytes, allFour,
			flanks{before, kindsOfBytes(of.bytes(w.offset + windowBytes))})
	}
}

// each adds each of the spellings of n bytes from offset on.
func (t *sights) each(of *trigger, offset, n int, part uint32, b flanks) {
	all := []uint32{0}
	for i := range n {
		var longer []uint32
		for _, b := range of.bytes(offset + i) {
			for _, before := range all {
				longer = append(longer, before|uint32(b)<<(8*i))
			}
		}
		all = longer
	}
	for _, bytes := range all {
		t.add(bytes, part, b)
	}
}
