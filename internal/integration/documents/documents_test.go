package documents

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const root = "../../.."

func TestTheCodeOfAllDocumentsCompilesAndRuns(t *testing.T) {
	all := documents(t)
	if len(all) < 3 {
		t.Errorf("%d blocks of Go were found, want at least 3", len(all))
	}
	dir := t.TempDir()
	workspace(t, dir)
	var kept []int
	for i := range all {
		if reason, ok := all[i].without("skipped"); ok {
			t.Logf("%s:%d is skipped:%s", all[i].file, all[i].line, reason)
			continue
		}
		write(t, dir, i, &all[i])
		kept = append(kept, i)
	}
	if out, err := command(t, dir, "go", "vet", "./...").CombinedOutput(); err != nil {
		t.Fatalf("the code does not compile; see the package comment for what helps a block\n%s",
			out)
	}
	for _, i := range kept {
		b := &all[i]
		t.Run(fmt.Sprintf("%s:%d", b.file, b.line), func(t *testing.T) {
			if reason, ok := b.without("compiled only"); ok {
				t.Logf("not run:%s", reason)
				return
			}
			args := []string{"run", "."}
			if _, test, _ := b.source(); test {
				args = []string{"test", "."}
			}
			out, err := command(t, filepath.Join(dir, name(i)), "go", args...).CombinedOutput()
			if err != nil {
				t.Errorf("%v\n%s", err, out)
			}
		})
	}
}

// documents returns the blocks of all documents that git knows, or would.
func documents(t *testing.T) (all []block) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-co", "--exclude-standard", "*.md")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("git does not list the documents: %v", err)
	}
	for _, file := range strings.Fields(string(out)) {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			continue // it was removed, and git does not know yet
		}
		all = append(all, blocks(file, string(text))...)
	}
	return all
}

// workspace makes dir a module that sees the modules of this checkout.
func workspace(t *testing.T, dir string) {
	t.Helper()
	abs, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	work, err := os.ReadFile(filepath.Join(root, "go.work"))
	if err != nil {
		t.Fatal(err)
	}
	sums, err := os.ReadFile(filepath.Join(root, "go.work.sum"))
	if err != nil {
		t.Fatal(err)
	}
	joined := strings.ReplaceAll(string(work), "\t./", "\t"+filepath.ToSlash(abs)+"/")
	joined = strings.Replace(joined, "\t.\n", "\t"+filepath.ToSlash(abs)+"\n\t.\n", 1)
	save(t, filepath.Join(dir, "go.work"), joined)
	save(t, filepath.Join(dir, "go.work.sum"), string(sums))
	save(t, filepath.Join(dir, "go.mod"), "module documents\n\ngo 1.26.0\n")
}

func name(i int) string { return fmt.Sprintf("block%d", i) }

// write makes a program of a block.
func write(t *testing.T, dir string, i int, b *block) {
	t.Helper()
	files, err := b.files()
	if err != nil {
		t.Fatal(err)
	}
	own := filepath.Join(dir, name(i))
	if err := os.Mkdir(own, 0o755); err != nil {
		t.Fatal(err)
	}
	for file, text := range files {
		save(t, filepath.Join(own, file), text)
	}
}

func save(t *testing.T, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// command has an environment without Kafka: events go to a file as lines.
func command(t *testing.T, dir, name string, args ...string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = dir
	cmd.Env = slices.DeleteFunc(os.Environ(), func(v string) bool {
		return strings.HasPrefix(v, "KAFKA_") || strings.HasPrefix(v, "DASHSTREAM_") ||
			strings.HasPrefix(v, "GOWORK=")
	})
	cmd.Env = append(cmd.Env, "DASHSTREAM_LINES_FILE=lines.json")
	return cmd
}

func TestABlockBecomesAProgram(t *testing.T) {
	tests := []struct{ name, code, want string }{
		{"statements", "x := 1\n", "func main() {\n//line a.md:3\nx := 1; _ = x\n}"},
		{"declarations", "func f() { fmt.Println() }\n", "import \"fmt\"\n//line a.md:3\nfunc f()"},
		{"a file", "package main\nfunc main() {}\n", "//line a.md:3\npackage main"},
	}
	for _, tt := range tests {
		found := blocks("a.md", "text\n```go\n"+tt.code+"```\n")
		if len(found) != 1 {
			t.Fatalf("%s: %d blocks", tt.name, len(found))
		}
		got, _, err := found[0].source()
		if err != nil || !strings.Contains(got, tt.want) {
			t.Errorf("%s: %v, got\n%s\nwant in it\n%s", tt.name, err, got, tt.want)
		}
	}
}

func TestACommentSpeaksOfTheBlockBehindIt(t *testing.T) {
	text := "<!-- go: skipped: pseudo code -->\n```go\n…\n```\n" +
		"<!-- go: var k = 1 -->\n\ntext\n```go\n```\n"
	found := blocks("a.md", text)
	if len(found) != 2 || found[1].note != "" {
		t.Fatalf("%+v", found)
	}
	if reason, ok := found[0].without("skipped"); !ok || reason != " pseudo code" {
		t.Errorf("%q %v", reason, ok)
	}
}
