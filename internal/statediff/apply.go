package statediff

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// ErrPatch means that a patch cannot be applied to this document: a path leads nowhere, a test
// fails, or an operation is unknown. It is wrapped, with the operation's index and the reason.
var ErrPatch = errors.New("statediff: patch does not apply")

// maxCopied bounds the text that one patch may copy and test: copying a document into itself
// doubles it, and sixty such copies would exhaust any memory. Differ makes no patch that copies
// more.
const maxCopied = 64 << 20

// ErrTooMuch means that a patch is more work than allowed.
var ErrTooMuch = fmt.Errorf("statediff: the patch copies and tests more than %d bytes", maxCopied)

// Apply fills d with the result of applying operations to base. It follows RFC 6902 strictly: all
// or nothing, no index beyond the end, no leading zeros, no removal of the whole. Errors wrap
// [ErrPatch], or an error of [Canonicalizer.Parse] if a value or the result is not acceptable JSON;
// or the error is [ErrTooMuch]. On an error, d is empty. The work is bounded by the sizes of base
// and of the operations, and by what these may copy. d must not be base. Afterwards it refers
// neither to base nor to the operations.
func (c *Canonicalizer) Apply(d, base *Document, ops []Op) error {
	d.Reset()
	if base.Empty() {
		return fmt.Errorf("%w: there is no base", ErrPatch)
	}
	p := patcher{canonicalizer: c, root: value{doc: base}, copies: maxCopied}
	for i := range ops {
		if err := p.apply(&ops[i]); err != nil {
			return fmt.Errorf("operation %d, %s %q: %w", i, ops[i].Kind, ops[i].Path, err)
		}
	}
	if n := len(base.text); cap(c.made) < n {
		c.made = make([]byte, 0, n+n/4)
	}
	text, err := p.root.append(c.made[:0], 0)
	if err != nil {
		return err
	}
	c.made = text
	return c.ParseAfter(d, text, base)
}

// Apply is [Canonicalizer.Apply] for base as text, any JSON value. It returns the canonical result.
func Apply(base []byte, ops []Op) ([]byte, error) {
	var c Canonicalizer
	var before, after Document
	if err := c.Parse(&before, base); err != nil {
		return nil, err
	}
	if err := c.Apply(&after, &before, ops); err != nil {
		return nil, err
	}
	return after.text, nil
}

// patcher applies operations to a tree that begins as one value, and is unfolded where paths lead
// through it.
type patcher struct {
	canonicalizer *Canonicalizer
	root          value
	copies        int // bytes that may still be copied
}

func (p *patcher) parse(v *value, src []byte) error {
	doc := new(Document)
	if err := p.canonicalizer.Parse(doc, src); err != nil {
		return err
	}
	*v = value{doc: doc}
	return nil
}

func (p *patcher) apply(op *Op) error {
	path, err := tokens(op.Path)
	if err != nil {
		return err
	}
	var v value
	switch op.Kind {
	case Add, Replace, Test:
		err = p.parse(&v, op.Value)
	case Copy, Move:
		v, err = p.source(op, path)
	}
	if err != nil {
		return err
	}
	switch op.Kind {
	case Add, Copy, Move:
		return p.add(path, v)
	case Remove:
		_, err = p.take(path)
		return err
	case Replace:
		return p.replace(path, v)
	case Test:
		return p.test(path, &v)
	}
	return failed("no such operation")
}

func failed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrPatch}, args...)...)
}

// tokens splits a JSON pointer. The tokens are canonical strings, as keys are.
func tokens(pointer string) ([][]byte, error) {
	if pointer == "" {
		return nil, nil
	}
	if pointer[0] != '/' {
		return nil, failed("pointer %q does not begin with /", pointer)
	}
	if n := strings.Count(pointer, "/"); n > MaxDepth+1 {
		return nil, fmt.Errorf("%w: a pointer of %d tokens", ErrTooDeep, n)
	}
	var all [][]byte
	for token := range strings.SplitSeq(pointer[1:], "/") {
		for rest := token; ; {
			_, after, found := strings.Cut(rest, "~")
			if !found {
				break
			}
			if after == "" || after[0] != '0' && after[0] != '1' {
				return nil, failed("pointer %q has a ~ without 0 or 1", pointer)
			}
			rest = after[1:]
		}
		token = strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
		all = append(all, appendQuoted(nil, token))
	}
	return all, nil
}

// source returns the value that a copy or a move uses, and removes it for a move.
func (p *patcher) source(op *Op, path [][]byte) (value, error) {
	from, err := tokens(op.From)
	if err != nil {
		return value{}, err
	}
	if op.Kind == Copy {
		v, err := p.find(from)
		if err != nil {
			return value{}, err
		}
		return p.clone(v)
	}
	if len(from) < len(path) && slices.EqualFunc(from, path[:len(from)], bytes.Equal) {
		return value{}, failed("a move into itself")
	}
	if len(from) == 0 { // both from and path are the whole document
		return p.root, nil
	}
	return p.take(from)
}

// clone copies a value, because operations may change it in one of its two places.
func (p *patcher) clone(v *value) (value, error) {
	if v.open {
		p.copies -= len("{}") + v.inside.size
	} else {
		p.copies -= v.doc.size(v.node)
	}
	if err := p.bounds(); err != nil {
		return value{}, err
	}
	twin := *v
	if v.open {
		all := make([]entry, 0, v.inside.size)
		err := v.inside.each(func(e *entry) error {
			c, err := p.clone(e.value)
			all = append(all, entry{e.key, &c})
			return err
		})
		if err != nil {
			return value{}, err
		}
		twin.inside = listOf(all)
	}
	return twin, nil
}

// bounds returns an error if the patch copies and tests more than allowed.
func (p *patcher) bounds() error {
	if p.copies < 0 {
		return ErrTooMuch
	}
	return nil
}

// find returns the value at a path.
func (p *patcher) find(path [][]byte) (*value, error) {
	v := &p.root
	for _, token := range path {
		i, found, err := v.look(token)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, failed("nothing at %s", token)
		}
		v = v.inside.at(i).value
	}
	return v, nil
}

// holder returns the container in which a path ends, and the position in it.
func (p *patcher) holder(path [][]byte) (v *value, i int, found bool, err error) {
	if v, err = p.find(path[:len(path)-1]); err != nil {
		return nil, 0, false, err
	}
	i, found, err = v.look(path[len(path)-1])
	return v, i, found, err
}

func (p *patcher) add(path [][]byte, v value) error {
	if len(path) == 0 {
		p.root = v
		return nil
	}
	in, i, found, err := p.holder(path)
	switch {
	case err != nil:
		return err
	case in.kind() == '[':
		in.inside.insert(i, entry{value: &v})
	case found:
		in.inside.at(i).value = &v
	default:
		in.inside.insert(i, entry{path[len(path)-1], &v})
	}
	return nil
}

func (p *patcher) replace(path [][]byte, v value) error {
	target, err := p.find(path)
	if err == nil {
		*target = v
	}
	return err
}

// take removes the value at a path and returns it.
func (p *patcher) take(path [][]byte) (value, error) {
	if len(path) == 0 {
		return value{}, failed("the whole cannot be removed")
	}
	in, i, found, err := p.holder(path)
	if err != nil {
		return value{}, err
	}
	if !found {
		return value{}, failed("nothing at %s", path[len(path)-1])
	}
	v := *in.inside.at(i).value
	in.inside.remove(i)
	return v, nil
}

// test compares canonical texts, so numbers are compared by their values and objects whatever the
// order of their keys.
func (p *patcher) test(path [][]byte, want *value) error {
	have, err := p.find(path)
	if err != nil {
		return err
	}
	x, err := have.append(nil, 0)
	if err != nil {
		return err
	}
	if p.copies -= len(x); p.copies < 0 {
		return p.bounds()
	}
	y, err := want.append(nil, 0)
	if err == nil && !bytes.Equal(x, y) {
		err = failed("the value is another one")
	}
	return err
}

// index parses an array index of at most n. An index of n, or "-", is past the end.
func index(token []byte, n int) (i int, err error) {
	text := string(token[1 : len(token)-1])
	if text == "-" {
		return n, nil
	}
	if text == "" || len(text) > 1 && text[0] == '0' || strings.Trim(text, "0123456789") != "" {
		return 0, failed("%q is not an array index", text)
	}
	if i, err = strconv.Atoi(text); err != nil || i > n {
		return 0, failed("index %s of an array of %d", text, n)
	}
	return i, nil
}
