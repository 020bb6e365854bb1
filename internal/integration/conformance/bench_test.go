package conformance

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/gowebpki/jcs"
	"github.com/wI2L/jsondiff"

	"github.com/dashstream/dashstream-go/internal/statediff"
)

// states returns, for some recorded agent runs, the conversation after each message, as
// encoding/json writes it.
func states(b *testing.B) (runs [][][]byte, size int64) {
	b.Helper()
	path := os.Getenv("DASHSTREAM_TEST_RUNS")
	if path == "" {
		b.Skip("DASHSTREAM_TEST_RUNS names no file of recorded runs")
	}
	file, err := os.Open(path)
	if err != nil {
		b.Fatal(err)
	}
	defer file.Close()
	var src io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if src, err = gzip.NewReader(file); err != nil {
			b.Fatal(err)
		}
	}
	var recorded []struct{ Traj []any }
	if err := json.NewDecoder(src).Decode(&recorded); err != nil {
		b.Fatal(err)
	}
	for _, r := range recorded[:min(len(recorded), 20)] {
		var run [][]byte
		for i := range r.Traj {
			state, err := json.Marshal(map[string]any{"messages": r.Traj[:i+1]})
			if err != nil {
				b.Fatal(err)
			}
			run = append(run, state)
			size += int64(len(state))
		}
		runs = append(runs, run)
	}
	return runs, size
}

// each calls do for every state of every run, with the previous state, nil for the first.
func each(b *testing.B, runs [][][]byte, size int64, do func(last, state []byte) error) {
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		for _, run := range runs {
			var last []byte
			for _, state := range run {
				if err := do(last, state); err != nil {
					b.Fatal(err)
				}
				last = state
			}
		}
	}
}

func BenchmarkCanonical(b *testing.B) {
	runs, size := states(b)
	b.Run("statediff", func(b *testing.B) {
		var c statediff.Canonicalizer
		var buf []byte
		each(b, runs, size, func(_, state []byte) (err error) {
			buf, err = c.Append(buf[:0], state)
			return err
		})
	})
	b.Run("statediff, after the last", func(b *testing.B) {
		var c statediff.Canonicalizer
		base, next := new(statediff.Document), new(statediff.Document)
		each(b, runs, size, func(_, state []byte) error {
			base, next = next, base
			return c.ParseAfter(base, state, next)
		})
	})
	b.Run("jcs", func(b *testing.B) {
		each(b, runs, size, func(_, state []byte) error {
			_, err := jcs.Transform(state)
			return err
		})
	})
	b.Run("jsontext", func(b *testing.B) {
		var buf jsontext.Value
		each(b, runs, size, func(_, state []byte) error {
			buf = append(buf[:0], state...) // it works in place
			return buf.Canonicalize()
		})
	})
}

func BenchmarkDiff(b *testing.B) {
	runs, size := states(b)
	b.Run("statediff, with canonical form", func(b *testing.B) {
		var c statediff.Canonicalizer
		var d statediff.Differ
		base, next := new(statediff.Document), new(statediff.Document)
		each(b, runs, size, func(last, state []byte) error {
			if err := c.ParseAfter(next, state, base); err != nil {
				return err
			}
			d.Diff(base, next)
			base, next = next, base
			return nil
		})
	})
	b.Run("jsondiff", func(b *testing.B) {
		each(b, runs, size, func(last, state []byte) error {
			if last == nil {
				return nil
			}
			_, err := jsondiff.CompareJSON(last, state)
			return err
		})
	})
	b.Run("marshal of the states, for comparison", func(b *testing.B) {
		var decoded [][]any
		for _, run := range runs {
			var all []any
			for _, state := range run {
				var v any
				if err := json.NewDecoder(bytes.NewReader(state)).Decode(&v); err != nil {
					b.Fatal(err)
				}
				all = append(all, v)
			}
			decoded = append(decoded, all)
		}
		b.SetBytes(size)
		b.ReportAllocs()
		for b.Loop() {
			for _, run := range decoded {
				for _, v := range run {
					if _, err := json.Marshal(v); err != nil {
						b.Fatal(err)
					}
				}
			}
		}
	})
}
