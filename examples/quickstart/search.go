package main

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
)

// evidence is a passage that may answer the question.
type evidence struct {
	Title string  `json:"title"`
	File  string  `json:"file"` // relative to GOROOT/src
	Line  int     `json:"line"`
	Text  string  `json:"text"`
	Score float64 `json:"score"`
}

func (e *evidence) cite() string { return fmt.Sprintf("%s:%d", e.File, e.Line) }

// terms splits text into lower-case words, at changes of case too, and cuts the endings off that English adds to them.
func terms(text string) []string {
	var words []string
	var word []rune
	flush := func() {
		if w := stem(strings.ToLower(string(word))); len(w) > 1 && !stopWords[w] {
			words = append(words, w)
		}
		word = word[:0]
	}
	lower := false
	for _, r := range text {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) || lower && unicode.IsUpper(r) {
			flush()
		}
		if lower = unicode.IsLower(r); unicode.IsLetter(r) || unicode.IsDigit(r) {
			word = append(word, r)
		}
	}
	flush()
	return words
}

func stem(w string) string {
	for _, end := range []string{"ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s", "e"} {
		if base, ok := strings.CutSuffix(w, end); ok && len(base) > 2 {
			return base
		}
	}
	return w
}

var stopWords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`a an and are as at be by can do does for from go golang how i if in into is it its me my of on one or
		out should so than that the then there this to two use used using was way what when where which while who why will with without you your`) {
		m[w], m[stem(w)] = true, true
	}
	return m
}()

// rank scores entries by how rare the words are that they share with the question (BM25), and returns the best.
func (c *corpus) rank(entries []entry, words []string, most int) []evidence {
	type scored struct {
		*entry
		score float64
	}
	var found []scored
	for i := range entries {
		if score := c.score(&entries[i], words); score > 0 {
			found = append(found, scored{&entries[i], score})
		}
	}
	slices.SortFunc(found, func(a, b scored) int {
		return cmp.Or(cmp.Compare(b.score, a.score), strings.Compare(a.title(), b.title()))
	})
	best := make([]evidence, 0, most)
	for _, e := range found[:min(most, len(found))] {
		best = append(best, evidence{Title: e.title(), File: e.file, Line: e.line, Text: firstSentences(e.text, 2), Score: e.score})
	}
	return best
}

func (c *corpus) score(e *entry, words []string) float64 {
	const typical = 300 // bytes of documentation
	score, matched := 0.0, 0
	length := 0.25 + 0.75*float64(len(e.text))/typical
	for _, w := range words {
		n := float64(e.terms[w])
		if n == 0 {
			continue
		}
		matched++
		rarity := math.Log(1 + float64(len(c.docs))/(1+float64(c.words[w])))
		score += rarity * n * 2.2 / (n + 1.2*length)
	}
	return score * float64(matched) / float64(len(words))
}

// declarations looks for functions whose names hold at least two of the words, among the first so many.
func (c *corpus) declarations(ctx context.Context, words []string, most int) ([]evidence, error) {
	var found []entry
	for i := range c.sources[:min(most, len(c.sources))] {
		if i%1000 == 0 && ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		matched := 0
		for _, w := range words {
			if c.sources[i].terms[w] > 0 {
				matched++
			}
		}
		if matched >= 2 {
			found = append(found, c.sources[i])
		}
	}
	if len(found) == 0 && most < len(c.sources) {
		return nil, errBudget
	}
	return c.rank(found, words, 3), nil
}

func firstSentences(text string, n int) string {
	text = strings.Join(strings.Fields(text), " ")
	end := 0
	for range n {
		next := strings.Index(text[end:], ". ")
		if next < 0 {
			return clip(text, 400)
		}
		end += next + 2
	}
	return clip(strings.TrimSpace(text[:end]), 400)
}

func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
