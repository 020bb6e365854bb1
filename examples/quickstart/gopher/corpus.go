package gopher

import (
	"cmp"
	"context"
	"fmt"
	"go/ast"
	"go/build"
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

// Corpus is what the agent knows: the documentation, the declarations and the examples of the
// standard library.
type Corpus struct {
	docs     *index
	examples *index
	sources  *index // exported functions, by their names alone
}

// Sizes returns how many entries of documentation, examples and functions there are.
func (c *Corpus) Sizes() (docs, examples, sources int) {
	return len(c.docs.entries), len(c.examples.entries), len(c.sources.entries)
}

// entry is something documented, or an example of it.
type entry struct {
	pkg, name string
	text      string
	file      string // relative to GOROOT/src
	line      int
	terms     map[string]int
}

func (e *entry) title() string { return e.pkg + "." + e.name }

// found is what one package holds.
type found struct {
	docs, examples, sources []entry
	imports                 map[string]bool
}

// Load reads the packages of the Go tool chain that is installed.
func Load(ctx context.Context) (*Corpus, error) {
	root, err := goroot(ctx)
	if err != nil {
		return nil, err
	}
	dirs, err := packageDirs(root)
	if err != nil {
		return nil, err
	}
	parts := make([]found, len(dirs))
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
	var all found
	users := map[string]int{} // of a package: how many others import it
	for _, p := range parts {
		for path := range p.imports {
			users[path]++
		}
		all.docs = append(all.docs, p.docs...)
		all.examples = append(all.examples, p.examples...)
		all.sources = append(all.sources, p.sources...)
	}
	if len(all.docs) == 0 {
		return nil, fmt.Errorf("no documentation under %s", root)
	}
	docs := newIndex(all.docs, users, nil)
	return &Corpus{docs: docs, examples: newIndex(all.examples, users, docs),
		sources: newIndex(all.sources, users, docs)}, nil
}

func goroot(ctx context.Context) (string, error) {
	root := os.Getenv("GOROOT")
	if root == "" {
		out, err := exec.CommandContext(ctx, "go", "env", "GOROOT").Output()
		if err != nil {
			return "",
				fmt.Errorf("the agent reads the standard library's sources, and 'go env GOROOT' "+
					"does not say where they are: %w", err)
		}
		root = strings.TrimSpace(string(out))
	}
	root = filepath.Join(root, "src")
	if _, err := os.Stat(filepath.Join(root, "fmt")); err != nil {
		return "",
			fmt.Errorf("the agent reads the standard library's sources, which are not where "+
				"GOROOT says: %w", err)
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
		case slices.Contains([]string{"cmd", "internal", "vendor", "testdata", "builtin"},
			d.Name()):
			return filepath.SkipDir
		}
		rel, err := filepath.Rel(root, path)
		dirs = append(dirs, filepath.ToSlash(rel))
		return err
	})
	return dirs, err
}

// readPackage reads the files of a package that are built on this machine, and its examples.
func readPackage(root, dir string) (all found) {
	names, err := filepath.Glob(filepath.Join(root, filepath.FromSlash(dir), "*.go"))
	if err != nil {
		return all
	}
	synopsis := ""
	all.imports = map[string]bool{}
	files := token.NewFileSet()
	at := func(p token.Pos) (string, int) {
		pos := files.Position(p)
		return dir + "/" + filepath.Base(pos.Filename), pos.Line
	}
	for _, name := range names {
		example := strings.HasPrefix(filepath.Base(name), "example")
		if strings.HasSuffix(name, "_test.go") && !example {
			continue
		}
		if built, err := build.Default.MatchFile(filepath.Split(name)); err != nil || !built {
			continue
		}
		f, err := parser.ParseFile(files, name, nil,
			parser.ParseComments|parser.SkipObjectResolution)
		if err != nil || f.Name.Name == "main" {
			continue
		}
		for _, i := range f.Imports {
			all.imports[strings.Trim(i.Path.Value, `"`)] = true
		}
		if f.Doc != nil && !example {
			synopsis = firstSentences(f.Doc.Text(), 1)
		}
		if !example {
			all.docs = append(all.docs, documented(dir, f, at)...)
			all.sources = append(all.sources, declared(dir, f, at)...)
			continue
		}
		for _, x := range doc.Examples(f) {
			file, line := at(position(f, "Example"+x.Name))
			all.examples = append(all.examples, newEntry(dir, "Example"+x.Name, x.Doc+" "+x.Output,
				file, line))
		}
	}
	// what a package is about, all in it is: what is in bufio is buffered
	for _, w := range terms(synopsis) {
		for i := range all.docs {
			all.docs[i].terms[w]++
		}
	}
	return all
}

// position is where a function of a file is declared.
func position(f *ast.File, name string) token.Pos {
	for _, d := range f.Decls {
		if d, ok := d.(*ast.FuncDecl); ok && d.Recv == nil && d.Name.Name == name {
			return d.Pos()
		}
	}
	return f.Package
}

// declared lists the exported functions of a file.
func declared(pkg string, f *ast.File, at func(token.Pos) (string, int)) (list []entry) {
	for _, d := range f.Decls {
		d, ok := d.(*ast.FuncDecl)
		if !ok || d.Doc == nil || !exported(function(d)) {
			continue
		}
		file, line := at(d.Pos())
		list = append(list, entry{pkg: pkg, name: function(d), text: d.Doc.Text(), file: file,
			line: line, terms: count(terms(pkg + " " + function(d)))})
	}
	return list
}

// function is the name of a function, behind that of its receiver.
func function(d *ast.FuncDecl) string {
	if d.Recv != nil && len(d.Recv.List) > 0 {
		return receiver(d.Recv.List[0].Type) + "." + d.Name.Name
	}
	return d.Name.Name
}

// exported says whether all parts of a name are.
func exported(name string) bool {
	for part := range strings.SplitSeq(name, ".") {
		if !ast.IsExported(part) {
			return false
		}
	}
	return true
}

// documented lists what a file exports and documents.
func documented(pkg string, f *ast.File, at func(token.Pos) (string, int)) (list []entry) {
	add := func(name, text string, p token.Pos) {
		if text != "" && exported(name) && !strings.HasPrefix(name, "Internal") {
			file, line := at(p)
			list = append(list, newEntry(pkg, name, text, file, line))
		}
	}
	if f.Doc != nil {
		file, line := at(f.Package)
		list = append(list, newEntry(pkg, "package", f.Doc.Text(), file, line))
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			add(function(d), d.Doc.Text(), d.Pos())
		case *ast.GenDecl:
			for _, s := range d.Specs {
				if s, ok := s.(*ast.TypeSpec); ok {
					add(s.Name.Name, cmp.Or(s.Doc.Text(), d.Doc.Text()), s.Pos())
				}
			}
		}
	}
	return list
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

// telling is how much of a documentation, in runes, says what it is about. What follows are
// details, which speak of everything.
const telling = 600

// newEntry makes an entry that is found by what it says, more so by its first sentence, and by its
// name.
func newEntry(pkg, name, text, file string, line int) entry {
	text = clip(text, telling)
	words := count(terms(text))
	for _, w := range terms(pkg + " " + name + " " + firstSentences(text, 1)) {
		words[w] += 2
	}
	return entry{pkg: pkg, name: name, text: text, file: file, line: line, terms: words}
}

func count(words []string) map[string]int {
	m := map[string]int{}
	for _, w := range words {
		m[w]++
	}
	return m
}
