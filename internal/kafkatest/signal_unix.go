//go:build unix

package kafkatest

import (
	"os"
	"syscall"
)

// terminate asks a process to end, and lets it run if it is frozen, or it would not hear of it.
func terminate(p *os.Process) error {
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.Signal(syscall.SIGCONT)
}

func freeze(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }

func thaw(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
