//go:build !unix

package kafkatest

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
)

// setLifetime cannot tie a child's life to ours here: only Close ends one that is not detached.
func setLifetime(*exec.Cmd, bool) {}

// hasMarker reports whether there is a process with this id: the standard library cannot read its
// arguments here.
func hasMarker(pid int, _ string) bool {
	p, err := os.FindProcess(pid)
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}

// ended reports whether a process is gone.
func ended(p *os.Process) bool { return !hasMarker(p.Pid, "") }

// terminate ends the process at once, because it cannot be asked to end.
func terminate(p *os.Process) error { return p.Kill() }

func freeze(*os.Process) error {
	return fmt.Errorf("freezing a process: %w", errors.ErrUnsupported)
}

// frozen is never true, as nothing can be frozen.
func frozen(int) bool { return false }

func thaw(*os.Process) error { return fmt.Errorf("thawing a process: %w", errors.ErrUnsupported) }
