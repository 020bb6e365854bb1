package callback

import (
	"fmt"
	"reflect"
	"slices"
	"strconv"

	"github.com/dashstream/dashstream-go/internal/settings"
)

// Format implements [fmt.Formatter]. A Config is printed like a struct, except for texts that could
// be a secret in the wrong place. Examples are a password in a broker's address and a key in place
// of its file's path. Those are replaced by a description.
func (c Config) Format(f fmt.State, verb rune) {
	type printed Config // has no Format method
	_, _ = fmt.Fprintf(f, fmt.FormatString(f, verb), printed(c.harmless()))
}

// harmless returns c without texts that could be a secret in the wrong place.
func (c Config) harmless() Config {
	for i := range table.Rows {
		field := at(reflect.ValueOf(&c).Elem(), table.Rows[i].Field)
		if field.Kind() == reflect.String {
			field.SetString(harmlessText(field.String()))
		}
		if v, ok := field.Interface().([]string); ok {
			v = slices.Clone(v)
			for i, s := range v {
				if !settings.BrokerAddress.OK(s) {
					v[i] = harmlessText(s)
				}
			}
			field.Set(reflect.ValueOf(v))
		}
	}
	c.environment = environment{}
	return c
}

func harmlessText(s string) string {
	shown := settings.Shown(s)
	if text, err := strconv.Unquote(shown); err == nil {
		return text
	}
	return shown
}
