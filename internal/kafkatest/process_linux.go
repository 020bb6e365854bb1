package kafkatest

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
)

func setLifetime(cmd *exec.Cmd, detached bool) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if !detached {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	}
}

// hasMarker says whether the process runs and has the marker as its last argument. One that has ended but was not waited
// for has no arguments.
func hasMarker(pid int, marker string) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && bytes.HasSuffix(line, []byte("\x00"+marker+"\x00"))
}
