package programs

import (
	"archive/zip"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

const core = "github.com/dashstream/dashstream-go"

// version is one that no other run has, for it goes into the module cache, from which the test
// takes it again.
var version = "v0.0.0-" + time.Now().UTC().Format("20060102150405") + "-" + fmt.Sprintf("%012x",
	os.Getpid())

// A module with a replace cannot be installed at a version, and one that is nested is not part of
// its parent's: replay and tail have to be where neither holds.
func TestReplayAndTailCanBeInstalled(t *testing.T) {
	proxy, bin := t.TempDir(), t.TempDir()
	publish(t, proxy)
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOPROXY", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	env := strings.Split(strings.TrimSpace(string(out)), "\n")
	t.Cleanup(func() {
		// what is left is a few files
		_ = os.RemoveAll(filepath.Join(env[1], filepath.FromSlash(core)+"@"+version))
		for _, suffix := range []string{".info", ".mod", ".zip", ".ziphash", ".lock"} {
			// as above
			_ = os.Remove(filepath.Join(env[1], "cache", "download", filepath.FromSlash(core), "@v",
				version+suffix))
		}
	})
	for _, name := range []string{"replay", "tail"} {
		cmd := exec.CommandContext(t.Context(), "go", "install", core+"/examples/"+name+"@"+version)
		cmd.Dir = bin
		cmd.Env = append(os.Environ(), "GOWORK=off", "GOBIN="+bin, "GOFLAGS=-modcacherw",
			"GONOSUMDB="+core,
			"GOPROXY=file://"+proxy+","+env[0])
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		if out, err := exec.CommandContext(t.Context(), filepath.Join(bin, name),
			"--help").Output(); err != nil || !strings.Contains(string(out), "Usage: "+name) {
			t.Errorf("%s: %v: %s", name, err, out)
		}
	}
}

// publish writes the core's module as a proxy has it.
func publish(t *testing.T, proxy string) {
	t.Helper()
	dir := filepath.Join(proxy, filepath.FromSlash(core), "@v")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	mod, err := os.ReadFile("../../go.mod")
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{
		"list": []byte(version + "\n"), version + ".info": []byte(`{"Version":"` + version +
			`","Time":"2026-01-01T00:00:00Z"}`), version + ".mod": mod,
	} {
		if err := os.WriteFile(filepath.Join(dir, name), text, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f, err := os.Create(filepath.Join(dir, version+".zip"))
	if err != nil {
		t.Fatal(err)
	}
	z := zip.NewWriter(f)
	for _, file := range filesOf(t) {
		src, err := os.Open(filepath.Join("..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		dst, err := z.Create(core + "@" + version + "/" + file)
		if err == nil {
			_, err = io.Copy(dst, src)
		}
		if err != nil {
			t.Fatal(err)
		}
		_ = src.Close() // it was read
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

// filesOf lists the files of the core's module: those of the checkout, without what is in nested
// modules.
func filesOf(t *testing.T) (files []string) {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "git", "ls-files", "-co", "--exclude-standard")
	cmd.Dir = "../.."
	out, err := cmd.Output()
	if err != nil {
		t.Skipf("git does not list the files, so what would be published is not known: %v", err)
	}
	all := strings.Fields(string(out))
	nested := map[string]bool{}
	for _, file := range all {
		if dir, ok := strings.CutSuffix(file, "/go.mod"); ok {
			nested[dir] = true
		}
	}
	for _, file := range all {
		inside := false
		for dir := filepath.Dir(file); dir != "."; dir = filepath.Dir(dir) {
			inside = inside || nested[filepath.ToSlash(dir)]
		}
		if _, err := os.Stat(filepath.Join("..", "..", file)); err == nil && !inside {
			files = append(files, file)
		}
	}
	return files
}
