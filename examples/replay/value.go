package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// value is a JSON value that knows where it stands. One that is absent has no raw.
type value struct {
	parent *value
	key    string // in parent; "" in a list
	index  int
	raw    json.RawMessage
	whole  bool // it is all that the file has
}

// path returns where the value stands in the file, such as [3].traj[5].content; "the file" for what
// the whole file is.
func (v *value) path() string {
	if v.whole {
		return "the file"
	}
	var parent string
	if v.parent != nil && !v.parent.whole {
		parent = v.parent.path()
	}
	if v.key != "" {
		return parent + "." + v.key
	}
	return parent + "[" + strconv.Itoa(v.index) + "]"
}

func (v *value) wrong(want string) error {
	return fmt.Errorf("%s: found %s, want %s", v.path(), v.form(), want)
}

// form names what kind of JSON the value is.
func (v *value) form() string {
	raw := bytes.TrimSpace(v.raw)
	if len(raw) == 0 {
		return "nothing"
	}
	switch raw[0] {
	case '{':
		return "an object"
	case '[':
		return "a list"
	case '"':
		return "a string"
	case 't', 'f':
		return "a bool"
	case 'n':
		return "null"
	}
	return "a number"
}

// none says whether the value is absent or null.
func (v *value) none() bool { return len(v.raw) == 0 || v.form() == "null" }

// object is a JSON object whose fields know where they stand.
type object struct {
	of     *value
	fields map[string]json.RawMessage
}

func (v *value) object(want string) (object, error) {
	o := object{of: v}
	if v.form() != "an object" || json.Unmarshal(v.raw, &o.fields) != nil {
		return object{}, v.wrong(want)
	}
	return o, nil
}

// field returns the first of the named fields that is there and not null, and the first if there is
// none.
func (o object) field(names ...string) *value {
	for _, name := range names {
		if f := (value{parent: o.of, key: name, raw: o.fields[name]}); !f.none() {
			return &f
		}
	}
	return &value{parent: o.of, key: names[0], raw: o.fields[names[0]]}
}

// list returns the elements; none if the value is absent or null.
func (v *value) list(want string) ([]value, error) {
	if v.none() {
		return nil, nil
	}
	var raws []json.RawMessage
	if v.form() != "a list" || json.Unmarshal(v.raw, &raws) != nil {
		return nil, v.wrong(want)
	}
	elements := make([]value, len(raws))
	for i, raw := range raws {
		elements[i] = value{parent: v, index: i, raw: raw}
	}
	return elements, nil
}

// text returns a string; "" if the value is absent or null.
func (v *value) text(want string) (string, error) {
	var s string
	if v.none() {
		return "", nil
	}
	if v.form() != "a string" || json.Unmarshal(v.raw, &s) != nil {
		return "", v.wrong(want)
	}
	return s, nil
}

// label returns a string as it is and any other value as its JSON; "" if the value is absent or
// null.
func (v *value) label() string {
	if v.none() {
		return ""
	}
	if s, err := v.text(""); err == nil {
		return s
	}
	return string(v.raw)
}

// count returns a number of things; 0 if the value is absent or null.
func (v *value) count() (int, error) {
	var n int
	if v.none() {
		return 0, nil
	}
	if v.form() != "a number" || json.Unmarshal(v.raw, &n) != nil || n < 0 {
		return 0, v.wrong("a whole number from 0")
	}
	return n, nil
}
