package terminal

import (
	"errors"
	"io"
	"os"
	"sync"
	"syscall"
)

// Output is what a program prints to. It remembers what could not be written, so that not every
// place that prints has to look.
type Output struct {
	W io.Writer

	mu  sync.Mutex
	err error
}

// Write implements [io.Writer].
func (o *Output) Write(p []byte) (int, error) {
	n, err := o.W.Write(p)
	if err != nil {
		o.mu.Lock()
		defer o.mu.Unlock()
		if o.err == nil {
			o.err = err
		}
	}
	return n, err
}

// Err returns why something could not be written; nil if all was, or nobody is there to read it.
func (o *Output) Err() error {
	o.mu.Lock()
	defer o.mu.Unlock()
	if Unread(o.err) || errors.Is(o.err, syscall.EBADF) || errors.Is(o.err, os.ErrInvalid) {
		return nil
	}
	return o.err
}
