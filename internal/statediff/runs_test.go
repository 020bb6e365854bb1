package statediff

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"os"
	"strings"
	"testing"
	"time"
)

// recordedRuns returns the states of recorded agent runs: for each run, its conversation after each
// message. Without a file of runs the test is skipped.
func recordedRuns(t testing.TB) (runs [][]map[string]any) {
	t.Helper()
	path := os.Getenv("DASHSTREAM_TEST_RUNS")
	if path == "" {
		t.Skip("DASHSTREAM_TEST_RUNS names no file of recorded runs")
	}
	file, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	var src io.Reader = file
	if strings.HasSuffix(path, ".gz") {
		if src, err = gzip.NewReader(file); err != nil {
			t.Fatal(err)
		}
	}
	var recorded []struct{ Traj []any }
	if err := json.NewDecoder(src).Decode(&recorded); err != nil {
		t.Fatal(err)
	}
	for _, r := range recorded {
		var states []map[string]any
		for i := range r.Traj {
			states = append(states, map[string]any{"messages": r.Traj[:i+1], "step": i})
		}
		runs = append(runs, states)
	}
	return runs
}

// pipeline is what a worker does with each state of a thread, except for redaction.
type pipeline struct {
	canonicalizer Canonicalizer
	summer        Summer
	differ        Differ
	base, next    *Document
}

func (p *pipeline) start() { p.base, p.next = new(Document), new(Document) }

func (p *pipeline) state(t testing.TB, src []byte) (ops []Op, size int, ok bool) {
	if err := p.canonicalizer.ParseAfter(p.next, src, p.base); err != nil {
		t.Fatal(err)
	}
	p.summer.Sum(p.next, p.base)
	ops, size, ok = p.differ.Diff(p.base, p.next)
	p.base, p.next = p.next, p.base
	return ops, size, ok
}

func TestRecordedRunsTakeAFifteenthAsPatches(t *testing.T) {
	var p pipeline
	var c Canonicalizer
	whole, sent, first, ops, states := 0, 0, 0, 0, 0
	for _, run := range recordedRuns(t) {
		p.start()
		var reader Document // what a reader has
		for i, state := range run {
			patch, size, ok := p.state(t, marshal(t, state))
			states++
			whole += len(p.base.Bytes())
			if !ok {
				if i > 0 {
					t.Errorf("state %d of a run goes out whole", i)
				}
				sent += len(p.base.Bytes())
				first += len(p.base.Bytes())
				reader.Set(p.base)
				continue
			}
			sent += size
			ops += len(patch)
			var after Document
			if err := c.Apply(&after, &reader, patch); err != nil {
				t.Fatal(err)
			}
			reader = after
			if string(reader.Bytes()) != string(p.base.Bytes()) {
				t.Fatal("the reader has another state")
			}
		}
	}
	t.Logf("%d states of %d bytes: sent %d (of these %d as first states), %.1f times less, %.2f "+
		"operations a patch",
		states, whole, sent, first, float64(whole)/float64(sent), float64(ops)/float64(states))
	if 15*sent > whole {
		t.Errorf("%d bytes sent are more than a fifteenth of %d", sent, whole)
	}
}

// BenchmarkRecordedRuns compares the worker's work with what it costs the application to marshal
// the same states.
func BenchmarkRecordedRuns(b *testing.B) {
	runs := recordedRuns(b)
	for name, escape := range map[string]bool{"": false, ", HTML escaped": true} {
		encoded, bytes := encodedRuns(b, runs, escape)
		b.Run("marshal"+name, func(b *testing.B) {
			b.SetBytes(bytes)
			b.ReportAllocs()
			for b.Loop() {
				encodedRuns(b, runs, escape)
			}
		})
		b.Run("canonical+sum+diff"+name, func(b *testing.B) {
			var p pipeline
			b.SetBytes(bytes)
			b.ReportAllocs()
			for b.Loop() {
				for _, run := range encoded {
					p.start()
					for _, src := range run {
						p.state(b, src)
					}
				}
			}
		})
		b.Run("ratio"+name, func(b *testing.B) {
			var p pipeline
			var marshal, rest time.Duration
			for b.Loop() { // side by side, so that other load on the machine affects both
				for i, run := range runs {
					at := time.Now()
					for _, state := range run {
						if _, err := json.Marshal(state); err != nil {
							b.Fatal(err)
						}
					}
					marshal += time.Since(at)
					p.start()
					at = time.Now()
					for _, src := range encoded[i] {
						p.state(b, src)
					}
					rest += time.Since(at)
				}
			}
			b.ReportMetric(float64(rest)/float64(marshal), "of-marshal")
		})
	}
}

func encodedRuns(
	t testing.TB, runs [][]map[string]any, escape bool,
) (encoded [][][]byte, bytes int64) {
	for _, run := range runs {
		var states [][]byte
		for _, state := range run {
			var w strings.Builder
			e := json.NewEncoder(&w)
			e.SetEscapeHTML(escape)
			if err := e.Encode(state); err != nil {
				t.Fatal(err)
			}
			states = append(states, []byte(w.String()))
			bytes += int64(w.Len())
		}
		encoded = append(encoded, states)
	}
	return encoded, bytes
}
