// Command kafka starts and ends real Apache Kafka on this machine, for tests. Run it with --help.
// Package kafkatest describes the brokers.
package main

import (
	"context"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
)

//go:embed help.txt
var help string

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	p := program{stdout: os.Stdout, stderr: os.Stderr}
	code := p.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// program is the command with its outputs. Only what other programs use is written to stdout.
type program struct{ stdout, stderr io.Writer }

// usageError is an error in the command line.
type usageError string

func (e usageError) Error() string { return "kafka: " + string(e) + " (see kafka --help)" }

// run returns the exit code: 2 for a wrong command line, that of a wrapped command that has failed,
// or 1.
func (p program) run(ctx context.Context, args []string) int {
	err := p.dispatch(ctx, args)
	if err == nil {
		return 0
	}
	if errors.Is(err, flag.ErrHelp) {
		_, _ = io.WriteString(p.stdout, help)
		return 0
	}
	_, _ = fmt.Fprintln(p.stderr, err)
	if usage := usageError(""); errors.As(err, &usage) {
		return 2
	}
	if wrapped := (*wrappedError)(nil); errors.As(err, &wrapped) && wrapped.exit.ExitCode() > 0 {
		return wrapped.exit.ExitCode()
	}
	return 1
}

func (p program) dispatch(ctx context.Context, args []string) error {
	if len(args) == 0 {
		return usageError("no command: up, down, run, env, status, pid, start, stop, kill, " +
			"freeze or thaw")
	}
	name, args := args[0], args[1:]
	switch name {
	case "help", "-h", "-help", "--help":
		return flag.ErrHelp
	case "up":
		return p.up(ctx, args)
	case "down":
		return p.down(args)
	case "run":
		return p.wrap(ctx, args)
	case "env":
		return p.env(args)
	case "status":
		return p.status(ctx, args)
	case "pid", "start", "stop", "kill", "freeze", "thaw":
		return p.broker(ctx, name, args)
	}
	return usageError(fmt.Sprintf("unknown command %q", name))
}

// logf writes progress to stderr.
func (p program) logf(format string, args ...any) {
	_, _ = fmt.Fprintf(p.stderr, "kafka: "+format+"\n", args...)
}
