package jsreader

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
)

// modules returns the folder of the npm packages listed in package-lock.json. They are installed by
// npm ci on first use, in the user's cache. The folder is named after the lock, because tests of
// several modules may need them at the same time.
func modules(tb testing.TB) string {
	tb.Helper()
	cache, err := os.UserCacheDir()
	if err != nil {
		tb.Fatalf("jsreader: %v", err)
	}
	lock, err := os.ReadFile(filepath.Join(source(tb), "package-lock.json"))
	if err != nil {
		tb.Fatalf("jsreader: %v", err)
	}
	sum := sha256.Sum256(lock)
	dir := filepath.Join(cache, "dashstream-jsreader", hex.EncodeToString(sum[:8]))
	if _, err := os.Stat(dir); err == nil {
		return dir
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		tb.Fatalf("jsreader: %v", err)
	}
	fresh, err := os.MkdirTemp(filepath.Dir(dir), "install-")
	if err != nil {
		tb.Fatalf("jsreader: %v", err)
	}
	defer os.RemoveAll(fresh)
	install(tb, fresh)
	if err := os.Rename(fresh, dir); err != nil {
		if _, there := os.Stat(dir); there != nil { // otherwise another test was faster
			tb.Fatalf("jsreader: %v", err)
		}
	}
	return dir
}

func install(tb testing.TB, dir string) {
	tb.Helper()
	npm, err := exec.LookPath("npm")
	if err != nil {
		absent(tb, "npm is not installed")
	}
	for _, name := range []string{"package.json", "package-lock.json"} {
		text, err := os.ReadFile(filepath.Join(source(tb), name))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), text, 0o644)
		}
		if err != nil {
			tb.Fatalf("jsreader: %v", err)
		}
	}
	cmd := exec.CommandContext(tb.Context(), npm, "ci", "--ignore-scripts", "--no-audit",
		"--no-fund")
	cmd.Dir = dir
	if out, err := cmd.CombinedOutput(); err != nil {
		absent(tb, "npm ci: "+err.Error()+": "+string(out))
	}
}
