package settings

import (
	"errors"
	"strings"
)

var errOnlyBreak = errors.New("holds nothing but a line break")

// Secret is a row for a value that no error may show; hide makes a value of the field's type. One
// line break at the end, which files and mounted secrets often have, is removed.
func Secret[C, S any](env, field string, at func(*C) *S, hide func(string) S, help string) Row[C] {
	return Row[C]{
		Setting:  Setting{Env: env, Field: field, Allowed: AnyText.Allowed, Help: help},
		IsSecret: true,
		parse: func(c *C, value, _ string) (note string, err error) {
			trimmed := TrimBreak(value)
			if trimmed == "" {
				return "", errOnlyBreak
			}
			if trimmed != value {
				note = "ends in a line break, which is not taken as part of the secret"
			}
			*at(c) = hide(trimmed)
			return note, nil
		},
		fill:  func(*C) {},
		check: func(*C) error { return nil },
		value: func(*C) any { return notShown },
	}
}

// TrimBreak returns s without one line break at its end.
func TrimBreak(s string) string {
	return strings.TrimSuffix(strings.TrimSuffix(s, "\n"), "\r")
}
