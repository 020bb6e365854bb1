package statediff

import "bytes"

// compareKeys orders two keys, canonical strings with their quotes, by the UTF-16 code units of
// their content, as RFC 8785 requires. That is the order of the bytes, except beyond the basic
// plane: its surrogates come before U+E000 to U+FFFF.
func compareKeys(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	if bytes.IndexByte(a, '\\') < 0 && bytes.IndexByte(b, '\\') < 0 {
		return compareUTF16(a[1:len(a)-1], b[1:len(b)-1])
	}
	var x, y [64]byte
	return compareUTF16(appendUnquoted(x[:0], a), appendUnquoted(y[:0], b))
}

func compareUTF16(a, b []byte) int {
	for i := range min(len(a), len(b)) {
		if x, y := a[i], b[i]; x != y {
			// the lead bytes from U+10000 and from U+E000 on
			const supplementary, private = 0xf0, 0xee
			if x >= private && y >= private && (x >= supplementary) != (y >= supplementary) {
				x, y = y, x
			}
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

// appendPointer appends a key, a canonical string with its quotes, as a reference token of a JSON
// pointer, with the preceding slash.
func appendPointer(dst, key []byte) []byte {
	dst = append(dst, '/')
	at := len(dst)
	dst = appendUnquoted(dst, key)
	special := bytes.Count(dst[at:], []byte{'~'}) + bytes.Count(dst[at:], []byte{'/'})
	if special == 0 {
		return dst
	}
	from := len(dst) - 1
	dst = append(dst, make([]byte, special)...)
	for to := len(dst) - 1; from < to; from, to = from-1, to-1 { // backwards, because it grows
		switch dst[from] {
		case '~':
			dst[to-1], dst[to] = '~', '0'
			to--
		case '/':
			dst[to-1], dst[to] = '~', '1'
			to--
		default:
			dst[to] = dst[from]
		}
	}
	return dst
}
