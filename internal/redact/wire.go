package redact

// The wire types of protobuf.
const (
	varintType = 0
	fixed64    = 1
	bytesType  = 2
	fixed32    = 5
)

// part is a field of an encoded message: its tag begins at begin; its length, if it has one, at
// length; its content is [lo, hi).
type part struct {
	number        uint64
	wireType      byte
	begin, length int
	lo, hi        int
}

// partAt reads the field that begins at at in a message that ends at end, and reports whether there
// is one.
func partAt(src string, at, end int) (p part, ok bool) {
	p.begin = at
	tag, n := varint(src, at, end)
	if n == 0 || tag>>3 == 0 {
		return p, false
	}
	p.number, p.wireType, p.length = tag>>3, byte(tag&7), at+n
	p.lo = p.length
	size := uint64(0)
	switch p.wireType {
	case varintType:
		_, n = varint(src, p.lo, end)
		if n == 0 {
			return p, false
		}
		size = uint64(n)
	case fixed64:
		size = 8
	case fixed32:
		size = 4
	case bytesType:
		if size, n = varint(src, p.lo, end); n == 0 {
			return p, false
		}
		p.lo += n
	default:
		return p, false
	}
	if size > uint64(end-p.lo) {
		return p, false
	}
	p.hi = p.lo + int(size)
	return p, true
}

// shortEnd returns where the field ends that begins at at, if it has a length of one byte or two
// and a number below 16: 0 otherwise.
func shortEnd(src string, at int) int {
	if at+2 >= len(src) || src[at] >= 0x80 || src[at]&7 != bytesType {
		return 0
	}
	n, more := int(src[at+1]), int(src[at+2])
	if n < 0x80 {
		return at + 2 + n
	}
	if more < 0x80 {
		return at + 3 + n&0x7f + more<<7
	}
	return 0
}

// varint reads the number that begins at at, and how many bytes it takes: none if it does not end
// before end.
func varint(src string, at, end int) (v uint64, n int) {
	if at < end && src[at] < 0x80 {
		return uint64(src[at]), 1
	}
	for ; at+n < end && n < 10; n++ {
		b := src[at+n]
		v |= uint64(b&0x7f) << (7 * n)
		if b < 0x80 {
			return v, n + 1
		}
	}
	return 0, 0
}

func appendVarint(to []byte, v uint64) []byte {
	for v >= 0x80 {
		to = append(to, byte(v)|0x80)
		v >>= 7
	}
	return append(to, byte(v))
}
