package redact

import "strings"

// isExpression reports whether what begins at i, up to the end of its line, is an expression of a
// program that gives a value rather than the value itself: a call, an index, a member, a composite.
func (s *scan) isExpression(i int) bool {
	text := s.text[i:s.rowEnd(i, min(len(s.text), i+enough))]
	s.work += len(text) / 4
	if text != "" && beforeExpressions[text[0]] {
		for _, before := range [...]string{"await ", "new ", "!", "&", "*", "(", "\\&"} {
			text = strings.TrimPrefix(text, before)
		}
	}
	at, members := path(text)
	if at == 0 {
		return false
	}
	if at == len(text) {
		return members > 0
	}
	switch text[at] {
	case '(', '[':
		s.work += 2 * (len(text) - at)
		return at+1 == len(text) || isArguments(text[at:])
	case '{':
		s.work += 2 * (len(text) - at)
		return at+1 == len(text) || isComposite(text[at+1:]) && isArguments(text[at:])
	case '<':
		end := strings.IndexByte(text[at:], '>')
		if end < 2 || !isType(text[at+1:at+end]) {
			return false
		}
		rest := text[at+end+1:]
		return strings.HasPrefix(rest, "(") && isArguments(rest) ||
			endsExpression(strings.TrimLeft(rest, "="))
	case ' ', '\t', ',', ';', ')', '}', ']', '"', '\'', '`':
		return members > 0 && endsExpression(text[at:])
	case '|', '?', '&':
		return members > 0 && at+1 < len(text) && text[at+1] == text[at]
	case '!':
		return members > 0 && (at+1 == len(text) || strings.IndexByte(" ,;)}.", text[at+1]) >= 0)
	}
	return false
}

// beforeExpressions are the bytes that what stands before an expression may begin with.
var beforeExpressions = setOfBytes(`an!&*(\`)

// rowEnd returns where the first line break is in [i, hi), or hi. What has been looked at once is
// not looked at again.
func (s *scan) rowEnd(i, hi int) int {
	from := i
	if i >= s.row.from && i < s.row.to {
		from, i = s.row.from, s.row.to
	}
	begin := i
	for i < hi && s.text[i] != '\n' && s.text[i] != '\r' {
		i++
	}
	s.work += max(0, i-begin)
	s.row = ended{from: from, to: i}
	return min(i, hi)
}

// endsExpression reports whether what follows an expression leaves it one: nothing, a blank, or
// what closes a bracket or a text around it.
func endsExpression(rest string) bool {
	rest = strings.TrimLeft(rest, ")]}\"'`;,\\")
	return rest == "" || is(rest[0], blank)
}

// path returns where the names end that a text begins with and that are joined as members are, and
// how often they are.
func path(text string) (end, members int) {
	if text != "" && (text[0] == '$' || text[0] == '@') {
		end = 1
	}
	for {
		next := run(text, end, word, len(text))
		if next == end || is(text[end], digit) {
			return 0, 0
		}
		if isMixed(text[end:next]) {
			return 0, 0 // as likely a password
		}
		end = next
		joined := 0
		for _, by := range [...]string{"?.", "!.", "::", "->", "."} {
			if strings.HasPrefix(text[end:], by) {
				joined = len(by)
				break
			}
		}
		if joined == 0 || end+joined == len(text) || !is(text[end+joined], letter|under) {
			return end, members
		}
		end += joined
		members++
	}
}

// isMixed reports whether letters follow digits in a name, and both are in it again.
func isMixed(name string) bool {
	changes := 0
	for i := 1; i < len(name); i++ {
		if is(name[i-1], digit) != is(name[i], digit) {
			changes++
		}
	}
	return changes > 2
}

// isArguments reports whether a text begins with a bracket and what a program writes in one, up to
// the bracket that closes it.
func isArguments(text string) bool {
	var open [16]byte
	depth := 0
	for i := 0; i < len(text); i++ {
		b := text[i]
		switch b {
		case '(', '[', '{':
			if depth == len(open) {
				return false
			}
			open[depth] = b
			depth++
		case ')', ']', '}':
			if depth--; !closes(open[depth], b) {
				return false
			}
			if depth == 0 {
				rest := strings.TrimLeft(text[i+1:], ":!?")
				if rest == "" || strings.IndexByte("([{", rest[0]) < 0 {
					return endsExpression(rest) || len(rest) > 1 && rest[0] == '.' &&
						is(rest[1], letter|under)
				}
			}
		case '"', '\'', '`':
			n := strings.IndexByte(text[i+1:], b)
			if n < 0 {
				return false
			}
			if next := i + n + 2; next < len(text) && is(text[next], alnum) {
				return false
			}
			i += n + 1
		case '^', '~', '#', ';', '@', '\\':
			return false
		default:
			if is(b, digit) && i+1 < len(text) && is(text[i+1], letter) &&
				(i == 0 || !is(text[i-1], word)) {
				return false
			}
		}
	}
	last := strings.TrimRight(text, " \t\\")
	return (len(last) == 1 || strings.ContainsAny(last, " ") || len(last) > 1 &&
		strings.IndexByte("\"'", last[1]) >= 0) && strings.IndexByte(",([{",
		last[len(last)-1]) >= 0 // it goes on in the next line
}

// isComposite reports whether what follows a brace begins as what a program writes in one.
func isComposite(text string) bool {
	name := run(text, 0, word, len(text))
	if name == 0 {
		return strings.IndexByte("}\"'`", text[0]) >= 0
	}
	return name < len(text) && strings.IndexByte(":,}(.", text[name]) >= 0
}

// isType reports whether a text is what stands in the brackets of a generic type.
func isType(s string) bool {
	for i := range len(s) {
		if !is(s[i], word|dot|blank) && strings.IndexByte("&'[]<>|?,*:", s[i]) < 0 {
			return false
		}
	}
	return true
}
