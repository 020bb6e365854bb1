package statediff

import "slices"

// member is one entry of an object that is being sorted.
type member struct {
	key  []byte
	node uint32
}

// inOrder appends node i of from to to, with the keys of each object in order and without
// duplicates. What is already in order is copied as a whole, so the work is one copy of the text,
// plus the sorting.
func (c *Canonicalizer) inOrder(to, from *Document, i uint32) {
	n := from.nodes[i]
	if n.next&unordered == 0 {
		to.graft(from, i)
		return
	}
	self := len(to.nodes)
	to.nodes = append(to.nodes, node{start: uint32(len(to.text))})
	if from.kind(i) == '{' {
		c.membersInOrder(to, from, i)
	} else {
		to.text = append(to.text, '[')
		for e := from.entriesMarked(i); e.more(); e.advanceMarked() {
			c.inOrder(to, from, e.node)
			to.text = append(to.text, ',')
		}
		to.text[len(to.text)-1] = ']'
	}
	to.nodes[self].end, to.nodes[self].next = uint32(len(to.text)), uint32(len(to.nodes))
}

func (c *Canonicalizer) membersInOrder(to, from *Document, i uint32) {
	first := len(c.order)
	for e := from.entriesMarked(i); e.more(); e.advanceMarked() {
		c.order = append(c.order, member{from.span(e.key()), e.node})
	}
	mine := c.order[first:]
	if byKey := func(a, b member) int {
		return compareKeys(a.key, b.key)
	}; !slices.IsSortedFunc(mine, byKey) {
		slices.SortStableFunc(mine, byKey)
	}
	to.text = append(to.text, '{')
	for k, m := range mine {
		if k+1 < len(mine) && compareKeys(m.key, mine[k+1].key) == 0 {
			continue // the last of the same key counts, and the sort is stable
		}
		to.text = append(append(to.text, m.key...), ':')
		c.inOrder(to, from, m.node)
		to.text = append(to.text, ',')
	}
	to.text[len(to.text)-1] = '}'
	c.order = c.order[:first]
}

// graft appends node i of from with its contents.
func (d *Document) graft(from *Document, i uint32) {
	n := from.nodes[i]
	at := uint32(len(d.text))
	d.text = append(d.text, from.text[n.start:n.end]...)
	d.graftNodes(from, i, at)
}

// graftNodes appends the nodes of node i of from, with its contents, for a text that begins at byte
// at.
func (d *Document) graftNodes(from *Document, i, at uint32) {
	n := from.nodes[i]
	text, nodes := at-n.start, uint32(len(d.nodes))-i
	first := len(d.nodes)
	d.nodes = append(d.nodes, from.nodes[i:n.next]...)
	if text != 0 || nodes != 0 {
		for k := range d.nodes[first:] {
			m := &d.nodes[first+k]
			m.start, m.end, m.next = m.start+text, m.end+text, m.next+nodes
		}
	}
	k, _ := slices.BinarySearch(from.inexact, i)
	for ; k < len(from.inexact) && from.inexact[k] < n.next; k++ {
		d.inexact = append(d.inexact, from.inexact[k]+nodes)
	}
}

// entriesMarked and advanceMarked are entries and advance for nodes that may carry the unordered
// mark.
func (d *Document) entriesMarked(i uint32) cursor {
	e := d.entries(i)
	e.stop &^= unordered
	return e
}

func (c *cursor) advanceMarked() {
	c.advance()
	c.node &^= unordered
}
