// Package settings reads a configuration from environment variables, by one table: a row for each
// field says which variables set it, what its default is and what is allowed. It knows no field.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Setting is what a row says of itself.
type Setting struct {
	// Env is the variable's name. Also are names that are honoured when Env is not set, the first
	// that is set first.
	Env  string
	Also []string
	// Group names the settings that go together: once the Env of one of them is set, the names in
	// Also of none of them are looked at. "" is a group of one.
	Group string
	// Field is the name of the field.
	Field string
	// Default and Allowed say in words what holds without it, and which values it can have.
	Default, Allowed string
	// Help is one line that says what it is for, Broker what the broker's side must have; "":
	// nothing.
	Help, Broker string
}

// Row is a row of the table with what it does to a configuration of type C.
type Row[C any] struct {
	Setting
	// IsSecret is set for what no error may show.
	IsSecret bool
	// hints say for a value that is not allowed what to do instead.
	hints map[string]string
	// claims are further groups that are ours once Env is set.
	claims []string
	// parse sets the field from a variable's value; from is the variable's name. The note is
	// something to be told of a value that was taken.
	parse func(c *C, value, from string) (note string, err error)
	// fill puts the default into a field that has its zero value.
	fill func(*C)
	// check returns what is wrong with the field, and value what it has.
	check func(*C) error
	value func(*C) any
}

// errWrong says of a value only that it is none of those that are allowed.
var errWrong = errors.New("wrong value")

// Table is the rows of a configuration, in the order of the documentation.
type Table[C any] struct {
	// Package is what errors begin with.
	Package string
	Rows    []Row[C]
}

// Read is what the environment gives.
type Read[C any] struct {
	Config C
	// Notes are sentences on values that were taken, but not as they stand.
	Notes []string
	// From says which variable set a field.
	From map[string]string
	// Ignored says why a field's variable was not looked at although it is set.
	Ignored map[string]string
}

// From reads the variables. One that is not set, or empty, leaves its field zero. The error joins
// all wrong values.
func (t *Table[C]) From(lookup func(string) (string, bool)) (Read[C], error) {
	r := Read[C]{From: map[string]string{}, Ignored: map[string]string{}}
	var errs []error
	ours := t.ours(lookup)
	for i := range t.Rows {
		row := &t.Rows[i]
		for _, name := range append([]string{row.Env}, row.Also...) {
			value, _ := lookup(name)
			if value == "" {
				continue
			}
			if by := ours[row.Group]; by != "" && name != row.Env {
				r.Ignored[row.Field] = fmt.Sprintf("%s is not looked at, since %s is set", name, by)
				break
			}
			r.From[row.Field] = name
			note, err := row.parse(&r.Config, value, name)
			if err != nil {
				errs = append(errs, t.Wrong(row, name, value, err))
			}
			if note != "" {
				r.Notes = append(r.Notes, name+" "+note)
			}
			break
		}
	}
	return r, errors.Join(errs...)
}

// ours returns the groups of which a variable of ours is set, and the first of these.
func (t *Table[C]) ours(lookup func(string) (string, bool)) map[string]string {
	ours := map[string]string{}
	for i := range t.Rows {
		row := &t.Rows[i]
		if value, _ := lookup(row.Env); value == "" {
			continue
		}
		for _, group := range append([]string{row.Group}, row.claims...) {
			if group != "" && ours[group] == "" {
				ours[group] = row.Env
			}
		}
	}
	return ours
}

// Wrong describes a variable's bad value.
func (t *Table[C]) Wrong(row *Row[C], name, value string, err error) error {
	shown := Shown(value)
	if row.IsSecret {
		shown = notShown
	}
	hint := row.hints[strings.ToUpper(strings.TrimSpace(value))]
	if name != row.Env {
		hint += "; or " + row.Env + ", which wins over it"
	}
	if err != nil && err != errWrong {
		return fmt.Errorf("%s: %s %w; want %s%s", t.Package, name, err, row.Allowed, hint)
	}
	return fmt.Errorf("%s: %s=%s: want %s%s", t.Package, name, shown, row.Allowed, hint)
}

// Fill puts the defaults into the fields that have their zero value.
func (t *Table[C]) Fill(c *C) {
	for i := range t.Rows {
		t.Rows[i].fill(c)
	}
}

// Check describes a field's bad value; nil if it is none. from is [Read.From].
func (t *Table[C]) Check(row *Row[C], c *C, from map[string]string) error {
	switch err := row.check(c); err {
	case nil:
		return nil
	case errWrong:
		return fmt.Errorf("%s: %s is %s, want %s",
			t.Package, t.Named(row.Field, from), Quoted(row.value(c)), row.Allowed)
	default:
		return fmt.Errorf("%s: %s %w; want %s", t.Package, t.Named(row.Field, from), err,
			row.Allowed)
	}
}

// Named is how errors call a field: by its name and that of the variable that set it when the
// environment was read, or would first. from is [Read.From].
func (t *Table[C]) Named(field string, from map[string]string) string {
	for i := range t.Rows {
		if row := &t.Rows[i]; row.Field == field {
			return fmt.Sprintf("Config.%s (%s)", row.Field, cmp.Or(from[field], row.Env))
		}
	}
	return "Config." + field
}

// Names returns the names of all variables.
func (t *Table[C]) Names() (names []string) {
	for i := range t.Rows {
		names = append(append(names, t.Rows[i].Env), t.Rows[i].Also...)
	}
	return names
}

// With returns the row with further names of variables.
func (r Row[C]) With(names ...string) Row[C] {
	r.Also = slices.Clone(names)
	return r
}

// In returns the row as one of a group. Its variable claims further groups, too.
func (r Row[C]) In(group string, claims ...string) Row[C] {
	r.Group, r.claims = group, claims
	return r
}

// Hint says what to do instead of a value that is not allowed.
func (r Row[C]) Hint(value, words string) Row[C] {
	hints := map[string]string{strings.ToUpper(value): "; " + words}
	for k, v := range r.hints {
		hints[k] = v
	}
	r.hints = hints
	return r
}

// Saying puts the default into words where its value does not say it.
func (r Row[C]) Saying(words string) Row[C] {
	r.Default = words
	return r
}

// Needs says what the broker's side must have.
func (r Row[C]) Needs(words string) Row[C] {
	r.Broker = words
	return r
}
