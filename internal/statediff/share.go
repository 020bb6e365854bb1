package statediff

import "bytes"

// Step 3 of a diff: copies and moves out of base. They come before all other operations, while
// everything of base is still there. So paths are those of base, except for what these operations
// themselves insert or remove.

// maxShared bounds the number of copies and moves: each examines all before it.
const maxShared = 512

// change is one copy or move.
type change struct {
	frame  uint32 // where the value went
	ai, bi uint32 // its place there, if it was inserted into an array
	insert bool

	over uint32 // the node of base that it replaced, or none

	gone      uint32 // the node of base that was moved away, or none
	goneFrame uint32
	goneAt    uint32 // its index in base, if goneFrame is an array
}

// share turns the edits that have a source into copies and moves, if that takes less. Copies come
// first, because a move removes the source.
func (d *Differ) share() {
	d.log = d.log[:0]
	for i := range d.edits {
		if e := &d.edits[i]; !e.done && e.source != none && d.removal(e.source) < 0 {
			d.shareOne(e, -1)
		}
	}
	for i := range d.edits {
		if e := &d.edits[i]; !e.done && e.source != none {
			d.shareOne(e, d.removal(e.source))
		}
	}
}

// shareOne turns an edit into a copy, or into a move if removal is the edit that removes the
// source, unless that is impossible or not smaller.
func (d *Differ) shareOne(e *edit, removal int) {
	if len(d.log) == maxShared || d.work < 0 || !d.intact(e.source) {
		return
	}
	mark, c := len(d.paths), change{frame: e.frame, ai: e.at.ai, bi: e.at.bi, over: none,
		gone: none}
	array := d.frames[e.frame].array
	if c.insert = array; !array && e.kind == Replace {
		c.over = e.a
	}
	kind := Copy
	if !d.basePath(e.source) {
		d.paths = d.paths[:mark]
		return
	}
	from := len(d.paths)
	if removal >= 0 {
		kind = Move
		r := &d.edits[removal]
		c.gone, c.goneFrame, c.goneAt = e.source, r.frame, r.at.ai
	}
	d.log = append(d.log, c)
	d.earlyPath(e.frame)
	if array {
		d.appendIndex(d.insertion(&c))
	} else {
		d.paths = appendPointer(d.paths, d.next.span(e.at.key))
	}
	if removal >= 0 && isInside(d.paths[from:], d.paths[mark:from]) {
		d.paths, d.log = d.paths[:mark], d.log[:len(d.log)-1]
		d.shareOne(e, -1)
		return
	}
	path, value := len(d.paths)-from, d.next.size(e.b)
	shared := opSize(path, from-mark, 0)
	if array && e.kind == Replace {
		shared += opSize(path, 0, 0)
	}
	if shared >= opSize(path, 0, value) {
		d.paths, d.log = d.paths[:mark], d.log[:len(d.log)-1]
		return
	}
	if kind == Copy {
		d.copied += value
	}
	d.ops = append(d.ops, Op{Kind: kind})
	d.ends = append(d.ends, pathEnds{from: span{uint32(mark), uint32(from)},
		path: span{uint32(from), uint32(len(d.paths))}})
	if removal >= 0 {
		d.edits[removal].done = true
	}
	if array && e.kind == Replace {
		// what it replaces is behind it now, and has yet to be removed
		e.kind, e.source, e.at.bi = Remove, none, e.at.bi+1
		return
	}
	e.done = true
}

// isInside reports whether a path leads through another one. A move must not go there, even if
// removing its source from an array lets another element take its place.
func isInside(path, from []byte) bool {
	return len(path) > len(from) && path[len(from)] == '/' && bytes.HasPrefix(path, from)
}

// intact reports whether node n of base is still in the document unchanged.
func (d *Differ) intact(n uint32) bool {
	inside := func(n, of uint32) bool { return of != none && of <= n && n < d.base.nodes[of].next }
	for i := range d.log {
		c := &d.log[i]
		if inside(n, c.over) || inside(n, c.gone) || inside(d.frames[c.frame].a, n) ||
			c.gone != none && inside(d.frames[c.goneFrame].a, n) {
			return false
		}
	}
	return true
}

// basePath appends the current path of node n of base. It returns false if that leads through a key
// that must not be in a path.
func (d *Differ) basePath(n uint32) bool {
	var above span
	for c := uint32(0); c != n; {
		e, index := d.base.entries(c), uint32(0)
		for ; d.base.nodes[e.node].next <= n; e.advance() {
			index++
		}
		d.work -= nodeBytes * int(index)
		if d.base.kind(c) == '[' {
			d.appendIndex(d.indexNow(c, index))
			above = span{}
		} else {
			key := e.key()
			if unsafe(d.base.span(above), d.base.span(key)) {
				return false
			}
			d.paths = appendPointer(d.paths, d.base.span(key))
			above = key
		}
		c = e.node
	}
	return true
}

// indexNow returns the current index of the element at index i of array a in base.
func (d *Differ) indexNow(a, i uint32) uint32 {
	now := i
	for k := range d.log {
		c := &d.log[k]
		if c.insert && d.frames[c.frame].a == a && c.ai <= i {
			now++
		}
		if c.gone != none && d.frames[c.goneFrame].a == a && d.frames[c.goneFrame].array &&
			c.goneAt <= i {
			now--
		}
	}
	return now
}

// insertion returns the index in its array at which the last change of the log inserts.
func (d *Differ) insertion(c *change) uint32 {
	index := c.ai
	for k := range d.log[:len(d.log)-1] {
		o := &d.log[k]
		if o.insert && o.frame == c.frame && o.bi < c.bi {
			index++
		}
	}
	for k := range d.log {
		o := &d.log[k]
		if o.gone != none && o.goneFrame == c.frame && o.goneAt < c.ai {
			index--
		}
	}
	return index
}

// earlyPath appends the path of a frame at the time when only shared values are where they belong.
func (d *Differ) earlyPath(f uint32) {
	frame := &d.frames[f]
	if frame.up == none {
		return
	}
	d.earlyPath(frame.up)
	if up := &d.frames[frame.up]; up.array {
		d.appendIndex(d.indexNow(up.a, frame.at.ai))
	} else {
		d.paths = appendPointer(d.paths, d.next.span(frame.at.key))
	}
}
