package archtest

import (
	"go/scanner"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"
)

// widest is how many columns a line may have, a tab being four. Tables, links, generated files and
// code blocks of documents are free, and so is a text that cannot be broken: a raw string, and a
// word that has half of the line.
const widest = 100

func TestNoLineIsTooWide(t *testing.T) {
	looked := 0
	root := filepath.Join("..", "..")
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		switch d.Name() {
		case ".git", "node_modules", "testdata":
			if d.IsDir() {
				return filepath.SkipDir
			}
		}
		free := map[string]func(string) map[int]bool{
			".go": freeInGo, ".md": freeInMarkdown,
			"": freeInText, ".py": freeInText, ".mjs": freeInText,
		}[filepath.Ext(path)]
		if d.IsDir() || free == nil || strings.HasSuffix(path, ".pb.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		looked++
		skip := free(string(text))
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			line = strings.TrimRight(line, "\n")
			if columns(line) > widest && !skip[n] && !isUnbreakable(line) {
				t.Errorf("%s:%d has %d columns, want at most %d", path, n, columns(line), widest)
			}
		}
		return nil
	})
	if err != nil || looked < 200 {
		t.Errorf("%d files: %v", looked, err)
	}
}

func columns(line string) int {
	n := 0
	for _, r := range line {
		if r == '\t' {
			n += 4 - n%4
		} else {
			n++
		}
	}
	return n
}

func isUnbreakable(line string) bool {
	for word := range strings.FieldsSeq(line) {
		if utf8.RuneCountInString(word) > widest/2 {
			return true
		}
	}
	return false
}

// freeInGo are the lines of raw strings, of directives, and of what an example prints.
func freeInGo(text string) map[int]bool {
	free := map[int]bool{}
	set := token.NewFileSet()
	file := set.AddFile("", set.Base(), len(text))
	var s scanner.Scanner
	s.Init(file, []byte(text), nil, scanner.ScanComments)
	for {
		pos, tok, literal := s.Scan()
		if tok == token.EOF {
			return free
		}
		line := file.Line(pos)
		switch {
		case tok == token.COMMENT && strings.HasPrefix(literal, "// Code generated"):
			for i := range strings.Count(text, "\n") {
				free[i+1] = true
			}
		case tok == token.COMMENT && len(literal) > 2 && literal[2] != ' ' && literal[2] != '\t',
			tok == token.COMMENT && strings.HasPrefix(literal, "// Output: "):
			free[line] = true
		case tok == token.STRING && literal[0] == '`':
			for i := range strings.Count(literal, "\n") + 1 {
				free[line+i] = true
			}
		}
	}
}

// freeInMarkdown are the lines of tables, code and generated parts.
func freeInMarkdown(text string) map[int]bool {
	free := map[int]bool{}
	n, code := 0, false
	for line := range strings.Lines(text) {
		n++
		line = strings.TrimSpace(line)
		fence := strings.HasPrefix(line, "```")
		free[n] = code || fence || strings.HasPrefix(line, "|") || strings.HasPrefix(line, "<")
		code = code != fence
	}
	return free
}

func freeInText(string) map[int]bool { return nil }
