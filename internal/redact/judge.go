package redact

import "strings"

// isNoValue reports whether a text in the place of a value says that there is none, or repeats the
// name.
func (a *assignment) isNoValue(text string) bool {
	if isSaid(text) || a.rule == ruleCredentials && isPath(text) &&
		strings.HasSuffix(text, ".json") { // a file that has them
		return true
	}
	if text != "" && isPlaceholder(strings.TrimSuffix(strings.TrimSuffix(text, "g"), "/")) {
		return true // which may be what sed puts in the place of others
	}
	return isPlaceholder(text) || isOfCode(text) || sameFold(text, a.text[a.begin:a.end]) ||
		a.isDirectory(text) &&
			isPlainPath(text)
}

// isQuotedSecret decides on a value in quotes.
func (a *assignment) isQuotedSecret(text string) bool {
	if isTemplate(text) || isWordForNoValue(text) {
		return false
	}
	if strings.IndexByte(text, ' ') < 0 && isStrong(text) {
		return true
	}
	if a.begin > 0 && a.text[a.begin-1] == ':' && strings.IndexByte(text, ' ') > 0 {
		return looksSecret(text, true) // what a scope is called, and what it allows
	}
	if strings.IndexByte("),; ", text[0]) >= 0 || a.weak && len(text) < 3 {
		return false // accesskey="h"
	}
	switch a.form {
	case says, argument, call, beside:
		return looksSecret(text, a.weak)
	case literal:
		return looksSecret(text, a.weak) || a.text[a.begin:a.end] == "PASSWORD"
	default:
		return !a.weak || a.quoted || strings.IndexByte(text, ' ') < 0 || looksSecret(text, true)
	}
}

// isBareSecret decides on a value without quotes that ends at hi.
func (a *assignment) isBareSecret(lo, hi int) bool {
	text := a.text[lo:min(hi, lo+enough)]
	core := strings.TrimRight(text, ".,:;!?")
	if core == "" || a.plural || isWordForNoValue(strings.TrimLeft(core, "*&")) ||
		hasPrefixFold(text, "http://") || hasPrefixFold(text, "https://") || a.isExpression(lo) {
		return a.plural && a.form == tight && looksSecret(text, true)
	}
	if a.doubtful {
		return isStrong(core[1:]) && !a.isExpression(lo+1)
	}
	if text[0] == '!' && run(text, 1, letter|under|dot, len(text)) == len(text) ||
		text[0] == '*' && a.form == colon && len(text) > 1 &&
			run(text, 1, lower|under|dash, len(text)) == len(text) {
		return false // a tag or an alias of YAML, which says where the value is
	}
	if isFlag(core) || strings.HasPrefix(core, ".*") && strings.IndexByte("/|#\"'$)",
		byteAt(core, 2)) >= 0 && (core[2] == '/' || !isStrong(core[2:])) {
		return false // or an expression that stands for any value
	}
	if a.form == argument && a.isPair(lo, hi, 2) {
		return false // of another name
	}
	if isStrong(core) && !(a.form == beside && a.weak && len(core) < 12) || isDrawn(core) {
		return true
	}
	if strings.IndexByte("([{&", text[0]) >= 0 && a.form != tight && a.form != flag {
		return false
	}
	plain := isIdentifier(core)
	switch a.form {
	case tight:
		if plain && a.isArgument(hi) {
			return false
		}
		return !a.weak || len(text) >= 6 && !isQuantity(text) || is(text[0], letter)
	case loose, colon:
		if plain && a.form == colon && len(core) >= 8 && hasPrefixFold(a.text[a.begin:a.end],
			"x-") {
			return a.endsLine(hi) // a header
		}
		if plain {
			return !a.weak && len(core) >= 3 && !namesSecret(core) && !a.isArgument(hi) &&
				a.endsLine(hi)
		}
		return looksSecret(core, a.weak)
	case flag:
		return text[0] != '-' && (looksSecret(core, a.weak) || !a.weak &&
			(a.endsLine(hi) || strings.HasPrefix(a.text[hi:], " -")))
	case says:
		return looksSecret(core, a.weak)
	case beside:
		return looksSecret(core, a.weak) && (!a.weak || len(core) >= 16)
	}
	return false
}

// isDrawn reports whether a word has letters alone, but so mixed that it was drawn at random.
func isDrawn(s string) bool {
	const least = 20
	if len(s) < least || len(s) > enough || run(s, 0, letter, len(s)) < len(s) {
		return false
	}
	changes, capitals := 0, 0
	for i := 1; i < len(s); i++ {
		if is(s[i], upper) {
			capitals++
		}
		if is(s[i-1], upper) != is(s[i], upper) {
			changes++
		}
	}
	return changes*3 >= len(s) && capitals*3 >= len(s) // names of functions have fewer capitals
}

// isFlag reports whether a word is a flag of a command, with its value or not.
func isFlag(s string) bool {
	if !strings.HasPrefix(s, "--") {
		return false
	}
	end := run(s, 2, lower|dash, maxName)
	return end > 4 && (end == len(s) || s[end] == '=')
}

// isArgument reports whether the assignment, which ends at hi, stands among the arguments of a call
// in a program.
func (a *assignment) isArgument(hi int) bool {
	before := a.back(a.begin, space, 64)
	if before > 0 && (a.text[before-1] == '(' || a.text[before-1] == ',') {
		return true
	}
	return hi < len(a.text) && (a.text[hi] == ')' || a.text[hi] == ',')
}

// endsLine reports whether nothing but blanks follows hi in its line.
func (a *assignment) endsLine(hi int) bool {
	hi = a.run(hi, blank, 64)
	return hi == len(a.text) || is(a.text[hi], newline) || strings.HasPrefix(a.text[hi:], `\n`) ||
		strings.HasPrefix(a.text[hi:], `\r`)
}

// saying are the first words of what is said of a value that is refused.
var saying = setOf("is are was must may should cannot has have does do will needs not may")

// isSaid reports whether a text is what is said of a value: is too short, must be longer.
func isSaid(s string) bool {
	first, rest, ok := strings.Cut(s, " ")
	return ok && hasFolded(saying, first) && strings.IndexByte(rest, ' ') > 0 &&
		run(rest, 0, lower|blank|dash, len(rest)) == len(rest)
}
