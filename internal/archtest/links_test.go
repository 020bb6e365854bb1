package archtest

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	link    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	unnamed = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
	fence   = regexp.MustCompile("(?s)```.*?```")
	code    = regexp.MustCompile("`[^`\n]*`")
)

// anchors returns the anchors of a document's headings, as GitHub makes them.
func anchors(text string) map[string]bool {
	found := map[string]bool{}
	for line := range strings.Lines(fence.ReplaceAllString(text, "")) {
		title := strings.TrimLeft(line, "#")
		if title == line || !strings.HasPrefix(title, " ") {
			continue
		}
		name := unnamed.ReplaceAllString(strings.ToLower(strings.TrimSpace(title)), "")
		found[strings.ReplaceAll(name, " ", "-")] = true
	}
	return found
}

func TestLinksOfAllDocumentsLeadSomewhere(t *testing.T) {
	root := filepath.Join("..", "..")
	links := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == ".git" || d.Name() == "node_modules") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".md" {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		prose := code.ReplaceAllString(fence.ReplaceAllString(string(text), ""), "")
		for _, m := range link.FindAllStringSubmatch(prose, -1) {
			if strings.Contains(m[1], "://") {
				continue
			}
			links++
			checkLink(t, path, m[1])
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if links < 20 {
		t.Errorf("%d links were found, want at least 20", links)
	}
}

func checkLink(t *testing.T, from, to string) {
	t.Helper()
	file, anchor, _ := strings.Cut(to, "#")
	target := from
	if file != "" {
		target = filepath.Join(filepath.Dir(from), file)
	}
	if _, err := os.Stat(target); err != nil {
		t.Errorf("%s links to %s, which does not exist", from, to)
		return
	}
	if anchor == "" {
		return
	}
	text, err := os.ReadFile(target)
	if err != nil {
		t.Errorf("%s links to %s: %v", from, to, err)
	} else if !anchors(string(text))[anchor] {
		t.Errorf("%s links to %s, which has no such heading", from, to)
	}
}

// A newcomer's questions are answered within two clicks from README.
func TestQuestionsOfTheReviewAreTwoClicksAway(t *testing.T) {
	root := filepath.Join("..", "..")
	read := func(name string) string {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	targets := func(name string) map[string]bool {
		found := map[string]bool{name: true}
		for _, m := range link.FindAllStringSubmatch(fence.ReplaceAllString(read(name), ""), -1) {
			file, _, _ := strings.Cut(m[1], "#")
			if !strings.Contains(file, "://") {
				found[filepath.Join(filepath.Dir(name), file)] = true
			}
		}
		return found
	}
	near := targets("README.md")
	for name := range targets("README.md") {
		if filepath.Ext(name) == ".md" {
			for next := range targets(name) {
				near[next] = true
			}
		}
	}
	_, review, _ := strings.Cut(read("CONTRIBUTING.md"), "\n| question |")
	review, _, _ = strings.Cut(review, "\n## ")
	questions := 0
	for _, m := range link.FindAllStringSubmatch(review, -1) {
		questions++
		file, _, _ := strings.Cut(m[1], "#")
		if !near[filepath.Clean(file)] && !near[filepath.Dir(file)] {
			t.Errorf("%s is more than two clicks from README.md", file)
		}
	}
	if questions < 30 {
		t.Errorf("%d questions, want at least 30", questions)
	}
}
