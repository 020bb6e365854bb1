// Package terminal tells whether somebody watches.
package terminal

import (
	"io"
	"os"
)

// Is says whether w is a terminal that understands escape sequences. What is not an *os.File is
// none.
func Is(w io.Writer) bool {
	if o, ok := w.(*Output); ok {
		w = o.W
	}
	f, ok := w.(*os.File)
	if !ok || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// Colored says whether to write colors to w: it is a terminal, and NO_COLOR is not set (see
// https://no-color.org).
func Colored(w io.Writer) bool { return os.Getenv("NO_COLOR") == "" && Is(w) }
