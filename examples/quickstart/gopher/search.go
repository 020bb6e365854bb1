package gopher

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
)

// evidence is a passage that may answer the question.
type evidence struct {
	Title string  `json:"title"`
	File  string  `json:"file"` // relative to GOROOT/src
	Line  int     `json:"line"`
	Text  string  `json:"text"`
	Score float64 `json:"score"`
	// Covers is the share of the question that the passage speaks of, from 0 to 1; rare words count
	// for more.
	Covers float64 `json:"covers"`
}

func (e *evidence) cite() string { return fmt.Sprintf("%s:%d", e.File, e.Line) }

// index finds entries by their words.
type index struct {
	entries []entry
	with    map[string][]int32 // by word: the entries that hold it
	rarity  map[string]float64 // of a word, in all documentation
	users   map[string]int     // of a package: how many others import it
}

// newIndex makes an index of entries. Words are as rare in it as in common, or in the entries
// themselves if that is nil.
func newIndex(entries []entry, users map[string]int, common *index) *index {
	x := &index{entries: entries, users: users, with: map[string][]int32{},
		rarity: map[string]float64{}}
	for i := range entries {
		for w := range entries[i].terms {
			x.with[w] = append(x.with[w], int32(i))
		}
	}
	if common != nil {
		x.rarity = common.rarity
		return x
	}
	for w, holders := range x.with {
		x.rarity[w] = rarity(len(entries), len(holders))
	}
	return x
}

func rarity(all, holders int) float64 { return math.Log(1 + float64(all)/float64(1+holders)) }

// concept is a word of the question, with others that may stand for it.
type concept []string

// weight is how much it says that a passage speaks of a concept: as much as the question's own word
// is rare.
func (x *index) weight(c concept) float64 {
	if r, known := x.rarity[c[0]]; known {
		return r
	}
	// a word that nobody uses: the question may still be answered
	return rarity(len(x.entries), 0) / 2
}

// search returns the best entries among the first so many, by how much of the question they cover
// and by BM25.
func (x *index) search(concepts []concept, among, most int) []evidence {
	candidates := map[int32]bool{}
	total := 0.0
	for _, c := range concepts {
		total += x.weight(c)
		for _, w := range c {
			for _, i := range x.with[w] {
				if int(i) < among {
					candidates[i] = true
				}
			}
		}
	}
	list := make([]evidence, 0, len(candidates))
	for i := range candidates {
		e := &x.entries[i]
		ev := evidence{Title: e.title(), File: e.file, Line: e.line, Text: e.text}
		ev.Score, ev.Covers = x.score(e, concepts)
		ev.Covers /= total
		// what is used more is asked for more
		ev.Score *= ev.Covers * (1 + math.Log1p(float64(x.users[e.pkg]))/4)
		list = append(list, ev)
	}
	slices.SortFunc(list, func(a, b evidence) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), strings.Compare(a.Title, b.Title),
			strings.Compare(a.File, b.File))
	})
	list = list[:min(most, len(list))]
	for i := range list {
		list[i].Text = firstSentences(list[i].Text, 2)
		list[i].Score, list[i].Covers = math.Round(100*list[i].Score)/100,
			math.Round(100*list[i].Covers)/100
	}
	return list
}

// score returns an entry's BM25 score, each concept counted by the word of it that fits best, and
// the weight of the concepts it holds.
func (x *index) score(e *entry, concepts []concept) (score, covers float64) {
	const (
		typical = 300 // bytes of documentation
		other   = 0.8 // what a related word counts beside the question's own
	)
	length := 0.25 + 0.75*float64(len(e.text))/typical
	for _, c := range concepts {
		best, share := 0.0, 0.0
		for i, w := range c {
			n := float64(e.terms[w])
			if n == 0 {
				continue
			}
			s, f := x.rarity[w]*n*2.2/(n+1.2*length), 1.0
			if i > 0 {
				s, f = s*other, other
			}
			best, share = max(best, s), max(share, f)
		}
		score += best
		covers += share * x.weight(c)
	}
	return score, covers
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
