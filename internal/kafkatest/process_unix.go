//go:build unix && !linux

package kafkatest

import (
	"errors"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// setLifetime cannot tie a child's life to ours here: only Close ends one that is not detached.
func setLifetime(cmd *exec.Cmd, _ bool) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

// hasMarker reports whether a process has the marker as its last argument.
func hasMarker(pid int, marker string) bool {
	line, err := exec.Command("ps", "-ww", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasSuffix(strings.TrimSpace(string(line)), " "+marker)
}

// frozen reports whether a process has stopped, which takes a moment after the signal.
func frozen(pid int) bool {
	state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasPrefix(strings.TrimSpace(string(state)), "T")
}

// ended reports whether a process is gone.
func ended(p *os.Process) bool {
	return errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
