package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
	"github.com/dashstream/dashstream-go/callback/callbacktest"
)

// A process of the test binary is the program if this variable is set.
const asProgram = "APPROVAL_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
		return
	}
	os.Exit(m.Run())
}

// The graph's own test: what is to be tested gets a run of a recorder's client, and the recorder
// says what it emitted.
func TestTheDraftIsANodeThatEnds(t *testing.T) {
	rec := callbacktest.NewRecorder()
	run := rec.Client(t).StartRun(callback.RunInfo{ThreadID: "conversation-7"})
	if w := draft(run); w.Draft == "" {
		t.Error("there is no draft")
	}
	run.End(nil)
	var got []string
	for _, e := range rec.Events("conversation-7") {
		got = append(got, e.GetEventType().String()+" "+e.GetNodeId())
	}
	want := []string{
		"EVENT_TYPE_GRAPH_START ", "EVENT_TYPE_NODE_START draft", "EVENT_TYPE_NODE_END draft",
		"EVENT_TYPE_GRAPH_END ",
	}
	if !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	if report := rec.Check(); report.Err() != nil {
		t.Error(report.Err())
	}
}

func TestASecondProcessContinuesTheRunOfTheFirst(t *testing.T) {
	const common = "GRAPH_START 1,NODE_START 2,NODE_END 3,HUMAN_INTERRUPT 4,HUMAN_RESUME 5,"
	tests := []struct {
		answer, want string
		code         int
	}{
		{"yes", common + "NODE_START 6,NODE_END 7,GRAPH_END 8", 0},
		{"no", common + "GRAPH_ERROR 6", 1},
	}
	for _, tt := range tests {
		t.Run(tt.answer, func(t *testing.T) {
			dir := t.TempDir()
			if code := process(t, dir, "ask"); code != 0 {
				t.Fatalf("ask: exit code %d", code)
			}
			if code := process(t, dir, "answer", tt.answer); code != tt.code {
				t.Errorf("answer: exit code %d, want %d", code, tt.code)
			}
			got, threads := emitted(t, filepath.Join(dir, "lines.json"))
			if got := strings.Join(got, ","); got != tt.want || len(threads) != 1 {
				t.Errorf("threads %v: got %s, want %s", threads, got, tt.want)
			}
		})
	}
}

// process runs the program to its end and returns its exit code.
func process(t *testing.T, dir string, args ...string) int {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], args...)
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), asProgram+"=1", "APPROVAL_FILE=",
		"DASHSTREAM_LINES_FILE="+filepath.Join(dir, "lines.json"))
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		t.Fatalf("%v: %s", err, out)
	}
	return cmd.ProcessState.ExitCode()
}

// emitted reads a file of JSON lines: the events' types with their numbers, and their threads.
func emitted(t *testing.T, file string) (events []string, threads map[string]bool) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	threads = map[string]bool{}
	for line := range strings.Lines(string(text)) {
		var m struct {
			Event *struct {
				Header struct {
					Thread   string `json:"thread_id"`
					Sequence string `json:"sequence"`
				} `json:"header"`
				Type string `json:"event_type"`
			} `json:"event"`
		}
		if err := json.Unmarshal([]byte(line), &m); err != nil {
			t.Fatal(err)
		}
		if m.Event == nil {
			continue // the client's report on itself
		}
		name := strings.TrimPrefix(m.Event.Type, "EVENT_TYPE_")
		events = append(events, name+" "+m.Event.Header.Sequence)
		threads[m.Event.Header.Thread] = true
	}
	return events, threads
}
