package callbacktest_test

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// adaptersDocument has the table of what each adapter was found to do.
const adaptersDocument = "../ADAPTERS.md"

// column is what an adapter's suite has found, from the file that its test has written.
type column struct {
	adapter   string
	scenarios []string
	found     map[string]string // "yes", or why not
}

// columns reads the files of all adapters, also of those with modules of their own.
func columns(t *testing.T) (all []column) {
	t.Helper()
	files, err := filepath.Glob("../*/testdata/conform.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("%v: %v", files, err)
	}
	slices.SortFunc(files, func(a, b string) int { // plain Go comes first
		return strings.Compare(strings.TrimPrefix(a, "../callbacktest"),
			strings.TrimPrefix(b, "../callbacktest"))
	})
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
		scenarios := map[string][]string{}
		var reasons []string
		for _, scenario := range c.scenarios {
			reason, ok := strings.CutPrefix(c.found[scenario], "cannot: ")
			if !ok {
				continue
			}
			if scenarios[reason] == nil {
				reasons = append(reasons, reason)
			}
			scenarios[reason] = append(scenarios[reason], scenario)
		}
		for i, reason := range reasons {
			if i == 0 {
				b.WriteString("\n" + c.adapter + " cannot play:\n\n")
			}
			b.WriteString("- " + strings.Join(scenarios[reason], ", ") + ":\n  " + reason + "\n")
		}
	}
	return b.String()
}

func TestTheTableOfScenariosIsWhatTheSuiteFound(t *testing.T) {
	all := columns(t)
	for _, c := range all {
		if !slices.Equal(c.scenarios, all[0].scenarios) {
			t.Errorf("%s has the scenarios %q, want %q: run its test of Conform with -write",
				c.adapter, c.scenarios, all[0].scenarios)
		}
	}
	text, err := os.ReadFile(adaptersDocument)
	if err != nil {
		t.Fatal(err)
	}
	const begin, end = "<!-- scenarios: begin -->\n", "<!-- scenarios: end -->"
	head, rest, found := strings.Cut(string(text), begin)
	_, tail, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		t.Fatalf("%s has no markers for the table", adaptersDocument)
	}
	want := head + begin + "\n" + scenarioTable(all) + "\n" + end + tail
	if want == string(text) {
		return
	}
	if !*write {
		t.Fatalf("%s does not show the table as it is: go test ./callback/callbacktest "+
			"-run Scenarios -write", adaptersDocument)
	}
	if err := os.WriteFile(adaptersDocument, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}
