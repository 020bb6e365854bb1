package callbacktest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/markdown"
)

// column is what an adapter's suite has found, from the file that its test has written.
type column struct {
	adapter   string
	scenarios []string
	found     map[string]string // "yes", or why not
}

// columns reads the files of all adapters, also of those with modules of their own.
func columns(t *testing.T) (all []column) {
	t.Helper()
	files, err := filepath.Glob("../*/testdata/conform.txt") // that of plain Go comes first
	if err != nil || len(files) == 0 {
		t.Fatalf("%v: %v", files, err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		c := column{adapter: filepath.Base(filepath.Dir(filepath.Dir(file))),
			found: map[string]string{}}
		if c.adapter == "callbacktest" {
			c.adapter = "plain Go"
		}
		for line := range strings.Lines(string(text)) {
			scenario, found, _ := strings.Cut(strings.TrimSuffix(line, "\n"), ": ")
			c.scenarios = append(c.scenarios, scenario)
			c.found[scenario] = found
		}
		all = append(all, c)
	}
	return all
}

// scenarioTable joins the columns, and says below why an adapter cannot play a scenario.
func scenarioTable(all []column) string {
	var b strings.Builder
	row := func(first string, cell func(column) string) {
		b.WriteString("| " + first + " |")
		for _, c := range all {
			b.WriteString(" " + cell(c) + " |")
		}
		b.WriteString("\n")
	}
	row("scenario", func(c column) string { return c.adapter })
	row("---", func(column) string { return "---" })
	for _, scenario := range all[0].scenarios {
		row(scenario, func(c column) string {
			if c.found[scenario] == "yes" {
				return "yes"
			}
			return "–"
		})
	}
	for _, c := range all {
		b.WriteString(reasons(c))
	}
	return b.String()
}

// reasons lists what an adapter cannot play, by why not.
func reasons(c column) string {
	var order []string
	scenarios := map[string][]string{}
	for _, scenario := range c.scenarios {
		if reason, ok := strings.CutPrefix(c.found[scenario], "cannot: "); ok {
			if scenarios[reason] == nil {
				order = append(order, reason)
			}
			scenarios[reason] = append(scenarios[reason], scenario)
		}
	}
	text := ""
	for i, reason := range order {
		if i == 0 {
			text = "\n" + c.adapter + " cannot play:\n\n"
		}
		text += wrapped("- " + strings.Join(scenarios[reason], ", ") + ": " + reason)
	}
	return text
}

// wrapped breaks an item of a list into lines.
func wrapped(item string) (text string) {
	line := ""
	for word := range strings.FieldsSeq(item) {
		if len(line)+len(word) >= 100 {
			text += line + "\n"
			line = " "
		}
		line += " " + word
	}
	return strings.ReplaceAll("\n"+text+line+"\n", "\n -", "\n-")[1:]
}

func TestTheTableOfScenariosIsWhatTheSuiteFound(t *testing.T) {
	all := columns(t)
	for _, c := range all {
		if !slices.Equal(c.scenarios, all[0].scenarios) {
			t.Errorf("%s has the scenarios %q, want %q: run its test of Conform with -write",
				c.adapter, c.scenarios, all[0].scenarios)
		}
	}
	markdown.Shows(t, "../ADAPTERS.md", "scenarios", scenarioTable(all), *write)
}
