package archtest

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// private are words that only this project understood, with what is said now instead.
var private = []struct{ word, instead string }{
	{`doors?`, "emit, or the call"},
	{`bells?`, "wake"},
	{`stir(s|red|ring)?`, "wake"},
	{`nap(s|ping|ped)?`, "sleep"},
	{`doz(e|es|ing)`, "sleep"},
	{`ripen(s|ed|ing)?`, "due"},
	{`salvag(e|es|ed|ing)`, "recover"},
	{`(goes|go|going) round`, "run"},
	{`(let|lets|letting) go`, "evict, release or free"},
}

const (
	readmeWords   = 1200
	sentenceWords = 30
)

// prose are the files that people read, in the order of the tree.
func prose(t *testing.T, visit func(path, text string)) {
	t.Helper()
	looked := 0
	err := filepath.WalkDir(filepath.Join("..", ".."), func(path string, d fs.DirEntry,
		err error) error {
		if err != nil {
			return err
		}
		switch d.Name() {
		case ".git", "node_modules", "testdata", "corpus":
			if d.IsDir() {
				return filepath.SkipDir
			}
		case "words_test.go", "typical.go", "CHANGELOG.md":
			return nil
		}
		switch filepath.Ext(path) {
		case ".go", ".md", ".yaml", ".html", ".py", ".mjs", ".js", ".proto":
		default:
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		visit(path, string(text))
		return nil
	})
	if err != nil || looked < 200 {
		t.Errorf("%d files: %v", looked, err)
	}
}

func TestNoPrivateVocabularyIsLeft(t *testing.T) {
	var words []string
	for _, p := range private {
		words = append(words, p.word)
	}
	word := regexp.MustCompile(`(?i)\b(` + strings.Join(words, "|") + `)\b`)
	instead := func(found string) string {
		for _, p := range private {
			if regexp.MustCompile(`(?i)^(` + p.word + `)$`).MatchString(found) {
				return p.instead
			}
		}
		return ""
	}
	prose(t, func(path, text string) {
		n := 0
		for line := range strings.Lines(text) {
			n++
			for _, found := range word.FindAllString(line, -1) {
				t.Errorf("%s:%d says %q, want %s", path, n, found, instead(found))
			}
		}
	})
}

func TestREADMEIsShort(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if n := len(strings.Fields(string(text))); err != nil || n > readmeWords {
		t.Errorf("%d words, want at most %d: %v", n, readmeWords, err)
	}
}

var (
	sentenceEnd = regexp.MustCompile(`[.:;!?]["')]*(\s|$)|\n\s*\n|\n\s*[-*|#]|\|`)
	markup      = regexp.MustCompile("(?s)```.*?```|<!--.*?-->|`[^`]*`|\\]\\([^)]*\\)")
	indented    = regexp.MustCompile(`(?m)^(    |\t).*$`)
	aside       = regexp.MustCompile(`\([^()]*\)`)
)

// longSentences returns the sentences of more words than a reader takes in at once. What a colon or
// a semicolon divides is counted apart, and so are cells of a table; an aside in parentheses, code
// and the target of a link are not counted.
func longSentences(text string) (long []string) {
	text = aside.ReplaceAllString(markup.ReplaceAllString(indented.ReplaceAllString(text, "\n\n"),
		"x "), " ")
	for _, sentence := range sentenceEnd.Split(text, -1) {
		if len(strings.Fields(sentence)) > sentenceWords {
			long = append(long, strings.Join(strings.Fields(sentence), " "))
		}
	}
	return long
}

func TestSentencesAreShort(t *testing.T) {
	prose(t, func(path, text string) {
		switch {
		case filepath.Ext(path) == ".md":
		case filepath.Ext(path) == ".go" && !strings.HasSuffix(path, "_test.go"):
			file, err := parser.ParseFile(token.NewFileSet(), path, text,
				parser.ParseComments|parser.PackageClauseOnly)
			if err != nil || file.Doc == nil {
				return
			}
			text = file.Doc.Text()
		default:
			return
		}
		for _, sentence := range longSentences(text) {
			t.Errorf("%s: more than %d words: %q", path, sentenceWords, sentence)
		}
	})
}
