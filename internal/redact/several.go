package redact

import "strings"

// list returns what is in brackets behind a name and a colon, as Go prints the values of headers
// and of other lists: [a b].
func (a *assignment) list() (lo, hi int) {
	text, lo := a.text, a.at+1
	if a.form != colon || a.quoted || text[a.at] != '[' || text[a.at-1] != ':' || lo == len(text) ||
		text[lo] == '"' {
		return 0, 0
	}
	end := min(len(text), lo+maxList)
	for hi = lo; hi < end && text[hi] != '\n'; hi++ {
		if text[hi] == ']' && (hi+1 == len(text) ||
			strings.IndexByte(" ]})\n\"", text[hi+1]) >= 0 && a.isSyntax(hi+1)) {
			break
		}
	}
	if a.work += hi - lo; hi == lo || hi == end && end == lo+maxList || hi < len(text) &&
		text[hi] != ']' {
		return 0, 0
	}
	content := text[lo:hi]
	if a.isNoValue(content) || a.rule == ruleToken && a.plural || a.weak && len(content) < 6 ||
		isIdentifier(content) && (a.weak || isWordForNoValue(content)) && a.rule != ruleCookie &&
			!isDrawn(content) {
		return 0, 0
	}
	return lo, hi
}

// maxList bounds how far the end of a list is searched for.
const maxList = 4 << 10

// settingEnd returns where a setting of a connection string ends whose value goes on to hi at
// least: at the next semicolon, for there a value may have blanks in it.
func (a *assignment) settingEnd(hi int) int {
	rest := a.text[hi:min(len(a.text), hi+maxName)]
	n := strings.IndexByte(rest, ';')
	if n > 0 && !strings.ContainsAny(rest[:n], "\"'`<>\r\n") {
		return hi + n
	}
	return hi
}

// block returns the lines of a block scalar of YAML, if that is what the value is: they follow a
// "|" or a ">", and are indented.
func (a *assignment) block() (lo, hi int) {
	text, i := a.text, a.at
	if a.form != colon || text[i] != '|' && text[i] != '>' {
		return 0, 0
	}
	i = a.run(a.run(i+1, dash|digit, 2), blank, 8)
	first := i + lineBreak(text, i)
	lo = a.run(first, blank, 64)
	if first == i || lo == first {
		return 0, 0
	}
	for at := first; at < min(len(text), lo+maxQuoted) &&
		a.run(at, blank, lo-first)-at == lo-first; {
		hi = a.lineEnd(at)
		if at = hi + lineBreak(text, hi); at == hi {
			break
		}
	}
	for hi > lo && is(text[hi-1], space) {
		hi--
	}
	if lo >= hi || isPlaceholder(text[lo:hi]) {
		return 0, 0
	}
	return lo, hi
}

// lineBreak returns the size of the end of a line that is at i, as it is or escaped.
func lineBreak(text string, i int) int {
	for _, end := range [...]string{"\r\n", "\n", `\r\n`, `\n`} {
		if strings.HasPrefix(text[i:], end) {
			return len(end)
		}
	}
	return 0
}
