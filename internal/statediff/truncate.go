package statediff

import (
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"hash"
	"math"
	"math/bits"
	"strconv"
	"unicode/utf8"
)

// Cuts counts what a truncation cut, by type. What was inside something that was left out is not
// counted.
type Cuts struct{ Strings, Arrays, Objects, Numbers int }

// Any reports whether anything was cut.
func (c Cuts) Any() bool { return c != Cuts{} }

// Truncate returns src, one JSON value, in at most limit bytes of valid JSON. A src that is short
// enough, and UTF-8, is returned as it is. Otherwise the result is canonical and does not share
// memory with src. It keeps the shape: a string remains a string, an array an array, an object an
// object. Space is divided fairly from the top down: small values in a container stay whole, and
// the large ones get equal parts. Only if those parts would be too small to be useful are elements
// and members left out: elements from the middle, members by size. Each cut records the length, in
// bytes of UTF-8, and the SHA-256 of the original:
//
//   - a string keeps its beginning, up to a rune boundary, and ends with …[$truncated bytes=N
//     sha256=HEX], about the whole string;
//   - an array has, in place of what was left out,
//     {"$truncated":{"bytes":N,"elements":N,"sha256":"HEX"}}, about the canonical text of the whole
//     array, and its number of elements;
//   - an object likewise gets a member "$truncated":{"bytes":N,"members":N,"sha256":"HEX"}, which
//     replaces one of that name;
//   - a number of hundreds of digits becomes {"$truncated":{"bytes":N,"sha256":"HEX"}}.
//
// With less than 192 bytes there is no space for such a mark: the result is an empty value of the
// same type, or nothing with less than 2 bytes. The work is linear in the length of src. Errors are
// those of [Canonicalizer.Parse].
func Truncate(src []byte, limit int) ([]byte, Cuts, error) {
	if len(src) <= limit && utf8.Valid(src) {
		return src, Cuts{}, nil
	}
	var c Canonicalizer
	var d Document
	if err := c.Parse(&d, src); err != nil {
		return nil, Cuts{}, err
	}
	short, cuts := d.Truncate(nil, limit)
	return short, cuts, nil
}

// Truncate appends the document to dst, in at most limit bytes, as described for the function
// [Truncate].
func (d *Document) Truncate(dst []byte, limit int) ([]byte, Cuts) {
	if len(d.text) <= limit {
		return append(dst, d.text...), Cuts{}
	}
	if limit < 2 {
		return dst, Cuts{}
	}
	t := truncation{doc: d, dst: dst, hash: sha256.New()}
	t.w = bufio.NewWriter(t.hash)
	t.value(0, limit)
	return t.dst, t.cuts
}

const (
	markRoom = 192 // no mark takes more, including what belongs to it
	markText = 112 // maximal size of the mark of a string, including quotes
	useful   = 256 // minimal space for a value that is cut
	keptOf   = 64  // about how many large elements an array keeps when it is cut
)

type truncation struct {
	doc  *Document
	dst  []byte
	cuts Cuts
	hash hash.Hash
	w    *bufio.Writer // writes to hash
}

// value appends node i in at most room bytes.
func (t *truncation) value(i uint32, room int) {
	text := t.doc.at(i)
	if len(text) <= room {
		t.dst = append(t.dst, text...)
		return
	}
	switch kind := text[0]; {
	case kind == '[':
		t.array(i, room)
	case kind == '{':
		t.object(i, room)
	case kind == '"':
		t.cuts.Strings++
		t.str(text, room)
	default:
		t.cuts.Numbers++
		if room < markRoom {
			t.dst = append(t.dst, '0')
			return
		}
		t.dst = append(t.dst, '{')
		t.mark(text, "", 0)
		t.dst = append(t.dst, '}')
	}
}

func (t *truncation) str(text []byte, room int) {
	t.dst = append(t.dst, '"')
	if inside := text[1 : len(text)-1]; room >= markRoom {
		t.dst = append(t.dst, inside[:boundary(inside, room-markText)]...)
		t.hash.Reset()
		n := writeUnescaped(t.w, inside)
		t.w.Flush()
		t.dst = append(t.dst, "…[$truncated bytes="...)
		t.dst = strconv.AppendInt(t.dst, int64(n), 10)
		t.dst = append(t.dst, " sha256="...)
		t.sum()
		t.dst = append(t.dst, ']')
	}
	t.dst = append(t.dst, '"')
}

// boundary returns the last position, at most n, at which the inside of a canonical string can be
// cut.
func boundary(text []byte, n int) int {
	at := 0
	for {
		k, _ := plain(text[:n], at)
		if k < n {
			_, escape := unescaped(text[k:])
			if k+escape <= n {
				at = k + escape
				continue
			}
			return k
		}
		for k > at && text[k]&0xc0 == 0x80 {
			k--
		}
		return k
	}
}

// writeUnescaped writes the unescaped inside of a canonical string, and returns its length.
func writeUnescaped(w *bufio.Writer, text []byte) (n int) {
	for {
		k, _ := plain(text, 0)
		w.Write(text[:k])
		if n += k; k == len(text) {
			return n
		}
		b, escape := unescaped(text[k:])
		w.WriteByte(b)
		n, text = n+1, text[k+escape:]
	}
}

// sum appends the hash.
func (t *truncation) sum() {
	var sum [sha256.Size]byte
	t.dst = hex.AppendEncode(t.dst, t.hash.Sum(sum[:0]))
}

// mark appends the member that describes what was cut: its text, and n as its number of what,
// unless what is empty.
func (t *truncation) mark(text []byte, what string, n int) {
	t.hash.Reset()
	t.hash.Write(text)
	t.dst = append(t.dst, `"$truncated":{"bytes":`...)
	t.dst = strconv.AppendInt(t.dst, int64(len(text)), 10)
	if what != "" {
		t.dst = append(append(append(t.dst, `,"`...), what...), `":`...)
		t.dst = strconv.AppendInt(t.dst, int64(n), 10)
	}
	t.dst = append(t.dst, `,"sha256":"`...)
	t.sum()
	t.dst = append(t.dst, `"}`...)
}

// shares computes how much space each of many values gets. Lengths are counted by their number of
// bits.
type shares struct{ count, sum [33]int }

func (s *shares) add(size int) {
	k := min(bits.Len(uint(size)), len(s.count)-1)
	s.count[k]++
	s.sum[k] += size
}

// each returns approximately the largest length to which values can be cut so that all take at most
// room.
func (s *shares) each(room int) int {
	left := 0
	for _, n := range s.count {
		left += n
	}
	for k, n := range s.count {
		if n == 0 {
			continue
		}
		if part := room / left; part < 1<<k {
			return max(0, part)
		}
		room, left = room-s.sum[k], left-n
	}
	return math.MaxInt
}

func (t *truncation) array(i uint32, room int) {
	var s shares
	n := 0
	for e := t.doc.entries(i); e.more(); e.advance() {
		s.add(t.doc.size(e.node))
		n++
	}
	t.dst = append(t.dst, '[')
	if each := s.each(room - 1 - n); each >= useful {
		for e := t.doc.entries(i); e.more(); e.advance() {
			t.value(e.node, each)
			t.dst = append(t.dst, ',')
		}
		t.dst[len(t.dst)-1] = ']'
		return
	}
	t.cuts.Arrays++
	if room >= markRoom {
		t.middleOut(i, n, room-markRoom)
	}
	t.dst = append(t.dst, ']')
}

// middleOut appends as many elements from the beginning and from the end of array i as fit into
// room, with the mark between them.
func (t *truncation) middleOut(i uint32, n, room int) {
	each := max(useful, room/keptOf)
	cost := func(node uint32) int { return 1 + min(t.doc.size(node), each) }
	total := 0
	for e := t.doc.entries(i); e.more(); e.advance() {
		total += cost(e.node)
	}
	e, used := t.doc.entries(i), 0
	for ; e.more() && used+cost(e.node) <= room/2; e.advance() {
		used += cost(e.node)
		total -= cost(e.node)
		t.value(e.node, each)
		t.dst = append(t.dst, ',')
	}
	t.dst = append(t.dst, '{')
	t.mark(t.doc.at(i), "elements", n)
	t.dst = append(t.dst, '}')
	for ; e.more() && total > room-used; e.advance() {
		total -= cost(e.node)
	}
	for ; e.more(); e.advance() {
		t.dst = append(t.dst, ',')
		t.value(e.node, each)
	}
}

func (t *truncation) object(i uint32, room int) {
	var s shares
	n, keys := 0, 0
	for e := t.doc.entries(i); e.more(); e.advance() {
		s.add(t.doc.size(e.node))
		keys += keyCost(e)
		n++
	}
	t.dst = append(t.dst, '{')
	if each := s.each(room - 1 - keys); each >= useful {
		for e := t.doc.entries(i); e.more(); e.advance() {
			t.member(e, each)
		}
		t.dst[len(t.dst)-1] = '}'
		return
	}
	t.cuts.Objects++
	if room >= markRoom {
		t.largestOut(i, n, room-markRoom)
	}
	t.dst = append(t.dst, '}')
}

// keyCost returns the size of a member without its value.
func keyCost(e cursor) int {
	key := e.key()
	return int(key.end-key.start) + len(":,")
}

// member appends a member, its value in at most room bytes, and a comma.
func (t *truncation) member(e cursor, room int) {
	t.dst = append(append(t.dst, t.doc.span(e.key())...), ':')
	t.value(e.node, room)
	t.dst = append(t.dst, ',')
}

// largestOut appends as many members of object i as fit into room, preferring the smaller ones,
// with the mark where its name belongs.
func (t *truncation) largestOut(i uint32, n, room int) {
	const name = `"$truncated"`
	each := max(useful, room/keptOf)
	var s shares
	cost := func(e cursor) int { return keyCost(e) + min(t.doc.size(e.node), each) }
	for e := t.doc.entries(i); e.more(); e.advance() {
		s.add(cost(e))
	}
	whole := 0 // members of fewer length bits are kept whole, those of as many while there is room
	for ; whole < len(s.sum) && s.sum[whole] <= room; whole++ {
		room -= s.sum[whole]
	}
	marked := false
	for e := t.doc.entries(i); e.more(); e.advance() {
		order := compareKeys(t.doc.span(e.key()), []byte(name))
		if order >= 0 && !marked {
			marked = true
			t.mark(t.doc.at(i), "members", n)
			t.dst = append(t.dst, ',')
		}
		c := cost(e)
		switch size := bits.Len(uint(c)); {
		case order == 0 || size > whole || size == whole && c > room:
			continue
		case size == whole:
			room -= c
		}
		t.member(e, each)
	}
	if !marked {
		t.mark(t.doc.at(i), "members", n)
		return
	}
	t.dst = t.dst[:len(t.dst)-1]
}
