package gopher

import (
	"strings"
	"unicode"
)

// terms splits text into lower-case words, at changes of case too, and cuts the endings off that
// English adds to them.
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

// stem cuts the endings off by which English words differ. "wrapped", "wraps" and "wrap" are one
// word, and so are "canceled" and "cancellation".
func stem(w string) string {
	for _, end := range []string{"ations", "ation", "ings", "ing", "ied", "ies", "ed", "es", "s",
		"e"} {
		base, ok := strings.CutSuffix(w, end)
		if !ok || len(base) < 3 {
			continue
		}
		if n := len(base); len(end) > 1 && base[n-1] == base[n-2] {
			base = base[:n-1]
		}
		return base
	}
	return w
}

var stopWords = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(
		`a an and any are as at be between by can could difference do does each every for from get
give go golang
		happen how i if in into is it its let make me my need nobody of on one or out several should
so some somebody than that the then there
		this to two use used using want was way what when where which while who why will with without would you your`) {
		m[w], m[stem(w)] = true, true
	}
	return m
}()

// related has words that the standard library may use for what a question says in others.
var related = func() map[string][]string {
	m := map[string][]string{}
	for _, line := range strings.Split(`compare: match is
abort: cancel
convert: parse format
end: close cancel
fast: buffer
finish: wait done
guess: cryptographic secure
kill: cancel signal
limit: timeout deadline
line: scanner text
long: timeout duration
merge: join
once: sync
pause: sleep
random: rand
remove: delete
run: exec command
safe: mutex sync
secret: cryptographic secure
shell: exec command
slow: timeout
stop: cancel done
thread: goroutine
unique: compact
wrap: unwrap is`, "\n") {
		word, others, _ := strings.Cut(line, ":")
		for _, o := range strings.Fields(others) {
			m[stem(word)] = append(m[stem(word)], stem(o))
		}
	}
	return m
}()
