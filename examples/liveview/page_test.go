package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPageParsesFramesAndNothingElse looks at the sources: what a producer wrote is text, or a
// value that the view has parsed.
func TestPageParsesFramesAndNothingElse(t *testing.T) {
	files, err := filepath.Glob("page/src/*.mjs")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d sources: %v", len(files), err)
	}
	parses := 0
	for _, file := range files {
		src, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, call := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "eval(",
			"new Function", "document.write", "DOMParser", "srcdoc", "javascript:"} {
			if strings.Contains(string(src), call) {
				t.Errorf("%s uses %s", file, call)
			}
		}
		n := strings.Count(string(src), "JSON.parse")
		parses += n
		if n > 0 && !strings.Contains(string(src), "JSON.parse(event.data)") {
			t.Errorf("%s parses something that is no frame", file)
		}
	}
	if parses != 1 {
		t.Errorf("JSON is parsed in %d places, want 1", parses)
	}
}
