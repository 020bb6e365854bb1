package callback_test

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/callback"
)

// emitLines emits a run with a client of cfg and shuts the client down.
func emitLines(t *testing.T, cfg callback.Config) callback.Report {
	t.Helper()
	cfg.Logger, cfg.SelfMetrics = slog.New(slog.DiscardHandler), "off"
	client, err := callback.New(cfg)
	if err != nil {
		t.Fatal(err)
	}
	run := client.StartRun(callback.RunInfo{ThreadID: "t"})
	node := run.StartNode("plan")
	run.SetState(map[string]int{"a": 1})
	node.End(nil)
	run.End(nil)
	report, err := client.Shutdown(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestLinesAreWrittenToAFileThatIsNamed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "events.jsonl")
	t.Setenv("DASHSTREAM_LINES_FILE", path)
	for n := 1; n <= 2; n++ { // a second client appends
		cfg, err := callback.ConfigFromEnv()
		if err != nil {
			t.Fatal(err)
		}
		if r := emitLines(t, cfg); !r.Complete() {
			t.Fatalf("%+v", r)
		}
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if got := strings.Count(string(text), `"EVENT_TYPE_NODE_START"`); got != n {
			t.Fatalf("%d starts of nodes, want %d:\n%s", got, n, text)
		}
	}
}

func TestAFileThatCannotBeOpenedIsAnErrorOfNew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "no", "such", "folder")
	client, err := callback.New(callback.Config{LinesFile: path,
		Logger: slog.New(slog.DiscardHandler)})
	if client != nil || !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(),
		"LinesFile") {
		t.Errorf("%v, %v", client, err)
	}
}

type refusing struct{ bytes.Buffer }

func (*refusing) Write([]byte) (int, error) { return 0, errors.New("the disk is full") }

func TestLinesThatCannotBeWrittenAreCountedAsRejected(t *testing.T) {
	r := emitLines(t, callback.Config{Sender: callback.NewLines(new(refusing))})
	if r.Delivered != 0 || r.Emitted != 5 {
		t.Errorf("%+v", r)
	}
}
