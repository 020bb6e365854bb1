//go:build unix

package sink

import "syscall"

// Freeze stops the process where it stands: connections stay open and nothing is answered. Thaw
// lets it go on.
func (p *Process) Freeze() error { return p.command.Process.Signal(syscall.SIGSTOP) }

// Thaw lets a frozen process go on.
func (p *Process) Thaw() error { return p.command.Process.Signal(syscall.SIGCONT) }
