package redact

import (
	"cmp"
	"slices"
	"strings"
)

// encodedTriggers are what a JSON document has in it, as the bytes that it is written in, if a walk
// over it may hide something and none of the others is there: what the names of secrets are made
// of, escapes that may stand for any letter, and what remains of a literal when JSON escapes a part
// of it. The names are looked for in documents that texts have in them as well.
func encodedTriggers(others []trigger, n *names) []trigger {
	ts := []trigger{{literal: `:/\`}, {literal: `1\/`}, {literal: `1/\`}, {literal: markBegin}}
	for _, l := range n.literals(others) {
		if len(l.literal) >= minLiteral {
			ts = append(ts, l)
		}
	}
	ts = append(ts, escapedTriggers(n)...)
	for _, t := range others {
		if part := unescaped(t.literal); len(part) < len(t.literal) && len(part) >= minLiteral {
			ts = append(ts, partTriggers(&t, part)...)
		}
	}
	return ts
}

// minLiteral is how many bytes a literal has at least.
const minLiteral = 2

// announced reports whether each name and each literal of the user's has something that
// [encodedTriggers] can look for.
func (r *Redactor) announced() bool {
	for _, l := range r.names.literals(nil) {
		if len(l.literal) < minLiteral {
			return false
		}
	}
	for i := range r.custom {
		for _, literal := range r.custom[i].literals {
			if len(unescaped(literal)) < minLiteral {
				return false
			}
		}
	}
	return true
}

// unescaped returns the longest part of a literal that documents hold as it is.
func unescaped(literal string) string {
	return slices.MaxFunc(append(strings.FieldsFunc(literal, isEscaped), ""), byLength)
}

// partTriggers returns the triggers for a part of a literal of which the rest may be escaped. What
// follows the part tells it from a word of its own: an escape, or the first byte of the rest where
// that stands as it is.
func partTriggers(t *trigger, part string) []trigger {
	_, rest, _ := strings.Cut(t.literal, part)
	if rest == "" {
		return []trigger{{literal: part, fold: t.fold}}
	}
	ts := []trigger{{literal: part + `\`, fold: t.fold}}
	if len(rest) > 1 { // else it is the literal, or its end
		ts = append(ts, trigger{literal: part + rest[:1], fold: t.fold})
	}
	return ts
}

func byLength(a, b string) int { return len(a) - len(b) }

// isEscaped reports whether a document may have an escape in the place of c.
func isEscaped(c rune) bool { return c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '/' }

// literals returns what each name of a secret has at least one of in it, beside the triggers that
// there are.
func (t *names) literals(others []trigger) (ts []trigger) {
	within := func(word string) bool {
		in := func(t trigger) bool { return t.fold && !t.word && strings.Contains(word, t.literal) }
		return slices.ContainsFunc(others, in) || slices.ContainsFunc(ts, in)
	}
	for _, word := range joinedWords() {
		if !within(word) {
			ts = append(ts, trigger{literal: word, fold: true, name: true, find: findMember})
		}
	}
	for _, name := range t.secrets() {
		is := func(word string) bool {
			return slices.ContainsFunc(ts, func(t trigger) bool { return t.literal == word })
		}
		if !slices.ContainsFunc(name, within) && !slices.ContainsFunc(name, is) {
			ts = append(ts, trigger{literal: slices.MaxFunc(name, byLength), fold: true, name: true,
				word: true, find: findMember, only: endsWordAt})
		}
	}
	return ts
}

// endsWordAt reports whether a word may end at end: what follows it is no small letter, as in
// "passenger".
func endsWordAt(s string, end int) bool {
	return end >= len(s) || !is(s[end], lower) || !is(s[end-1], letter)
}

// joinedWords returns the words that others are written together with, the shortest first.
func joinedWords() (words []string) {
	for _, list := range runTogether {
		for _, s := range list {
			words = append(words, s.word)
		}
	}
	for _, s := range oddlyCut {
		words = append(words, s.word)
	}
	slices.SortFunc(words, func(a, b string) int {
		return cmp.Or(len(a)-len(b), strings.Compare(a, b))
	})
	return words
}

// secrets returns the words of all names of secrets, the shortest names first.
func (t *names) secrets() (all [][]string) {
	for last, end := range t.endings {
		for i := range end.phrases {
			all = append(all, append(slices.Clone(end.phrases[i].before), last))
		}
	}
	length := func(name []string) int { return len(strings.Join(name, "")) }
	slices.SortFunc(all, func(a, b []string) int {
		return cmp.Or(len(a)-len(b), length(a)-length(b), slices.Compare(a, b))
	})
	return all
}
