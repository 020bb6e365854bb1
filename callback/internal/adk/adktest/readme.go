package adktest

import (
	"os"
	"strings"
	"testing"
)

// CheckREADME holds that README.md of the package under test shows the line of its example, and the
// timeline that the example prints.
func CheckREADME(t *testing.T, line string) {
	t.Helper()
	example, err := os.ReadFile("example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile("README.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(example), line) || !strings.Contains(string(readme), line) {
		t.Errorf("the example or README.md lacks the line: %s", line)
	}
	_, rest, _ := strings.Cut(string(example), "// Output:\n")
	output, _, _ := strings.Cut(rest, "\n}")
	var timeline strings.Builder
	for printed := range strings.Lines(output) {
		printed = strings.TrimPrefix(strings.TrimSpace(printed), "//")
		timeline.WriteString(strings.TrimPrefix(printed, " ") + "\n")
	}
	if !strings.Contains(string(readme), "```\n"+timeline.String()+"```\n") {
		t.Errorf("README.md does not show the timeline that the example prints:\n%s", &timeline)
	}
}
