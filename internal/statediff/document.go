package statediff

import "slices"

// Document is one JSON value as canonical text, with an index of the values inside it. A
// [Canonicalizer] fills it; a document that is filled again reuses its memory. The zero value is
// empty: it contains no JSON, and a diff from it is the whole next state. Several goroutines may
// read a document at once, as long as none fills it.
type Document struct {
	text    []byte
	nodes   []node   // all values, in the order in which they begin; nodes[0] is the whole
	inexact []uint32 // the nodes of numbers that no double can represent, in order
	sums    []byte   // intermediate states of SHA-256, for Sum
}

// node is one value: the position of its text, and the index of the first node after it and its
// contents. The text of a container determines the rest: entries are one comma apart, and an
// object's entry is a key, a colon and a value.
type node struct {
	start, end uint32
	next       uint32
}

// nodeBytes is the memory of a node.
const nodeBytes = 12

// Bytes returns the canonical text. It belongs to the document, changes when the document is filled
// again, and must not be modified.
func (d *Document) Bytes() []byte { return d.text }

// Empty reports whether the document has no value.
func (d *Document) Empty() bool { return len(d.nodes) == 0 }

// Footprint returns the bytes of memory that the document uses, including spare capacity.
func (d *Document) Footprint() int {
	return cap(d.text) + nodeBytes*cap(d.nodes) + 4*cap(d.inexact) + cap(d.sums)
}

// Verifiable reports whether a reader in JavaScript, where all numbers are doubles, computes the
// same [Document.Sum]. It does not if the document contains a whole number beyond 2^53, or one
// beyond the largest double: those are kept digit for digit.
func (d *Document) Verifiable() bool { return len(d.inexact) == 0 }

// Set makes d a copy of from. If it has to allocate, it allocates no more than the copy needs.
func (d *Document) Set(from *Document) {
	d.text = append(room(d.text, len(from.text)), from.text...)
	d.nodes = append(room(d.nodes, len(from.nodes)), from.nodes...)
	d.sums = append(room(d.sums, len(from.sums)), from.sums...)
	d.inexact = append(room(d.inexact, len(from.inexact)), from.inexact...)
}

// Reset empties the document and keeps its memory.
func (d *Document) Reset() {
	d.text, d.nodes, d.inexact, d.sums = d.text[:0], d.nodes[:0], d.inexact[:0], d.sums[:0]
}

// grow empties the document and reserves memory for a text of n bytes and for as many values as in
// like, if it is not nil. The states of a thread grow; allocating a little more for each would be
// an allocation for each.
func (d *Document) grow(n int, like *Document) {
	d.Reset()
	if cap(d.text) < n {
		d.text = room[byte](nil, n+n/4)
	}
	if like != nil && cap(d.nodes) < len(like.nodes) {
		d.nodes = room[node](nil, len(like.nodes)+len(like.nodes)/4)
	}
}

// room returns s emptied, with a capacity of at least n. The allocator rounds sizes up, and the
// returned capacity includes all of that, so that [Document.Footprint] is accurate.
func room[T any](s []T, n int) []T {
	if cap(s) < n {
		return slices.Grow([]T(nil), n)
	}
	return s[:0]
}

// at returns the text of the value of node i.
func (d *Document) at(i uint32) []byte { return d.text[d.nodes[i].start:d.nodes[i].end] }

// kind returns the first byte of the text of node i, which tells its type.
func (d *Document) kind(i uint32) byte { return d.text[d.nodes[i].start] }

func (d *Document) size(i uint32) int { return int(d.nodes[i].end - d.nodes[i].start) }

// cursor iterates over the entries of one container.
type cursor struct {
	doc  *Document
	node uint32 // of the current entry's value
	stop uint32 // the first node after the container
	from uint32 // where the current entry begins; in an object, with its key
}

// entries returns a cursor at the first entry of container i.
func (d *Document) entries(i uint32) cursor {
	n := d.nodes[i]
	return cursor{doc: d, node: i + 1, stop: n.next, from: n.start + 1}
}

func (c *cursor) more() bool { return c.node < c.stop }

// advance moves on to the next entry.
func (c *cursor) advance() {
	n := c.doc.nodes[c.node]
	c.node, c.from = n.next, n.end+1
}

// key returns the position of the current entry's key, including quotes.
func (c *cursor) key() span { return span{c.from, c.doc.nodes[c.node].start - 1} }

// span is a piece of a document's text.
type span struct{ start, end uint32 }

func (d *Document) span(s span) []byte { return d.text[s.start:s.end] }
