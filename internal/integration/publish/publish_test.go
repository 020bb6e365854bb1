package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/module"

	"github.com/dashstream/dashstream-go/internal/integration/documents"
)

const root = "../../.."

// fresh is a new user, with nothing but a proxy and a module outside of this checkout.
type fresh struct {
	version string
	env     []string
}

func newFresh(t *testing.T) *fresh {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("without git it is not known which files would be published")
	}
	proxy := t.TempDir()
	// A version that no other run has, because it is stored in the module cache, from which the
	// test removes it.
	now := time.Now().UTC().Format("20060102150405")
	u := &fresh{version: fmt.Sprintf("v0.0.0-%s-%012x", now, os.Getpid())}
	if err := publish(root, u.version, proxy); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOPROXY", "GOMODCACHE").Output()
	if err != nil {
		t.Fatal(err)
	}
	configured := strings.Split(strings.TrimSpace(string(out)), "\n")
	t.Cleanup(func() { u.forget(configured[1]) })
	for _, v := range os.Environ() {
		if !strings.HasPrefix(v, "DASHSTREAM_") && !strings.HasPrefix(v, "KAFKA_") {
			u.env = append(u.env, v)
		}
	}
	u.env = append(u.env, "GOWORK=off", "GOFLAGS=-modcacherw", "GONOSUMDB="+core,
		"GOPROXY=file://"+filepath.ToSlash(proxy)+","+configured[0],
		"DASHSTREAM_LINES_FILE=lines.json")
	return u
}

// forget removes the published modules from the module cache.
func (u *fresh) forget(cache string) {
	for _, dir := range released {
		escaped, err := module.EscapePath(strings.TrimSuffix(core+"/"+dir, "/."))
		if err != nil {
			continue
		}
		name := filepath.FromSlash(escaped)
		_ = os.RemoveAll(filepath.Join(cache, name+"@"+u.version)) // a few files may stay
		for _, suffix := range []string{".info", ".mod", ".zip", ".ziphash", ".lock"} {
			_ = os.Remove(filepath.Join(cache, "cache", "download", name, "@v", u.version+suffix))
		}
	}
}

// run runs a command in dir, and returns what it prints.
func (u *fresh) run(t *testing.T, dir string, command ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), command[0], command[1:]...)
	cmd.Dir, cmd.Env = dir, append(u.env, "GOBIN="+dir)
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", command, err, out)
	}
	return string(out)
}

// module creates a module with files, and gets packages for it.
func (u *fresh) module(t *testing.T, files map[string]string, get ...string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	u.run(t, dir, "go", "mod", "init", "example.com/fresh")
	for _, p := range get {
		u.run(t, dir, "go", "get", core+"/"+p+"@"+u.version)
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

const program = `package main

import (
	"context"
	"log"

	"github.com/dashstream/dashstream-go/callback"
	%s
)

func main() {
	cfg, err := callback.ConfigFromEnv()
	if err != nil {
		log.Fatal(err)
	}
	client, err := callback.New(cfg)
	if err != nil {
		log.Fatal(err)
	}
	%s
	client.StartRun(callback.RunInfo{}).End(nil)
	if _, err := client.Shutdown(context.Background()); err != nil {
		log.Fatal(err)
	}
}
`

// go get and go install alone provide what README, the programs and each adapter need.
func TestAFreshModuleUsesWhatIsPublished(t *testing.T) {
	u := newFresh(t)
	t.Run("README's program", func(t *testing.T) {
		text, err := os.ReadFile(filepath.Join(root, "README.md"))
		if err != nil {
			t.Fatal(err)
		}
		files, err := documents.Program("README.md", string(text))
		if err != nil {
			t.Fatal(err)
		}
		u.run(t, u.module(t, files, "callback"), "go", "run", ".")
	})
	t.Run("the programs", func(t *testing.T) {
		dir := t.TempDir()
		for _, name := range []string{"replay", "tail"} {
			u.run(t, dir, "go", "install", core+"/examples/"+name+"@"+u.version)
			help := u.run(t, dir, filepath.Join(dir, name), "--help")
			if !strings.Contains(help, "Usage: "+name) {
				t.Errorf("%s --help: %s", name, help)
			}
		}
	})
	adapters := []struct{ name, imports, code string }{
		{
			"callback/dasheino",
			"\"github.com/cloudwego/eino/callbacks\"\n\t\"" + core + "/callback/dasheino\"",
			"callbacks.AppendGlobalHandlers(dasheino.NewHandler(client))",
		},
		{
			"callback/dashmskiam", "\"" + core + "/callback/dashmskiam\"",
			"cfg.SASLToken = dashmskiam.Token(\"eu-central-1\")",
		},
		{
			"callback/dashotel",
			"\"go.opentelemetry.io/otel/sdk/trace\"\n\t\"" + core + "/callback/dashotel\"",
			"trace.NewTracerProvider().RegisterSpanProcessor(dashotel.NewSpanProcessor(client))",
		},
		{
			"callback/dashadk", "\"" + core + "/callback/dashadk\"", "_ = dashadk.New(client)",
		},
		{
			"callback/dashadk1", "\"" + core + "/callback/dashadk1\"", "_ = dashadk1.New(client)",
		},
	}
	for _, dir := range released {
		tried := dir == "." || strings.Contains(dir, "/internal/")
		for _, a := range adapters {
			tried = tried || a.name == dir
		}
		if !tried {
			t.Errorf("%s is released, and not tried", dir)
		}
	}
	for _, tt := range adapters {
		t.Run(tt.name, func(t *testing.T) {
			files := map[string]string{"main.go": fmt.Sprintf(program, tt.imports, tt.code)}
			u.run(t, u.module(t, files, "callback", tt.name), "go", "run", ".")
		})
	}
}

func TestAModuleHasItsOwnFilesAlone(t *testing.T) {
	files := []string{
		"LICENSE", "a.go", "callback/b.go", "callback/dasheino/c.go", "callback/dasheino/go.mod",
		"callback/dasheino/in/d.go", "callback/dasheinot/e.go", "callback/dasheino/deep/go.mod",
		"callback/dasheino/deep/f.go", "go.mod",
	}
	tests := map[string]string{
		".":                 "LICENSE a.go callback/b.go callback/dasheinot/e.go go.mod",
		"callback/dasheino": "c.go go.mod in/d.go",
	}
	for dir, want := range tests {
		if got := strings.Join(inside(dir, files), " "); got != want {
			t.Errorf("%s: got %s, want %s", dir, got, want)
		}
	}
}

func TestATaggedModuleRequiresTheCoreAtTheTag(t *testing.T) {
	mod, err := goMod(filepath.Join(root, "callback/dasheino/go.mod"), "v1.2.0")
	if err != nil {
		t.Fatal(err)
	}
	if s := string(mod); strings.Contains(s, "replace") || !strings.Contains(s, core+" v1.2.0") {
		t.Errorf("%s", s)
	}
}
