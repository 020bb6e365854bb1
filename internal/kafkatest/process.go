package kafkatest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"time"
)

// process is a broker that was seen running. It is told from a later process with the same id by its marker, the path of
// its configuration, which is the last argument on its command line.
type process struct {
	handle *os.Process
	marker string
	ended  <-chan struct{} // closed when a child of ours has ended; nil for a process that somebody else has started
}

// launch starts cmd, whose last argument is the marker. If detached, it outlives this process; otherwise, on Linux, it
// is killed when this process ends, however that ends. In both cases it has a session of its own, so what the terminal
// sends to this program does not reach it.
func launch(cmd *exec.Cmd, detached bool) (*process, error) {
	setLifetime(cmd, detached)
	ended := make(chan struct{})
	started := make(chan error, 1)
	go func() {
		// Linux ties a child's life to that of the thread that started it: this one stays until the child has ended.
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
	return &process{handle: cmd.Process, marker: cmd.Args[len(cmd.Args)-1], ended: ended}, nil
}

// findProcess returns nil unless the process with this id runs and has the marker.
func findProcess(pid int, marker string) *process {
	if pid <= 0 {
		return nil
	}
	// The handle is taken first: what it refers to is then what the marker was seen on, or gone.
	handle, err := os.FindProcess(pid)
	if err != nil {
		return nil
	}
	p := &process{handle: handle, marker: marker}
	if !p.running() {
		_ = handle.Release()
		return nil
	}
	return p
}

func (p *process) running() bool {
	if p.ended == nil {
		return hasMarker(p.handle.Pid, p.marker)
	}
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// wait returns nil when the process has ended, or ctx's cause.
func (p *process) wait(ctx context.Context) error {
	if p.ended != nil {
		select {
		case <-p.ended:
			return nil
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	return poll(ctx, 20*time.Millisecond, func() (bool, error) { return !p.running(), nil })
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

// poll calls done until it returns true or an error, at least once, or until ctx ends, and then returns ctx's cause.
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
