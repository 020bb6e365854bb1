// Package guard runs user code: the methods of errors, values and contexts, log handlers,
// callbacks. User code may panic, be called on a nil pointer, or never return. None of that may
// reach the application, or stop the SDK.
package guard

import (
	"context"
	"encoding/json"
	"fmt"
	"reflect"
)

// Recover is deferred around user code. If that panics, it calls f with a text that says so.
func Recover(f func(text string)) {
	if p := recover(); p != nil {
		f(Text(p))
	}
}

// Call calls f. If f panics, Call returns the panic as a text, otherwise "".
func Call(f func()) (panicked string) {
	defer Recover(func(text string) { panicked = text })
	f()
	return ""
}

// Text describes the value of a panic in user code. It runs user code, too: an Error or String
// method. If that panics, only the bare mark remains.
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
		// A value that contains itself would overflow the stack in fmt, which cannot be recovered
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

// ErrorText returns the message of an error, and whether its Error method panicked, which the text
// then says.
func ErrorText(err error) (text string, panicked bool) {
	defer Recover(func(what string) { text, panicked = what, true })
	return err.Error(), false
}

// Value returns the value of ctx for key; nil for a nil ctx, and if its Value method panics.
func Value(ctx context.Context, key any) (v any) {
	if ctx == nil {
		return nil
	}
	defer Recover(func(string) { v = nil })
	return ctx.Value(key)
}
