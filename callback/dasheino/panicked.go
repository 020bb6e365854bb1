package dasheino

import "strings"

// panicked is an error of Eino's for a panic, with its text without the stack that Eino puts into
// it.
type panicked struct {
	error
	text string
}

func (p panicked) Error() string { return p.text }

func (p panicked) Unwrap() error { return p.error }

// failure is the error as events carry it: what a panic said, and not the kilobytes of its stack,
// which would be in the event of every node around it. The program that gets the error has them.
func (o outcome) failure() (err error) {
	if o.err == nil {
		return nil
	}
	defer func() {
		if recover() != nil { // of the error's own code
			err = o.err
		}
	}()
	if text := o.err.Error(); strings.Contains(text, stackBegins) {
		return panicked{o.err, withoutStacks(text)}
	}
	return o.err
}

// What Eino puts around a stack in the text of an error.
const (
	panicBegins = "panic error: "
	stackBegins = ", \nstack: "
	stackEnds   = "\n------------------------\n"
)

// withoutStacks leaves the stacks out of the text of an error.
func withoutStacks(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, stackBegins)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if !strings.Contains(before, panicBegins) {
			b.WriteString(stackBegins) // somebody else's words
			text = rest
			continue
		}
		i := strings.Index(rest, stackEnds)
		if i < 0 {
			return b.String()
		}
		text = rest[i:]
	}
}
