package callback

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/selfmetrics"
)

var updateReadme = flag.Bool("update-readme", false,
	"write the tables of settings and metrics into their files")

func TestReadmeShowsTheTableOfMetrics(t *testing.T) {
	shows(t, "../selfmetrics/METRICS.md", "metrics", metricsTable())
}

func TestReadmeOfSettingsShowsTheirTable(t *testing.T) {
	shows(t, "SETTINGS.md", "settings", settingsTable())
}

// shows compares a file with a table that it has between two markers.
func shows(t *testing.T, file, name, table string) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := between(t, string(b), name, table)
	if text == string(b) {
		return
	}
	if !*updateReadme {
		t.Fatalf("%s does not show the table of %s as it is: go test ./callback -run Readme "+
			"-update-readme", file, name)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// between replaces the text between two markers.
func between(t *testing.T, text, name, content string) string {
	t.Helper()
	begin, end := "<!-- "+name+": begin -->\n", "<!-- "+name+": end -->"
	head, rest, ok := strings.Cut(text, begin)
	_, tail, ok2 := strings.Cut(rest, end)
	if !ok || !ok2 {
		t.Fatalf("no markers for %s", name)
	}
	return head + begin + content + end + tail
}

const settingsDoc = "doc_settings.go"

func TestPackageCommentShowsTheTableOfSettings(t *testing.T) {
	want := packageComment()
	got, err := os.ReadFile(settingsDoc)
	if err == nil && string(got) == want {
		return
	}
	if !*updateReadme {
		t.Fatalf("%s does not show the table as it is (%v): go test ./callback -run "+
			"PackageComment -update-readme", settingsDoc, err)
	}
	if err := os.WriteFile(settingsDoc, []byte(want), 0o644); err != nil {
		t.Fatal(err)
	}
}

// packageComment returns the part of the package comment that is generated from the table.
func packageComment() string {
	var b strings.Builder
	b.WriteString("// # Settings\n//\n")
	b.WriteString(wrapped("// ", "Each is a field of [Config] and an environment variable; the "+
		`names behind "else" are honoured when it is not set. An empty variable counts as not set.`))
	b.WriteString("//\n")
	for _, s := range Settings() {
		names := strings.Join(append([]string{s.Env}, s.Also...), ", else ")
		def := s.Default
		if def == "" {
			def = "none"
		}
		fmt.Fprintf(&b, "//\t%s (%s)\n", names, s.Field)
		b.WriteString(wrapped("//\t    ", s.Help))
		b.WriteString(wrapped("//\t    ", s.Allowed+"; default: "+def))
	}
	b.WriteString("package callback\n")
	return b.String()
}

// wrapped breaks text into lines of at most 100 columns that begin with prefix.
func wrapped(prefix, text string) string {
	var b strings.Builder
	line := 0
	for word := range strings.FieldsSeq(text) {
		switch {
		case line == 0:
			b.WriteString(prefix)
			line = len(strings.ReplaceAll(prefix, "\t", "  "))
		case line+1+len(word) > 100:
			b.WriteString("\n" + prefix)
			line = len(strings.ReplaceAll(prefix, "\t", "  "))
		default:
			b.WriteByte(' ')
			line++
		}
		b.WriteString(word)
		line += len(word)
	}
	return b.String() + "\n"
}

func settingsTable() string {
	var b strings.Builder
	b.WriteString("| variable | field | default | what it is for | what the broker's side must " +
		"have |\n|---|---|---|---|---|\n")
	for _, s := range Settings() {
		names := "`" + s.Env + "`"
		for _, also := range s.Also {
			names += ", else `" + also + "`"
		}
		def := s.Default
		if def == "" {
			def = "none"
		}
		fmt.Fprintf(&b, "| %s | `%s` | %s | %s: %s | %s |\n", names, s.Field, def, s.Help,
			s.Allowed, s.Broker)
	}
	return b.String()
}

func metricsTable() string {
	var b strings.Builder
	b.WriteString("| metric | type | labels | what it says |\n|---|---|---|---|\n")
	for _, d := range selfmetrics.Definitions() {
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", d.Name, d.Type, strings.Join(d.Labels, ", "),
			strings.ReplaceAll(d.Help, "|", "\\|"))
	}
	return b.String()
}

// joinedLiterals matches what separates the two halves of a string that continues on the next line.
var joinedLiterals = regexp.MustCompile(`" ?\+\n\s*"`)

// The table of troubles quotes the texts of the code word for word.
func TestTroublesAreQuotedAsTheyAreSaid(t *testing.T) {
	doc, err := os.ReadFile("SETTINGS.md")
	if err != nil {
		t.Fatal(err)
	}
	var code strings.Builder
	for _, pattern := range []string{"*.go", "../internal/kafka/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range files {
			if strings.HasSuffix(name, "_test.go") {
				continue
			}
			text, err := os.ReadFile(name)
			if err != nil {
				t.Fatal(err)
			}
			code.Write(joinedLiterals.ReplaceAll(text, nil))
		}
	}
	_, troubles, _ := strings.Cut(string(doc), "| it says |")
	quoted := 0
	for line := range strings.Lines(troubles) {
		cells := strings.Split(line, "|")
		if len(cells) < 4 || !strings.HasPrefix(line, "| `") {
			continue
		}
		for i, phrase := range strings.Split(cells[1], "`") {
			if i%2 == 0 {
				continue
			}
			for part := range strings.SplitSeq(phrase, "…") {
				quoted++
				if !strings.Contains(code.String(), strings.TrimPrefix(strings.TrimSpace(part),
					"the password ")) {
					t.Errorf("nothing says %q", part)
				}
			}
		}
	}
	if quoted < 25 {
		t.Errorf("%d phrases are quoted, want at least 25", quoted)
	}
}
