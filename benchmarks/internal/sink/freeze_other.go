//go:build !unix

package sink

import "errors"

// Freeze stops the process where it stands; this system has no way to do it.
func (p *Process) Freeze() error { return errors.ErrUnsupported }

// Thaw lets a frozen process go on; this system has no way to do it.
func (p *Process) Thaw() error { return errors.ErrUnsupported }
