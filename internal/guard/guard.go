// Package guard runs user code: the methods of errors, values and contexts, log handlers,
// callbacks. User code may panic, be called on a nil pointer, or never come to an end; none of that
// may reach the application, or keep the SDK from its work.
package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
)

// Recover is to be deferred around user code. If that panics, it calls f with a text that says so.
func Recover(f func(text string)) {
	if p := recover(); p != nil {
		f(Text(p))
	}
}

// Call calls f and returns what it panicked with as a text, "" if it did not.
func Call(f func()) (panicked string) {
	defer Recover(func(text string) { panicked = text })
	f()
	return ""
}

// Text says what user code panicked with. It runs user code, too: an Error or String method. A
// panic in that leaves the bare mark.
func Text(p any) (text string) {
	defer func() {
		if recover() != nil {
			text = mark
		}
	}()
	switch x := p.(type) {
	case error, fmt.Stringer:
		return fmt.Sprintf(mark+": %v", x)
	}
	switch reflect.ValueOf(p).Kind() {
	case reflect.Map, reflect.Slice, reflect.Array, reflect.Struct, reflect.Pointer,
		reflect.Interface:
		// One that holds itself would take fmt more stack than there is, which cannot be recovered
		// from.
		encoded, err := json.Marshal(p)
		if err != nil {
			return fmt.Sprintf(mark+": %T", p)
		}
		return fmt.Sprintf(mark+": %T%s", p, encoded)
	}
	return fmt.Sprintf(mark+": %v", p)
}

const mark = "!PANIC"

// ErrorText returns the message of an error, and whether its Error method panicked: then the text
// says that.
func ErrorText(err error) (text string, panicked bool) {
	defer Recover(func(what string) { text, panicked = what, true })
	return err.Error(), false
}

// Value returns what ctx carries under key; nil for a nil ctx, and if its Value method panics.
func Value(ctx context.Context, key any) (v any) {
	if ctx == nil {
		return nil
	}
	defer Recover(func(string) { v = nil })
	return ctx.Value(key)
}
