package statediff

// Step 1 of a diff: compare two documents side by side, down to where they differ. Objects are
// compared by their keys. Arrays are compared at their beginnings and ends, and then by a common
// subsequence. The result is edits inside frames, not yet operations.

// minShared is the length from which a value is searched for in base, to be copied or moved:
// operations take at least 20 bytes anyway.
const minShared = 32

// spend takes n bytes from what may be compared, and reports whether that many were left.
func (d *Differ) spend(n int) bool {
	d.work -= n
	d.spent = d.spent || d.work < 0
	return !d.spent
}

// stretch is a piece of text that both documents have, of maximal length: what comes after it
// differs.
type stretch struct{ a, b, length int }

// equal reports whether two values are the same. Inside a known stretch, it only compares offsets.
// That skips nearly all of a state that grows, and whatever lies deep inside two values that were
// compared as a whole before.
func (d *Differ) equal(a, b uint32) bool {
	x, y := d.base.nodes[a], d.next.nodes[b]
	if x.end-x.start != y.end-y.start {
		return false
	}
	if at := int(x.start) - d.known.a; at == int(y.start)-d.known.b && 0 <= at &&
		at <= d.known.length {
		return int(x.end)-d.known.a <= d.known.length
	}
	if after := len(d.base.text) - int(x.end); after == len(d.next.text)-int(y.end) &&
		after <= d.suffix {
		return len(d.base.text)-int(x.start) <= d.suffix
	}
	if !d.spend(int(x.end - x.start)) {
		return false
	}
	if n := commonPrefix(d.base.at(a), d.next.at(b)); n < d.base.size(a) {
		d.known = stretch{int(x.start), int(y.start), n}
		return false
	}
	return true
}

// node adds the edits that turn node a of base into node b of next, which differ.
func (d *Differ) node(a, b, up uint32, at place) {
	kind := d.base.kind(a)
	if kind != d.next.kind(b) || kind != '{' && kind != '[' {
		d.edit(edit{frame: up, kind: Replace, a: a, b: b, at: at})
		return
	}
	f := uint32(len(d.frames))
	floor := d.floor
	d.frames = append(d.frames, frame{
		up: up, a: a, b: b, at: at, first: len(d.edits), array: kind == '[',
		pathLen: d.pathLen(up, at), source: none,
	})
	whole := floor + opSize(d.frames[f].pathLen, 0, d.next.size(b))
	var kept bool
	if kind == '{' {
		kept = d.object(f, whole)
	} else {
		kept = d.array(f, whole)
	}
	d.frames[f].end = len(d.edits)
	if d.spent || kept && d.floor <= whole {
		return
	}
	d.edits, d.frames, d.floor = d.edits[:d.frames[f].first], d.frames[:f], floor
	d.edit(edit{frame: up, kind: Replace, a: a, b: b, at: at})
}

// edit adds an edit, and its minimal size to the total.
func (d *Differ) edit(e edit) {
	e.source = none
	value := 0
	if e.b != none {
		if value = d.next.size(e.b); value >= minShared {
			value = 2 // it may become a copy
		}
	}
	d.floor += opSize(d.pathLen(e.frame, e.at), 0, value)
	d.edits = append(d.edits, e)
}

// pathLen returns the approximate length of the path of a place in a frame.
func (d *Differ) pathLen(f uint32, at place) int {
	switch {
	case f == none:
		return 0
	case d.frames[f].array:
		return d.frames[f].pathLen + 1 + digits(at.bi)
	}
	return d.frames[f].pathLen + 1 + int(at.key.end-at.key.start) - 2
}

func digits(n uint32) int {
	k := 1
	for ; n >= 10; n /= 10 {
		k++
	}
	return k
}

// object compares the members of a frame's objects. It returns false once their edits take more
// than whole, or if paths cannot distinguish them.
func (d *Differ) object(f uint32, whole int) (kept bool) {
	a, b := d.base.entries(d.frames[f].a), d.next.entries(d.frames[f].b)
	for a.more() || b.more() {
		order, key := 0, span{}
		switch {
		case !a.more():
			order = 1
		case !b.more():
			order = -1
		default:
			order = compareKeys(d.base.span(a.key()), d.next.span(b.key()))
		}
		edits := len(d.edits)
		switch {
		case order < 0:
			key = a.key()
			d.edit(edit{frame: f, kind: Remove, a: a.node, b: none, at: place{key: key}})
		case order > 0:
			key = b.key()
			d.edit(edit{frame: f, kind: Add, a: none, b: b.node, at: place{key: key}})
		case !d.equal(a.node, b.node):
			key = b.key()
			d.node(a.node, b.node, f, place{key: key})
		}
		if len(d.edits) > edits && (d.floor >= whole || d.unsafeEdit(f, order, key)) || d.spent {
			return false
		}
		if order <= 0 {
			a.advance()
		}
		if order >= 0 {
			b.advance()
		}
	}
	return true
}

// unsafeEdit reports whether the key of an edit in a frame must not be part of a path.
func (d *Differ) unsafeEdit(f uint32, order int, key span) bool {
	doc := d.next
	if order < 0 {
		doc = d.base
	}
	var above []byte
	if frame := &d.frames[f]; frame.up != none && !d.frames[frame.up].array {
		above = d.next.span(frame.at.key)
	}
	return unsafe(above, doc.span(key))
}

// unsafe reports whether a path must not lead through a key, given the key above it if that is an
// object's too. Browsers' libraries reject paths that could change the prototype shared by all
// objects.
func unsafe(above, key []byte) bool {
	return string(key) == `"__proto__"` || string(key) == `"prototype"` &&
		string(above) == `"constructor"`
}

// array compares the elements of a frame's arrays. It returns false once their edits take more than
// whole.
func (d *Differ) array(f uint32, whole int) (kept bool) {
	a, b := d.base.entries(d.frames[f].a), d.next.entries(d.frames[f].b)
	i := uint32(0)
	for a.more() && b.more() && d.equal(a.node, b.node) {
		a.advance()
		b.advance()
		i++
	}
	mark := len(d.nodes)
	defer func() { d.nodes = d.nodes[:mark] }()
	left, right := d.rest(a), d.rest(b)
	for len(left) > 0 && len(right) > 0 && d.equal(left[len(left)-1], right[len(right)-1]) {
		left, right = left[:len(left)-1], right[:len(right)-1]
	}
	g := gap{f: f, whole: whole, ai: i, bi: i, left: left, right: right}
	if len(left) == 0 || len(right) == 0 || len(left) == 1 && len(right) == 1 {
		return d.gap(&g, nil, nil)
	}
	if k, j, n := d.slide(left, right); n > 0 {
		head, tail := g, g
		head.left, head.right = left[:k], right[:j]
		tail.ai, tail.bi, tail.left, tail.right = i+uint32(k+n), i+uint32(j+n), left[k+n:],
			right[j+n:]
		return d.gap(&head, nil, nil) && d.gap(&tail, nil, nil)
	}
	return d.subsequence(&g)
}

// maxSlide is by how many elements a window may have slid and still be detected without examining
// all elements.
const maxSlide = 4

// slide detects two stretches that are one list seen through a window that slid. Left from i on, or
// right from j on, begins like the other one until one of them ends, and most of it is the same. It
// returns the number of common elements, 0 if there is no such slide.
func (d *Differ) slide(left, right []uint32) (i, j, n int) {
	most := min(len(left), len(right))/2 + 1
	for k := 1; k <= maxSlide; k++ {
		for _, at := range [2][2]int{{k, 0}, {0, k}} {
			if n = min(len(left)-at[0], len(right)-at[1]); n < most {
				continue
			}
			switch same := d.same(left[at[0]:], right[at[1]:]); {
			case same == n:
				return at[0], at[1], n
			case same > maxSlide:
				// they repeat themselves: going on would read them again and again
				return 0, 0, 0
			}
		}
	}
	return 0, 0, 0
}

// same returns how many elements two stretches have in common at their beginnings.
func (d *Differ) same(left, right []uint32) (n int) {
	for n < min(len(left), len(right)) && d.equal(left[n], right[n]) {
		n++
	}
	return n
}

// rest collects the nodes of a cursor's elements. They remain valid while other arrays collect
// theirs.
func (d *Differ) rest(c cursor) []uint32 {
	first := len(d.nodes)
	for ; c.more(); c.advance() {
		d.nodes = append(d.nodes, c.node)
	}
	return d.nodes[first:len(d.nodes):len(d.nodes)]
}

// gap is a stretch of two arrays without a common element: base's elements left from ai on, and
// next's elements right from bi on.
type gap struct {
	f           uint32
	whole       int
	ai, bi      uint32
	left, right []uint32
}

// gap adds the edits for a gap: the elements side by side as pairs, then the rest. Elements that
// moved are not paired, but removed in one place and added in the other; movedA and movedB, which
// may be nil, mark them.
func (d *Differ) gap(g *gap, movedA, movedB []bool) (kept bool) {
	i, j := 0, 0
	for i < len(g.left) || j < len(g.right) {
		at := place{ai: g.ai + uint32(i), bi: g.bi + uint32(j)}
		goneA, newB := i < len(g.left), j < len(g.right)
		if goneA && newB {
			goneA, newB = movedA != nil && movedA[i], movedB != nil && movedB[j]
		}
		switch {
		case goneA:
			d.edit(edit{frame: g.f, kind: Remove, a: g.left[i], b: none, at: at})
			i++
		case newB:
			d.edit(edit{frame: g.f, kind: Add, a: none, b: g.right[j], at: at})
			j++
		default:
			if !d.equal(g.left[i], g.right[j]) {
				d.node(g.left[i], g.right[j], g.f, at)
			}
			i, j = i+1, j+1
		}
		if d.floor >= g.whole || d.spent {
			return false
		}
	}
	return true
}
