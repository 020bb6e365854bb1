package callbacktest

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"
)

// Conformance says what an adapter was found to do: a line for each scenario.
type Conformance struct {
	lines   []string
	streams [][][]byte
}

// Streams returns the values of the records of each scenario, for readers to be held against them.
func (c *Conformance) Streams() [][][]byte { return c.streams }

func (c *Conformance) keep(rec *Recorder) {
	var values [][]byte
	for _, r := range rec.Records() {
		values = append(values, r.Value)
	}
	c.streams = append(c.streams, values)
}

const conforming = "yes"

// add takes the outcome of a scenario: that it conforms, or why the runtime cannot play it.
func (c *Conformance) add(s Scenario, cannot error) {
	said := conforming
	if cannot != nil {
		said = strings.TrimPrefix(cannot.Error(), ErrCannot.Error())
		said = "cannot: " + strings.TrimPrefix(said, ": ")
	}
	c.lines = append(c.lines, fmt.Sprintf("%s: %s\n", s, said))
}

// String returns a line for each scenario: its name, and "yes" or why the runtime cannot play it.
// It leaves out those that failed, and those that were not run.
func (c *Conformance) String() string { return strings.Join(c.lines, "") }

// Compare holds what was found against a file, or writes the file. It does nothing if a scenario
// failed or was not run.
func (c *Conformance) Compare(t *testing.T, file string, write bool) {
	t.Helper()
	if t.Failed() || len(c.lines) <= len(expectations) {
		return
	}
	got := c.String()
	if write {
		err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o755),
			os.WriteFile(file, []byte(got), 0o644))
		if err != nil {
			t.Error(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil || string(want) != got {
		t.Errorf("%s is not what was found (%v):\n%s", file, err, got)
	}
}

// goroutinesEnd holds that no goroutine is left of a test when it has ended. It has to be called
// first, so that it runs after everything else has been cleaned up.
func goroutinesEnd(t *testing.T) {
	before := runtime.NumGoroutine()
	t.Cleanup(func() {
		deadline := time.Now().Add(30 * time.Second)
		for runtime.NumGoroutine() > before {
			if time.Now().After(deadline) {
				stacks := make([]byte, 1<<20)
				t.Errorf("%d goroutines are left:\n%s", runtime.NumGoroutine()-before,
					stacks[:runtime.Stack(stacks, true)])
				return
			}
			time.Sleep(time.Millisecond)
		}
	})
}
