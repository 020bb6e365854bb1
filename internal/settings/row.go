// Package settings reads a configuration from environment variables, by one table: a row for each
// field says which variables set it, what its default is and what is allowed. It knows no field.
package settings

import (
	"errors"
	"fmt"
	"strconv"
)

// Setting is what a row says of itself.
type Setting struct {
	// Env is the variable's name. Also are names that are honoured when Env is not set, the first
	// that is set first.
	Env  string
	Also []string
	// Field is the name of the field.
	Field string
	// Default and Allowed say in words what holds without it, and which values it can have.
	Default, Allowed string
	// Help is one line that says what it is for.
	Help string
}

// Row is a row of the table with what it does to a configuration of type C.
type Row[C any] struct {
	Setting
	// IsSecret is set for what no error may show.
	IsSecret bool
	// parse sets the field from a variable's value; from is the variable's name.
	parse func(c *C, value, from string) error
	// fill puts the default into a field that has its zero value.
	fill func(*C)
	// valid checks the field and returns the value that it has.
	valid func(*C) (value any, ok bool)
}

// Table is the rows of a configuration, in the order of the documentation.
type Table[C any] struct {
	// Package is what errors begin with.
	Package string
	Rows    []Row[C]
}

// From returns the configuration that the variables give. One that is not set, or empty, leaves its
// field zero. The error joins all wrong values.
func (t *Table[C]) From(lookup func(string) (string, bool)) (C, error) {
	var c C
	var errs []error
	for i := range t.Rows {
		row := &t.Rows[i]
		for _, name := range append([]string{row.Env}, row.Also...) {
			value, _ := lookup(name)
			if value == "" {
				continue
			}
			if err := row.parse(&c, value, name); err != nil {
				errs = append(errs, t.Wrong(row, name, value))
			}
			break
		}
	}
	return c, errors.Join(errs...)
}

// Wrong describes a variable's bad value.
func (t *Table[C]) Wrong(row *Row[C], name, value string) error {
	if row.IsSecret {
		value = "(not shown)"
	}
	return fmt.Errorf("%s: %s=%q: want %s", t.Package, name, value, row.Allowed)
}

// Fill puts the defaults into the fields that have their zero value.
func (t *Table[C]) Fill(c *C) {
	for i := range t.Rows {
		t.Rows[i].fill(c)
	}
}

// Check describes a field's bad value; nil if it is none.
func (t *Table[C]) Check(row *Row[C], c *C) error {
	if value, ok := row.valid(c); !ok {
		return fmt.Errorf("%s: Config.%s (%s) is %v, want %s",
			t.Package, row.Field, row.Env, Quoted(value), row.Allowed)
	}
	return nil
}

// Named is how errors call a field: by its name and that of its variable.
func (t *Table[C]) Named(field string) string {
	for i := range t.Rows {
		if row := &t.Rows[i]; row.Field == field {
			return fmt.Sprintf("Config.%s (%s)", row.Field, row.Env)
		}
	}
	return "Config." + field
}

// Quoted is how errors show a value.
func Quoted(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case []string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

// With returns the row with further names of variables.
func (r Row[C]) With(names ...string) Row[C] {
	r.Also = names
	return r
}

// Saying puts the default into words where its value does not say it.
func (r Row[C]) Saying(words string) Row[C] {
	r.Default = words
	return r
}
