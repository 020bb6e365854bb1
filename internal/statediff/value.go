package statediff

import (
	"fmt"
	"slices"
)

// value is a JSON value that operations can change: a node of a document, until what is inside has to be touched.
type value struct {
	doc  *Document
	node uint32

	open   bool // keys and inside count, and no longer what the document says is inside
	keys   [][]byte
	inside []*value
}

func (v *value) kind() byte { return v.doc.kind(v.node) }

// unfold makes what is inside a container into values of their own.
func (v *value) unfold() {
	if v.open {
		return
	}
	v.open = true
	object := v.kind() == '{'
	for e := v.doc.entries(v.node); e.more(); e.advance() {
		if object {
			v.keys = append(v.keys, v.doc.span(e.key()))
		}
		v.inside = append(v.inside, &value{doc: v.doc, node: e.node})
	}
}

// look says where in a container a reference token leads, or where it would have to be put.
func (v *value) look(token []byte) (i int, found bool, err error) {
	switch v.kind() {
	case '{':
		v.unfold()
		i, found = slices.BinarySearchFunc(v.keys, token, compareKeys)
		return i, found, nil
	case '[':
		v.unfold()
		i, err = index(token, len(v.inside))
		return i, i < len(v.inside), err
	}
	return 0, false, failed("%s leads into a value that is neither object nor array", token)
}

// append appends the canonical text.
func (v *value) append(dst []byte, depth int) ([]byte, error) {
	if depth > MaxDepth {
		return nil, ErrTooDeep
	}
	if len(dst) > MaxBytes {
		return nil, fmt.Errorf("%w: what the patch makes of it", ErrTooLarge)
	}
	if !v.open {
		return append(dst, v.doc.at(v.node)...), nil
	}
	brackets := "[]"
	if v.kind() == '{' {
		brackets = "{}"
	}
	dst = append(dst, brackets[0])
	for i, child := range v.inside {
		if i > 0 {
			dst = append(dst, ',')
		}
		if v.kind() == '{' {
			dst = append(append(dst, v.keys[i]...), ':')
		}
		var err error
		if dst, err = child.append(dst, depth+1); err != nil {
			return nil, err
		}
	}
	return append(dst, brackets[1]), nil
}
