package traces

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// Whatever an export says, what is made of it is a tree: each node starts once and ends once, in
// what encloses it, and in the order of times.
func FuzzAnyExportMakesTrees(f *testing.F) {
	files, err := filepath.Glob("testdata/*.json")
	if err != nil || len(files) == 0 {
		f.Fatal(files, err)
	}
	for _, file := range files {
		raw, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add([]byte(`{"id":"t","sessionId":"s","timestamp":"2026-01-01T00:00:00Z","observations":[` +
		`{"id":"o","type":"TOOL","startTime":"2026-01-01T00:00:00Z","usage":{"input":1}},` +
		`{"id":"p","parentObservationId":"p","startTime":"2026-01-02T00:00:00Z",` +
		`"endTime":"2025-01-01T00:00:00Z"}]}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		var fields map[string]json.RawMessage
		if json.Unmarshal(raw, &fields) != nil || FormOf(fields) == NoForm {
			return
		}
		spans, err := Read(FormOf(fields), raw)
		if err != nil {
			return
		}
		for _, r := range Runs(spans) {
			checkSteps(t, r.Steps)
		}
	})
}

func checkSteps(t *testing.T, steps []Step) {
	t.Helper()
	open := map[*Node]bool{} // false: it has ended
	for i, s := range steps {
		isOpen, known := open[s.Node]
		switch {
		case i > 0 && s.At.Before(steps[i-1].At):
			t.Fatalf("step %d is before the one in front of it", i)
		case s.Ends && !isOpen, !s.Ends && known:
			t.Fatalf("step %d ends %v what is open %v, known %v", i, s.Ends, isOpen, known)
		}
		if outer, shown := open[s.Node.Outer]; shown && !outer {
			t.Fatalf("step %d is behind the end of what encloses it", i)
		}
		open[s.Node] = !s.Ends
	}
	for n, isOpen := range open {
		if isOpen {
			t.Fatalf("%q does not end", n.ID)
		}
	}
}
