package redact

// Headers, parameters and variables are often written as objects that hold a name and a value, {"name": "DB_PASSWORD", "value": "x"}:
// the text of the value is hidden as if it stood behind the name.

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

// valueOfPair returns the fate of the text that begins at the next byte, the value of a pair. named is where the text of its name begins,
// or -1 if that is not known yet.
func (w *walker) valueOfPair(f fate, named int) fate {
	at := w.at
	defer func() { w.at = at }()
	if w.at = named; named < 0 {
		w.at = at
		if !w.findName() {
			return f
		}
	}
	name, err := w.str()
	if err != nil {
		return f
	}
	v := w.r.names.judge(name)
	if !v.secret || !w.r.on[v.rule] {
		return f
	}
	v.narrow = true // what is not a text is no secret of a pair
	return fate{verdict: v, hidden: true}
}

// membersOfPair is how many members behind the value are searched for the name.
const membersOfPair = 3

// findName goes from a text on to the name that stands behind it in the same object, past nothing but texts, numbers and words.
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
