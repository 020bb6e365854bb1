package main

import (
	"bytes"
	"os"
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
	for _, name := range samples {
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
