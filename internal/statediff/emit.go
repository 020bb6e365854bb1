package statediff

import (
	"bytes"
	"strconv"
)

// Step 4 of a diff: first additions and replacements, in document order, and then removals, in the
// opposite order. Elements to be removed stay until the end, so an index is that in next plus the
// number of preceding elements that have yet to be removed.

// pathEnds says where in paths the two pointers of an operation are, until they become strings.
type pathEnds struct{ path, from span }

// insert adds the operations for all edits that add or replace and are not yet done.
func (d *Differ) insert() {
	clear(d.recent[:])
	for i := range d.edits {
		e := &d.edits[i]
		switch {
		case e.done:
		case e.kind == Remove:
			d.frames[e.frame].shift++
		default:
			d.put(e)
		}
	}
}

// put adds the operation for one edit. A value that was put into the document just before is copied
// from there: that place no longer moves while values are put in.
func (d *Differ) put(e *edit) {
	at := len(d.paths)
	d.path(e)
	value, path := d.next.at(e.b), span{uint32(at), uint32(len(d.paths))}
	op, ends := Op{Kind: e.kind, Value: value}, pathEnds{path: path}
	if len(value) >= minShared {
		recent := &d.recent[len(value)%len(d.recent)]
		if k := *recent - 1; k >= 0 && bytes.Equal(d.ops[k].Value, value) &&
			(e.kind == Add || !d.frames[e.frame].array) {
			from := d.ends[k].path
			if paths := int(path.end - path.start); opSize(paths, int(from.end-from.start),
				0) < opSize(paths, 0, len(value)) {
				op, ends.from = Op{Kind: Copy}, from
				d.copied += len(value)
			}
		} else {
			*recent = len(d.ops) + 1
		}
	}
	d.ops, d.ends = append(d.ops, op), append(d.ends, ends)
}

// path appends the path of an edit.
func (d *Differ) path(e *edit) {
	d.framePath(e.frame)
	switch frame := &d.frames[e.frame]; {
	case frame.array:
		d.appendIndex(e.at.bi + uint32(frame.shift))
	case e.kind == Remove:
		d.paths = appendPointer(d.paths, d.base.span(e.at.key))
	default:
		d.paths = appendPointer(d.paths, d.next.span(e.at.key))
	}
}

func (d *Differ) framePath(f uint32) {
	frame := &d.frames[f]
	if frame.up == none {
		return
	}
	d.framePath(frame.up)
	if up := &d.frames[frame.up]; up.array {
		d.appendIndex(frame.at.bi + uint32(up.shift))
	} else {
		d.paths = appendPointer(d.paths, d.next.span(frame.at.key))
	}
}

func (d *Differ) appendIndex(i uint32) {
	d.paths = strconv.AppendUint(append(d.paths, '/'), uint64(i), 10)
}

// remove adds the operations for all edits that remove and are not yet done.
func (d *Differ) remove() {
	for i := len(d.edits) - 1; i >= 0; i-- {
		e := &d.edits[i]
		if e.done || e.kind != Remove {
			continue
		}
		d.frames[e.frame].shift--
		at := len(d.paths)
		d.path(e)
		d.ops = append(d.ops, Op{Kind: Remove})
		d.ends = append(d.ends, pathEnds{path: span{uint32(at), uint32(len(d.paths))}})
	}
}

// cutPaths makes the pointers of all operations from one string.
func (d *Differ) cutPaths() {
	all := string(d.paths)
	for i, e := range d.ends {
		d.ops[i].Path, d.ops[i].From = all[e.path.start:e.path.end], all[e.from.start:e.from.end]
	}
}
