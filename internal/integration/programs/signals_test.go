package programs

import (
	"bytes"
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// shell runs a script with the environment of a program.
func shell(t *testing.T, env []string, script string) (string, error) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), within)
	defer cancel()
	cmd := exec.CommandContext(ctx, "/bin/sh", "-c", script)
	cmd.Env = command(ctx, env, "tail").Env
	out, err := cmd.CombinedOutput()
	return string(out), err
}

// buffer is what a program writes, readable while it runs.
type buffer struct {
	mu sync.Mutex
	b  bytes.Buffer
}

func (b *buffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.Write(p)
}

func (b *buffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.b.String()
}

func TestEveryProgramEndsInOrderWhenItIsAskedTo(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no signals: ending in order is not tested there")
	}
	brokers := fake(t)
	topic := newTopic(t, brokers, 1, conversation)
	for _, signal := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		for _, tt := range []struct {
			program string
			args    []string
			begun   string // printed when it is running
			says    string // printed at the end
		}{
			{"replay", []string{"--rate=200", "--duration=10m", "--metrics-addr=127.0.0.1:0",
				sample}, "metrics: ", `"delivered":`},
			{"tail", []string{"--from=start"}, "graph_end", "tail: reading"},
			{"quickstart", []string{"--runs=1000000", "--quiet"}, "✔ done",
				"every message was read back"},
		} {
			ctx, cancel := context.WithTimeout(t.Context(), within)
			cmd := command(ctx, []string{"KAFKA_BROKERS=" + brokers, "KAFKA_TOPIC=" + topic},
				tt.program, tt.args...)
			said := new(buffer)
			cmd.Stdout, cmd.Stderr = said, said
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			await(t, tt.program+" is under way",
				func() bool { return strings.Contains(said.String(), tt.begun) })
			if err := cmd.Process.Signal(signal); err != nil {
				t.Fatal(err)
			}
			err := cmd.Wait()
			if err != nil || !strings.Contains(said.String(), tt.says) {
				t.Errorf("%s after %v: %v:\n%s", tt.program, signal, err, said)
			}
			cancel()
		}
	}
}
