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

// setLifetime cannot tie a child's life to ours here: one that is not detached ends with Close
// alone.
func setLifetime(cmd *exec.Cmd, _ bool) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

// hasMarker says whether a process has the marker as its last argument.
func hasMarker(pid int, marker string) bool {
	line, err := exec.Command("ps", "-ww", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasSuffix(strings.TrimSpace(string(line)), " "+marker)
}

// frozen says whether a process stands still, which takes a moment from the signal on.
func frozen(pid int) bool {
	state, err := exec.Command("ps", "-o", "stat=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasPrefix(strings.TrimSpace(string(state)), "T")
}

// ended says whether a process is gone.
func ended(p *os.Process) bool {
	return errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone)
}
