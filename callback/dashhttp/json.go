package dashhttp

import (
	"bytes"
	"encoding/json"
	"strings"
	"unicode/utf8"
)

// place is a place in a JSON document that something is known of. The elements of an array are at
// the array's place.
type place struct {
	value  field // what a string, number or literal here is; 0 for nothing
	ends   field // what the end of an object here is; 0 for nothing
	within map[string]*place
}

// in is the place of objects with these members.
func in(members map[string]*place) *place { return &place{within: members} }

// is is the place of a value.
func is(f field) *place { return &place{value: f} }

// sink is told of what stands at places that have a field. A string is as it stands in the
// document, without quotes and with its escapes; it is cut where it is longer than the scanner's
// limit, and only valid during the call.
type sink interface {
	value(f field, text []byte, quoted bool)
	end(f field)
}

const (
	// maxDepth is how deep objects and arrays are followed. What is deeper is passed over.
	maxDepth = 16
	// maxKey is longer than every key that a place knows.
	maxKey = 40
	// maxLiteral is longer than every number that counts.
	maxLiteral = 24
)

// scanner reads a JSON document that comes in pieces and tells a sink what stands at the places of
// a tree. It checks nothing: what is not JSON gives other values, or none. It holds one value at
// most, cut at its limit, and its time is linear in what it reads.
type scanner struct {
	root  *place
	sink  sink
	limit int // of the bytes of a string

	stack   [maxDepth]frame
	depth   int // also of what is not on the stack
	at      *place
	text    []byte // the string or literal that is being read, if it is at a place
	keeps   int    // the most bytes of it that are kept; 0 if it is at none
	state   scanning
	key     bool // the next string is a key
	escaped bool // the byte before, in a string, was a backslash
	opened  bool // an object or array has begun
}

type frame struct {
	at    *place
	array bool
}

type scanning uint8

const (
	outside scanning = iota
	inString
	inLiteral
)

// reset prepares for another document.
func (s *scanner) reset() {
	s.depth, s.at, s.text, s.keeps, s.state = 0, s.root, s.text[:0], 0, outside
	s.key, s.escaped, s.opened = false, false, false
}

// complete reports whether an object or array has been read to its end.
func (s *scanner) complete() bool { return s.opened && s.depth == 0 }

// feed reads on.
func (s *scanner) feed(p []byte) {
	for len(p) > 0 {
		switch s.state {
		case inString:
			p = s.inString(p)
		case inLiteral:
			p = s.inLiteral(p)
		default:
			p = s.outside(p)
		}
	}
}

// outside reads to the beginning of the next string or literal.
func (s *scanner) outside(p []byte) []byte {
	for i, c := range p {
		switch c {
		case ' ', '\t', '\n', '\r':
		case '{', '[':
			s.open(c == '[')
		case '}', ']':
			s.close(c == '}')
		case ',':
			s.next()
		case ':':
			s.key = false
		case '"':
			s.state, s.text, s.keeps = inString, s.text[:0], s.room()
			return p[i+1:]
		default:
			s.state, s.text, s.keeps = inLiteral, s.text[:0], 0
			if s.at != nil && s.at.value != 0 {
				s.keeps = maxLiteral
			}
			return p[i:]
		}
	}
	return nil
}

// room is how many bytes of the string that begins are kept.
func (s *scanner) room() int {
	switch {
	case s.key && s.frame().at != nil:
		return maxKey
	case !s.key && s.at != nil && s.at.value != 0:
		return s.limit
	}
	return 0
}

// frame is the innermost object or array, a frame of no place if that is not followed.
func (s *scanner) frame() frame {
	if s.depth == 0 || s.depth > maxDepth {
		return frame{}
	}
	return s.stack[s.depth-1]
}

func (s *scanner) open(array bool) {
	if s.depth < maxDepth {
		s.stack[s.depth] = frame{at: s.at, array: array}
	} else {
		s.at = nil
	}
	s.depth++
	s.opened = true
	s.key = !array
	if !array {
		s.at = nil
	}
}

func (s *scanner) close(object bool) {
	if s.depth == 0 {
		return
	}
	if f := s.frame(); object && f.at != nil && f.at.ends != 0 {
		s.sink.end(f.at.ends)
	}
	s.depth--
	s.next()
}

// next is behind a value.
func (s *scanner) next() {
	s.at, s.key = nil, false
	if s.depth == 0 || s.depth > maxDepth {
		return
	}
	if f := s.frame(); f.array {
		s.at = f.at
	} else {
		s.key = true
	}
}

// inString reads to the end of the string.
func (s *scanner) inString(p []byte) []byte {
	begin := 0
	if s.escaped {
		s.escaped, begin = false, 1
	}
	short := min(len(p), begin+shortString)
	for i := begin; i < short && p[i] != '\\'; i++ {
		if p[i] == '"' {
			s.keep(p[:i])
			s.state = outside
			s.endString()
			return p[i+1:]
		}
	}
	for i := begin; i < len(p); {
		n := bytes.IndexByte(p[i:], '"')
		whole := n >= 0
		if !whole {
			n = len(p) - i
		}
		// A quote behind a backslash is not the end. Looking only between here and the quote, no
		// byte is looked at more than twice.
		end := i + n
		for i < end {
			b := bytes.IndexByte(p[i:end], '\\')
			if b < 0 {
				break
			}
			i += b + 2
		}
		switch {
		case i > end && end == len(p):
			s.escaped = true
		case i > end:
			continue // the quote was escaped
		case whole:
			s.keep(p[:end])
			s.state = outside
			s.endString()
			return p[end+1:]
		}
		break
	}
	s.keep(p)
	return nil
}

// shortString is how many bytes of a string are looked at one by one, which is faster for most.
const shortString = 24

// keep adds to the value that is being read, as far as it is kept.
func (s *scanner) keep(p []byte) {
	if s.keeps == 0 {
		return
	}
	if room := s.keeps - len(s.text); room > 0 {
		s.text = append(s.text, p[:min(room, len(p))]...)
	}
}

func (s *scanner) endString() {
	if s.key {
		s.at = nil
		if s.keeps > 0 {
			s.at = s.frame().at.within[string(s.text)]
		}
		return
	}
	if s.keeps > 0 {
		s.sink.value(s.at.value, s.text, true)
	}
}

// inLiteral reads to the end of a number or name.
func (s *scanner) inLiteral(p []byte) []byte {
	n := 0
	for n < len(p) && !endsLiteral[p[n]] {
		n++
	}
	s.keep(p[:n])
	if n < len(p) {
		s.state = outside
		if s.keeps > 0 {
			s.sink.value(s.at.value, s.text, false)
		}
	}
	return p[n:]
}

var endsLiteral = [256]bool{' ': true, '\t': true, '\n': true, '\r': true, ',': true, ':': true,
	'{': true, '}': true, '[': true, ']': true, '"': true}

// appendUnquoted appends the text of a JSON string that may be cut.
func appendUnquoted(to, raw []byte) []byte {
	if bytes.IndexByte(raw, '\\') < 0 {
		return append(to, raw...)
	}
	return append(to, unquote(raw)...)
}

// unquote returns the text of a JSON string that may be cut.
func unquote(raw []byte) string {
	if bytes.IndexByte(raw, '\\') < 0 {
		return string(raw)
	}
	for end := len(raw); ; end-- { // what is cut off at the end may be the rest of an escape
		var text string
		quoted := make([]byte, 0, end+2)
		quoted = append(append(append(quoted, '"'), raw[:end]...), '"')
		if json.Unmarshal(quoted, &text) == nil {
			return text
		}
		if end == 0 || len(raw)-end > maxEscape {
			return strings.ToValidUTF8(string(raw), string(utf8.RuneError))
		}
	}
}

// maxEscape is the length of the longest escape: that of a surrogate pair.
const maxEscape = 12

// count returns a count of tokens; 0 for what is none.
func count(text []byte) int {
	const most = 1 << 28 // the sum of several is an int on every machine
	n := int64(0)
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0
		}
		if n = n*10 + int64(c-'0'); n > most {
			return most
		}
	}
	return int(n)
}
