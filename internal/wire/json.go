package wire

import (
	"encoding"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"sync"
	"unsafe"

	"github.com/dashstream/dashstream-go/internal/guard"
)

// unreadableKey is the only member of the JSON object that replaces what has no JSON form. Its
// value says why.
const unreadableKey = "$unreadable"

// Unreadable returns the note that replaces what has no JSON form.
func Unreadable(why string) string {
	text, _ := json.Marshal(why) // cannot fail for a string
	return `{"` + unreadableKey + `":` + string(text) + `}`
}

// readNote returns what a note says, and whether text is one.
func readNote(text string) (why string, ok bool) {
	inner, found := strings.CutPrefix(text, `{"`+unreadableKey+`":`)
	if !found || json.Unmarshal([]byte(strings.TrimSuffix(inner, "}")), &why) != nil {
		return "", false
	}
	return why, true
}

// JSON returns a value as encoding/json encodes it, with two exceptions. A part that has no JSON
// form (NaN, a channel, a MarshalJSON that fails or panics, a cycle) is replaced by a note, see
// [Unreadable], and the rest is kept. And an error without a JSON form of its own becomes its
// message. notes is the number of notes.
func JSON(v any, f *Faults) (text string, notes int) {
	w := jsonWriter{faults: f}
	b := w.append(nil, reflect.ValueOf(v))
	return Valid(string(b), f), w.notes // a MarshalJSON can return invalid UTF-8
}

const (
	// maxJSONDepth is how deeply values may be nested that are written part by part.
	maxJSONDepth = 200
	// maxJSONParts is how many values are written part by part; the rest is replaced by a note. A
	// value that shares its parts can be exponentially long.
	maxJSONParts = 100_000
)

// jsonWriter writes, part by part, values that encoding/json does not write as required.
type jsonWriter struct {
	faults *Faults
	notes  int
	depth  int
	parts  int
	open   []place // the values being written: one that occurs again inside itself is a cycle
}

// place is where a pointer, a map or a slice points to.
type place struct {
	t      reflect.Type
	at     unsafe.Pointer
	length int // of a slice
}

func (w *jsonWriter) note(b []byte, why string) []byte {
	w.notes++
	return append(b, Unreadable(Valid(why, w.faults))...)
}

func (w *jsonWriter) append(b []byte, v reflect.Value) []byte {
	if w.parts++; w.parts > maxJSONParts || w.depth > maxJSONDepth {
		return w.note(b, "json: too deep, or too much")
	}
	if !v.IsValid() {
		return append(b, "null"...)
	}
	owner := v
	if v.CanAddr() {
		owner = v.Addr() // methods of the pointer count, as for encoding/json
	}
	atom := !composite(v.Kind())
	switch x := owner.Interface().(type) {
	case json.Marshaler, encoding.TextMarshaler:
		atom = true
	case error:
		if v.Kind() != reflect.Pointer || !v.IsNil() {
			return appendQuoted(b, ErrorText(x, w.faults))
		}
	}
	if atom || !holdsErrors(v.Type()) {
		text, err, panicked := marshalJSON(owner.Interface())
		switch {
		case err == nil:
			return append(b, text...)
		case atom:
			if panicked {
				w.faults.Panics++
			}
			return w.note(b, err.Error())
		}
	}
	w.depth++
	b = w.parted(b, v)
	w.depth--
	return b
}

// marshalJSON is json.Marshal that survives panics in the value's own code.
func marshalJSON(v any) (text []byte, err error, panicked bool) {
	defer guard.Recover(func(says string) { text, err, panicked = nil, errors.New(says), true })
	text, err = json.Marshal(v)
	return text, err, false
}

func appendQuoted(b []byte, s string) []byte {
	text, _ := json.Marshal(s) // cannot fail for a string
	return append(b, text...)
}

func composite(k reflect.Kind) bool {
	switch k {
	case reflect.Interface, reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map,
		reflect.Struct:
		return true
	}
	return false
}

// parted writes the parts of a value.
func (w *jsonWriter) parted(b []byte, v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.Interface:
		return w.append(b, v.Elem())
	case reflect.Pointer, reflect.Map, reflect.Slice:
		if v.IsNil() {
			return append(b, "null"...)
		}
		place := place{t: v.Type(), at: v.UnsafePointer()}
		if v.Kind() == reflect.Slice {
			place.length = v.Len()
		}
		if slices.Contains(w.open, place) {
			return w.note(b, "json: a cycle")
		}
		w.open = append(w.open, place)
		defer func() { w.open = w.open[:len(w.open)-1] }()
		switch v.Kind() {
		case reflect.Pointer:
			return w.append(b, v.Elem())
		case reflect.Map:
			return w.members(b, v)
		}
		return w.elements(b, v)
	case reflect.Array:
		return w.elements(b, v)
	case reflect.Struct:
		return w.fields(b, v)
	}
	return w.note(b, "json: unsupported type: "+v.Type().String())
}

func (w *jsonWriter) elements(b []byte, v reflect.Value) []byte {
	b = append(b, '[')
	for i := range v.Len() {
		if i > 0 {
			b = append(b, ',')
		}
		if b = w.append(b, v.Index(i)); w.parts > maxJSONParts {
			break
		}
	}
	return append(b, ']')
}

// members writes a map in the order of its keys. Keys that JSON does not support are formatted by
// fmt.
func (w *jsonWriter) members(b []byte, v reflect.Value) []byte {
	type member struct {
		key   string
		value reflect.Value
	}
	var list []member
	for it := v.MapRange(); it.Next(); {
		list = append(list, member{mapKey(it.Key()), it.Value()})
	}
	slices.SortFunc(list, func(a, b member) int { return strings.Compare(a.key, b.key) })
	b = append(b, '{')
	for i, m := range list {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(appendQuoted(b, m.key), ':')
		if b = w.append(b, m.value); w.parts > maxJSONParts {
			break
		}
	}
	return append(b, '}')
}

func mapKey(k reflect.Value) (text string) {
	if k.Kind() == reflect.String {
		return k.String()
	}
	defer guard.Recover(func(says string) { text = says })
	if m, ok := k.Interface().(encoding.TextMarshaler); ok {
		if t, err := m.MarshalText(); err == nil {
			return string(t)
		}
	}
	return fmt.Sprint(k.Interface())
}

// fields writes a struct by the rules of encoding/json's tags. Of several fields with one name, it
// writes the least deeply embedded one, and of several such the first.
func (w *jsonWriter) fields(b []byte, v reflect.Value) []byte {
	b = append(b, '{')
	seen := map[string]bool{}
	level := []reflect.Value{v}
	for len(level) > 0 {
		var embedded []reflect.Value
		for _, s := range level {
			for i := range s.NumField() {
				f := jsonField(s, i)
				switch {
				case f.embedded.IsValid():
					embedded = append(embedded, f.embedded)
				case f.name != "" && !seen[f.name]:
					if seen[f.name] = true; f.omitted {
						continue
					}
					if b[len(b)-1] != '{' {
						b = append(b, ',')
					}
					b = w.field(append(appendQuoted(b, f.name), ':'), f)
				}
			}
		}
		level = embedded
		if w.parts++; w.parts > maxJSONParts || len(seen) > maxJSONDepth*maxJSONDepth {
			break
		}
	}
	return append(b, '}')
}

func (w *jsonWriter) field(b []byte, f field) []byte {
	if !f.quoted {
		return w.append(b, f.value)
	}
	before := w.notes
	text := w.append(nil, f.value)
	if w.notes > before {
		return append(b, text...)
	}
	return appendQuoted(b, string(text))
}

// field is how encoding/json treats a struct's field: as nothing, as a member, or as further
// members inside it.
type field struct {
	name            string
	value, embedded reflect.Value
	omitted, quoted bool
}

func jsonField(s reflect.Value, i int) field {
	t, v := s.Type().Field(i), s.Field(i)
	tag := t.Tag.Get("json")
	name, options, _ := strings.Cut(tag, ",")
	if tag == "-" {
		return field{}
	}
	if t.Anonymous && name == "" {
		in := v
		if in.Kind() == reflect.Pointer && t.IsExported() {
			if in.IsNil() && in.Type().Elem().Kind() == reflect.Struct {
				return field{}
			}
			in = in.Elem()
		}
		if in.Kind() == reflect.Struct {
			return field{embedded: in}
		}
	}
	if !t.IsExported() {
		return field{}
	}
	if name == "" {
		name = t.Name
	}
	f := field{name: name, value: v}
	for option := range strings.SplitSeq(options, ",") {
		switch option {
		case "omitempty":
			f.omitted = f.omitted || empty(v)
		case "omitzero":
			f.omitted = f.omitted || v.IsZero()
		case "string":
			f.quoted = !composite(v.Kind())
		}
	}
	return f
}

func empty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Array, reflect.Map, reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}

var errorsHeld sync.Map // reflect.Type -> bool

var errorType = reflect.TypeFor[error]()

// holdsErrors reports whether a value of the type may contain an error that encoding/json would
// write as an object of its exported fields, of which most errors have none.
func holdsErrors(t reflect.Type) bool {
	if holds, ok := errorsHeld.Load(t); ok {
		return holds.(bool)
	}
	holds := searchErrors(t, map[reflect.Type]bool{})
	errorsHeld.Store(t, holds)
	return holds
}

func searchErrors(t reflect.Type, seen map[reflect.Type]bool) bool {
	if seen[t] {
		return false
	}
	seen[t] = true
	if t.Implements(reflect.TypeFor[json.Marshaler]()) ||
		t.Implements(reflect.TypeFor[encoding.TextMarshaler]()) {
		return false
	}
	if t.Implements(errorType) || t.Kind() != reflect.Interface &&
		reflect.PointerTo(t).Implements(errorType) {
		return true
	}
	switch t.Kind() {
	case reflect.Interface:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Array, reflect.Map:
		return searchErrors(t.Elem(), seen)
	case reflect.Struct:
		for i := range t.NumField() {
			if f := t.Field(i); (f.IsExported() || f.Anonymous) && searchErrors(f.Type, seen) {
				return true
			}
		}
	}
	return false
}
