package statediff

// What a source repeats from a known document is found by walking both side by side: objects by
// their keys, arrays by their order. The twin of a value is found by its place alone; whether it is
// the same is decided by comparing texts. The known text is canonical. So a source with the same
// bytes needs neither reading nor rewriting, and its nodes are copies of the twin's, with other
// offsets.

const (
	// minRepeated is how long a value must be, in bytes, to be compared: a shorter one is read just
	// as quickly.
	minRepeated = 16
	// maxSteps bounds, for each object, how many known keys are skipped in search of those of the
	// source.
	maxSteps = 1 << 10
	// maxSkipped is how many known elements of an array may be missing in the source at one place
	// if the others are to be found.
	maxSkipped = 2
)

// repeats reports whether the source continues with the text of node twin of the known document.
func (c *Canonicalizer) repeats(twin uint32) bool {
	n := c.known.nodes[twin]
	size := int(n.end - n.start)
	if size < minRepeated {
		return false
	}
	at := c.i - c.like.a
	if at < 0 || at >= c.like.length || at != int(n.start)-c.like.b {
		// One more byte has to be the same if there is one, because a number could continue.
		c.like = stretch{c.i, int(n.start),
			commonPrefix(c.src[c.i:], c.known.text[n.start:min(int(n.end)+1, len(c.known.text))])}
		c.compared += c.like.length
		at = 0
	}
	if left := c.like.length - at; left <= size {
		// what does not end with a digit cannot continue
		return left == size && c.known.text[n.end-1]-'0' > 9
	}
	return true
}

// skip skips a value that repeats node twin.
func (c *Canonicalizer) skip(twin uint32) {
	n := c.known.nodes[twin]
	c.doc.graftNodes(c.known, twin, c.here())
	c.i += int(n.end - n.start)
}

// inside returns a cursor at the first entry of node twin. The cursor is empty if the node is not
// of that kind or there is no twin.
func (c *Canonicalizer) inside(twin uint32, kind byte) cursor {
	if twin == none || c.known.kind(twin) != kind {
		return cursor{}
	}
	return c.known.entries(twin)
}

// element returns the twin of the next element of an array.
func (c *Canonicalizer) element(twins *cursor) uint32 {
	if !twins.more() {
		return none
	}
	twin := twins.node
	twins.advance()
	if c.known.size(twin) < minRepeated {
		return twin
	}
	c.space()
	if c.repeats(twin) {
		return twin
	}
	like, later := c.like, *twins
	for range maxSkipped {
		if !later.more() {
			break
		}
		other := later.node
		later.advance()
		if c.repeats(other) {
			*twins = later
			return other
		}
	}
	c.like = like
	return twin
}

// member returns the twin of the member with a key, or none. steps is how many members may be
// skipped on the way.
func (c *Canonicalizer) member(twins *cursor, key []byte, steps *int) uint32 {
	for twins.more() && *steps > 0 {
		order := compareKeys(c.known.span(twins.key()), key)
		if order > 0 {
			return none
		}
		twin := twins.node
		twins.advance()
		if order == 0 {
			return twin
		}
		*steps--
	}
	return none
}
