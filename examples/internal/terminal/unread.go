package terminal

import (
	"errors"
	"io"
	"runtime"
	"syscall"
)

// What Windows says of a pipe that is closed at its other end.
const (
	brokenPipe syscall.Errno = 109
	noData     syscall.Errno = 232
)

// Unread says whether a write failed with err because nobody reads what is written any more.
func Unread(err error) bool {
	number, _ := errors.AsType[syscall.Errno](err)
	if runtime.GOOS == "windows" && (number == brokenPipe || number == noData) {
		return true
	}
	return errors.Is(err, syscall.EPIPE) || errors.Is(err, io.ErrClosedPipe)
}
