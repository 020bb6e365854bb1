package guard

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"
)

type wrapping struct{ inner error }

func (e *wrapping) Error() string { return "x: " + e.inner.Error() }
func (e *wrapping) Unwrap() error { return e.inner }

// judged is an error whose Is, As and Unwrap do what the test tells them to.
type judged struct {
	is, as func() bool
	unwrap func() error
}

func (judged) Error() string   { return "judged" }
func (e judged) Is(error) bool { return e.is != nil && e.is() }
func (e judged) As(any) bool   { return e.as != nil && e.as() }
func (e judged) Unwrap() error { return call(e.unwrap) }
func call(f func() error) error {
	if f == nil {
		return nil
	}
	return f()
}

type spiteful struct{}

func (spiteful) Error() string { panic(spiteful{}) }

func TestIsAndAsSurviveAnErrorsOwnCode(t *testing.T) {
	oh := func() bool { panic("oh") }
	var itself judged
	itself.unwrap = func() error { return itself }
	for name, tt := range map[string]struct {
		err    error
		is, as bool
	}{
		"nil":        {nil, false, false},
		"the target": {io.EOF, true, false},
		"wrapped":    {fmt.Errorf("x: %w", io.EOF), true, false},
		"joined": {errors.Join(errors.New("a"), nil,
			fmt.Errorf("x: %w", &wrapping{io.EOF})), true, true},
		"another":          {errors.New("a"), false, false},
		"the type":         {&wrapping{errors.New("a")}, false, true},
		"typed nil":        {(*wrapping)(nil), false, true},
		"wrapped nil":      {fmt.Errorf("x: %w", (*wrapping)(nil)), false, true},
		"Is says yes":      {judged{is: func() bool { return true }}, true, false},
		"Is panics":        {judged{is: oh}, false, false},
		"As panics":        {judged{as: oh}, false, false},
		"Unwrap panics":    {judged{unwrap: func() error { panic("oh") }}, false, false},
		"wraps itself":     {itself, false, false},
		"cannot be equal":  {judged{}, false, false},
		"endless branches": {errors.Join(itself, itself), false, false},
	} {
		if got := Is(tt.err, context.Canceled, io.EOF); got != tt.is {
			t.Errorf("%s: Is says %v", name, got)
		}
		if _, got := As[*wrapping](tt.err); got != tt.as {
			t.Errorf("%s: As says %v", name, got)
		}
	}
}

func TestTextOfWhatWasPanickedWith(t *testing.T) {
	cyclic := map[string]any{}
	cyclic["itself"] = cyclic
	for want, p := range map[string]any{
		"!PANIC: oh":                             "oh",
		"!PANIC: 7":                              7,
		"!PANIC: EOF":                            io.EOF,
		"!PANIC: 1s":                             time.Second,
		"!PANIC: map[string]interface {}":        cyclic,
		"!PANIC: []int[1,2]":                     []int{1, 2},
		"!PANIC: panic called with nil argument": nil,
	} {
		if got := Call(func() { panic(p) }); got != want {
			t.Errorf("%T: %q, want %q", p, got, want)
		}
	}
	if got := Call(func() { panic(spiteful{}) }); !strings.HasPrefix(got, "!PANIC") {
		t.Errorf("what panics when it is printed: %q", got)
	}
	if got := Call(func() {}); got != "" {
		t.Errorf("nothing panicked: %q", got)
	}
	if text, panicked := ErrorText((*wrapping)(nil)); !panicked ||
		!strings.Contains(text, "nil pointer") {
		t.Errorf("a typed nil says %q, %v", text, panicked)
	}
	if text, panicked := ErrorText(io.EOF); panicked || text != "EOF" {
		t.Errorf("an error says %q, %v", text, panicked)
	}
}

// hostile is a context whose methods panic.
type hostile struct{ context.Context }

func (*hostile) Value(any) any               { panic("oh") }
func (*hostile) Done() <-chan struct{}       { panic("oh") }
func (*hostile) Deadline() (time.Time, bool) { panic("oh") }

// late is a context whose Err panics once it has ended.
type late struct {
	context.Context
	done chan struct{}
}

func (l *late) Done() <-chan struct{} { return l.done }
func (*late) Err() error              { panic("oh") }
func (*late) Value(any) any           { panic("oh") }

func TestContextEndsWithTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		why := errors.New("why")
		outer, end := context.WithCancelCause(t.Context())
		ctx, cancel := Context(outer)
		defer cancel()
		if ctx.Err() != nil {
			t.Errorf("it has ended: %v", ctx.Err())
		}
		end(why)
		<-ctx.Done()
		if context.Cause(ctx) != why {
			t.Errorf("the cause is %v", context.Cause(ctx))
		}

		timed, stop := context.WithTimeout(t.Context(), time.Second)
		defer stop()
		ctx, cancel = Context(timed)
		defer cancel()
		if d, ok := ctx.Deadline(); !ok || time.Until(d) != time.Second {
			t.Errorf("the deadline is in %v, %v", time.Until(d), ok)
		}
		<-ctx.Done()
		if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			t.Errorf("the cause is %v", context.Cause(ctx))
		}

		ctx, cancel = Context(timed) // which has ended
		defer cancel()
		if !errors.Is(context.Cause(ctx), context.DeadlineExceeded) {
			t.Errorf("the cause is %v", context.Cause(ctx))
		}

		var none context.Context
		ctx, cancel = Context(none)
		if ctx.Err() != nil {
			t.Errorf("a nil one has ended: %v", ctx.Err())
		}
		cancel()
	})
}

func TestContextSurvivesTheOthersOwnCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		for name, outer := range map[string]context.Context{"it panics": &hostile{t.Context()},
			"typed nil": (*hostile)(nil)} {
			ctx, cancel := Context(outer)
			defer cancel()
			if !errors.Is(context.Cause(ctx), errContext) {
				t.Errorf("%s: the cause is %v", name, context.Cause(ctx))
			}
			if v := Value(outer, "key"); v != nil {
				t.Errorf("%s: it carries %v", name, v)
			}
		}
		outer := &late{t.Context(), make(chan struct{})}
		ctx, cancel := Context(outer)
		defer cancel()
		close(outer.done)
		<-ctx.Done()
		if !errors.Is(context.Cause(ctx), errContext) {
			t.Errorf("the cause is %v", context.Cause(ctx))
		}
		var none context.Context
		if Value(none, "key") != nil {
			t.Error("no context carries something")
		}
	})
}
