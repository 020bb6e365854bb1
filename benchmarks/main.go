// Command benchmarks measures what emitting and sending events costs, beside what one would take
// instead of dashstream, and prints one table for each scenario. Every row says how much of what
// was emitted was delivered.
package main

import (
	"bytes"
	_ "embed"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"

	"github.com/dashstream/dashstream-go/benchmarks/internal/load"
	"github.com/dashstream/dashstream-go/benchmarks/internal/sink"
)

//go:embed help.txt
var help string

func main() {
	if err := run(os.Args[1:], os.Stdout, os.Stderr); err != nil {
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		os.Exit(1)
	}
}

func run(args []string, out, progress io.Writer) error {
	if len(args) > 0 {
		switch args[0] { // other processes of a benchmark
		case load.Subcommand:
			return load.Serve(os.Stdin, out, opens())
		case sink.Subcommand:
			return sink.Serve(strings.Join(args[1:], " "), os.Stdin, out)
		}
	}
	o, err := parse(args, out)
	if errors.Is(err, flag.ErrHelp) {
		return nil
	}
	if err != nil {
		return err
	}
	b := &bench{options: o, progress: progress}
	var tables []table
	for _, s := range o.scenarios {
		b.say("%s: %s", s.name, s.title)
		t := table{scenario: s}
		if t.rows, err = s.run(b); err != nil {
			return fmt.Errorf("%s: %w", s.name, err)
		}
		for i := range t.rows {
			t.rows[i].Scenario = s.name
		}
		sayFaster(t.rows)
		if len(t.rows) > 0 {
			tables = append(tables, t)
		}
	}
	if o.write != "" {
		return replaceTables(o.write, o, tables)
	}
	return writeTables(out, o.format, machine(), tables)
}

// options are what the command line says.
type options struct {
	scenarios  []scenario
	contenders []string // empty for all
	quick      bool
	format     string
	write      string
	runs       string // file of recorded runs
	confluent  string // program
	args       []string
}

func parse(args []string, out io.Writer) (options, error) {
	o := options{args: args}
	f := flag.NewFlagSet("benchmarks", flag.ContinueOnError)
	f.SetOutput(io.Discard)
	names := f.String("scenario", "", "")
	only := f.String("contender", "", "")
	f.BoolVar(&o.quick, "quick", false, "")
	f.StringVar(&o.format, "format", "text", "")
	f.StringVar(&o.write, "write", "", "")
	f.StringVar(&o.runs, "runs", os.Getenv(load.RunsVariable), "")
	f.StringVar(&o.confluent, "confluent", "", "")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, flag.ErrHelp) {
			_, err := fmt.Fprintf(out, help, scenarioList(), strings.Join(contenderNames(), ", "))
			return o, errors.Join(flag.ErrHelp, err)
		}
		return o, fmt.Errorf("%w; --help tells what is possible", err)
	}
	if f.NArg() > 0 {
		return o, fmt.Errorf("unexpected argument %q; --help tells what is possible", f.Arg(0))
	}
	if !slices.Contains([]string{"text", "markdown", "json"}, o.format) {
		return o, fmt.Errorf("--format %q: want text, markdown or json", o.format)
	}
	if *only != "" {
		o.contenders = strings.Split(*only, ",")
		for _, name := range o.contenders {
			if !slices.Contains(contenderNames(), name) {
				return o, fmt.Errorf("--contender %q: want one of %s", name,
					strings.Join(contenderNames(), ", "))
			}
		}
	}
	var err error
	o.scenarios, err = findScenarios(*names)
	return o, err
}

func contenderNames() []string {
	var names []string
	for _, c := range contenders {
		names = append(names, c.name)
	}
	return append(names, nameConfluent)
}

// machine says on what the figures were taken.
func machine() string {
	text := fmt.Sprintf("%s, %s/%s, %d processors", runtime.Version(), runtime.GOOS, runtime.GOARCH,
		runtime.NumCPU())
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(info)) {
			if name, ok := strings.CutPrefix(line, "model name"); ok {
				text += ", " + strings.TrimSpace(strings.TrimLeft(name, " \t:"))
				break
			}
		}
	}
	return text
}

// The marks between which a file keeps the tables.
const (
	markBegin = "<!-- benchmarks: begin -->\n"
	markEnd   = "<!-- benchmarks: end -->"
)

// replaceTables puts the tables between the marks of a file, in Markdown.
func replaceTables(path string, o options, tables []table) error {
	old, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	head, rest, begins := strings.Cut(string(old), markBegin)
	_, tail, ends := strings.Cut(rest, markEnd)
	if !begins || !ends {
		return fmt.Errorf("%s has no lines %q and %q", path, strings.TrimSpace(markBegin), markEnd)
	}
	var b bytes.Buffer
	b.WriteString(head + markBegin)
	fmt.Fprintf(&b, "`%s`\n\n", o.command())
	if err := writeTables(&b, "markdown", machine(), tables); err != nil {
		return err
	}
	b.WriteString(markEnd + tail)
	return os.WriteFile(path, b.Bytes(), 0o644)
}

// command is what prints the same tables, without what would name a path of this machine.
func (o *options) command() string {
	var parts []string
	if o.runs != "" {
		parts = append(parts, load.RunsVariable+"=RUNS")
	}
	if os.Getenv(brokersVariable) != "" {
		parts = append(parts, "go run ./internal/kafkatest/cmd/kafka run --")
	}
	return strings.Join(append(append(parts, "go run ./benchmarks"), commandLine(o.args)...), " ")
}

// commandLine leaves out what would name a path of this machine.
func commandLine(args []string) []string {
	var kept []string
	for i := 0; i < len(args); i++ {
		name := strings.TrimLeft(args[i], "-")
		switch {
		case name == "write" || name == "runs" || name == "confluent":
			i++
		case strings.HasPrefix(name, "write=") || strings.HasPrefix(name, "runs=") ||
			strings.HasPrefix(name, "confluent="):
		default:
			kept = append(kept, args[i])
		}
	}
	return kept
}

// buildConfluent builds the contender that needs cgo, and returns its program.
func buildConfluent(dir string) (string, error) {
	program := dir + "/confluent"
	command := exec.Command("go", "build", "-o", program, ".")
	command.Dir = "benchmarks/confluent"
	command.Env = append(os.Environ(), "GOWORK=off", "CGO_ENABLED=1")
	if text, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w: %s", err, bytes.TrimSpace(text))
	}
	return program, nil
}
