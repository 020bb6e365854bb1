package documents

import (
	_ "embed"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"path"
	"regexp"
	"slices"
	"strings"
)

//go:embed given.txt
var given string

// block is Go code in a document.
type block struct {
	file string
	line int // of its first line of code
	code string
	note string // what a comment in front of it says, without "go:"
}

var note = regexp.MustCompile(`^<!--\s*go:\s*(.*?)\s*-->$`)

// blocks returns a document's fenced Go code.
func blocks(file, text string) (found []block) {
	var b *block
	said := ""
	for i, line := range strings.Split(text, "\n") {
		trimmed := strings.TrimSpace(line)
		switch {
		case b != nil && strings.HasPrefix(trimmed, "```"):
			found, b, said = append(found, *b), nil, ""
		case b != nil:
			b.code += line + "\n"
		case strings.HasPrefix(trimmed, "```go"):
			b = &block{file: file, line: i + 2, note: said}
		case note.MatchString(trimmed):
			said = note.FindStringSubmatch(trimmed)[1]
		case trimmed != "":
			said = ""
		}
	}
	return found
}

// without returns the reason after what, such as "skipped: ", that the block's comment gives.
func (b *block) without(what string) (reason string, ok bool) {
	return strings.CutPrefix(b.note, what+":")
}

// imports are the packages that code without imports may use, by their last element.
var imports = []string{
	"context", "errors", "fmt", "io", "log", "log/slog", "net", "net/http", "os", "os/signal",
	"strings", "syscall", "testing", "time",
	"github.com/cloudwego/eino/callbacks", "github.com/prometheus/client_golang/prometheus",
	"github.com/prometheus/client_golang/prometheus/promhttp", "github.com/twmb/franz-go/pkg/kgo",
	"go.opentelemetry.io/otel/propagation", "go.opentelemetry.io/otel/trace",
	"golang.org/x/sync/errgroup",
	core + "/batching", core + "/callback", core + "/callback/callbacktest",
	core + "/callback/dasheino", core + "/callback/dashhttp", core + "/callback/dashmskiam",
	core + "/callback/dashslog", core + "/callback/dashstreampb/reduce",
	core + "/selfmetrics", core + "/selfmetrics/dashboards",
}

const core = "github.com/dashstream/dashstream-go"

// source makes a file of the block's code. A test goes into a file of its own kind.
func (b *block) source() (text string, test bool, err error) {
	at := fmt.Sprintf("//line %s:%d\n", b.file, b.line)
	whole, err := parse(b.code)
	if err == nil {
		return at + b.code, isTest(whole), nil // it has its package clause
	}
	if f, err := parse("package main\n" + b.code); err == nil {
		return "package main\n" + imported(f) + at + b.code, isTest(f), nil
	}
	const head = "package main\nfunc main() {\n"
	f, err := parse(head + b.code + "\n}\n")
	if err != nil {
		return "", false, fmt.Errorf("%s:%d: neither a file, nor declarations, nor statements: %w",
			b.file, b.line, err)
	}
	body := at + used(b.code, f, len(head))
	return "package main\n" + imported(f) + "func main() {\n" + body + "}\n", false, nil
}

func parse(text string) (*ast.File, error) {
	return parser.ParseFile(token.NewFileSet(), "", text, 0)
}

func isTest(f *ast.File) bool {
	return slices.ContainsFunc(f.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		return ok && fn.Recv == nil && strings.HasPrefix(fn.Name.Name, "Test")
	})
}

func hasMain(f *ast.File) bool {
	return slices.ContainsFunc(f.Decls, func(d ast.Decl) bool {
		fn, ok := d.(*ast.FuncDecl)
		return ok && fn.Recv == nil && fn.Name.Name == "main"
	})
}

// imported returns an import for each package that a file names and does not import itself.
func imported(f *ast.File) (text string) {
	names := map[string]bool{}
	ast.Inspect(f, func(n ast.Node) bool {
		if x, ok := n.(*ast.SelectorExpr); ok {
			if id, ok := x.X.(*ast.Ident); ok && id.Obj == nil {
				names[id.Name] = true
			}
		}
		return true
	})
	for _, i := range f.Imports {
		delete(names, path.Base(strings.Trim(i.Path.Value, `"`)))
	}
	for _, p := range imports {
		if names[path.Base(p)] {
			text += fmt.Sprintf("import %q\n", p)
		}
	}
	return text
}

// used returns code with a use of each variable behind its declaration, on the same line: a reader
// goes on to use it. f is the code parsed, which begins at offset head.
func used(code string, f *ast.File, head int) string {
	type use struct {
		at   int
		text string
	}
	var uses []use
	in := func(statements []ast.Stmt) {
		for _, s := range statements {
			for _, name := range declared(s) {
				uses = append(uses, use{int(s.End()) - int(f.FileStart) - head, "; _ = " + name})
			}
		}
	}
	ast.Inspect(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.BlockStmt:
			in(n.List)
		case *ast.CaseClause:
			in(n.Body)
		case *ast.CommClause:
			in(n.Body)
		}
		return true
	})
	slices.SortStableFunc(uses, func(a, b use) int { return b.at - a.at })
	for _, u := range uses {
		code = code[:u.at] + u.text + code[u.at:]
	}
	return code
}

// declared returns the variables that a statement declares.
func declared(s ast.Stmt) (names []string) {
	switch s := s.(type) {
	case *ast.AssignStmt:
		if s.Tok != token.DEFINE {
			return nil
		}
		for _, e := range s.Lhs {
			if id, ok := e.(*ast.Ident); ok && id.Name != "_" {
				names = append(names, id.Name)
			}
		}
	case *ast.DeclStmt:
		for _, spec := range s.Decl.(*ast.GenDecl).Specs {
			if v, ok := spec.(*ast.ValueSpec); ok {
				for _, id := range v.Names {
					names = append(names, id.Name)
				}
			}
		}
	}
	return names
}

// Program returns the files of the first Go block of a document, as a program.
func Program(file, text string) (files map[string]string, err error) {
	all := blocks(file, text)
	if len(all) == 0 {
		return nil, fmt.Errorf("documents: %s has no Go code", file)
	}
	return all[0].files()
}

// files returns the files of a program, or of a test, that the block is.
func (b *block) files() (map[string]string, error) {
	text, test, err := b.source()
	if err != nil {
		return nil, err
	}
	files := map[string]string{"block.go": text}
	if test {
		files = map[string]string{"block_test.go": text}
	}
	if _, err := parse(b.code); err == nil {
		return files, nil // it is complete
	}
	whole := given
	if _, only := b.without("compiled only"); b.note != "" && !only {
		whole += "\n" + b.note + "\n"
	}
	if f, err := parse(text); err == nil && !hasMain(f) {
		whole += "\nfunc main() {}\n"
	}
	f, err := parse(whole)
	if err != nil {
		return nil, fmt.Errorf("%s:%d: what its comment declares: %w", b.file, b.line, err)
	}
	const head = "package main\n"
	files["given.go"] = strings.Replace(whole, head, head+imported(f), 1)
	return files, nil
}
