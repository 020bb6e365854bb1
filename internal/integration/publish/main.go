// Publish writes the modules of a release, in the form in which a module proxy serves them, from
// the checkout in which it is called: publish VERSION DIR. The script .ci/publish runs it.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/mod/modfile"
	"golang.org/x/mod/module"
	"golang.org/x/mod/semver"
	modzip "golang.org/x/mod/zip"
)

const core = "github.com/dashstream/dashstream-go"

// released are the directories of the modules that users import, or that those import.
var released = []string{".", "callback/dasheino", "callback/dashmskiam", "callback/dashotel",
	"callback/dashadk", "callback/dashadk1", "callback/internal/adk"}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: publish VERSION DIR")
		os.Exit(2)
	}
	if err := publish(".", os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// publish writes the modules of the checkout root into the folder of a proxy.
func publish(root, version, proxy string) error {
	if semver.Canonical(version) != version {
		return fmt.Errorf("publish: %s is no version such as v1.2.0", version)
	}
	files, err := checkout(root)
	if err != nil {
		return err
	}
	for _, dir := range released {
		if err := publishModule(root, dir, version, proxy, files); err != nil {
			return fmt.Errorf("publish: %s: %w", dir, err)
		}
	}
	return nil
}

// checkout returns the files that git tracks, or would.
func checkout(root string) ([]string, error) {
	cmd := exec.Command("git", "ls-files", "-coz", "--exclude-standard")
	cmd.Dir = root
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("publish: git ls-files: %w", err)
	}
	return strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"), nil
}

func publishModule(root, dir, version, proxy string, files []string) error {
	m := module.Version{Path: path.Join(core, dir), Version: version}
	mod, err := goMod(filepath.Join(root, dir, "go.mod"), version)
	if err != nil {
		return err
	}
	contents := []modzip.File{file{path: "go.mod", text: mod}}
	licensed := false
	for _, name := range inside(dir, files) {
		if name == "go.mod" {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, dir, name))
		if errors.Is(err, os.ErrNotExist) {
			continue // it was removed, and git does not know yet
		}
		if err != nil {
			return err
		}
		licensed = licensed || name == "LICENSE"
		contents = append(contents, file{path: name, text: text})
	}
	if !licensed { // as the go command does
		text, err := os.ReadFile(filepath.Join(root, "LICENSE"))
		if err != nil {
			return err
		}
		contents = append(contents, file{path: "LICENSE", text: text})
	}
	return write(proxy, m, mod, contents)
}

// goMod returns a go.mod in the form that it needs at the tag: it requires the core, if at all, at
// version, and has no replace directive, which would not apply to users of the module.
func goMod(name, version string) ([]byte, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	f, err := modfile.Parse(name, text, nil)
	if err != nil {
		return nil, err
	}
	for _, r := range f.Require {
		if r.Mod.Path == core || strings.HasPrefix(r.Mod.Path, core+"/") {
			if err := f.AddRequire(r.Mod.Path, version); err != nil {
				return nil, err
			}
		}
	}
	for _, r := range f.Replace {
		if err := f.DropReplace(r.Old.Path, r.Old.Version); err != nil {
			return nil, err
		}
	}
	f.Cleanup()
	return f.Format()
}

// inside returns the files of the module in dir, by their paths in it, without those of modules
// nested in it.
func inside(dir string, files []string) (own []string) {
	nested := map[string]bool{}
	for _, name := range files {
		if in, ok := strings.CutSuffix(name, "/go.mod"); ok && in != dir {
			nested[in] = true
		}
	}
	for _, name := range files {
		foreign := false
		for at := path.Dir(name); at != "." && at != dir; at = path.Dir(at) {
			foreign = foreign || nested[at]
		}
		if rel, ok := relative(dir, name); ok && !foreign {
			own = append(own, rel)
		}
	}
	return own
}

func relative(dir, name string) (string, bool) {
	if dir == "." {
		return name, true
	}
	return strings.CutPrefix(name, dir+"/")
}

// write puts a module into the folder of a proxy.
func write(proxy string, m module.Version, mod []byte, contents []modzip.File) error {
	escaped, err := module.EscapePath(m.Path)
	if err != nil {
		return err
	}
	var packed bytes.Buffer
	if err := modzip.Create(&packed, m, contents); err != nil {
		return err
	}
	info, err := json.Marshal(map[string]any{"Version": m.Version, "Time": time.Now().UTC()})
	if err != nil {
		return err
	}
	dir := filepath.Join(proxy, filepath.FromSlash(escaped), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for name, text := range map[string][]byte{
		"list": []byte(m.Version + "\n"), m.Version + ".info": info, m.Version + ".mod": mod,
		m.Version + ".zip": packed.Bytes(),
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o644); err != nil {
			return err
		}
	}
	return nil
}

// file is a file of a module, in memory.
type file struct {
	path string
	text []byte
}

func (f file) Path() string                 { return f.path }
func (f file) Lstat() (os.FileInfo, error)  { return info{f}, nil }
func (f file) Open() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(f.text)), nil }

// info describes a file.
type info struct{ file }

func (i info) Name() string       { return path.Base(i.path) }
func (i info) Size() int64        { return int64(len(i.text)) }
func (i info) Mode() os.FileMode  { return 0o644 }
func (i info) ModTime() time.Time { return time.Time{} }
func (i info) IsDir() bool        { return false }
func (i info) Sys() any           { return nil }
