package sink

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"time"
)

// Subcommand is the hidden argument with which a program becomes a sink; the kind follows it.
const Subcommand = "sink"

// Process is a sink in another process.
type Process struct {
	command *exec.Cmd
	in      io.WriteCloser
	out     *bufio.Reader
	// Address is where to send to.
	Address string
}

// Start starts a sink as a child of this process, which must call [Serve] when it is started with
// [Subcommand].
func Start(kind string) (*Process, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	p := &Process{command: exec.Command(self, Subcommand, kind)}
	p.command.Stderr = os.Stderr
	if p.in, err = p.command.StdinPipe(); err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	p.out = bufio.NewReader(out)
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("sink: %w", err)
	}
	first, err := p.read()
	if err != nil {
		return nil, errors.Join(err, p.Close())
	}
	p.Address = first.Address
	return p, nil
}

// Counts asks for what has been received.
func (p *Process) Counts() (Counts, error) { return p.ask("counts") }

// Limit limits the bytes a second that the sink reads; 0 lifts the limit.
func (p *Process) Limit(bytes int64) error {
	_, err := p.ask(fmt.Sprintf("limit %d", bytes))
	return err
}

func (p *Process) ask(line string) (Counts, error) {
	if _, err := fmt.Fprintln(p.in, line); err != nil {
		return Counts{}, fmt.Errorf("sink: %w", err)
	}
	return p.read()
}

func (p *Process) read() (Counts, error) {
	line, err := p.out.ReadBytes('\n')
	if err != nil {
		return Counts{}, fmt.Errorf("sink: %w", err)
	}
	var c Counts
	if err := json.Unmarshal(line, &c); err != nil {
		return Counts{}, fmt.Errorf("sink: %w", err)
	}
	return c, nil
}

const closeWait = 5 * time.Second

// Close ends the process and waits for that.
func (p *Process) Close() error {
	_ = p.in.Close() // the process ends with its input
	kill := time.AfterFunc(closeWait, func() { _ = p.command.Process.Kill() })
	defer kill.Stop()
	if err := p.command.Wait(); err != nil {
		return fmt.Errorf("sink: %w", err)
	}
	return nil
}
