package redact

import (
	"fmt"
	"strings"
)

// Bounds on what is walked.
const (
	maxDepth = 10_000 // of arrays and objects in each other, as in encoding/json
	// of documents that are strings of documents, of which each level doubles the escapes
	maxNested = 24
)

// walker walks one JSON document and copies it as far as it has to.
type walker struct {
	r      *Redactor
	src    string
	at     int    // the next byte of src
	dst    []byte // the document so far: what is behind copied is not in it yet
	copied int
	nested int // how deep documents in strings are still walked
	budget budget
	earned int    // up to here the document has earned what may be spent on it
	short  bool   // the key before the next value is so short that it may be one of a JWK
	last   string // that key then
	buf    []byte
	keys   usedKeys

	learned known // of the name that is looked at
}

// fate is what becomes of a value for the names above it.
type fate struct {
	verdict
	hidden bool
	// if it is an object that describes the secret rather than holding it, the description is not
	// hidden
	schema bool
	// it is an example of the secret in such a description: what says that there is none, or stands
	// for one, is not hidden
	example bool
}

// harmless is the fate of what no name stands above.
var harmless fate

// JSON appends to dst what may be published of the JSON document src and returns it with true, or
// dst as it is with false when all of src may be. What is not hidden is copied byte for byte; a key
// or text of which a part is hidden is written anew. An error says that src is not one valid
// document, which is taken as it is by [Redactor.Bytes]; dst is then returned as it is. It
// allocates only where it hides something, or has to decode a longer text than before.
func (r *Redactor) JSON(dst, src []byte) ([]byte, bool, error) {
	if r == nil {
		return dst, false, nil
	}
	b := budgetFor(len(src))
	return r.document(dst, view(src), maxNested, &b)
}

func (r *Redactor) document(dst []byte, src string, nested int, b *budget) ([]byte, bool, error) {
	w := r.walkers.Get().(*walker)
	*w = walker{r: r, src: src, dst: dst, nested: nested, budget: *b, buf: w.buf[:0], keys: w.keys}
	w.budget.spend(len(src))
	err := w.whole()
	*b = w.budget
	out, changed := w.dst, w.copied > 0
	if changed {
		out = append(out, src[w.copied:]...)
	}
	w.src, w.dst = "", nil
	w.keys.reset()
	r.walkers.Put(w)
	if err != nil {
		return dst, false, err
	}
	return out, changed, nil
}

// earns is after how many bytes what they earn is moved to what is left of the budget.
const earns = 256

// earn moves what the document earns up to here to what is left of the budget, every now and then.
func (w *walker) earn() {
	if w.at-w.earned >= earns {
		w.earnAll()
	}
}

func (w *walker) earnAll() {
	w.budget.earn(w.at - w.earned)
	w.earned = w.at
}

func (w *walker) whole() error {
	if err := w.value(&harmless, 0); err != nil {
		return err
	}
	if w.blanks(); w.at < len(w.src) {
		return w.wrong("end of the document")
	}
	return nil
}

// wrong says what should be at the next byte.
func (w *walker) wrong(want string) error {
	if w.at >= len(w.src) {
		return fmt.Errorf("redact: JSON ends at byte %d, want %s", len(w.src), want)
	}
	return fmt.Errorf("redact: JSON byte %d is %q, want %s", w.at, w.src[w.at], want)
}

func (w *walker) blanks() {
	for w.at < len(w.src) && is(w.src[w.at], space) {
		w.at++
	}
}

// next returns the next byte that is not blank, or 0 at the end.
func (w *walker) next() byte {
	w.blanks()
	if w.at < len(w.src) {
		return w.src[w.at]
	}
	return 0
}

// replace writes text in the place of [lo, hi) of the source.
func (w *walker) replace(lo, hi int, text string) {
	w.dst = append(w.dst, w.src[w.copied:lo]...)
	w.dst = appendQuoted(w.dst, text)
	w.copied = hi
}

func (w *walker) value(f *fate, depth int) error {
	switch b := w.next(); {
	case b == '"':
		return w.stringValue(f)
	case b == '{':
		return w.object(f, depth+1)
	case b == '[':
		return w.array(f, depth+1)
	case b == '-' || is(b, digit):
		return w.number(f)
	case b == 't':
		return w.word("true")
	case b == 'f':
		return w.word("false")
	case b == 'n':
		return w.word("null")
	}
	return w.wrong("a value")
}

func (w *walker) word(word string) error {
	if !strings.HasPrefix(w.src[w.at:], word) {
		return w.wrong(word)
	}
	w.at += len(word)
	return nil
}

func (w *walker) array(f *fate, depth int) error {
	if depth > maxDepth {
		return w.wrong("fewer levels")
	}
	w.at++
	if w.next() == ']' {
		w.at++
		return nil
	}
	if f.schema {
		own := *f
		own.schema = false
		f = &own
	}
	var named verdict // by the member before
	for {
		below := f
		if !f.hidden && w.next() == '"' {
			if named.secret && w.r.on[named.rule] && w.isListedSecret() {
				below = &fate{verdict: named, hidden: true}
			}
			named = w.nameInList()
		} else {
			named = verdict{}
		}
		if err := w.value(below, depth); err != nil {
			return err
		}
		switch w.next() {
		case ',':
			w.at++
		case ']':
			w.at++
			return nil
		default:
			return w.wrong("a comma or the end of the array")
		}
	}
}

func (w *walker) object(f *fate, depth int) error {
	if depth > maxDepth {
		return w.wrong("fewer levels")
	}
	if f.narrow {
		f = &harmless
	}
	var own fate // of the member, where it is not f
	used := w.keys.enter()
	pair := pairName{at: -1}
	w.at++
	if w.next() == '}' {
		w.at++
		return nil
	}
	for {
		below, part, err := w.key(f, &own, used)
		if err != nil {
			return err
		}
		if w.short && part == neither && !below.hidden && w.isOfJWK(w.last) {
			own = fate{verdict: verdict{rule: rulePrivateKey, secret: true},
				hidden: w.r.on[rulePrivateKey]}
			below = &own
		}
		if part != neither && w.next() == '"' {
			if part == nameOfPair {
				pair = pairName{at: w.at}
			} else if !below.hidden {
				below = w.valueOfPair(below, &own, &pair)
			}
		}
		if err := w.value(below, depth); err != nil {
			return err
		}
		switch w.next() {
		case ',':
			w.at++
		case '}':
			w.at++
			w.keys.leave(used)
			return nil
		default:
			return w.wrong("a comma or the end of the object")
		}
	}
}

// key reads a key and its colon, and returns the fate of its value, which is f or in own, and which
// part of a pair that is.
func (w *walker) key(f, own *fate, used int) (*fate, pairPart, error) {
	if w.next() != '"' {
		return f, neither, w.wrong("a key")
	}
	lo := w.at
	name, err := w.str()
	if err != nil {
		return f, neither, err
	}
	w.earn()
	k := w.r.know(name, &w.budget, &w.learned)
	part := k.verdict.part
	below := w.below(f, own, name, &k.verdict)
	if w.short = len(name) <= 2; w.short {
		w.last = w.src[lo+1 : w.at-1]
	}
	if !k.clean {
		w.hideKey(lo, w.at, name, used)
	}
	if w.next() != ':' {
		return f, neither, w.wrong("a colon")
	}
	w.at++
	w.next()
	if below.hidden {
		below = w.settle(below, own)
	}
	return below, part, nil
}

// hideKey hides what is secret in a key.
func (w *walker) hideKey(lo, hi int, name string, used int) {
	shown, changed := w.r.text(name, &w.budget)
	if !changed && strings.IndexByte(name, '[') < 0 {
		return
	}
	if unique := w.keys.unique(used, shown, changed); unique != name {
		w.replace(lo, hi, unique)
	}
}

func (w *walker) number(f *fate) error {
	lo := w.at
	if w.src[w.at] == '-' {
		w.at++
	}
	whole := w.at
	if w.at = run(w.src, whole, digit, len(w.src)); w.at == whole || w.src[whole] == '0' &&
		w.at > whole+1 {
		return w.wrong("a number")
	}
	if w.at < len(w.src) && w.src[w.at] == '.' {
		part := w.at + 1
		if w.at = run(w.src, part, digit, len(w.src)); w.at == part {
			return w.wrong("digits after the point")
		}
	}
	if w.at < len(w.src) && folded[w.src[w.at]] == 'e' {
		w.at++
		if w.at < len(w.src) && (w.src[w.at] == '+' || w.src[w.at] == '-') {
			w.at++
		}
		part := w.at
		if w.at = run(w.src, part, digit, len(w.src)); w.at == part {
			return w.wrong("digits of an exponent")
		}
	}
	by := f.rule
	if !f.hidden || f.narrow {
		if by = ruleCard; !w.r.on[ruleCard] || w.at-lo > maxCard ||
			run(w.src, lo, digit, w.at-lo) < w.at || !isCard(w.src[lo:w.at]) {
			return nil
		}
	}
	if !w.r.allowances.allow(w.src[lo:w.at]) {
		w.r.count(by)
		w.replace(lo, w.at, w.r.marks[by])
	}
	return nil
}

func (w *walker) stringValue(f *fate) error {
	lo := w.at
	text, err := w.str()
	if err != nil {
		return err
	}
	w.earn()
	if f.hidden && !f.isDirectory(text) && !w.r.keeps(&f.verdict, text) &&
		!(f.example && (isPlaceholder(text) || len(text) > 2 && isState(text))) {
		w.r.count(f.rule)
		w.replace(lo, w.at, w.r.marks[f.rule])
		return nil
	}
	if w.nested > 0 && looksLikeJSON(text) {
		if !w.r.mayHide(text) {
			return nil
		}
		if out, changed, err := w.r.document(nil, text, w.nested-1, &w.budget); err == nil {
			if changed {
				w.replace(lo, w.at, view(out))
			}
			return nil
		}
	}
	if shown, changed := w.r.text(text, &w.budget); changed {
		w.replace(lo, w.at, shown)
	}
	return nil
}

// looksLikeJSON reports whether a text may be an object, an array or a string.
func looksLikeJSON(s string) bool {
	lo, hi := 0, len(s)-1
	for lo < hi && is(s[lo], space) {
		lo++
	}
	for hi > lo && is(s[hi], space) {
		hi--
	}
	if lo >= hi {
		return false
	}
	switch s[lo] {
	case '{':
		return s[hi] == '}'
	case '[':
		return s[hi] == ']'
	}
	return s[lo] == '"' && s[hi] == '"'
}
