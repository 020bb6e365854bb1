package main

import (
	"bytes"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
)

func FuzzAnyFileIsReplayedOrNamed(f *testing.F) {
	plain, err := os.ReadFile(sample)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(plain)
	f.Add(
		[]byte(
			`[{"reward":true,"traj":[{"role":"tool","tool_call_id":7,"content":["a",{"text":null}]},{"role":"ai","function_call":{"arguments":{}}}]}]`))
	exports, err := filepath.Glob(filepath.Join(corpus, "*.json"))
	if err != nil || len(exports) == 0 {
		f.Fatal(exports, err)
	}
	f.Add([]byte(`{"id":"t","sessionId":"s","timestamp":"2026-01-01T00:00:00Z","observations":[` +
		`{"id":"o","type":"TOOL","startTime":"2026-01-01T00:00:00Z","usage":{"input":1}}]}`))
	for _, name := range append(exports, samples...) {
		if plain, err = os.ReadFile(name); err != nil {
			f.Fatal(err)
		}
		f.Add(plain)
	}
	f.Add([]byte("\x1f\x8b\x08\x00"))
	f.Fuzz(func(t *testing.T, file []byte) {
		recordings, err := readRecordings(bytes.NewReader(file))
		if err != nil {
			return
		}
		var turned atomic.Int64
		// with no client, all that is emitted goes nowhere
		p := player{flow: flowOf(recordings), turned: &turned}
		for i := range recordings {
			run, err := p.begin(t.Context(), &recordings[i], "thread")
			if err = p.play(t.Context(), run, &recordings[i], err); err != nil {
				t.Fatal(err)
			}
		}
	})
}
