package redact

import "strings"

// maxDescribed bounds how far what describes a secret in a text is looked at.
const maxDescribed = 512

// isDescribed reports whether the value is an object of a document in a text, cut off or not, that
// describes the secret, see [walker.isSchema].
func (a *assignment) isDescribed() bool {
	if a.form != colon || a.text[a.at] != '{' {
		return false
	}
	src := a.text[a.at:min(len(a.text), a.at+maxDescribed)]
	if a.quoted && a.text[a.end] == '\\' {
		src = strings.ReplaceAll(src, `\`, "")
	}
	w := walker{r: a.r, src: src, budget: budget{left: 4 * maxDescribed}}
	describes := w.isSchema()
	a.work += 4*maxDescribed - w.budget.left
	return describes
}

// isPiece reports whether the value, which ends at hi, is a piece of a text as models return it,
// with its log probability behind it.
func (a *assignment) isPiece(hi int) bool {
	if a.rule != ruleToken || a.form != colon {
		return false
	}
	next, _, _ := strings.Cut(strings.TrimLeft(a.text[hi:min(len(a.text), hi+24)], "\"'\\, "), ":")
	return besidePieces(next)
}

// isParameterOfSQL reports whether the value [lo, hi) is the name of a parameter, as psql has it:
// WITH PASSWORD :'name'.
func (a *assignment) isParameterOfSQL(lo, hi int) bool {
	before := a.text[max(0, a.begin-len("with ")):a.begin]
	return a.form == colon && lo > 1 && a.text[lo-2] == ':' && equalFold(before, "with ") &&
		isIdentifier(a.text[lo:hi])
}
