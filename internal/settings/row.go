// Package settings reads a configuration from environment variables, according to a table. Each row
// is for one field: which variables set it, its default, and what is allowed. The package knows no
// particular field.
package settings

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// Setting is the description of a row.
type Setting struct {
	// Env is the variable's name. Also lists names that are used if Env is not set; the first one
	// that is set counts.
	Env  string
	Also []string
	// Group names settings that belong together: once the Env of one of them is set, all names in
	// Also of that group are ignored. "" is a group of one.
	Group string
	// Field is the name of the field.
	Field string
	// Default and Allowed describe the default and the allowed values in words.
	Default, Allowed string
	// Help is one line that says what the setting is for. Broker says what it requires of the
	// broker's side; "" if nothing.
	Help, Broker string
}

// Row is a row of the table, with its effect on a configuration of type C.
type Row[C any] struct {
	Setting
	// IsSecret marks a value that no error may show.
	IsSecret bool
	// hints say, for a value that is not allowed, what to do instead.
	hints map[string]string
	// claims are further groups that count as ours once Env is set.
	claims []string
	// parse sets the field from a variable's value; from is the variable's name. The note is a
	// remark about a value that was accepted.
	parse func(c *C, value, from string) (note string, err error)
	// fill sets a zero field to its default.
	fill func(*C)
	// check returns what is wrong with the field; value returns its value.
	check func(*C) error
	value func(*C) any
}

// errWrong only says that a value is not allowed.
var errWrong = errors.New("wrong value")

// Table is the rows of a configuration, in the order of the documentation.
type Table[C any] struct {
	// Package is the prefix of errors.
	Package string
	Rows    []Row[C]
}

// Read is the result of reading the environment.
type Read[C any] struct {
	Config C
	// Notes are sentences about values that were used in a changed form.
	Notes []string
	// From says, by field, which variable set it.
	From map[string]string
	// Ignored says, by field, why a variable that is set was ignored.
	Ignored map[string]string
}

// From reads the variables. A variable that is unset or empty leaves its field zero. The error
// joins all wrong values.
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
				r.Ignored[row.Field] = fmt.Sprintf("%s is ignored, because %s is set", name, by)
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

// ours returns the groups of which one of our variables is set, with the first such variable.
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

// Wrong describes a variable's wrong value.
func (t *Table[C]) Wrong(row *Row[C], name, value string, err error) error {
	shown := Shown(value)
	if row.IsSecret {
		shown = notShown
	}
	hint := row.hints[strings.ToUpper(strings.TrimSpace(value))]
	if name != row.Env {
		hint += "; or " + row.Env + ", which takes precedence over it"
	}
	if err != nil && err != errWrong {
		return fmt.Errorf("%s: %s %w; want %s%s", t.Package, name, err, row.Allowed, hint)
	}
	return fmt.Errorf("%s: %s=%s: want %s%s", t.Package, name, shown, row.Allowed, hint)
}

// Fill sets zero fields to their defaults.
func (t *Table[C]) Fill(c *C) {
	for i := range t.Rows {
		t.Rows[i].fill(c)
	}
}

// Check describes a field's wrong value; nil if it is right. from is [Read.From].
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

// Named returns how errors name a field: by its name and the variable that set it when the
// environment was read, or would be read first. from is [Read.From].
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

// Hint adds advice for a value that is not allowed.
func (r Row[C]) Hint(value, words string) Row[C] {
	hints := map[string]string{strings.ToUpper(value): "; " + words}
	for k, v := range r.hints {
		hints[k] = v
	}
	r.hints = hints
	return r
}

// Saying describes the default in words, for a value that does not speak for itself.
func (r Row[C]) Saying(words string) Row[C] {
	r.Default = words
	return r
}

// Needs says what the setting requires of the broker's side.
func (r Row[C]) Needs(words string) Row[C] {
	r.Broker = words
	return r
}
