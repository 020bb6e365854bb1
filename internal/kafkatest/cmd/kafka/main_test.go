package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"testing"

	"github.com/dashstream/dashstream-go/internal/kafkatest"
)

// kafka runs the command in this process.
func kafka(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = program{stdout: &out, stderr: &errs}.run(t.Context(), args)
	return code, out.String(), errs.String()
}

func mustKafka(t *testing.T, args ...string) (stdout string) {
	t.Helper()
	code, stdout, stderr := kafka(t, args...)
	if code != 0 {
		t.Fatalf("kafka %q: exit code %d: %s", args, code, stderr)
	}
	return stdout
}

func TestWrongUseIsExplained(t *testing.T) {
	dir := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{nil, 2, "no command"},
		{[]string{"fly"}, 2, `unknown command "fly"`},
		{[]string{"up"}, 2, "up needs a directory"},
		{[]string{"up", dir, "other"}, 2, `"other" is one argument too many`},
		{[]string{"up", dir, "--brokers", "many"}, 2, "brokers"},
		{[]string{"up", dir, "--wings"}, 2, "wings"},
		{[]string{"up", dir, "--brokers", "2"}, 1, "1 or 3"},
		{[]string{"up", "--brokers=2", dir}, 1, "1 or 3"},
		{[]string{"run"}, 2, "run needs a command"},
		{[]string{"run", "--", "no-such-command"}, 1, "no-such-command"},
		{[]string{"pid", dir}, 2, "pid needs a directory and the number"},
		{[]string{"pid", dir, "1"}, 1, "no cluster in " + dir},
		{[]string{"down", dir}, 1, "no cluster in " + dir},
		{[]string{"env", dir}, 1, "no cluster in " + dir},
		{[]string{"status", dir}, 1, "no cluster in " + dir},
	} {
		t.Run(strings.Join(c.args, " "), func(t *testing.T) {
			code, stdout, stderr := kafka(t, c.args...)
			if code != c.code || !strings.Contains(stderr, c.want) {
				t.Errorf("exit code %d, %q, want %d and %q", code, stderr, c.code, c.want)
			}
			if stdout != "" {
				t.Errorf("a failure prints on stdout: %q", stdout)
			}
		})
	}
}

func TestHelpNamesEveryCommand(t *testing.T) {
	for _, args := range [][]string{{"--help"}, {"help"}, {"up", "--help"}, {"freeze", "-h"}} {
		out := mustKafka(t, args...)
		for name := range strings.FieldsSeq("up down run env status pid start stop kill " +
			"freeze thaw") {
			if !strings.Contains(out, "\n    "+name+" ") {
				t.Errorf("%q says nothing of %s", args, name)
			}
		}
	}
}

func TestQuotedValuesReachTheShell(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("nobody to ask:", err)
	}
	for _, value := range []string{"", "127.0.0.1:9092,127.0.0.1:9102", "/tmp/a b", "it's",
		"$HOME `x` \\ \"", "a\nb"} {
		out, err := exec.Command(sh, "-c", "X="+quote(value)+"; printf %s \"$X\"").Output()
		if err != nil || string(out) != value {
			t.Errorf("%q is written %s, which the shell reads as %q (%v)", value, quote(value), out,
				err)
		}
	}
}

// requireKafka skips a test that starts Kafka itself.
func requireKafka(t *testing.T) {
	t.Helper()
	if testing.Short() {
		t.Skip("-short: starting Kafka takes seconds")
	}
	if runtime.GOOS == "windows" {
		t.Skip("needs a POSIX shell and its signals")
	}
	if err := kafkatest.Available(); err != nil {
		t.Skip(err)
	}
}

func TestClusterOutlivesUpAndEndsWithDown(t *testing.T) {
	requireKafka(t)
	dir := filepath.Join(t.TempDir(), "it's here")
	code, exports, stderr := kafka(t, "up", dir, "--export")
	t.Cleanup(func() {
		if c, err := kafkatest.Open(dir); err == nil {
			_ = c.Remove()
		}
	})
	if code != 0 {
		t.Fatalf("up: exit code %d: %s", code, stderr)
	}
	const inner = `sh -c 'echo "$DASHSTREAM_TEST_KAFKA_DIR"; test -f "$DASHSTREAM_TEST_TLS_CA"'`
	out, err := exec.Command("sh", "-c", exports+inner).Output()
	if err != nil || strings.TrimSpace(string(out)) != dir {
		t.Errorf("a shell reads the directory as %q (%v), want %q", out, err, dir)
	}
	if got := mustKafka(t, "env", dir, "--export"); got != exports {
		t.Errorf("env prints\n%s, up has printed\n%s", got, exports)
	}

	pid, err := strconv.Atoi(strings.TrimSpace(mustKafka(t, "pid", dir, "1")))
	if err != nil {
		t.Fatal(err)
	}
	mustKafka(t, "freeze", dir, "1")
	if got := mustKafka(t, "status", dir); !strings.Contains(got, "does not answer") {
		t.Errorf("status of a frozen broker: %s", got)
	}
	mustKafka(t, "thaw", dir, "1")
	if got := mustKafka(t, "status", dir); !strings.Contains(got, ", answers") {
		t.Errorf("status of a thawed broker: %s", got)
	}
	mustKafka(t, "stop", dir, "1")
	if got := mustKafka(t, "status", dir); !strings.Contains(got, "does not run") {
		t.Errorf("status of a stopped broker: %s", got)
	}
	mustKafka(t, "start", dir, "1")
	mustKafka(t, "kill", dir, "1")

	mustKafka(t, "down", dir, "--remove")
	p, err := os.FindProcess(pid)
	if err == nil && !errors.Is(p.Signal(syscall.Signal(0)), os.ErrProcessDone) {
		t.Errorf("process %d is left", pid)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the directory is left: %v", err)
	}
}

func TestRunGivesTheCommandAClusterAndReturnsItsExitCode(t *testing.T) {
	requireKafka(t)
	script := `printf '%s %s' "$DASHSTREAM_TEST_BROKERS" "$DASHSTREAM_TEST_KAFKA_DIR"; exit 7`
	code, out, stderr := kafka(t, "run", "--", "sh", "-c", script)
	if code != 7 {
		t.Errorf("exit code %d, want 7: %s", code, stderr)
	}
	addr, dir, _ := strings.Cut(out, " ")
	if !strings.HasPrefix(addr, "127.0.0.1:") || dir == "" {
		t.Errorf("the command saw brokers %q and directory %q", addr, dir)
	}
	if _, err := os.Stat(dir); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("the cluster's directory is left: %v", err)
	}
}
