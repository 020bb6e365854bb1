package statediff

// Differ computes patches. The zero value is ready. It keeps what memory it needed and is for one
// goroutine at a time.
type Differ struct {
	base, next *Document
	// what the texts are known to have in common: first their beginnings, then around what was
	// compared last
	known  stretch
	suffix int // how much they have in common at their ends

	frames []frame
	edits  []edit
	floor  int  // what the edits so far take at least, if each large value turns out to be a copy
	work   int  // what may still be compared, in bytes
	spent  bool // the bound on work was hit
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
	// for lengths, modulo, of values that were put into the document: the operation, counted from 1
	recent [64]int
}

// none stands for no node and no frame.
const none = ^uint32(0)

// frame is a container that base and next both have at the same place, and that differs: one level
// of a path.
type frame struct {
	up         uint32 // the frame that it is in, or none
	a, b       uint32 // its nodes in base and next
	at         place
	first, end int // the edits in it and in what it contains: edits[first:end]
	array      bool
	pathLen    int
	cost       int
	source     uint32 // a node of base with the text of b, or none
	// array elements of base that are before the place that is looked at, and still have to be
	// removed
	shift int
}

// place is where in its frame something is: for an array the number of elements of base and of next
// that come before it, for an object the key, in the text of base for what is removed and of next
// for all else.
type place struct {
	ai, bi uint32
	key    span
}

// edit is one difference inside a frame. Edits stand in document order, with what is removed at the
// place where it was.
type edit struct {
	frame  uint32 // none for the root
	kind   Kind   // Add, Remove or Replace
	a, b   uint32 // nodes; none for a when it is added, for b when it is removed
	at     place
	source uint32 // a node of base with the text of b, or none
	// nothing is left to do: it was shared, or a frame around it is replaced as a whole
	done bool
}

// Diff returns the operations that turn base into next, and the bytes that they take in a StateDiff
// message. ok is false where next should be sent whole: there is no base, it is no larger than the
// patch, the patch would copy more than [Canonicalizer.Apply] lets it, or the bound on work was
// hit, which is some ten passes over both texts. No operations and ok means that nothing changed.
//
// Operations are to be applied in their order. Their values are canonical and refer to next; the
// slice is valid until the next call. No path leads through a key __proto__, or prototype below
// constructor, which browsers' libraries refuse.
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

// rootReplaced says whether all that is left is to replace the whole.
func (d *Differ) rootReplaced() bool { return d.edits[0].frame == none }
