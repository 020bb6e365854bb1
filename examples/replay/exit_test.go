package main

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/callback"
)

func TestExitCodesTellWhatIsWrong(t *testing.T) {
	bad := filepath.Join(t.TempDir(), "bad.json")
	if err := os.WriteFile(bad, []byte(`[{"traj": 1}]`), 0o600); err != nil {
		t.Fatal(err)
	}
	cfg := callback.Config{Sender: new(ledger), Logger: slog.New(slog.DiscardHandler)}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{}, exitUsage, "no FILE to replay"},
		{[]string{sample, "--frobnicate"}, exitUsage, "flag provided but not defined: -frobnicate"},
		{[]string{"--rate=fast", sample}, exitUsage, `invalid value "fast" for flag -rate`},
		{[]string{"--rate=-1", "--concurrency=0", "--runs=-2", "--duration=-1s", sample}, exitUsage,
			"--rate is -1, want at least 0"},
		{[]string{"--rate=NaN", sample}, exitUsage, "--rate is NaN"},
		{[]string{"--rate=inf", sample}, exitUsage, "--rate is +Inf"},
		{[]string{bad, sample}, exitFile, "bad.json: [0].traj: found a number"},
		{[]string{"absent.json"}, exitFile, "absent.json"},
		{[]string{"testdata"}, exitFile, "testdata"},
		{[]string{"--metrics-addr=nowhere:none", sample}, exitStart, "metrics: listen tcp"},
		{[]string{"--topic=no topic", sample}, exitStart, "no topic"},
	} {
		o := replayed(t, t.Context(), cfg, c.args...)
		if o.code != c.code || !strings.Contains(o.stderr, c.says) || o.stdout != "" {
			t.Errorf("%q: exit code %d, want %d with %q: %s%s", c.args, o.code, c.code, c.says,
				o.stderr, o.stdout)
		}
	}
}

func TestHelpNamesEveryFlagKeyAndCode(t *testing.T) {
	var stdout, stderr bytes.Buffer
	if code := run(t.Context(), []string{"--help"}, &stdout, &stderr); code != exitDone ||
		stderr.Len() > 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	for _, word := range []string{
		"-runs", "-concurrency", "-rate", "-state", "-duration", "-brokers", "-topic",
		"-create-topic", "-metrics-addr", "emitted", "unacknowledged", "unchanged",
		"high_water", "door_to_ack_ms", "cpu_ns_per_event", "Exit codes", "\n  4 ",
	} {
		if !strings.Contains(stdout.String(), word) {
			t.Errorf("%q is missing in\n%s", word, &stdout)
		}
	}
}

func TestDisabledClientReplaysNothing(t *testing.T) {
	o := replayed(t, t.Context(), callback.Config{Disabled: true}, sample)
	if o.code != exitDone || o.result.Emitted != 0 {
		t.Errorf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
}

func TestCPUTimeIsMeasured(t *testing.T) {
	before := cpuTime()
	for deadline := time.Now().Add(5 * time.Second); cpuTime() == before; {
		if time.Now().After(deadline) {
			t.Fatal("no CPU time in 5 s of work")
		}
	}
}

func TestRecordedRunsAreReplayedCompletely(t *testing.T) {
	path := os.Getenv("DASHSTREAM_TEST_RUNS")
	if path == "" {
		t.Skip("DASHSTREAM_TEST_RUNS does not name a file of recorded runs")
	}
	l := new(ledger)
	o := replayed(t, t.Context(), callback.Config{Sender: l}, path)
	if r := &o.result; o.code != exitDone || r.Delivered != r.Emitted {
		t.Fatalf("exit code %d: %s%s", o.code, o.stdout, o.stderr)
	}
	l.verify(t, nil)
	var runs []struct {
		Traj []struct{ Role string }
	}
	plain, err := readPlain(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(plain, &runs); err != nil {
		t.Fatal(err)
	}
	roles := map[string]int{}
	for _, r := range runs {
		for _, m := range r.Traj {
			roles[m.Role]++
		}
	}
	if n := l.tally["EVENT_TYPE_GRAPH_END"]; n != len(runs) {
		t.Errorf("%d runs of %d", n, len(runs))
	}
	if n := l.tally["EVENT_TYPE_LLM_END"]; n != roles["assistant"] {
		t.Errorf("%d calls of a model, %d messages of the assistant", n, roles["assistant"])
	}
	if n := l.tally["EXECUTION_STAGE_COMPLETED"]; n != roles["tool"] {
		t.Errorf("%d tools completed, %d messages of tools", n, roles["tool"])
	}
	finalStates(t, l, plain)
}
