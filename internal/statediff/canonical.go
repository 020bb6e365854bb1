package statediff

import (
	"errors"
	"fmt"
	"slices"
)

// Limits on what a [Canonicalizer] takes.
const (
	// MaxDepth is how deep containers may be nested: a state that is nested deeper is a mistake,
	// and browsers overflow their stacks on it.
	MaxDepth = 1000
	// MaxBytes is how long the source may be, in bytes. Its canonical form is at most some five
	// times as long (1e20 is written out), so offsets fit 32 bits.
	MaxBytes = 512 << 20
)

// Errors that say why something could not be taken as JSON. They come wrapped, with the position.
var (
	ErrSyntax   = errors.New("statediff: not valid JSON")
	ErrTooDeep  = fmt.Errorf("statediff: nested deeper than %d", MaxDepth)
	ErrTooLarge = fmt.Errorf("statediff: longer than %d bytes", MaxBytes)
)

// Canonicalizer turns JSON into canonical [Document]s. The zero value is ready. It keeps what
// memory it needed and is for one goroutine at a time.
type Canonicalizer struct {
	src []byte
	i   int // the next byte of src to look at
	// src[run:i] is canonical as it stands, and follows text, to which it is copied as late as
	// possible
	run int
	doc *Document

	known *Document // of which src is likely to repeat much, or nil
	like  stretch   // what of src and of known's text was found to be the same last

	compared int // bytes, since the beginning: the work has a bound

	spare Document // what was read but is not in order yet
	order []member
	own   Document
	made  []byte // by Apply
}

// unordered marks, in node.next, a container with keys that are not in order somewhere inside. Only
// the canonicalizer sees it.
const unordered = 1 << 31

// Parse fills d with the canonical form of src, one JSON value: RFC 8785, with these choices where
// JSON leaves one or the RFC ends.
//
//   - Of the values of a key that occurs twice the last counts, as for JSON.parse and for
//     encoding/json.
//   - What is not Unicode, lone surrogates in escapes and bytes that are not UTF-8, becomes U+FFFD,
//     as encoding/json does it. The RFC would refuse the state; so it is sent, and as all that is
//     sent is canonical, every reader agrees about it.
//   - Whole numbers keep their digits beyond 2^53, and numbers beyond the largest double their
//     text, where the RFC would round or refuse; [Document.Verifiable] then says no. All other
//     numbers are doubles, and stand as ECMAScript prints them.
//
// On an error, which wraps [ErrSyntax], [ErrTooDeep] or [ErrTooLarge], d is empty. d does not refer
// to src afterwards.
func (c *Canonicalizer) Parse(d *Document, src []byte) error { return c.ParseAfter(d, src, nil) }

// ParseAfter is [Canonicalizer.Parse] for a src that is likely to say much that last says, such as
// the next state of a thread: a value that stands at the same place in last is compared and not
// read again. It makes no other difference. last may be nil, but must not be d.
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

// Append appends the canonical form of src to dst, as [Canonicalizer.Parse] makes it. On an error
// dst is returned as it was.
func (c *Canonicalizer) Append(dst, src []byte) ([]byte, error) {
	if err := c.Parse(&c.own, src); err != nil {
		return dst, err
	}
	return append(dst, c.own.text...), nil
}

// Canonical appends the canonical form of src to dst. It is [Canonicalizer.Append] for those who do
// it once.
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

// here returns where in the canonical text the next byte will stand.
func (c *Canonicalizer) here() uint32 { return uint32(len(c.doc.text) + c.i - c.run) }

// space skips white space, which the canonical text has none of.
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

// is says whether the next byte that is not white space is b, and goes past it if so.
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

// value reads a value, and returns the unordered mark if it or something inside has its keys out of
// order. twin is the node of the known document at the same place, or none.
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
			// the known keys are in order, so this one stands further in front
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
