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

// hasMarker says whether a process has the marker as its last argument. One that has begun to end
// has no arguments.
func hasMarker(pid int, marker string) bool {
	line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
	return err == nil && bytes.HasSuffix(line, []byte("\x00"+marker+"\x00"))
}

// ended says whether all of a process is gone, its sockets too, even if whoever has started it
// never waits for it: it then stays as a single thread in state Z.
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

// frozen says whether no thread of a process runs any more, which takes a moment from the signal
// on.
func frozen(pid int) bool {
	states, err := threadStates(pid)
	return err == nil && states != "" && strings.Trim(states, "T") == ""
}

// threadStates returns a letter for each thread of a process; the error is os.ErrNotExist if there
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
		// The state follows the name, which is in parentheses and may hold anything.
		if _, rest, _ := bytes.Cut(stat[bytes.LastIndexByte(stat, ')')+1:],
			[]byte(" ")); len(rest) > 0 {
			states = append(states, rest[0])
		}
	}
	return string(states), nil
}
