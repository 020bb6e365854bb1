package redact

import "strings"

// Headers, parameters and variables are often written as objects that hold a name and a value,
// {"name": "DB_PASSWORD", "value": "x"}: the text of the value is hidden as if it stood behind the
// name.

// pairPart says which part of such an object a member is.
type pairPart uint8

const (
	neither pairPart = iota
	nameOfPair
	textOfPair
)

var (
	namesOfPairs = setOf("name key header field variable parameter")
	textsOfPairs = setOf("value val")
)

// partOfPair says which part a member of this name is.
func partOfPair(name string) pairPart {
	if len(name) < len("val") || len(name) > len("parameter") {
		return neither
	}
	switch {
	case hasFolded(namesOfPairs, name):
		return nameOfPair
	case hasFolded(textsOfPairs, name):
		return textOfPair
	}
	return neither
}

// pairName is the name of a pair.
type pairName struct {
	at      int // where its text begins, or -1 if that is not known yet
	judged  bool
	verdict verdict
}

// valueOfPair returns the fate of the text that begins at the next byte, the value of a pair: f, or
// one that it puts in own.
func (w *walker) valueOfPair(f, own *fate, name *pairName) *fate {
	v := name.verdict
	if !name.judged {
		var ok bool
		if v, ok = w.judgePair(name.at); !ok {
			return f
		}
		if name.at >= 0 { // else another value may have another name behind it
			name.judged, name.verdict = true, v
		}
	}
	if !v.secret || !w.r.on[v.rule] {
		return f
	}
	v.narrow = true // what is not a text is no secret of a pair
	*own = fate{verdict: v, hidden: true}
	return own
}

// judgePair reads the name of a pair that begins at named, or stands behind the text that begins at
// the next byte, and says what it says.
func (w *walker) judgePair(named int) (v verdict, ok bool) {
	at := w.at
	defer func() {
		w.budget.spend(w.at - at)
		w.at = at
	}()
	if named >= 0 {
		w.at = named
	} else if !w.findName() {
		return v, false
	}
	name, err := w.str()
	if err != nil {
		return v, false
	}
	return w.r.names.judge(name), true
}

// membersOfPair is how many members behind the value are searched for the name.
const membersOfPair = 3

// findName goes from a text on to the name that stands behind it in the same object, past nothing
// but texts, numbers and words.
func (w *walker) findName() bool {
	if _, err := w.str(); err != nil {
		return false
	}
	for range membersOfPair {
		if w.next() != ',' {
			return false
		}
		w.at++
		if w.next() != '"' {
			return false
		}
		key, err := w.str()
		if err != nil {
			return false
		}
		part := partOfPair(key)
		if w.next() != ':' {
			return false
		}
		w.at++
		switch b := w.next(); {
		case part == nameOfPair && b == '"':
			return true
		case b == '{' || b == '[':
			return false
		}
		w.skip()
	}
	return false
}

// nameInList says what the text that begins at the next byte says, if it is the name of a secret:
// lists of headers have names and values in turn.
func (w *walker) nameInList() verdict {
	at := w.at
	defer func() { w.at = at }()
	const escaped = len(`\u0000`)
	if strings.IndexByte(w.src[at+1:min(len(w.src), at+1+escaped*maxName)], '"') < 0 {
		return verdict{}
	}
	name, err := w.str()
	if err != nil || len(name) > maxName {
		return verdict{}
	}
	return w.r.know(name, &w.budget, &w.learned).verdict
}

// isListedSecret reports whether the text that begins at the next byte looks like a secret.
func (w *walker) isListedSecret() bool {
	at := w.at
	defer func() { w.at = at }()
	text, err := w.str()
	w.budget.spend(w.at - at)
	return err == nil && isListed(text)
}

// isListed reports whether a member of a list looks like the secret that the one before it names.
func isListed(text string) bool {
	if _, credential, found := strings.Cut(text, " "); found { // behind a scheme
		text = credential
	}
	return looksSecret(text, true) && !isPlaceholder(text)
}
