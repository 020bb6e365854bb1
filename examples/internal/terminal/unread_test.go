package terminal

import (
	"errors"
	"os"
	"os/signal"
	"syscall"
	"testing"
)

func TestOnlyAPipeThatIsClosedIsUnread(t *testing.T) {
	signal.Ignore(syscall.SIGPIPE)
	defer signal.Reset(syscall.SIGPIPE)
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer w.Close() //nolint:errcheck // nothing was written
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := w.WriteString("x"); !Unread(err) {
		t.Errorf("a pipe that is closed: %v", err)
	}
	for _, err := range []error{nil, errors.New("other"),
		&os.PathError{Op: "write", Path: "out", Err: syscall.ENOSPC}} {
		if Unread(err) {
			t.Errorf("%v is taken for a pipe that is closed", err)
		}
	}
}
