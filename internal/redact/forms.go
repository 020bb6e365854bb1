package redact

import "strings"

// annotated returns where the value begins if the type of a name begins at i, behind which an
// equals sign follows: in Go (password string = "x"), TypeScript, Python, Rust, Kotlin and Swift
// (password: Type = "x"). It is 0 if none does.
func (a *assignment) annotated(i int) int {
	text := a.text
	i = a.run(i, blank, 8)
	begin, depth := i, 0
	for end := min(len(text), i+maxType); i < end && (is(text[i], word|dot) ||
		strings.IndexByte("&'<>[]?*|", text[i]) >= 0 || text[i] == ' ' &&
		(depth > 0 || byteAt(text, i+1) == '=' || text[begin] == '&')); i++ {
		switch text[i] {
		case '[', '<':
			depth++
		case ']', '>':
			depth--
		}
		if text[i] == '\'' && !(i > begin && text[i-1] == '&') { // a lifetime of Rust
			return 0
		}
	}
	a.work += i - begin
	if depth != 0 || i == begin || i+1 >= len(text) || text[i] != '=' || text[i+1] == '=' ||
		text[i+1] == '>' {
		return 0
	}
	kind := strings.TrimRight(text[begin:i], " ")
	if kind == "" || !is(kind[0], letter|under) && strings.IndexByte("&[*?", kind[0]) < 0 ||
		strings.Count(kind, " ") > 1 {
		return 0
	}
	if text[i-1] != ' ' && (len(kind) < 3 ||
		run(kind, 0, word, len(kind)) == len(kind) && !isOneCase(kind) ||
		kind[len(kind)-1] == '.' || strings.IndexByte(kind[:len(kind)-1], '?') >= 0) {
		return 0 // as likely a password
	}
	i = a.run(i+1, blank, 8)
	if i == len(text) || strings.IndexByte("\"'`", text[i]) < 0 && !(is(folded[text[i]], lower) &&
		strings.IndexByte("\"'", byteAt(text, i+1)) >= 0) {
		return 0
	}
	return i
}

// maxType bounds how long the type of a name may be.
const maxType = 48

// setters are the words before a name that its value follows behind a blank: of files for
// containers, of shells, and of tools that keep settings.
var setters = setOf("env arg set setx setenv config add put --set --set-string --build-arg " +
	"--global --local --system")

// isSet reports whether the name is what a command sets: ENV NAME x, aws configure set name x, or a
// variable in capital letters at the beginning of a line.
func (a *assignment) isSet() bool {
	begin := a.begin
	for begin > 0 && a.text[a.begin-1] == ':' && a.begin-begin < maxName &&
		!is(a.text[begin-1], space) { // the name of a registry is in front of it
		begin--
	}
	blanks := a.back(begin, blank, 4)
	if blanks == begin {
		return false
	}
	word := a.back(blanks, urlish, 20)
	return hasFolded(setters, a.text[word:blanks])
}

// membersOfPairs are what a member, or an attribute, is called whose text is the name of another's.
var membersOfPairs = setOf("name key var variable property id field parameter env setting " +
	"parameterkey")

// namesMember looks for a name that is itself the value of a member, with the value that goes with
// it behind it: in YAML (name: X, and value: x in the next line), in XML (name="x" value="x", and
// key="x">x<), and in JSON that is no document.
func (a *assignment) namesMember(i int) bool {
	text := a.text
	before := a.begin
	for before > 0 && before > a.begin-4 && strings.IndexByte("\"'\\ ", text[before-1]) >= 0 {
		before--
	}
	if before == 0 || text[before-1] != ':' && text[before-1] != '=' {
		return false
	}
	end := before - 1
	for end > 0 && strings.IndexByte("\"'\\ ", text[end-1]) >= 0 && end > before-5 {
		end--
	}
	if word := a.back(end, letter, 12); word == end || !hasFolded(membersOfPairs, text[word:end]) {
		return false
	}
	if a.quoted && text[i] == '>' {
		a.at, a.form, a.html = i+1, colon, true
		return true
	}
	at := i
	for n := 0; n < maxName && at < len(text) && strings.IndexByte(" \t\r\n,\"'\\",
		text[at]) >= 0; n++ {
		at++
	}
	a.work += at - i
	for _, name := range [...]string{"value", "val", "stringvalue", "valuestring",
		"parametervalue", "defaultvalue", "content"} {
		if !hasPrefixFold(text[at:], name) {
			continue
		}
		at += len(name)
		for n := 0; n < 4 && at < len(text) && strings.IndexByte("\"'\\ ", text[at]) >= 0; n++ {
			at++
		}
		if at < len(text) && (text[at] == ':' || text[at] == '=') {
			a.at, a.form = at+1, colon
			return true
		}
		return false
	}
	return false
}

// byDefault returns where the value begins that a variable of Terraform has by default, whose block
// begins at i: 0 if there is none.
func (a *assignment) byDefault(i int) int {
	const most = 512
	if !strings.HasSuffix(a.text[:max(0, a.begin-1)], "variable ") {
		return 0
	}
	block := a.text[i:min(len(a.text), i+most)]
	if n := strings.IndexByte(block, '}'); n >= 0 {
		block = block[:n]
	}
	a.work += len(block) / 4
	n := strings.Index(block, "default")
	if n < 0 {
		return 0
	}
	at := a.run(i+n+len("default"), blank, maxName)
	if byteAt(a.text, at) != '=' {
		return 0
	}
	return a.run(at+1, blank, maxName)
}
