package archtest

import (
	"bytes"
	"flag"
	"go/ast"
	"go/parser"
	"go/printer"
	"go/token"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var updateSurface = flag.Bool("update-surface", false, "write the exported surface anew")

// public are the packages that applications import.
var public = []string{
	"batching", "callback", "callback/callbacktest", "callback/dashadk", "callback/dashadk1",
	"callback/dasheino", "callback/dashhttp",
	"callback/dashmskiam", "callback/dashotel", "callback/dashslog",
	"callback/dashstreampb/reduce", "selfmetrics", "selfmetrics/dashboards",
}

// surface returns what a package exports, without comments and bodies.
func surface(t *testing.T, dir string) string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("..", "..", dir, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no files in %s: %v", dir, err)
	}
	var out bytes.Buffer
	for _, name := range files { // in the order of their names
		if strings.HasSuffix(name, "_test.go") {
			continue
		}
		set := token.NewFileSet()
		file, err := parser.ParseFile(set, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.FileExports(file)
		for _, d := range file.Decls {
			switch d := d.(type) {
			case *ast.FuncDecl:
				d.Body = nil
			case *ast.GenDecl:
				if d.Tok == token.IMPORT {
					continue
				}
			}
			if err := printer.Fprint(&out, set, d); err != nil {
				t.Fatal(err)
			}
			out.WriteByte('\n')
		}
	}
	return out.String()
}

func TestTheExportedSurfaceIsTheRecordedOne(t *testing.T) {
	for _, dir := range public {
		golden := filepath.Join("testdata", strings.ReplaceAll(dir, "/", "_")+".txt")
		got := surface(t, dir)
		if *updateSurface {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if got != string(want) {
			t.Errorf("what %s exports has changed: see git diff after "+
				"go test ./internal/archtest -run Surface -update-surface", dir)
		}
	}
}
