//go:build unix

package kafkatest

import (
	"os"
	"syscall"
)

// terminate asks a process to end. It also lets a frozen process continue, which would not notice
// otherwise.
func terminate(p *os.Process) error {
	if err := p.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	return p.Signal(syscall.SIGCONT)
}

func freeze(p *os.Process) error { return p.Signal(syscall.SIGSTOP) }

func thaw(p *os.Process) error { return p.Signal(syscall.SIGCONT) }
