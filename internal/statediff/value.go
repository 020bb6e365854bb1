package statediff

import "fmt"

// value is a JSON value that operations can change: a node of a document, until its inside has to
// be changed.
type value struct {
	doc  *Document
	node uint32

	open   bool // inside is valid, instead of what the document has there
	inside list
}

func (v *value) kind() byte { return v.doc.kind(v.node) }

// unfold turns the contents of a container into values of their own.
func (v *value) unfold() {
	if v.open {
		return
	}
	v.open = true
	object := v.kind() == '{'
	var all []entry
	for e := v.doc.entries(v.node); e.more(); e.advance() {
		in := entry{value: &value{doc: v.doc, node: e.node}}
		if object {
			in.key = v.doc.span(e.key())
		}
		all = append(all, in)
	}
	v.inside = listOf(all)
}

// look returns where in a container a reference token leads, or where it would have to be inserted.
func (v *value) look(token []byte) (i int, found bool, err error) {
	switch v.kind() {
	case '{':
		v.unfold()
		i, found = v.inside.search(token)
		return i, found, nil
	case '[':
		v.unfold()
		i, err = index(token, v.inside.size)
		return i, i < v.inside.size, err
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
	begin := len(dst)
	err := v.inside.each(func(e *entry) (err error) {
		if len(dst) > begin {
			dst = append(dst, ',')
		}
		if v.kind() == '{' {
			dst = append(append(dst, e.key...), ':')
		}
		dst, err = e.value.append(dst, depth+1)
		return err
	})
	if err != nil {
		return nil, err
	}
	return append(dst, brackets[1]), nil
}
