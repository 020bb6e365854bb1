package archtest

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var promise = regexp.MustCompile(`\[(Test\w+)\]\(([^)#]+)\)`)

// What is promised is held by tests: those that SECURITY.md links to are there, and each of its
// promises links to one.
func TestPromisesLinkToTheTestsThatHoldThem(t *testing.T) {
	text, err := os.ReadFile("../../SECURITY.md")
	if err != nil {
		t.Fatal(err)
	}
	links := promise.FindAllStringSubmatch(string(text), -1)
	for _, link := range links {
		source, err := os.ReadFile(filepath.Join("../..", link[2]))
		if err != nil || !strings.Contains(string(source), "\nfunc "+link[1]+"(") {
			t.Errorf("%s is not in %s (%v)", link[1], link[2], err)
		}
	}
	_, promises, _ := strings.Cut(string(text), "## What is promised")
	promises, _, _ = strings.Cut(promises, "\n## ")
	items := strings.Split(promises, "\n- ")[1:]
	for _, item := range items {
		if !promise.MatchString(item) {
			t.Errorf("no test holds: %s", item)
		}
	}
	if len(items) < 10 {
		t.Errorf("%d promises", len(items))
	}
}
