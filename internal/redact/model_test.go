package redact

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"

	"unicode/utf8"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// The model redacts a parsed document. It knows nothing of bytes and escapes, so that it can tell
// whether the walk over bytes comes to the same.

// member is one of an object's, whose order is kept.
type member struct {
	name  string
	value any
}

// parse returns a document as strings, json.Numbers, bools, nil, []any and []member.
func parse(doc []byte) (any, error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.UseNumber()
	v, err := parseValue(d)
	if err != nil {
		return nil, err
	}
	if _, err := d.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one document")
	}
	return v, nil
}

func parseValue(d *json.Decoder) (any, error) {
	token, err := d.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('['):
		list := []any{}
		for d.More() {
			v, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := d.Token()
		return list, err
	case json.Delim('{'):
		object := []member{}
		for d.More() {
			name, err := d.Token()
			if err != nil {
				return nil, err
			}
			v, err := parseValue(d)
			if err != nil {
				return nil, err
			}
			object = append(object, member{name.(string), v})
		}
		_, err := d.Token()
		return object, err
	}
	return token, nil
}

func print(v any) string {
	switch v := v.(type) {
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = print(v[i])
		}
		return "[" + strings.Join(parts, ",") + "]"
	case []member:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = quoted(v[i].name) + ":" + print(v[i].value)
		}
		return "{" + strings.Join(parts, ",") + "}"
	case string:
		return quoted(v)
	}
	return fmt.Sprint(v)
}

// model says what a parsed value becomes.
type model struct {
	r      *Redactor
	nested int
}

func (m model) value(v any, f fate) any {
	switch v := v.(type) {
	case string:
		if f.hidden && !f.isDirectory(v) {
			if m.r.keeps(&f.verdict, v) {
				return v
			}
			return m.r.marks[f.rule]
		}
		return m.text(v)
	case json.Number:
		if f.hidden && !f.narrow {
			return m.r.marks[f.rule]
		}
		return v
	case []any:
		out := []any{}
		var named verdict
		for _, e := range v {
			below := fate{verdict: f.verdict, hidden: f.hidden}
			text, isText := e.(string)
			if named.secret && m.r.on[named.rule] && isText && !f.hidden && isListed(text) {
				below = fate{verdict: named, hidden: true}
			}
			if named = (verdict{}); isText && len(text) <= maxName {
				named = m.r.names.judge(text)
			}
			out = append(out, m.value(e, below))
		}
		return out
	case []member:
		return m.object(v, f)
	}
	return v
}

func (m model) text(s string) any {
	if m.nested > 0 && looksLikeJSON(s) {
		if v, err := parse([]byte(s)); err == nil && json.Valid([]byte(s)) {
			return parsedDocument{model{m.r, m.nested - 1}.value(v, fate{})}
		}
	}
	out, _ := lookAt(m.r, s)
	return out
}

// parsedDocument is a string that holds a document.
type parsedDocument struct{ value any }

func (m model) object(members []member, f fate) any {
	if f.narrow {
		f = fate{}
	}
	isSchema := false
	for _, e := range members {
		if e.name == "type" {
			isSchema = f.schema && isSchemaType(e.value)
			break
		}
	}
	f.schema = isSchema
	out := []member{}
	used := map[string]bool{} // whether it was made
	for i, e := range members {
		name, changed := lookAt(m.r, e.name)
		unique := name
		for n := 2; ; n++ {
			made, taken := used[unique]
			if !taken || !made && !changed {
				break
			}
			unique = fmt.Sprintf("%s#%d", name, n)
		}
		used[unique] = changed || unique != e.name || used[unique]
		out = append(out, member{unique, m.value(e.value, m.below(members, i, f))})
	}
	return out
}

func (m model) below(members []member, i int, f fate) fate {
	name := members[i].name
	if f.schema {
		if describes[name] {
			return fate{}
		}
		f.schema = false
		return f
	}
	v := m.r.names.judge(name)
	if !v.secret || !m.r.on[v.rule] || v.narrow && f.hidden {
		if !f.hidden {
			return m.paired(members, i, f)
		}
		return f
	}
	if v.rule == ruleToken && !v.narrow && !f.hidden && i+1 < len(members) &&
		besidePieces(members[i+1].name) {
		switch e := members[i].value.(type) {
		case string:
			return fate{}
		case json.Number:
			if e[0] != '-' {
				return fate{}
			}
		}
	}
	return fate{verdict: v, hidden: true, schema: !f.hidden && !v.narrow}
}

// paired returns the fate of a value that may be a pair's.
func (m model) paired(members []member, i int, f fate) fate {
	if _, ok := members[i].value.(string); !ok || partOfPair(members[i].name) != textOfPair {
		return f
	}
	name, found := "", false
	for _, e := range members[:i] {
		if s, ok := e.value.(string); ok && partOfPair(e.name) == nameOfPair {
			name, found = s, true
		}
	}
	for n := i + 1; !found && n < len(members) && n <= i+3; n++ {
		switch v := members[n].value.(type) {
		case string:
			if partOfPair(members[n].name) == nameOfPair {
				name, found = v, true
			}
		case []any, []member:
			return f
		}
	}
	v := m.r.names.judge(name)
	if !found || !v.secret || !m.r.on[v.rule] {
		return f
	}
	v.narrow = true
	return fate{verdict: v, hidden: true}
}

func isSchemaType(v any) bool {
	if list, ok := v.([]any); ok {
		for _, e := range list {
			if s, ok := e.(string); !ok || !schemaTypes[s] {
				return false
			}
		}
		return len(list) > 0
	}
	s, ok := v.(string)
	return ok && schemaTypes[s]
}

// unpacked replaces strings that hold documents by the documents, in what the walk made, wherever
// the model has one there.
func unpacked(got, want any) any {
	switch want := want.(type) {
	case parsedDocument:
		if s, ok := got.(string); ok {
			if v, err := parse([]byte(s)); err == nil {
				return parsedDocument{unpacked(v, want.value)}
			}
		}
	case []any:
		if list, ok := got.([]any); ok && len(list) == len(want) {
			for i := range list {
				list[i] = unpacked(list[i], want[i])
			}
		}
	case []member:
		if object, ok := got.([]member); ok && len(object) == len(want) {
			for i := range object {
				object[i].value = unpacked(object[i].value, want[i].value)
			}
		}
	}
	return got
}

// checkDocument checks all that is promised of a document's redaction, and returns the result.
func checkDocument(t *testing.T, r *Redactor, doc []byte) []byte {
	t.Helper()
	out, changed, err := r.JSON(nil, doc)
	if valid := json.Valid(doc); valid != (err == nil) {
		t.Fatalf("json.Valid is %v, the error %v:\n%s", valid, err, doc)
	}
	if err != nil {
		return nil
	}
	if !changed {
		out = doc
	}
	if !json.Valid(out) {
		t.Fatalf("%s becomes %s, which is not valid", doc, out)
	}
	if again, changed, err := r.JSON(nil, out); changed || err != nil {
		t.Fatalf("%s\nbecomes %s\nand then %s (%v)", doc, out, again, err)
	}
	if !utf8.Valid(doc) {
		return out // parsers replace what is not valid, before the model sees it
	}
	v, err := parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	got, err := parse(out)
	if err != nil {
		t.Fatal(err)
	}
	want := model{r, maxNested}.value(v, fate{})
	if got = unpacked(got, want); !reflect.DeepEqual(got, want) {
		t.Fatalf("%s\nparsed and redacted is %s\nredacted and parsed is %s", doc, print(want),
			print(got))
	}
	return out
}

func TestParsingAndRedactingCommute(t *testing.T) {
	r := redactor(t, Rules{})
	var all []string
	for _, p := range secrets() {
		for _, doc := range documents(p.text) {
			all = append(all, doc)
		}
	}
	for _, text := range corpus.Harmless() {
		all = append(all, documents(text)["deep"])
	}
	all = append(all, harmlessDocuments...)
	all = append(all, structures()...)
	for _, doc := range all {
		checkDocument(t, r, []byte(doc))
	}
	t.Logf("%d documents", len(all))
}

// structures are documents of all kinds of names and nesting, of which most have something to hide.
func structures() []string {
	m := corpus.NewMaker(10)
	tokens := plantedOf(m.Tokens())
	names := []string{"a", "name", "value", "Key", "password", "type", "token", "logprob", "auth",
		"session", "properties", "title", "default", "credentials", "secrets", "pwd", "arguments",
		"[REDACTED:jwt]", "[REDACTED:jwt]#2", "x-api-key", ""}
	var build func(depth int) string
	build = func(depth int) string {
		n := m.IntN(10)
		if depth == 0 {
			n = m.IntN(6)
		}
		switch n {
		case 0:
			return []string{"true", "false", "null", "17", "-1.5e3", "0"}[m.IntN(6)]
		case 1:
			return quoted([]string{"", "hi", "api key", "string", "object", "/root",
				"[REDACTED:password]", "é\n\"\\"}[m.IntN(8)])
		case 2:
			return quoted(tokens[m.IntN(len(tokens))].text)
		case 3:
			return quoted("password=" + m.Password())
		case 4:
			return `"` + escaped("x"+m.Hex(3)) + `"`
		case 5:
			return quoted(m.Password())
		case 6:
			return quoted(build(depth - 1))
		case 7:
			parts := make([]string, m.IntN(4))
			for i := range parts {
				parts[i] = build(depth - 1)
			}
			return "[" + strings.Join(parts, " , ") + "]"
		}
		parts := make([]string, m.IntN(5))
		for i := range parts {
			name := names[m.IntN(len(names))]
			if m.IntN(8) == 0 {
				name = tokens[m.IntN(3)].text
			}
			parts[i] = quoted(name) + ": " + build(depth-1)
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	docs := make([]string, 5000)
	for i := range docs {
		docs[i] = build(5)
	}
	return docs
}
