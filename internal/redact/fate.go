package redact

import "strings"

// below returns the fate of the value of a field in an object whose own fate is f; v is what the
// field's name says. It is f itself nearly always, and else in own: most names say nothing, and
// fates are too large to be handed on for each of them.
func (w *walker) below(f, own *fate, name string, v *verdict) *fate {
	if f.schema {
		if describes[name] {
			return &harmless
		}
		*own = *f
		own.schema, own.example = false, true
		return own
	}
	if !v.secret || !w.r.on[v.rule] {
		return f
	}
	if v.narrow && f.hidden {
		return f
	}
	*own = fate{verdict: *v, hidden: true, schema: !f.hidden && !v.narrow}
	return own
}

// settle looks ahead at the value whose fate is f, where that depends on what the value is. It may
// put another fate in own.
func (w *walker) settle(f, own *fate) *fate {
	if w.at >= len(w.src) || !f.schema {
		return f
	}
	if b := w.src[w.at]; b == '{' {
		if w.isSchema() {
			return f
		}
	} else if f.rule == ruleToken && (b == '"' || is(b, digit)) && w.isPiece() {
		return &harmless
	}
	*own = *f
	own.schema = false
	return own
}

// describes are the members of a JSON Schema that say what a value is like. The others (default,
// const, enum, examples) may hold one.
var describes = setOf("type title description format properties items anyOf oneOf allOf required " +
	"additionalProperties minLength maxLength minItems maxItems uniqueItems minimum maximum " +
	"exclusiveMinimum exclusiveMaximum multipleOf minProperties maxProperties propertyNames " +
	"patternProperties dependentRequired prefixItems contains not if then else $defs definitions " +
	"pattern readOnly writeOnly nullable deprecated $ref $schema $id $comment in style explode " +
	"schema scheme bearerFormat flows openIdConnectUrl authorizationUrl tokenUrl refreshUrl " +
	"scopes name")

// schemaTypes are the types that a JSON Schema knows.
var schemaTypes = setOf("string number integer boolean object array null apiKey http oauth2 " +
	"openIdConnect mutualTLS")

// maxSchema bounds how far what makes a schema of an object is searched for.
const maxSchema = 16 << 10

// isSchema reports whether the object that begins here is a JSON Schema, or what OpenAPI has for
// one: it has a "type" that is one of a schema's, or refers to others.
func (w *walker) isSchema() bool {
	at := w.at
	defer func() {
		w.budget.spend(w.at - at)
		w.at = at
	}()
	w.at++
	for w.at < at+maxSchema && w.budget.left > 0 && w.next() == '"' {
		name, err := w.str()
		if err != nil || w.next() != ':' {
			return false
		}
		isType := name == "type"
		w.at++
		switch name {
		case "$ref", "authorizationUrl", "tokenUrl":
			return w.next() == '"'
		case "anyOf", "oneOf", "allOf":
			return w.next() == '['
		case "const":
			if w.next() == 'n' {
				return true // null, for there is none
			}
		}
		if isType {
			return w.next() == '"' && w.isSchemaType() || w.next() == '[' && w.isListOfTypes()
		}
		if w.skip(); w.next() != ',' {
			return false
		}
		w.at++
	}
	return false
}

func (w *walker) isSchemaType() bool {
	name, err := w.str()
	return err == nil && schemaTypes[name]
}

func (w *walker) isListOfTypes() bool {
	for w.at++; w.next() == '"'; w.at++ {
		if !w.isSchemaType() {
			return false
		}
		if w.next() != ',' {
			return w.next() == ']'
		}
	}
	return false
}

// skip goes past a value without looking at what is in it.
func (w *walker) skip() {
	depth := 0
	for w.at < len(w.src) {
		switch b := w.src[w.at]; b {
		case '"':
			if _, err := w.str(); err != nil {
				w.at = len(w.src)
			}
			if depth == 0 {
				return
			}
			continue
		case '{', '[':
			depth++
		case '}', ']', ',':
			if depth == 0 {
				return
			}
			if b != ',' {
				if depth--; depth == 0 {
					w.at++
					return
				}
			}
		}
		w.at++
	}
}

// isPiece reports whether the token that begins here is a piece of a text, as models return them:
// with its log probability, or with its text beside its number.
func (w *walker) isPiece() bool {
	at := w.at
	defer func() {
		w.budget.spend(w.at - at)
		w.at = at
	}()
	if w.skip(); w.next() != ',' {
		return false
	}
	w.at++
	if w.next() != '"' {
		return false
	}
	name, err := w.str()
	return err == nil && besidePieces(name)
}

func besidePieces(name string) bool {
	return strings.Contains(name, "logprob") || name == "token_str"
}
