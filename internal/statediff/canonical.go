package statediff

import (
	"errors"
	"fmt"
	"slices"
)

// Limits on the input of a [Canonicalizer].
const (
	// MaxDepth is how deep containers may be nested. A state that is nested deeper is a mistake,
	// and overflows the stack of browsers.
	MaxDepth = 1000
	// MaxBytes is how long the source may be, in bytes. Its canonical form is at most about five
	// times as long (1e20 is written out), so offsets fit into 32 bits.
	MaxBytes = 512 << 20
)

// Errors that say why something is not acceptable JSON. They are wrapped, with the position.
var (
	ErrSyntax   = errors.New("statediff: not valid JSON")
	ErrTooDeep  = fmt.Errorf("statediff: nested deeper than %d", MaxDepth)
	ErrTooLarge = fmt.Errorf("statediff: longer than %d bytes", MaxBytes)
)

// Canonicalizer turns JSON into canonical [Document]s. The zero value is ready to use. It keeps the
// memory that it needed, and serves one goroutine at a time.
type Canonicalizer struct {
	src []byte
	i   int // index of the next byte of src
	// src[run:i] is canonical as it is and follows text, to which it is copied as late as possible
	run int
	doc *Document

	known *Document // a document of which src probably repeats much, or nil
	like  stretch   // the stretch of src and of known's text last found to be the same

	compared int // bytes compared since the beginning: the work is bounded

	spare Document // what was read but is not yet in order
	order []member
	own   Document
	made  []byte // used by Apply
}

// unordered marks, in node.next, a container with keys that are out of order somewhere inside. Only
// the canonicalizer uses it.
const unordered = 1 << 31

// Parse fills d with the canonical form of src, one JSON value. The form is that of RFC 8785, with
// these choices where JSON or the RFC leaves one:
//
//   - If a key occurs twice, the last value counts, as for JSON.parse and encoding/json.
//   - Lone surrogates in escapes and bytes that are not UTF-8 become U+FFFD, as in encoding/json.
//     The RFC would reject the state. This way it is sent, and because everything sent is
//     canonical, all readers agree about it.
//   - Whole numbers beyond 2^53 keep their digits, and numbers beyond the largest double their
//     text, where the RFC would round or reject them; [Document.Verifiable] then returns false. All
//     other numbers are doubles, formatted as in ECMAScript.
//
// On an error, which wraps [ErrSyntax], [ErrTooDeep] or [ErrTooLarge], d is empty. d does not refer
// to src afterwards.
func (c *Canonicalizer) Parse(d *Document, src []byte) error { return c.ParseAfter(d, src, nil) }

// ParseAfter is [Canonicalizer.Parse] for a src that is probably similar to last, such as the next
// state of a thread. A value that is at the same place in last is compared instead of being read
// again. The result is the same. last may be nil, but must not be d.
func (c *Canonicalizer) ParseAfter(d *Document, src []byte, last *Document) error {
	if len(src) > MaxBytes {
		d.Reset()
		return fmt.Errorf("%w: %d", ErrTooLarge, len(src))
	}
	c.src, c.i, c.run, c.doc = src, 0, 0, d
	d.grow(len(src), last)
	twin := none
	if last != nil && !last.Empty() {
		c.known, c.like, twin = last, stretch{}, 0
	}
	err := c.whole(twin)
	c.src, c.doc, c.known = nil, nil, nil
	if err != nil {
		d.Reset()
		return err
	}
	if d.nodes[0].next&unordered != 0 {
		c.spare.grow(len(d.text), d)
		c.inOrder(&c.spare, d, 0)
		*d, c.spare = c.spare, *d
	}
	return nil
}

// Append appends the canonical form of src to dst, as [Canonicalizer.Parse] makes it. On an error,
// it returns dst unchanged.
func (c *Canonicalizer) Append(dst, src []byte) ([]byte, error) {
	if err := c.Parse(&c.own, src); err != nil {
		return dst, err
	}
	return append(dst, c.own.text...), nil
}

// Canonical appends the canonical form of src to dst. It is [Canonicalizer.Append] for a single
// use.
func Canonical(dst, src []byte) ([]byte, error) { return new(Canonicalizer).Append(dst, src) }

func (c *Canonicalizer) whole(twin uint32) error {
	if _, err := c.value(0, twin); err != nil {
		return err
	}
	c.space()
	if c.i < len(c.src) {
		return c.bad("a second value")
	}
	c.flush()
	return nil
}

// flush copies the pending run.
func (c *Canonicalizer) flush() {
	c.doc.text = append(c.doc.text, c.src[c.run:c.i]...)
	c.run = c.i
}

// here returns the position of the next byte in the canonical text.
func (c *Canonicalizer) here() uint32 { return uint32(len(c.doc.text) + c.i - c.run) }

// space skips white space, of which the canonical text has none.
func (c *Canonicalizer) space() {
	if c.i >= len(c.src) || c.src[c.i] > ' ' {
		return
	}
	c.flush()
	for c.i < len(c.src) && (c.src[c.i] == ' ' || c.src[c.i] == '\n' || c.src[c.i] == '\t' ||
		c.src[c.i] == '\r') {
		c.i++
	}
	c.run = c.i
}

// is reports whether the next byte that is not white space is b, and skips it if so.
func (c *Canonicalizer) is(b byte) bool {
	c.space()
	if c.i < len(c.src) && c.src[c.i] == b {
		c.i++
		return true
	}
	return false
}

func (c *Canonicalizer) bad(what string) error {
	if c.i >= len(c.src) {
		what = "end of input"
	}
	return fmt.Errorf("%w: %s at byte %d", ErrSyntax, what, c.i)
}

// value reads a value. It returns the unordered mark if keys of the value, or of one inside, are
// out of order. twin is the node of the known document at the same place, or none.
func (c *Canonicalizer) value(depth int, twin uint32) (mark uint32, err error) {
	c.space()
	if c.i >= len(c.src) {
		return 0, c.bad("")
	}
	if depth > MaxDepth {
		return 0, fmt.Errorf("%w at byte %d", ErrTooDeep, c.i)
	}
	if twin != none && c.repeats(twin) {
		c.skip(twin)
		return 0, nil
	}
	n := len(c.doc.nodes)
	if n == cap(c.doc.nodes) {
		// append alone would copy a long index four times
		c.doc.nodes = slices.Grow(c.doc.nodes, n+16)
	}
	c.doc.nodes = append(c.doc.nodes, node{start: c.here()})
	switch b := c.src[c.i]; b {
	case '{':
		mark, err = c.object(depth, twin)
	case '[':
		mark, err = c.array(depth, twin)
	case '"':
		_, err = c.str()
	case 't':
		err = c.literal("true")
	case 'f':
		err = c.literal("false")
	case 'n':
		err = c.literal("null")
	default:
		if b != '-' && b-'0' > 9 {
			return 0, c.bad("no value")
		}
		err = c.number()
	}
	c.doc.nodes[n].end = c.here()
	c.doc.nodes[n].next = uint32(len(c.doc.nodes)) | mark
	return mark, err
}

func (c *Canonicalizer) literal(word string) error {
	if len(c.src)-c.i < len(word) || string(c.src[c.i:c.i+len(word)]) != word {
		return c.bad("an unknown word")
	}
	c.i += len(word)
	return nil
}

func (c *Canonicalizer) array(depth int, twin uint32) (mark uint32, err error) {
	c.i++
	twins := c.inside(twin, '[')
	if c.is(']') {
		return 0, nil
	}
	for {
		m, err := c.value(depth+1, c.element(&twins))
		if err != nil {
			return 0, err
		}
		mark |= m
		if c.is(']') {
			return mark, nil
		}
		if !c.is(',') {
			return 0, c.bad("neither , nor ]")
		}
	}
}

func (c *Canonicalizer) object(depth int, twin uint32) (mark uint32, err error) {
	c.i++
	twins, steps := c.inside(twin, '{'), maxSteps
	if c.is('}') {
		return 0, nil
	}
	var last []byte
	for {
		c.space()
		if c.i >= len(c.src) || c.src[c.i] != '"' {
			return 0, c.bad("no key")
		}
		key, err := c.str()
		if err != nil {
			return 0, err
		}
		if last != nil && compareKeys(last, key) >= 0 {
			mark = unordered
			// the known keys are in order, so the twin of this one is further ahead
			twins = c.inside(twin, '{')
		}
		last = key
		member := c.member(&twins, key, &steps)
		if !c.is(':') {
			return 0, c.bad("no : after a key")
		}
		m, err := c.value(depth+1, member)
		if err != nil {
			return 0, err
		}
		mark |= m
		if c.is('}') {
			return mark, nil
		}
		if !c.is(',') {
			return 0, c.bad("neither , nor }")
		}
	}
}
