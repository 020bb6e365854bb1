package statediff

// Differ computes patches. The zero value is ready to use. It keeps the memory that it needed, and
// serves one goroutine at a time.
type Differ struct {
	base, next *Document
	// a stretch that the texts are known to have in common: first their beginnings, then around
	// what was compared last
	known  stretch
	suffix int // how much they have in common at their ends

	frames []frame
	edits  []edit
	floor  int  // minimal size of the edits so far, if each large value turns out to be a copy
	work   int  // bytes that may still be compared
	spent  bool // the limit on work was reached
	copied int  // bytes that operations copy
	nodes  []uint32
	pairs  matcher

	targets  []target
	lengths  [lengthBits / 64]uint64
	removals []uint32 // the edits that remove something, in the order of what they remove
	log      []change

	ops   []Op
	paths []byte
	ends  []pathEnds
	// the operation, counted from 1, for values put into the document, by their length modulo the
	// size
	recent [64]int
}

// none stands for no node and no frame.
const none = ^uint32(0)

// frame is a container that base and next both have at the same place, and that differs: one level
// of a path.
type frame struct {
	up         uint32 // the enclosing frame, or none
	a, b       uint32 // its nodes in base and next
	at         place
	first, end int // the edits in it and in what it contains: edits[first:end]
	array      bool
	pathLen    int
	cost       int
	source     uint32 // a node of base with the text of b, or none
	// array elements of base before the current place that have yet to be removed
	shift int
}

// place is a position in a frame. For an array it is the number of preceding elements of base and
// of next. For an object it is the key: in the text of base for removals, in that of next for all
// other edits.
type place struct {
	ai, bi uint32
	key    span
}

// edit is one difference inside a frame. Edits are in document order; a removal is at the place of
// what it removes.
type edit struct {
	frame  uint32 // none for the root
	kind   Kind   // Add, Remove or Replace
	a, b   uint32 // nodes; a is none for an addition, b is none for a removal
	at     place
	source uint32 // a node of base with the text of b, or none
	// nothing is left to do: it was shared, or an enclosing frame is replaced as a whole
	done bool
}

// Diff returns the operations that turn base into next, and their size in a StateDiff message. ok
// is false if next should be sent whole. That is so if there is no base, if next is no larger than
// the patch, or if the patch would copy more than [Canonicalizer.Apply] allows. It is also so if
// the limit on work was reached (about ten passes over both texts). With ok and no operations,
// nothing has changed.
//
// Operations must be applied in order. Their values are canonical and refer to next; the slice is
// valid until the next call. No path leads through a key __proto__, or prototype below constructor,
// which browsers' libraries reject.
func (d *Differ) Diff(base, next *Document) (ops []Op, size int, ok bool) {
	d.reset(base, next)
	if base.Empty() || next.Empty() {
		return nil, 0, false
	}
	if same := d.known.length; same == len(base.text) && same == len(next.text) {
		return d.ops, 0, true
	}
	d.node(0, 0, none, place{})
	if d.spent || d.rootReplaced() {
		return nil, 0, false
	}
	d.findSources()
	if d.settle() >= fieldSize(len(next.text)) || d.rootReplaced() {
		return nil, 0, false
	}
	d.share()
	d.insert()
	d.remove()
	d.cutPaths()
	for i := range d.ops {
		size += d.ops[i].Size()
	}
	if size >= fieldSize(len(next.text)) || d.copied > maxCopied {
		return nil, 0, false
	}
	return d.ops, size, true
}

func (d *Differ) reset(base, next *Document) {
	d.base, d.next = base, next
	d.known = stretch{0, 0, commonPrefix(base.text, next.text)}
	d.suffix = commonSuffix(base.text, next.text)
	d.frames, d.edits, d.nodes = d.frames[:0], d.edits[:0], d.nodes[:0]
	d.ops, d.paths, d.ends = d.ops[:0], d.paths[:0], d.ends[:0]
	d.floor, d.spent, d.copied = 0, false, 0
	d.work = passes*(len(base.text)+len(next.text)) + 64<<10
}

// passes bounds the work: bytes compared or hashed for each byte of both texts.
const passes = 8

// rootReplaced reports whether the only edit left is to replace the whole document.
func (d *Differ) rootReplaced() bool { return d.edits[0].frame == none }
