package conformance

import (
	"maps"
	"math/rand/v2"
	"regexp/syntax"
	"slices"
	"strings"
)

// drawing is a text made from an expression.
type drawing struct {
	*rand.Rand
	text strings.Builder
	// drawn says for each byte whether it was chosen from a class of more than two characters: what
	// was not is the form, and no secret.
	drawn  []bool
	groups map[int][2]int // where those that are not empty begin and end
}

// draw makes a text that the expression matches, if its assertions are met by what stands around
// the text.
func draw(rnd *rand.Rand, expression string) (*drawing, error) {
	tree, err := syntax.Parse(expression, syntax.Perl)
	if err != nil {
		return nil, err
	}
	d := &drawing{Rand: rnd, groups: map[int][2]int{}}
	d.put(tree)
	return d, nil
}

// secret returns the text of a group, and which of its bytes were drawn.
func (d *drawing) secret(group int) (string, []bool) {
	if group == first && len(d.groups) > 0 {
		group = slices.Min(slices.Collect(maps.Keys(d.groups)))
	}
	span, ok := d.groups[group]
	if !ok {
		span = [2]int{0, d.text.Len()}
	}
	return d.text.String()[span[0]:span[1]], d.drawn[span[0]:span[1]]
}

// more is how many more than it must an unbounded repetition takes at most.
const more = 20

func (d *drawing) put(re *syntax.Regexp) {
	switch re.Op {
	case syntax.OpLiteral:
		text := string(re.Rune)
		if re.Flags&syntax.FoldCase != 0 && d.IntN(2) == 0 {
			text = strings.ToLower(text)
		}
		for _, r := range text {
			d.write(r, false)
		}
	case syntax.OpCharClass:
		d.write(d.oneOf(re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		d.write('.', false) // mostly one that nobody escaped
	case syntax.OpCapture:
		from := d.text.Len()
		d.put(re.Sub[0])
		if to := d.text.Len(); to > from {
			d.groups[re.Cap] = [2]int{from, to}
		}
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			d.put(sub)
		}
	case syntax.OpAlternate:
		d.put(re.Sub[d.IntN(len(re.Sub))])
	case syntax.OpStar:
		d.repeat(re.Sub[0], 0, -1)
	case syntax.OpPlus:
		d.repeat(re.Sub[0], 1, -1)
	case syntax.OpQuest:
		d.repeat(re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		d.repeat(re.Sub[0], re.Min, re.Max)
	}
}

func (d *drawing) repeat(re *syntax.Regexp, low, high int) {
	if high < 0 {
		high = low + more
	}
	for range low + d.IntN(high-low+1) {
		d.put(re)
	}
}

// oneOf draws a printable ASCII character of a class, or its first one. A letter in either case is
// a class of two.
func (d *drawing) oneOf(class []rune) (r rune, drawn bool) {
	var printable []rune
	for i := 0; i < len(class); i += 2 {
		for r := max(class[i], '!'); r <= min(class[i+1], '~'); r++ {
			printable = append(printable, r)
		}
	}
	if len(printable) == 0 {
		return class[0], false
	}
	return printable[d.IntN(len(printable))], len(printable) > 2
}

func (d *drawing) write(r rune, drawn bool) {
	before := d.text.Len()
	d.text.WriteRune(r)
	for range d.text.Len() - before {
		d.drawn = append(d.drawn, drawn)
	}
}
