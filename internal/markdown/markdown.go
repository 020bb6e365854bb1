// Package markdown holds documents against what tests print.
package markdown

import (
	"go/doc"
	"go/parser"
	"go/token"
	"os"
	"strings"
	"testing"
)

// Shows fails the test unless the document has the content between its comments "name: begin" and
// "name: end", or writes it there.
func Shows(tb testing.TB, file, name, content string, write bool) {
	tb.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		tb.Fatal(err)
	}
	begin, end := "<!-- "+name+": begin -->\n", "<!-- "+name+": end -->"
	head, rest, found := strings.Cut(string(text), begin)
	_, tail, foundEnd := strings.Cut(rest, end)
	if !found || !foundEnd {
		tb.Fatalf("%s has no comments %q and %q", file, begin, end)
	}
	want := head + begin + "\n" + content + "\n" + end + tail
	switch {
	case want == string(text):
	case !write:
		tb.Errorf("%s does not show %s as it is: run the test with -write", file, name)
	default:
		if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
			tb.Error(err)
		}
	}
}

// ExampleOutput returns what an example prints, as its file says and go test has checked, in a
// block of a document.
func ExampleOutput(tb testing.TB, file, name string) string {
	tb.Helper()
	f, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
	if err != nil {
		tb.Fatal(err)
	}
	for _, e := range doc.Examples(f) {
		if e.Name == name {
			return "```\n" + strings.TrimSpace(e.Output) + "\n```\n"
		}
	}
	tb.Fatalf("%s has no example %s", file, name)
	return ""
}
