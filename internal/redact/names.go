package redact

import (
	"cmp"
	"strings"
)

// verdict is what a field's name says of its value.
type verdict struct {
	rule      rule
	secret    bool
	narrow    bool // only a text directly below the name is secret
	directory bool // unless it is a path: the name is that of the working directory too
	weak      bool // in prose the name is a common word: a value has to look like a secret
	plural    bool
	// the name stands for itself alone: with words before it, it means something else
	alone bool
	part  pairPart
}

// names judges the names of fields.
type names struct {
	endings map[string]ending // by word
	added   []addedName
	allowed map[string]bool // words joined by dashes
}

type addedName struct {
	words []string
	rule  rule
}

// ending is what a word at the end of a name means.
type ending struct {
	phrases []phrase // that it is the last word of
	tail    bool     // it leaves the meaning of the name as it is without it
}

// A phrase is the end of a name that makes its value secret.
type phrase struct {
	before  []string // the words before the last one, in order
	verdict verdict
}

// Bounds of what can be a name: a longer one is a sentence.
const (
	maxNameBytes = 96
	maxNameWords = 10
)

// words is a name cut into words.
type words struct {
	buf [maxNameBytes]byte // in lower case, without separators
	at  [maxNameWords + 1]uint8
	n   int
	odd uint8 // where in buf what follows the last separator begins
}

func (w *words) word(i int) []byte { return w.buf[w.at[i]:w.at[i+1]] }

// cut cuts a name into words and reports whether it is one. A word ends at whatever is neither a
// letter nor a digit, between a small letter and a capital one, before the last of several capital
// letters that a small one follows (APIKey), and between a letter and a digit.
func (w *words) cut(name string) bool {
	w.n, w.odd = 0, 0
	if len(name) > maxNameBytes {
		return false
	}
	var n uint8
	begin := uint8(0)
	last := class(0)
	for i := range len(name) {
		b := name[i]
		c := classes[b] & alnum
		if b >= 0x80 {
			// a letter like the one before it, for its case is not known
			c = cmp.Or(last&letter, lower)
		}
		ends := c != last && (c&last == 0) && !(last == upper && c == lower)
		if last == upper && c == upper && i+1 < len(name) && is(name[i+1], lower) {
			ends = true
		}
		if ends && n > begin {
			if w.n == maxNameWords {
				return false
			}
			w.at[w.n] = begin
			w.n++
			begin = n
		}
		if c != 0 {
			if last == 0 {
				w.odd = n
			}
			w.buf[n] = folded[b]
			n++
		}
		last = c
	}
	if n > begin {
		if w.n == maxNameWords {
			return false
		}
		w.at[w.n] = begin
		w.n++
	}
	w.at[w.n] = n
	return w.n > 0
}

// lastParts returns the end of a name that is too long to be cut, such as the path to a value: what
// its last four separators part.
func lastParts(name string) string {
	const separators = 4
	n := 0
	for i := len(name) - 1; i >= 0 && i > len(name)-maxNameBytes; i-- {
		if is(name[i], alnum) || name[i] >= 0x80 {
			continue
		}
		if n++; n == separators {
			return name[i+1:]
		}
	}
	return name[max(0, len(name)-maxNameBytes):]
}

// joined returns the words joined by dashes.
func (w *words) joined() string {
	var b strings.Builder
	for i := range w.n {
		if i > 0 {
			b.WriteByte('-')
		}
		b.Write(w.word(i))
	}
	return b.String()
}

// judge says what a name says.
func (t *names) judge(name string) verdict {
	var w words
	if part := partOfPair(name); part != neither {
		v := t.named(name, &w)
		v.part = part
		return v
	}
	return t.named(name, &w)
}

// named says what a name says of the value that stands behind it.
func (t *names) named(name string, w *words) verdict {
	if name == "" || strings.Contains(name, markBegin) || !w.cut(name) &&
		(strings.IndexByte(name, ' ') >= 0 || !w.cut(lastParts(name))) {
		return verdict{}
	}
	v := t.verdict(w)
	if v.secret && len(t.allowed) > 0 && t.allowed[w.joined()] {
		return verdict{}
	}
	return v
}

func (t *names) verdict(w *words) verdict {
	for last := w.n - 1; ; last-- {
		end := t.endings[string(w.word(last))]
		for i := range end.phrases {
			if p := &end.phrases[i]; w.endsIn(p.before, last) {
				return w.narrowed(p.verdict, last)
			}
		}
		if tail := end.tail || is(w.word(last)[0], digit); last > 0 && tail {
			continue
		}
		if end.phrases == nil {
			return together(w, last)
		}
		return verdict{}
	}
}

// narrowed is what a phrase whose last word is the one at last means in the whole name.
func (w *words) narrowed(v verdict, last int) verdict {
	if w.n > 1 && asksOrCounts[string(w.word(0))] || last > 0 && v.alone {
		return verdict{}
	}
	if v.rule == ruleToken && (last > 0 && tokenOfText[string(w.word(last-1))] || last+1 < w.n &&
		pieces[string(w.word(last+1))]) {
		return verdict{}
	}
	v.directory = v.directory && (w.n == 1 || w.n == 2 && string(w.word(0)) == "old")
	return v
}

// endsIn reports whether the words before the one at last are these.
func (w *words) endsIn(before []string, last int) bool {
	if len(before) > last {
		return false
	}
	for i, word := range before {
		if string(w.word(last-len(before)+i)) != word {
			return false
		}
	}
	return true
}

// together judges words that were written as one, such as dbpassword, and one that was cut for its
// capitals, such as pASSWORD.
func together(w *words, last int) verdict {
	head := w.word(last)
	for _, s := range runTogether[head[len(head)-1]] {
		if !endsInWord(head, s.word) {
			continue
		}
		rest := string(head[:len(head)-len(s.word)])
		if asksOrCounts[rest] || s.verdict.rule == ruleToken && tokenOfText[rest] {
			return verdict{}
		}
		v := s.verdict
		v.directory = v.directory && rest == "old"
		return v
	}
	if begin := int(w.odd); last > 0 && begin < int(w.at[last]) {
		whole := w.buf[begin:w.at[last+1]]
		for _, s := range oddlyCut {
			if endsInWord(whole, s.word) {
				return s.verdict
			}
		}
	}
	return verdict{}
}

func endsInWord(b []byte, word string) bool {
	return len(b) >= len(word) && string(b[len(b)-len(word):]) == word
}

// IsName reports whether name may stand in [Rules.Names] and [Rules.AllowNames].
func IsName(name string) bool {
	_, err := ruleOfName(name)
	return err == nil
}

// add takes a further name, its words joined by dashes, for a rule.
func (t *names) add(joined string, r rule) {
	t.added = append(t.added, addedName{strings.Split(joined, "-"), r})
}

// allow takes a name as harmless.
func (t *names) allow(name string) error {
	joined, err := ruleOfName(name)
	if err != nil {
		return err
	}
	if t.allowed == nil {
		t.allowed = map[string]bool{}
	}
	for _, spelling := range spellings(joined) {
		t.allowed[spelling] = true
	}
	return nil
}

// build makes the table that names are looked up in.
func (t *names) build() {
	t.endings = map[string]ending{}
	for word := range tails {
		t.endings[word] = ending{tail: true}
	}
	put := func(name string, v verdict) {
		for _, spelling := range spellings(name) {
			words := strings.Fields(spelling)
			last := words[len(words)-1]
			end := t.endings[last]
			end.phrases = append(end.phrases, phrase{words[:len(words)-1], v})
			t.endings[last] = end
		}
	}
	for _, a := range t.added {
		put(strings.Join(a.words, " "), verdict{rule: a.rule, secret: true})
	}
	for _, n := range secretNames {
		for _, name := range strings.Split(n.names, ",") {
			v := n.verdict
			v.secret = true
			put(name, v)
		}
	}
}
