package redact

import "strings"

// isOfCode reports whether a text in the place of a value is what programs have there that is no
// secret: a function, what they print of one, rules for what a value may be, an expression that
// matches values, or the name of a header.
func isOfCode(s string) bool {
	if len(s) < 3 {
		return false
	}
	switch s[0] {
	case '[', '<':
		for _, printed := range [...]string{"Function", "AsyncFunction", "GeneratorFunction",
			"class ",
			"Getter", "Setter", "object ", "function ", "bound ", "Circular"} {
			if strings.HasPrefix(s[1:], printed) {
				return true
			}
		}
	case 'f', 'a':
		if strings.HasPrefix(s, "function(") || strings.HasPrefix(s, "async(") {
			return true
		}
	case 'X', 'x':
		if s[1] == '-' && isIdentifier(s) && !isDrawn(s[2:]) {
			return true
		}
	}
	if isMembers(s) {
		return true
	}
	if n := run(s, 0, digit, 8); n > 0 && n+1 < len(s) && closesAll(s[n:n+2]) {
		return true // the last number of an object
	}
	return isRules(s) || isPattern(s)
}

// isMembers reports whether a text is a variable, and the members of an object behind it.
func isMembers(s string) bool {
	first, rest, ok := strings.Cut(s, ",")
	if !ok || !isReference(first) || first == "" {
		return false
	}
	for part := range strings.SplitSeq(rest, ",") {
		name, value, ok := strings.Cut(part, ":")
		n := run(value, 0, letter|under|dot, len(value))
		if !ok || !isReference(name) || name == "" || n == 0 ||
			n < len(value) && strings.IndexByte("()};", value[n]) < 0 {
			return false
		}
	}
	return true
}

func closesAll(s string) bool { return strings.Trim(s, ")}]") == "" }

// isFixture reports whether the value of a member stands for one in an example.
func isFixture(s string) bool {
	if len(s) < 3 || len(s) > maxName {
		return false
	}
	inner, last := s[1:len(s)-1], s[len(s)-1]
	switch s[0] {
	case '<':
		return last == '>' && isPhrase(inner)
	case '{':
		return inner[0] == '{' && last == '}' && isPlaceholder(s)
	case '$':
		return inner[0] == '{' && last == '}' && (isReference(inner[1:]) ||
			run(inner, 1, upper|under|digit, len(inner)) == len(inner))
	}
	return hasFolded(fixtures, s) || hasPrefixFold(s, "your") && isPlaceholder(s)
}

var fixtures = setOf("string example placeholder dummy replace_me replaceme todo fixme tbd")

// isRules reports whether a text is rules for what a value may be, as frameworks write them:
// required|string|min:8.
func isRules(s string) bool {
	if strings.IndexByte(s, '|') < 3 {
		return false
	}
	for part := range strings.SplitSeq(s, "|") {
		name, args, _ := strings.Cut(part, ":")
		if len(name) < 2 || run(name, 0, lower|under, len(name)) < len(name) ||
			run(args, 0, lower|digit|under|dot, len(args)) < len(args) && !isIdentifier(args) {
			return false
		}
	}
	return true
}

// isPattern reports whether a text is a regular expression.
func isPattern(s string) bool {
	open := strings.IndexByte(s, '[')
	return open >= 0 && (strings.Contains(s[open:], "A-Z") || strings.Contains(s[open:], "a-z") ||
		strings.Contains(s[open:], "0-9"))
}
