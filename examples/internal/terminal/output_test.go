package terminal

import (
	"errors"
	"io"
	"strings"
	"syscall"
	"testing"
)

type failing struct{ err error }

func (f failing) Write([]byte) (int, error) { return 0, f.err }

func TestOutputTellsWhatIsLostFromWhatNobodyReads(t *testing.T) {
	for _, err := range []error{syscall.EPIPE, io.ErrClosedPipe, syscall.EBADF} {
		o := &Output{W: failing{err}}
		if _, got := io.WriteString(o, "x"); got != err || o.Err() != nil {
			t.Errorf("%v: the write says %v, Err %v; want nil from Err", err, got, o.Err())
		}
	}
	o := &Output{W: failing{syscall.ENOSPC}}
	_, _ = io.WriteString(o, "x") // Err tells
	o.W = &strings.Builder{}
	if _, err := io.WriteString(o, "x"); err != nil || !errors.Is(o.Err(), syscall.ENOSPC) {
		t.Errorf("Err is %v, want the first one, also after a write that did well (%v)", o.Err(),
			err)
	}
}
