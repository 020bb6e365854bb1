package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/sink"
)

// TestMain lets the test's own program be a sink or a producer, as the command is.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && (os.Args[1] == load.Subcommand || os.Args[1] == sink.Subcommand) {
		main()
		return
	}
	os.Exit(m.Run())
}

func TestEverythingIsDeliveredToAnotherProcess(t *testing.T) {
	b := &bench{progress: io.Discard}
	for _, c := range contenders {
		if c.sink == "" {
			continue
		}
		for _, compression := range c.compressions {
			t.Run(c.name+"/"+compression, func(t *testing.T) {
				spec := load.Spec{Values: load.Words, Events: 8000, Warmup: 800, Profile: true}
				spec.Compression = compression
				r, err := runRemote(b, remote{name: c.name, sink: c.sink,
					compressions: c.compressions}, spec)
				if err != nil {
					t.Fatal(err)
				}
				if r.Delivered != 100 || r.Operations != 8000 || r.WirePerOp < 20 ||
					r.EventsPerRecord < 1 {
					t.Errorf("row %+v", r)
				}
				if small := r.WirePerOp < 400; small != (compression != "none") {
					t.Errorf("%.0f bytes an event on the wire with compression %s", r.WirePerOp,
						compression)
				}
			})
		}
	}
}

func TestTablesReplaceWhatStandsBetweenTheMarks(t *testing.T) {
	path := filepath.Join(t.TempDir(), "README.md")
	if err := os.WriteFile(path, []byte("before\n"+markBegin+"old\n"+markEnd+"\nafter\n"),
		0o600); err != nil {
		t.Fatal(err)
	}
	tables := []table{{scenarios[0],
		[]row{{Case: "10 attributes", Contender: nameBare, NsPerOp: 123, Delivered: 100}}}}
	if err := replaceTables(path, options{args: []string{"--quick", "--write", path, "--runs=x"}},
		tables); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"before\n" + markBegin + "`go run ./benchmarks --quick`\n",
		"| 10 attributes | bare | 123 | 100 |", markEnd + "\nafter\n"} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%q is missing in\n%s", want, text)
		}
	}
	if strings.Contains(string(text), "old") {
		t.Errorf("what stood there before is still there:\n%s", text)
	}
}

func TestJSONHoldsEveryRow(t *testing.T) {
	var b bytes.Buffer
	tables := []table{{scenarios[0], []row{{Scenario: "emit", Contender: nameBare, Delivered: 100},
		{Scenario: "emit", Contender: nameZerolog}}}}
	if err := writeTables(&b, "json", "machine", tables); err != nil {
		t.Fatal(err)
	}
	var got struct {
		Machine string
		Rows    []row
	}
	if err := json.Unmarshal(b.Bytes(), &got); err != nil || len(got.Rows) != 2 ||
		got.Machine != "machine" || got.Rows[0].Delivered != 100 {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestWrongFlagsAreNamed(t *testing.T) {
	for _, c := range []struct{ args, want string }{
		{"--scenario nowhere", `"nowhere"`}, {"--contender nobody", `"nobody"`},
		{"--format xml", `"xml"`}, {"more", `"more"`}, {"--never", "never"},
	} {
		if _, err := parse(strings.Fields(c.args), io.Discard); err == nil ||
			!strings.Contains(err.Error(), c.want) {
			t.Errorf("parse(%q) = %v, want an error that names %s", c.args, err, c.want)
		}
	}
}

func TestHelpListsEveryScenario(t *testing.T) {
	var b bytes.Buffer
	if err := run([]string{"--help"}, &b, io.Discard); err != nil {
		t.Fatal(err)
	}
	for _, s := range scenarios {
		if !strings.Contains(b.String(), s.name) {
			t.Errorf("--help does not name %s:\n%s", s.name, b.String())
		}
	}
}
