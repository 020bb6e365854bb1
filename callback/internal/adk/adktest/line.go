package adktest

import (
	"os"
	"strings"
	"testing"
)

// BothHave holds that README.md and the example of the package under test have the same line.
func BothHave(t *testing.T, line string) {
	t.Helper()
	for _, file := range []string{"README.md", "example_test.go"} {
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), line) {
			t.Errorf("%s has no line %s (%v)", file, line, err)
		}
	}
}
