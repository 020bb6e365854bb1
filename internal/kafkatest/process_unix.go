//go:build unix && !linux

package kafkatest

import (
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// setLifetime cannot tie a child's life to ours here: one that is not detached ends with Close alone.
func setLifetime(cmd *exec.Cmd, _ bool) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
}

// hasMarker says whether the process runs and has the marker as its last argument.
func hasMarker(pid int, marker string) bool {
	line, err := exec.Command("ps", "-ww", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
	return err == nil && strings.HasSuffix(strings.TrimSpace(string(line)), " "+marker)
}
