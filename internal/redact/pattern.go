package redact

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"strings"
)

// pattern is a regular expression of a user's, and what it costs.
type pattern struct {
	*regexp.Regexp
	rate int // units of work for each byte of the text that costs it the most
}

// Bounds of what a pattern may cost.
const (
	maxInstructions = 4096 // of the program that it is compiled to
	maxSteps        = 128  // of that program, for each byte of a hostile text
	workOfStep      = 4
)

// compilePattern compiles an expression, and tries it on texts that are made to be dear for it.
func compilePattern(expr string) (pattern, error) {
	re, err := regexp.Compile(expr)
	if err != nil {
		return pattern{}, err
	}
	parsed, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return pattern{}, err
	}
	prog, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return pattern{}, err
	}
	if n := len(prog.Inst); n > maxInstructions {
		return pattern{}, fmt.Errorf("it compiles to %d instructions, want at most %d: repeat less",
			n, maxInstructions)
	}
	steps := 1
	for _, text := range hostileTo(prog) {
		steps = max(steps, stepsOf(prog, text))
	}
	if steps > maxSteps {
		return pattern{},
			fmt.Errorf("it takes up to %d steps for each byte of a text, want at most %d: repeat "+
				"less, or put what must be there first", steps, maxSteps)
	}
	return pattern{re, workOfStep * steps}, nil
}

// hostileTo returns texts in which many matches of a program may begin at once, and end late: each
// kind of character that it asks for, repeated, and all of them in its order.
func hostileTo(prog *syntax.Prog) []string {
	const long = 512
	kinds := []rune{'a', '0', ' ', '-'}
	var inOrder []rune
	for i := range prog.Inst {
		switch in := &prog.Inst[i]; in.Op {
		case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
			for _, c := range append([]rune{'a', 'A', '0', ' '}, in.Rune...) {
				if in.MatchRune(c) {
					inOrder = append(inOrder, c)
					break
				}
			}
		}
		if n := len(inOrder); n > 0 && len(kinds) < 24 && !strings.ContainsRune(string(kinds),
			inOrder[n-1]) {
			kinds = append(kinds, inOrder[n-1])
		}
	}
	var texts []string
	for _, c := range kinds {
		texts = append(texts, strings.Repeat(string(c), long))
	}
	if all := string(inOrder); all != "" {
		texts = append(texts, strings.Repeat(all, 1+long/len(all)))
	}
	return texts
}

// stepsOf returns how many instructions are live for each byte of a text, at the end of it: a match
// may begin at each byte, and none ends the search.
func stepsOf(prog *syntax.Prog, text string) int {
	live, next := newThreads(prog), newThreads(prog)
	steps, tail := 0, len(text)/2
	for at, c := range text {
		live.add(uint32(prog.Start))
		if at >= tail {
			steps += len(live.list)
		}
		for _, pc := range live.list {
			switch in := &prog.Inst[pc]; in.Op {
			case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
				if in.MatchRune(c) {
					next.add(in.Out)
				}
			}
		}
		live, next = next, live
		next.reset()
	}
	return steps / max(1, len(text)-tail)
}

// threads are the instructions that a search has come to.
type threads struct {
	prog *syntax.Prog
	has  []bool
	list []uint32
}

func newThreads(prog *syntax.Prog) *threads {
	return &threads{prog: prog, has: make([]bool, len(prog.Inst))}
}

func (t *threads) reset() {
	for _, pc := range t.list {
		t.has[pc] = false
	}
	t.list = t.list[:0]
}

// add comes to an instruction, and to all that follow without a character.
func (t *threads) add(pc uint32) {
	for !t.has[pc] {
		t.has[pc] = true
		t.list = append(t.list, pc)
		switch in := &t.prog.Inst[pc]; in.Op {
		case syntax.InstAlt, syntax.InstAltMatch:
			t.add(in.Out)
			pc = in.Arg
		case syntax.InstCapture, syntax.InstEmptyWidth, syntax.InstNop:
			pc = in.Out
		default:
			return
		}
	}
}

// findCustom hides what a user's pattern matches, as far as its budget goes: in the whole text, or
// around the marks that have been made in it.
func (s *scan) findCustom(c *custom, near []span, b *budget) {
	end := 0
	for i := 0; i < max(1, len(near)); i++ {
		lo, hi := 0, len(s.text)
		if near != nil {
			lo, hi = max(end, near[i].lo-nearby), min(hi, near[i].hi+nearby)
		}
		if end = max(end, hi); lo < hi {
			s.findIn(c, lo, hi, b)
		}
	}
}

// findIn hides what a user's pattern matches in [lo, hi).
func (s *scan) findIn(c *custom, lo, hi int, b *budget) {
	most := min(hi, lo+b.custom*3/4/c.pattern.rate)
	b.custom -= (most - lo) * c.pattern.rate
	for _, m := range c.pattern.FindAllStringSubmatchIndex(s.text[lo:most], -1) {
		s.floor = 0
		s.hide(lo+m[2*c.group], lo+m[2*c.group+1], c.rule)
	}
	if most < hi {
		s.floor = 0
		s.stop(most)
	}
}
