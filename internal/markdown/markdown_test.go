package markdown

import (
	"os"
	"path/filepath"
	"testing"
)

// failures counts the errors of a test.
type failures struct {
	testing.TB
	n int
}

func (*failures) Helper()                 {}
func (f *failures) Errorf(string, ...any) { f.n++ }

func TestShowsFindsWhatIsOutOfDateAndWritesIt(t *testing.T) {
	file := filepath.Join(t.TempDir(), "x.md")
	const before = "a\n<!-- x: begin -->\nold\n<!-- x: end -->\nb\n"
	if err := os.WriteFile(file, []byte(before), 0o644); err != nil {
		t.Fatal(err)
	}
	f := &failures{TB: t}
	if Shows(f, file, "x", "new\n", false); f.n != 1 {
		t.Errorf("%d failures of a document that is out of date, want one", f.n)
	}
	Shows(t, file, "x", "new\n", true)
	Shows(t, file, "x", "new\n", false)
	const want = "a\n<!-- x: begin -->\n\nnew\n\n<!-- x: end -->\nb\n"
	if got, err := os.ReadFile(file); err != nil || string(got) != want {
		t.Errorf("%q, %v; want %q", got, err, want)
	}
}
