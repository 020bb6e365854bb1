package statediff

import "slices"

// entry is an entry of a container: a value, and its key in an object.
type entry struct {
	key   []byte // nil in an array
	value *value
}

// list is the entries of a container in order. It is a tree, so inserting and removing an entry
// cost the same wherever it is and however many there are. So no patch is quadratic, as it would be
// with a slice. The zero value is empty.
type list struct {
	size int
	leaf []entry // in a leaf
	kids []*list // in any other node; none of them is empty
}

// listWidth is the maximum number of entries in a node of the tree.
const listWidth = 64

// listOf makes a list of entries.
func listOf(all []entry) list {
	if len(all) <= listWidth {
		return list{size: len(all), leaf: all}
	}
	var level []*list
	for part := range slices.Chunk(all, listWidth*3/4) {
		level = append(level, &list{size: len(part), leaf: slices.Clone(part)})
	}
	for len(level) > listWidth {
		var up []*list
		for part := range slices.Chunk(level, listWidth*3/4) {
			up = append(up, parentOf(slices.Clone(part)))
		}
		level = up
	}
	return *parentOf(level)
}

func parentOf(kids []*list) *list {
	p := &list{kids: kids}
	for _, k := range kids {
		p.size += k.size
	}
	return p
}

// kid returns which child has the entry at i, and its position there. A position past the end is in
// the last child.
func (l *list) kid(i int) (k, at int) {
	for k = 0; k < len(l.kids)-1 && i >= l.kids[k].size; k++ {
		i -= l.kids[k].size
	}
	return k, i
}

func (l *list) at(i int) *entry {
	for l.kids != nil {
		k, at := l.kid(i)
		l, i = l.kids[k], at
	}
	return &l.leaf[i]
}

// insert inserts an entry before the one at i, or at the end for i = size.
func (l *list) insert(i int, e entry) {
	if right := l.put(i, e); right != nil {
		left := *l
		*l = *parentOf([]*list{&left, right})
	}
}

// put is insert for a node. If the node became too wide, it returns a second node that has to
// follow it.
func (l *list) put(i int, e entry) (right *list) {
	l.size++
	if l.kids == nil {
		l.leaf = slices.Insert(l.leaf, i, e)
		if half := listWidth / 2; len(l.leaf) > listWidth {
			right = &list{size: len(l.leaf) - half, leaf: slices.Clone(l.leaf[half:])}
			clear(l.leaf[half:])
			l.leaf, l.size = l.leaf[:half], half
		}
		return right
	}
	k, at := l.kid(i)
	if next := l.kids[k].put(at, e); next != nil {
		l.kids = slices.Insert(l.kids, k+1, next)
	}
	if half := listWidth / 2; len(l.kids) > listWidth {
		right = parentOf(slices.Clone(l.kids[half:]))
		clear(l.kids[half:])
		l.kids, l.size = l.kids[:half], l.size-right.size
	}
	return right
}

// remove removes the entry at i.
func (l *list) remove(i int) {
	l.size--
	if l.kids == nil {
		l.leaf = slices.Delete(l.leaf, i, i+1)
		return
	}
	k, at := l.kid(i)
	if l.kids[k].remove(at); l.kids[k].size > 0 {
		return
	}
	if l.kids = slices.Delete(l.kids, k, k+1); len(l.kids) == 0 {
		l.kids = nil
	}
}

// search returns the position of a key in the list of an object, or where it would have to be
// inserted.
func (l *list) search(key []byte) (i int, found bool) {
	for l.kids != nil {
		k := 0
		for k < len(l.kids)-1 && compareKeys(l.kids[k+1].first(), key) <= 0 {
			i += l.kids[k].size
			k++
		}
		l = l.kids[k]
	}
	at, found := slices.BinarySearchFunc(l.leaf, key, func(e entry, key []byte) int {
		return compareKeys(e.key, key)
	})
	return i + at, found
}

// first is the key of the first entry.
func (l *list) first() []byte {
	for l.kids != nil {
		l = l.kids[0]
	}
	return l.leaf[0].key
}

// each calls do for all entries in order, until it returns an error.
func (l *list) each(do func(e *entry) error) error {
	for i := range l.leaf {
		if err := do(&l.leaf[i]); err != nil {
			return err
		}
	}
	for _, k := range l.kids {
		if err := k.each(do); err != nil {
			return err
		}
	}
	return nil
}
