package redact

import (
	"cmp"
	"slices"
	"strings"
)

// encodedTriggers are what a JSON document has in it, as the bytes that it is written in, if a walk over it may hide something and none
// of the others is there: what the names of secrets are made of, escapes that may stand for any letter, and what remains of a literal
// when JSON escapes a part of it.
func encodedTriggers(others []trigger, n *names) []trigger {
	ts := []trigger{{literal: `\u00`}, {literal: `:\/`}, {literal: `:/\`}, {literal: `1\/`}, {literal: `1/\`}, {literal: markBegin}}
	for _, word := range n.literals() {
		if len(word) >= minLiteral {
			ts = append(ts, trigger{literal: word, fold: true})
		}
	}
	for _, t := range others {
		if part := unescaped(t.literal); len(part) < len(t.literal) && len(part) >= minLiteral {
			ts = append(ts, trigger{literal: part, fold: t.fold})
		}
	}
	return ts
}

// minLiteral is how many bytes a literal has at least.
const minLiteral = 2

// announced reports whether each name and each literal of the user's has something that [encodedTriggers] can look for.
func (r *Redactor) announced() bool {
	for _, word := range r.names.literals() {
		if len(word) < minLiteral {
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

func byLength(a, b string) int { return len(a) - len(b) }

// isEscaped reports whether a document may have an escape in the place of c.
func isEscaped(c rune) bool { return c < ' ' || c >= 0x7f || c == '"' || c == '\\' || c == '/' }

// literals returns words, in lower case, of which each name of a secret has at least one in it.
func (t *names) literals() (words []string) {
	has := func(s string) bool {
		return slices.ContainsFunc(words, func(w string) bool { return strings.Contains(s, w) })
	}
	for _, name := range t.secrets() {
		if !slices.ContainsFunc(name, has) {
			words = append(words, slices.MaxFunc(name, byLength))
		}
	}
	return words
}

// secrets returns the words of all names of secrets, the shortest names first.
func (t *names) secrets() (all [][]string) {
	for last, end := range t.endings {
		for i := range end.phrases {
			all = append(all, append(slices.Clone(end.phrases[i].before), last))
		}
	}
	for _, list := range runTogether {
		for _, s := range list {
			all = append(all, []string{s.word})
		}
	}
	for _, s := range oddlyCut {
		all = append(all, []string{s.word})
	}
	length := func(name []string) int { return len(strings.Join(name, "")) }
	slices.SortFunc(all, func(a, b []string) int {
		return cmp.Or(len(a)-len(b), length(a)-length(b), slices.Compare(a, b))
	})
	return all
}
