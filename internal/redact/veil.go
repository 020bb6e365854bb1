package redact

import (
	"cmp"
	"slices"
	"strings"
)

// veilTriggers are what texts have in them through which others have to be seen: what terminals are
// told by (colours between a name and its value, or within either), as it is or as programs write
// it, the escapes of JSON in texts that are no documents, and the quotes of HTML around a name.
func veilTriggers() []trigger {
	var ts []trigger
	for _, literal := range [...]string{"\x1b[", "\x1b]", "\x1b(", `\x1b[`, `\x1B[`, `\033[`, `\e[`,
		`\u00`, `:\/`, "&quot;:", "&#34;:", "&#39;:"} {
		ts = append(ts, trigger{literal: literal, veil: true, find: func(*scan, int) {}})
	}
	return ts
}

// seen is where the bytes of a text come from that has been seen through to: those from plain on
// stand from from on in the text as it is, up to the next one. The first of them is wide bytes
// there.
type seen struct{ plain, from, wide int }

// seeThrough returns a text without what hides others in it, and where its bytes come from; nil if
// there is nothing of the kind. Behind so much work the rest is left out, and end is where that
// begins: -1 if all was looked at.
func seeThrough(s string, most int) (plain string, from []seen, end, work int) {
	var b strings.Builder
	var all []seen
	copied, searched := 0, 0
	veils := veilBytes{s, -1, -1, -1}
	for i := veils.next(0); i < len(s); i = veils.next(i) {
		if work += workOfVeil / 4; work > most {
			b.WriteString(s[copied:i])
			return b.String(), all, i, work
		}
		end, stands := veilAt(s, i, &searched)
		if end == i {
			i++
			continue
		}
		work += workOfVeil
		if all == nil {
			b.Grow(len(s))
			all = append(all, seen{wide: 1})
		}
		b.WriteString(s[copied:i])
		if stands != 0 {
			all = append(all, seen{b.Len(), i, end - i})
			b.WriteByte(stands)
		}
		all = append(all, seen{b.Len(), end, 1})
		copied, i = end, end
	}
	if all == nil {
		return s, nil, -1, work
	}
	b.WriteString(s[copied:])
	return b.String(), all, -1, work
}

// veilBytes finds the bytes that may begin what hides others.
type veilBytes struct {
	text string
	// where the next ones are, as far as that is known
	slash, escape, and int
}

// next returns where the first of them is from i on: the end if there is none.
func (v *veilBytes) next(i int) int {
	if v.slash < i {
		v.slash = nextByte(v.text, i, '\\')
	}
	if v.escape < i {
		v.escape = nextByte(v.text, i, 0x1b)
	}
	for v.and < i || v.and < len(v.text) && strings.IndexByte("q#lg",
		byteAt(v.text, v.and+1)) < 0 {
		v.and = nextByte(v.text, max(i, v.and+1), '&')
	}
	return min(v.slash, v.escape, v.and)
}

// nextByte returns where the next b is from i on, or the end.
func nextByte(s string, i int, b byte) int {
	if n := strings.IndexByte(s[i:], b); n >= 0 {
		return i + n
	}
	return len(s)
}

// veilAt returns where a control sequence or an escape ends that begins at i, and the byte that it
// stands for, or 0; i if none begins there. No command of a terminal ends before searched.
func veilAt(s string, i int, searched *int) (end int, stands byte) {
	if s[i] == 0x1b {
		return controlEnd(s, i, i+1, searched), 0
	}
	if s[i] == '&' {
		for _, e := range entities {
			if strings.HasPrefix(s[i:], e.text) {
				return i + len(e.text), e.stands
			}
		}
		return i, 0
	}
	switch byteAt(s, i+1) {
	case '/':
		return i + 2, '/'
	case 'x', '0', 'e', 'u':
	default:
		return i, 0
	}
	for _, spelled := range [...]string{`\x1b`, `\x1B`, `\033`, `\e`, `\u001b`, `\u001B`} {
		if strings.HasPrefix(s[i:], spelled) && strings.HasPrefix(s[i+len(spelled):], "[") {
			return controlEnd(s, i, i+len(spelled), searched), 0
		}
	}
	if u, ok := codeUnit(s[i:]); ok && u >= ' ' && u < 0x7f {
		return i + len(`\u0000`), byte(u)
	}
	return i, 0
}

// entities are what HTML writes for what names and values stand in.
var entities = [...]struct {
	text   string
	stands byte
}{{"&quot;", '"'}, {"&#34;", '"'}, {"&#39;", '\''}, {"&lt;", '<'}, {"&gt;", '>'}}

// maxControl bounds how long a control sequence may be.
const maxControl = 1 << 10

// controlEnd returns where a control sequence ends that begins at begin, whose escape ends at i:
// begin if it does not end.
func controlEnd(s string, begin, i int, searched *int) int {
	if i >= len(s) {
		return begin
	}
	limit := min(len(s), i+maxControl)
	switch s[i] {
	case '[':
		for i++; i < limit && s[i] >= ' ' && s[i] < '@'; i++ {
		}
		if i < limit && s[i] <= '~' {
			return i + 1
		}
	case ']':
		for i = max(i, *searched-1); i < limit; i++ {
			if s[i] == '\a' {
				return i + 1
			}
			if s[i] == 0x1b && i+1 < limit && s[i+1] == '\\' {
				return i + 2
			}
		}
		*searched = limit
	case '(', ')':
		return min(len(s), i+2)
	}
	return begin
}

// lookThrough looks at a text that has been seen through to, and returns what is secret there as it
// stands in the text as it is. Both are looked at: what ends a command may as well begin a secret,
// and what a command says, such as the title of a window, may hold one.
func (r *Redactor) lookThrough(s, plain string, from []seen, before []span, b *budget) []span {
	near := slices.Clone(before)
	for i, m := range near {
		near[i].lo, near[i].hi = seenAt(from, m.lo), seenAt(from, m.hi)
	}
	in := r.lookAt(plain, near, b, false)
	if in == nil {
		return nil
	}
	var spans []span
	for _, sp := range in.spans {
		lo, _ := placeOf(from, sp.lo)
		_, hi := placeOf(from, sp.hi-1)
		spans = append(spans, span{lo, hi, sp.rule})
	}
	r.done(in)
	return spans
}

// seenAt returns where what stands at i in the text as it is stands in what has been seen through
// to, or what follows it.
func seenAt(from []seen, i int) int {
	n, _ := slices.BinarySearchFunc(from, i+1, func(f seen, i int) int {
		return cmp.Compare(f.from, i)
	})
	f := from[n-1]
	if i == f.from {
		return f.plain
	}
	return f.plain + max(0, i-f.from-f.wide) + 1
}

// placeOf returns where a byte of a text that has been seen through to begins and ends in the text
// as it is.
func placeOf(from []seen, i int) (lo, hi int) {
	n, _ := slices.BinarySearchFunc(from, i+1, func(f seen, i int) int {
		return cmp.Compare(f.plain, i)
	})
	f := from[n-1]
	if lo = f.from + i - f.plain; i == f.plain {
		return lo, lo + f.wide
	}
	return lo, lo + 1
}
