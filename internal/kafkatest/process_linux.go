package kafkatest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
)

func setLifetime(cmd *exec.Cmd, detached bool) {
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if !detached {
		cmd.SysProcAttr.Pdeathsig = syscall.SIGKILL
	}
}

// hasMarker reports whether a process has the marker as its last argument. A process that is ending
// has no arguments.
func hasMarker(pid int, marker string) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && bytes.HasSuffix(line, []byte("\x00"+marker+"\x00"))
}

// ended reports whether all of a process is gone, including its sockets, even if its parent never
// waits for it: then a single thread in state Z remains.
func ended(p *os.Process) bool {
	if errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone) {
		return true
	}
	states, err := threadStates(p.Pid)
	if err != nil {
		return errors.Is(err, os.ErrNotExist)
	}
	return states == "Z"
}

// frozen reports whether no thread of a process runs any more, which takes a moment after the
// signal.
func frozen(pid int) bool {
	states, err := threadStates(pid)
	return err == nil && states != "" && strings.Trim(states, "T") == ""
}

// threadStates returns a letter for each thread of a process. The error is os.ErrNotExist if there
// is no process.
func threadStates(pid int) (string, error) {
	task := fmt.Sprintf("/proc/%d/task", pid)
	threads, err := os.ReadDir(task)
	if err != nil {
		return "", err
	}
	var states []byte
	for _, t := range threads {
		stat, err := os.ReadFile(filepath.Join(task, t.Name(), "stat"))
		if err != nil {
			continue // the thread has ended meanwhile
		}
		// The state follows the name, which is in parentheses and may contain anything.
		if _, rest, _ := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:],
			[]byte(" ")); len(rest) > 0 {
			states = append(states, rest[0])
		}
	}
	return string(states), nil
}
