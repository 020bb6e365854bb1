package dasheino

import "strings"

// panicked is Eino's error for a panic, whose text leaves out the stack that Eino puts into it.
type panicked struct {
	error
	text string
}

func (p panicked) Error() string { return p.text }

func (p panicked) Unwrap() error { return p.error }

// failure returns the error in the form that events carry. For a panic that is the panic's text
// without its stack, which takes kilobytes and would be in the event of every enclosing node. The
// program gets the error with the stack.
func (o outcome) failure() (err error) {
	if o.err == nil {
		return nil
	}
	defer func() {
		if recover() != nil { // in the error's own code
			err = o.err
		}
	}()
	if text := o.err.Error(); strings.Contains(text, stackBegins) {
		return panicked{o.err, withoutStacks(text)}
	}
	return o.err
}

// What surrounds a stack in the text of Eino's errors.
const (
	panicBegins = "panic error: "
	stackBegins = ", \nstack: "
	stackEnds   = "\n------------------------\n"
)

// withoutStacks removes the stacks from the text of an error.
func withoutStacks(text string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(text, stackBegins)
		b.WriteString(before)
		if !found {
			return b.String()
		}
		if !strings.Contains(before, panicBegins) {
			b.WriteString(stackBegins) // text of another origin
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
