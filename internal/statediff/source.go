package statediff

import (
	"bytes"
	"cmp"
	"slices"
)

// Step 2 of a diff: for each large value that next has and base does not have at that place, find
// it elsewhere in base. Then decide for each frame whether its edits or its whole value take less.

// target is a value of next that could be copied from elsewhere: that of an edit, or of a frame as
// a whole.
type target struct {
	size  uint32
	frame bool
	index uint32 // in edits or frames
}

// lengthBits is the size of the bit set of targets' lengths, with which most nodes of base are
// quickly ruled out.
const lengthBits = 4096

// findSources finds the sources of edits and frames.
func (d *Differ) findSources() {
	d.targets, d.removals = d.targets[:0], d.removals[:0]
	for i := range d.edits {
		e := &d.edits[i]
		if e.kind == Remove {
			d.removals = append(d.removals, uint32(i))
		} else {
			d.target(e.b, false, i)
		}
	}
	for i := 1; i < len(d.frames); i++ {
		d.target(d.frames[i].b, true, i)
	}
	if len(d.targets) == 0 {
		return
	}
	slices.SortFunc(d.targets, func(x, y target) int {
		return cmp.Or(cmp.Compare(x.size, y.size),
			cmp.Compare(x.index, y.index))
	})
	clear(d.lengths[:])
	for _, t := range d.targets {
		d.lengths[t.size%lengthBits/64] |= 1 << (t.size % 64)
	}
	for n := uint32(0); int(n) < len(d.base.nodes); {
		size := d.base.nodes[n].end - d.base.nodes[n].start
		if size < minShared {
			n = d.base.nodes[n].next // nothing inside is longer
			continue
		}
		if d.lengths[size%lengthBits/64]&(1<<(size%64)) != 0 && !d.offer(n, size) {
			return
		}
		n++
	}
}

func (d *Differ) target(b uint32, frame bool, index int) {
	if size := d.next.size(b); size >= minShared {
		d.targets = append(d.targets, target{uint32(size), frame, uint32(index)})
	}
}

// offer gives node n of base to the targets with the same text. The first node offered is kept, but
// one that is to be removed is better, because it can be moved. It returns false if that is more
// work than allowed, which only means that less is shared.
func (d *Differ) offer(n, size uint32) bool {
	i, _ := slices.BinarySearchFunc(d.targets, size, func(t target, size uint32) int {
		return cmp.Compare(t.size, size)
	})
	for ; i < len(d.targets) && d.targets[i].size == size; i++ {
		t := d.targets[i]
		b, source := d.value(t)
		if d.work -= int(size); d.work < 0 {
			return false
		}
		if (*source == none || d.removal(*source) < 0 && d.removal(n) >= 0) &&
			bytes.Equal(d.base.at(n), d.next.at(b)) {
			*source = n
		}
	}
	return true
}

// value returns the node of a target's value, and where its source is stored.
func (d *Differ) value(t target) (b uint32, source *uint32) {
	if t.frame {
		return d.frames[t.index].b, &d.frames[t.index].source
	}
	return d.edits[t.index].b, &d.edits[t.index].source
}

// removal returns the index of the edit that removes node a of base, or -1.
func (d *Differ) removal(a uint32) int {
	i, found := slices.BinarySearchFunc(d.removals, a, func(edit, a uint32) int {
		return cmp.Compare(d.edits[edit].a, a)
	})
	if !found {
		return -1
	}
	edit := int(d.removals[i])
	if e := &d.edits[edit]; e.done || e.kind != Remove { // an enclosing frame is replaced
		return -1
	}
	return edit
}

// settle replaces each frame as a whole whose edits do not take less, from the innermost outwards.
// It returns the approximate total size: the exact length of paths is known only once all indexes
// are.
func (d *Differ) settle() (cost int) {
	for i := range d.edits {
		e := &d.edits[i]
		d.frames[e.frame].cost += d.cost(e)
	}
	for f := len(d.frames) - 1; f >= 0; f-- {
		frame := &d.frames[f]
		whole := edit{frame: frame.up, kind: Replace, a: frame.a, b: frame.b, at: frame.at,
			source: frame.source}
		cost = frame.cost
		if asWhole := d.cost(&whole); asWhole < cost {
			cost = asWhole
			for i := frame.first; i < frame.end; i++ {
				d.edits[i].done = true
			}
			d.edits[frame.first] = whole
		}
		if frame.up != none {
			d.frames[frame.up].cost += cost
		}
	}
	return cost
}

// cost returns the approximate size of an edit as an operation.
func (d *Differ) cost(e *edit) int {
	path, value := d.pathLen(e.frame, e.at), 0
	if e.b != none {
		value = d.next.size(e.b)
	}
	n := opSize(path, 0, value)
	if e.source == none {
		return n
	}
	shared := opSize(path, path, 0)
	if e.kind == Replace && e.frame != none && d.frames[e.frame].array {
		shared += opSize(path, 0, 0) // a copy into an array is an insertion
	}
	return min(n, shared)
}
