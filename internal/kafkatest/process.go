package kafkatest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// process is a broker that was seen running.
type process struct {
	handle *os.Process
	// closed when a child of ours has ended; nil for a process started by others
	ended <-chan struct{}
}

// launch starts cmd. If detached, it outlives this process; otherwise, on Linux, it is killed when
// this process ends in any way. In both cases it has a session of its own, so signals from the
// terminal do not reach it.
func launch(cmd *exec.Cmd, detached bool) (*process, error) {
	setLifetime(cmd, detached)
	ended := make(chan struct{})
	started := make(chan error, 1)
	go func() {
		// Linux ties a child's life to that of the thread that started it: this one stays until the
		// child has ended.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := cmd.Start()
		started <- err
		if err == nil {
			_ = cmd.Wait()
			close(ended)
		}
	}()
	if err := <-started; err != nil {
		return nil, err
	}
	return &process{handle: cmd.Process, ended: ended}, nil
}

// findProcess returns nil unless the process with this id is running and has the marker as its last
// argument. The marker, which is the path of the broker's configuration, distinguishes a broker
// from a later process with the same id.
func findProcess(pid int, marker string) *process {
	if pid <= 0 {
		return nil
	}
	// The handle is taken first: so it refers to the process with the marker, or to one that has
	// ended.
	handle, err := os.FindProcess(pid)
	if err != nil {
		return nil
	}
	if !hasMarker(pid, marker) {
		_ = handle.Release()
		return nil
	}
	return &process{handle: handle}
}

func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		// This holds for a child, too: another process may have seen its end before it was waited
		// for here.
		return !ended(p.handle)
	}
}

// wait returns nil when the process has ended and its ports are free, or the cause of ctx.
func (p *process) wait(ctx context.Context) error {
	if p.ended != nil {
		select {
		case <-p.ended:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return poll(ctx, 20*time.Millisecond, func() (bool, error) { return ended(p.handle), nil })
}

// kill ends the process at once, frozen or not, and returns when it is gone.
func (p *process) kill() error {
	if err := p.handle.Kill(); err != nil && p.running() {
		return fmt.Errorf("kill process %d: %w", p.handle.Pid, err)
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), killTimeout,
		fmt.Errorf("process %d is there %v after it was killed", p.handle.Pid, killTimeout))
	defer cancel()
	return p.wait(ctx)
}

// terminate asks the process to end.
func (p *process) terminate() error {
	if err := terminate(p.handle); err != nil && p.running() {
		return fmt.Errorf("terminate process %d: %w", p.handle.Pid, err)
	}
	return nil
}

// freeze stops the execution of the process, and returns when it has stopped.
func (p *process) freeze() error {
	if err := freeze(p.handle); err != nil {
		return fmt.Errorf("freeze process %d: %w", p.handle.Pid, err)
	}
	ctx, cancel := context.WithTimeoutCause(context.Background(), killTimeout,
		fmt.Errorf("process %d runs %v after it was frozen", p.handle.Pid, killTimeout))
	defer cancel()
	return poll(ctx, time.Millisecond, func() (bool, error) {
		return frozen(p.handle.Pid) ||
			!p.running(), nil
	})
}

// thaw lets the process continue.
func (p *process) thaw() error {
	if err := thaw(p.handle); err != nil {
		return fmt.Errorf("thaw process %d: %w", p.handle.Pid, err)
	}
	return nil
}

// poll calls done until it returns true or an error, at least once. If ctx ends first, it returns
// the cause of ctx.
func poll(ctx context.Context, every time.Duration, done func() (bool, error)) error {
	tick := time.NewTicker(every)
	defer tick.Stop()
	for {
		if ok, err := done(); ok || err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-tick.C:
		}
	}
}
