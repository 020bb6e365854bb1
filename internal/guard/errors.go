package guard

import "reflect"

// maxErrors bounds how many errors of a tree are examined: an Unwrap may return its own error.
const maxErrors = 1000

// Is is [errors.Is] for several targets. If the error's code panics, or the tree does not end, it
// returns false.
func Is(err error, targets ...error) (is bool) {
	defer Recover(func(string) { is = false })
	return walk(err, func(err error) bool {
		comparable := reflect.TypeOf(err).Comparable()
		asked, _ := err.(interface{ Is(error) bool })
		for _, target := range targets {
			if comparable && err == target || asked != nil && asked.Is(target) {
				return true
			}
		}
		return false
	})
}

// As is [errors.AsType]. If the error's code panics, or the tree does not end, it returns false.
func As[T error](err error) (target T, ok bool) {
	defer Recover(func(string) {
		var none T
		target, ok = none, false
	})
	found := walk(err, func(err error) bool {
		if target, ok = err.(T); ok {
			return true
		}
		asked, can := err.(interface{ As(any) bool })
		return can && asked.As(&target)
	})
	return target, found
}

// walk calls f for the errors of a tree, in the order of [errors.Is], until it returns true, and
// reports whether it did.
func walk(err error, f func(error) bool) bool {
	waiting := []error{err}
	for range maxErrors {
		if len(waiting) == 0 {
			return false
		}
		err := waiting[len(waiting)-1]
		waiting = waiting[:len(waiting)-1]
		if err == nil {
			continue
		}
		if f(err) {
			return true
		}
		switch x := err.(type) {
		case interface{ Unwrap() error }:
			waiting = append(waiting, x.Unwrap())
		case interface{ Unwrap() []error }:
			inner := x.Unwrap()
			inner = inner[:min(len(inner), maxErrors)]
			for i := len(inner) - 1; i >= 0; i-- {
				waiting = append(waiting, inner[i])
			}
		}
	}
	return false
}
