package main

import (
	"context"
	"fmt"
	"go/ast"
	"go/doc"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
)

// corpus is what the agent knows: the documentation, the sources and the examples of the standard library.
type corpus struct {
	root     string // GOROOT/src
	docs     []entry
	examples []entry
	sources  []entry // declarations of functions, exported or not
	words    map[string]int
}

// entry is something documented, or an example of it.
type entry struct {
	pkg, name string
	text      string
	file      string // relative to the root
	line      int
	terms     map[string]int
}

func (e *entry) title() string { return e.pkg + "." + e.name }

// loadCorpus reads the packages of the Go tool chain that is installed.
func loadCorpus(ctx context.Context) (*corpus, error) {
	root, err := goroot(ctx)
	if err != nil {
		return nil, err
	}
	dirs, err := packageDirs(root)
	if err != nil {
		return nil, err
	}
	c := &corpus{root: root, words: map[string]int{}}
	parts := make([]corpus, len(dirs))
	var workers sync.WaitGroup
	next := make(chan int)
	for range runtime.GOMAXPROCS(0) {
		workers.Go(func() {
			for i := range next {
				parts[i] = readPackage(root, dirs[i])
			}
		})
	}
	for i := range dirs {
		next <- i
	}
	close(next)
	workers.Wait()
	for i := range parts {
		c.docs = append(c.docs, parts[i].docs...)
		c.examples = append(c.examples, parts[i].examples...)
		c.sources = append(c.sources, parts[i].sources...)
	}
	for i := range c.docs {
		for w := range c.docs[i].terms {
			c.words[w]++
		}
	}
	if len(c.docs) == 0 {
		return nil, fmt.Errorf("no documentation under %s", root)
	}
	return c, nil
}

func goroot(ctx context.Context) (string, error) {
	root := os.Getenv("GOROOT")
	if root == "" {
		out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
		if err != nil {
			return "", fmt.Errorf("the agent reads the standard library's sources, and 'go env GOROOT' does not say where they are: %w", err)
		}
		root = strings.TrimSpace(string(out))
	}
	root = filepath.Join(root, "src")
	if _, err := os.Stat(filepath.Join(root, "fmt")); err != nil {
		return "", fmt.Errorf("the agent reads the standard library's sources, which are not where GOROOT says: %w", err)
	}
	return root, nil
}

// packageDirs lists the directories of public packages, relative to root.
func packageDirs(root string) ([]string, error) {
	var dirs []string
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case !d.IsDir():
			return nil
		case path == root:
			return nil
		case slices.Contains([]string{"cmd", "internal", "vendor", "testdata", "builtin"}, d.Name()):
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, path)
		dirs = append(dirs, filepath.ToSlash(rel))
		return err
	})
	return dirs, err
}

func readPackage(root, dir string) (c corpus) {
	files := token.NewFileSet()
	names, err := filepath.Glob(filepath.Join(root, dir, "*.go"))
	if err != nil || len(names) == 0 {
		return c
	}
	var code, tests []*ast.File
	for _, name := range names {
		f, err := parser.ParseFile(files, name, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil || f.Name.Name == "main" {
			continue
		}
		switch {
		case strings.HasPrefix(filepath.Base(name), "example"):
			tests = append(tests, f)
		case !strings.HasSuffix(name, "_test.go"):
			code = append(code, f)
		}
	}
	at := func(p token.Pos) (string, int) {
		pos := files.Position(p)
		return dir + "/" + filepath.Base(pos.Filename), pos.Line
	}
	for _, f := range tests {
		for _, x := range doc.Examples(f) {
			file, line := at(x.Code.Pos())
			c.examples = append(c.examples, newEntry(dir, "Example"+x.Name, x.Doc+" "+x.Output, file, line))
		}
	}
	for _, f := range code {
		c.docs = append(c.docs, documented(dir, f, at)...)
		c.sources = append(c.sources, declared(dir, f, at)...)
	}
	return c
}

// declared lists the functions of a file.
func declared(pkg string, f *ast.File, at func(token.Pos) (string, int)) (found []entry) {
	for _, d := range f.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Doc == nil {
			continue
		}
		name := d.Name.Name
		if d.Recv != nil && len(d.Recv.List) > 0 {
			name = receiver(d.Recv.List[0].Type) + "." + name
		}
		file, line := at(d.Pos())
		e := entry{pkg: pkg, name: name, text: d.Doc.Text(), file: file, line: line, terms: map[string]int{}}
		for _, w := range terms(pkg + " " + name) {
			e.terms[w]++
		}
		found = append(found, e)
	}
	return found
}

// documented lists what a file exports and documents.
func documented(pkg string, f *ast.File, at func(token.Pos) (string, int)) (found []entry) {
	add := func(name, text string, p token.Pos) {
		if text != "" && ast.IsExported(name[strings.LastIndexByte(name, '.')+1:]) {
			file, line := at(p)
			found = append(found, newEntry(pkg, name, text, file, line))
		}
	}
	if f.Doc != nil {
		file, line := at(f.Package)
		found = append(found, newEntry(pkg, "package", f.Doc.Text(), file, line))
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			name := d.Name.Name
			if d.Recv != nil && len(d.Recv.List) > 0 {
				name = receiver(d.Recv.List[0].Type) + "." + name
			}
			add(name, d.Doc.Text(), d.Pos())
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					text := s.Doc.Text()
					if text == "" {
						text = d.Doc.Text()
					}
					add(s.Name.Name, text, s.Pos())
				}
			}
		}
	}
	return found
}

func receiver(t ast.Expr) string {
	switch t := t.(type) {
	case *ast.StarExpr:
		return receiver(t.X)
	case *ast.IndexExpr:
		return receiver(t.X)
	case *ast.IndexListExpr:
		return receiver(t.X)
	case *ast.Ident:
		return t.Name
	}
	return ""
}

func newEntry(pkg, name, text, file string, line int) entry {
	e := entry{pkg: pkg, name: name, text: text, file: file, line: line, terms: map[string]int{}}
	for _, w := range terms(pkg + " " + name + " " + name + " " + name + " " + text) {
		e.terms[w]++
	}
	return e
}
