package programs

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kfake"

	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

// binaries is the folder of the built programs.
var binaries string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "programs-")
	if err == nil {
		binaries = dir
		err = errors.Join(
			build("../../..", "./examples/replay"), build("../../..", "./examples/tail"),
			build("../../../examples/quickstart", "."))
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	code := m.Run()
	_ = os.RemoveAll(dir) // a temporary one
	os.Exit(code)
}

func build(module, program string) error {
	name := filepath.Base(program)
	if program == "." {
		name = filepath.Base(module)
	}
	cmd := exec.Command("go", "build", "-C", module, "-o", filepath.Join(binaries, name), program)
	cmd.Env = append(os.Environ(), "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("building %s: %w\n%s", name, err, out)
	}
	return nil
}

// outcome is the result of running a program.
type outcome struct {
	code           int // -1: ended by a signal
	stdout, stderr string
}

// within bounds every run of a program, with wide room for a busy machine.
const within = 2 * time.Minute

// command prepares a program. Of the variables that the SDK reads, its environment has only those
// given.
func command(ctx context.Context, env []string, program string, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, filepath.Join(binaries, program), args...)
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		for _, prefix := range []string{"KAFKA_", "DASHSTREAM_", "DASHFLOW_", "OPENAI_"} {
			if strings.HasPrefix(v, prefix) {
				return true
			}
		}
		return false
	})
	cmd.Env = append(cmd.Env, env...)
	return cmd
}

// run runs a program to its end.
func run(t *testing.T, env []string, program string, args ...string) outcome {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	cmd := command(ctx, env, program, args...)
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if ctx.Err() != nil {
		t.Fatalf("%s %q did not end in %v: %s", program, args, within, &stderr)
	}
	o := outcome{cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()}
	if strings.Contains(o.stderr, "panic:") || strings.Contains(o.stderr, "goroutine 1 [") {
		t.Errorf("%s %q panics:\n%s", program, args, o.stderr)
	}
	return o
}

// cluster returns the brokers named by the environment, or one inside this process.
func cluster(t *testing.T, opts ...kfake.Opt) string {
	t.Helper()
	if brokers := kafkatest.Brokers(t); brokers != "" && len(opts) == 0 {
		return brokers
	}
	return fake(t, opts...)
}

// fake returns a broker inside this process.
func fake(t *testing.T, opts ...kfake.Opt) string {
	t.Helper()
	c, err := kfake.NewCluster(append(opts, kfake.NumBrokers(1))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return strings.Join(c.ListenAddrs(), ",")
}

// sample is a file of recorded runs.
const sample = "../../../examples/replay/testdata/conversations.json"
