package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

func (p program) up(ctx context.Context, args []string) error {
	flags, export := newFlags("up"), false
	opts := clusterFlags(flags)
	flags.BoolVar(&export, "export", false, "")
	dir, err := parseDir(flags, args)
	if err != nil {
		return err
	}
	opts.Dir, opts.Detach, opts.Log = dir, true, p.logf
	cluster, err := kafkatest.Start(ctx, *opts)
	if err != nil {
		return err
	}
	p.logf("ready; 'kafka down %s' ends it", dir)
	return p.printEnv(cluster, export)
}

func (p program) down(args []string) error {
	flags := newFlags("down")
	remove := flags.Bool("remove", false, "")
	cluster, err := parseCluster(flags, args)
	if err != nil {
		return err
	}
	if *remove {
		return cluster.Remove()
	}
	return cluster.Close()
}

// wrap runs a command with a cluster of its own. The cluster is always ended after the command,
// whether that succeeds, fails or is interrupted: the terminal interrupts both.
func (p program) wrap(ctx context.Context, args []string) (err error) {
	flags := newFlags("run")
	opts := clusterFlags(flags)
	if err := parse(flags, args); err != nil {
		return err
	}
	command := flags.Args()
	if len(command) == 0 {
		return usageError("run needs a command: kafka run [--brokers 3] -- COMMAND ARGS")
	}
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	if cmd.Err != nil {
		return fmt.Errorf("kafka: run: %w", cmd.Err)
	}
	opts.Log = p.logf
	cluster, err := kafkatest.Start(ctx, *opts)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, cluster.Close()) }()
	cmd.Env = append(os.Environ(), cluster.Env()...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, p.stdout, p.stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = 10 * time.Second
	err = cmd.Run()
	if exit := (*exec.ExitError)(nil); errors.As(err, &exit) {
		return &wrappedError{command: command[0], exit: exit}
	}
	if err != nil {
		return fmt.Errorf("kafka: run: %w", err)
	}
	return nil
}

// wrappedError says that the cluster was started and the command itself has failed.
type wrappedError struct {
	command string
	exit    *exec.ExitError
}

func (e *wrappedError) Error() string { return fmt.Sprintf("kafka: %s: %v", e.command, e.exit) }

func (p program) env(args []string) error {
	flags := newFlags("env")
	export := flags.Bool("export", false, "")
	cluster, err := parseCluster(flags, args)
	if err != nil {
		return err
	}
	return p.printEnv(cluster, *export)
}

func (p program) printEnv(cluster *kafkatest.Cluster, export bool) error {
	var out strings.Builder
	for _, setting := range cluster.Env() {
		name, value, _ := strings.Cut(setting, "=")
		if export {
			out.WriteString("export ")
		}
		fmt.Fprintf(&out, "%s=%s\n", name, quote(value))
	}
	_, err := io.WriteString(p.stdout, out.String())
	return err
}

// quote quotes a value for a POSIX shell, unless the shell would read it as one word anyway.
func quote(value string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' ||
			strings.ContainsRune("_-./:,@%+", r)
	}
	if value != "" && strings.TrimFunc(value, plain) == "" {
		return value
	}
	return "'" + strings.ReplaceAll(value, "'", `'\''`) + "'"
}

func (p program) status(ctx context.Context, args []string) error {
	cluster, err := parseCluster(newFlags("status"), args)
	if err != nil {
		return err
	}
	for id := 1; id <= cluster.Size(); id++ {
		state := "does not run"
		if pid, err := cluster.PID(id); err == nil {
			state = fmt.Sprintf("process %d, answers", pid)
			if err := cluster.Ready(ctx, id); err != nil {
				state = fmt.Sprintf("process %d, does not answer", pid)
			}
		}
		addr := cluster.Brokers(kafkatest.Plaintext)[id-1]
		if _, err := fmt.Fprintf(p.stdout, "broker %d  %s  %s\n", id, addr, state); err != nil {
			return err
		}
	}
	return nil
}

// broker runs a command on the brokers named by their numbers.
func (p program) broker(ctx context.Context, name string, args []string) error {
	flags := newFlags(name)
	if err := parse(flags, args); err != nil {
		return err
	}
	if flags.NArg() < 2 {
		return usageError(fmt.Sprintf("%s needs a directory and the number of a broker: kafka %s "+
			"DIR N", name, name))
	}
	cluster, err := kafkatest.Open(flags.Arg(0))
	if err != nil {
		return err
	}
	var ids []int
	for _, arg := range flags.Args()[1:] {
		id, err := strconv.Atoi(arg)
		if err != nil {
			return usageError(fmt.Sprintf("%q is not the number of a broker", arg))
		}
		ids = append(ids, id)
	}
	if name == "start" {
		return cluster.Start(ctx, ids...)
	}
	for _, id := range ids {
		if err := p.act(ctx, cluster, name, id); err != nil {
			return err
		}
	}
	return nil
}

func (p program) act(ctx context.Context, cluster *kafkatest.Cluster, name string, id int) error {
	switch name {
	case "pid":
		pid, err := cluster.PID(id)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintln(p.stdout, pid)
		return err
	case "stop":
		return cluster.Stop(ctx, id)
	case "kill":
		return cluster.Kill(id)
	case "freeze":
		return cluster.Freeze(id)
	case "thaw":
		return cluster.Thaw(id)
	}
	return usageError(fmt.Sprintf("unknown command %q", name))
}

func newFlags(name string) *flag.FlagSet {
	flags := flag.NewFlagSet(name, flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	return flags
}

func clusterFlags(flags *flag.FlagSet) *kafkatest.Options {
	var opts kafkatest.Options
	flags.IntVar(&opts.Brokers, "brokers", 0, "")
	flags.IntVar(&opts.BasePort, "port", 0, "")
	return &opts
}

func parse(flags *flag.FlagSet, args []string) error {
	err := flags.Parse(args)
	if err == nil || errors.Is(err, flag.ErrHelp) {
		return err
	}
	return usageError(flags.Name() + ": " + err.Error())
}

// parseDir parses flags on both sides of the one argument, which is a directory.
func parseDir(flags *flag.FlagSet, args []string) (string, error) {
	if err := parse(flags, args); err != nil {
		return "", err
	}
	dir := flags.Arg(0)
	if dir == "" {
		return "", usageError(flags.Name() + " needs a directory")
	}
	if err := parse(flags, flags.Args()[1:]); err != nil {
		return "", err
	}
	if flags.NArg() > 0 {
		return "", usageError(fmt.Sprintf("%s: %q is one argument too many", flags.Name(),
			flags.Arg(0)))
	}
	return dir, nil
}

func parseCluster(flags *flag.FlagSet, args []string) (*kafkatest.Cluster, error) {
	dir, err := parseDir(flags, args)
	if err != nil {
		return nil, err
	}
	return kafkatest.Open(dir)
}
