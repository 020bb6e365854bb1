package archtest

import (
	"encoding/json"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

const module = "github.com/dashstream/dashstream-go"

// maxModules bounds the modules that are compiled into a program that links the core, the core
// itself left out.
const maxModules = 18

// arrows says for each package of the core which others of the core it may import, and which
// foreign modules. A package that is not listed may not exist: a new one has to find its place here
// first.
var arrows = map[string]struct{ ours, foreign []string }{
	"callback": {
		ours: []string{"batching", "callback/dashstreampb", "internal/guard", "internal/jsonlines",
			"internal/kafka", "internal/redact", "internal/seal", "internal/settings",
			"internal/wire", "selfmetrics"},
		foreign: []string{
			"github.com/prometheus/client_golang", // Client.Metrics is a prometheus.Collector
			"github.com/twmb/franz-go",            // Config.KafkaOptions are kgo.Opts
			// rare messages are encoded by the generated types
			"google.golang.org/protobuf",
		},
	},
	// Readers import the contract alone.
	"callback/dashstreampb": {foreign: []string{"github.com/klauspost/compress",
		"google.golang.org/protobuf"}},
	// Writes what follows from the .proto's comments.
	"callback/dashstreampb/generate": {},
	// What follows a stream needs the contract, and what a patch means.
	"callback/dashstreampb/reduce": {ours: []string{"callback/dashstreampb", "internal/statediff"}},
	// Calls of models over HTTP need the client API and the standard library.
	"callback/dashhttp": {ours: []string{"callback", "internal/guard"}},
	// Lines of a log need the client API and the standard library.
	"callback/dashslog": {ours: []string{"callback"}},
	// What spans mean, for the adapter of OpenTelemetry and for exports of traces: without the
	// modules of either.
	"internal/spanmap":         {ours: []string{"callback"}},
	"internal/traces":          {ours: []string{"internal/spanmap"}},
	"internal/traces/timeline": {ours: []string{"callback/dashstreampb"}},
	// Tests hold documents against what they print.
	"internal/markdown": {},
	// Scenarios that adapters' tests share.
	"internal/plaingo": {ours: []string{"callback", "callback/callbacktest"}},
	// What checks a stream asks what follows one which gaps are explained.
	"callback/callbacktest": {ours: []string{"batching", "callback", "callback/dashstreampb",
		"callback/dashstreampb/reduce", "internal/statediff"},
		foreign: []string{"google.golang.org/protobuf"}},
	// The engine knows neither Kafka nor Prometheus nor what an event means.
	"batching": {ours: []string{"internal/guard"}, foreign: []string{"golang.org/x/sync"}},
	// The observer reads numbers and is asked nothing. Its page hides what an error could give
	// away.
	"selfmetrics": {
		ours: []string{"batching", "internal/guard", "internal/redact"},
		foreign: []string{"github.com/prometheus/client_golang",
			"github.com/prometheus/client_model", "google.golang.org/protobuf"},
	},
	// Files for operators: no code runs in them.
	"selfmetrics/dashboards": {},
	"internal/kafka": {ours: []string{"batching", "internal/guard", "internal/settings"},
		foreign: []string{"golang.org/x/oauth2", "github.com/twmb/franz-go",
			"github.com/twmb/franz-go/pkg/kmsg", "github.com/klauspost/compress",
			"github.com/pierrec/lz4/v4"}},
	// The worker's half of the client API knows batches and messages, and no client.
	"internal/seal": {
		ours: []string{"batching", "callback/dashstreampb", "internal/redact",
			"internal/statediff", "internal/wire"},
		foreign: []string{"google.golang.org/protobuf"},
	},
	// Whoever calls user code does it through the guard.
	"internal/guard": {},
	"internal/wire": {ours: []string{"internal/guard"},
		foreign: []string{"google.golang.org/protobuf"}},
	"internal/archtest": {},
	// The lines of the program tail and of the Sender that writes lines.
	"internal/jsonlines": {
		ours:    []string{"callback/dashstreampb", "callback/dashstreampb/reduce"},
		foreign: []string{"google.golang.org/protobuf"},
	},
	// What happens to a state between JSON and the wire needs nothing but bytes.
	"internal/redact": {},
	// Made up secrets, for tests.
	"internal/redact/corpus": {},
	"internal/statediff":     {},
	// A table of settings knows no setting.
	"internal/settings": {ours: []string{"internal/redact"}},
	// The reader in JavaScript serves every module's tests.
	"internal/jsreader": {ours: []string{"callback/dashstreampb"},
		foreign: []string{"google.golang.org/protobuf"}},
	// Programs that anybody can install: they compile what the core compiles.
	"examples/replay": {
		ours: []string{"batching", "callback", "examples/internal/terminal", "internal/spanmap",
			"internal/traces", "selfmetrics"},
		foreign: []string{"github.com/prometheus/client_golang"},
	},
	"examples/shed": {ours: []string{"batching", "callback", "selfmetrics"}},
	"examples/tail": {
		ours: []string{
			"callback", "callback/dashstreampb", "callback/dashstreampb/reduce",
			"internal/reading", "examples/internal/terminal",
			"internal/jsonlines",
			"selfmetrics",
		},
		foreign: []string{"github.com/twmb/franz-go", "google.golang.org/protobuf"},
	},
	// A graph that waits for a human, over two processes.
	"examples/approval": {ours: []string{"callback"}},
	"internal/reading": {ours: []string{"callback", "internal/kafka"},
		foreign: []string{"github.com/twmb/franz-go", "github.com/twmb/franz-go/pkg/kmsg"}},
	"examples/internal/terminal": {},
	// The starter of real brokers serves every module's tests and leans on the standard library
	// alone.
	"internal/kafkatest":           {},
	"internal/kafkatest/cmd/kafka": {ours: []string{"internal/kafkatest"}},
}

type pkg struct {
	ImportPath string
	Imports    []string
	Deps       []string
	Standard   bool
	Module     *struct{ Path string }
}

func list(t *testing.T, args ...string) []pkg {
	t.Helper()
	cmd := exec.Command("go",
		append([]string{"list", "-json=ImportPath,Imports,Deps,Standard,Module"}, args...)...)
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(cmd.Environ(), "GOWORK=off")
	out, err := cmd.Output()
	if err != nil {
		detail := err.Error()
		if exit, ok := err.(*exec.ExitError); ok {
			detail = string(exit.Stderr)
		}
		t.Fatalf("go list %v: %s", args, detail)
	}
	var pkgs []pkg
	for dec := json.NewDecoder(strings.NewReader(string(out))); dec.More(); {
		var p pkg
		if err := dec.Decode(&p); err != nil {
			t.Fatal(err)
		}
		pkgs = append(pkgs, p)
	}
	return pkgs
}

func TestPackagesImportOnlyWhatTheArchitectureAllows(t *testing.T) {
	moduleOf := map[string]string{}
	for _, p := range list(t, "-deps", "./...") {
		if p.Module != nil {
			moduleOf[p.ImportPath] = p.Module.Path
		}
	}
	for _, p := range list(t, "./...") {
		name := strings.TrimPrefix(p.ImportPath, module+"/")
		allowed, known := arrows[name]
		if !known {
			t.Errorf("package %s has no place in the architecture: add its arrows here, and say "+
				"in ARCHITECTURE.md what it is for", name)
			continue
		}
		for _, imported := range p.Imports {
			if problem := judge(name, imported, moduleOf[imported], allowed.ours,
				allowed.foreign); problem != "" {
				t.Error(problem)
			}
		}
	}
}

func judge(name, imported, itsModule string, ours, foreign []string) string {
	switch {
	case itsModule == "":
		return "" // the standard library
	case itsModule == module:
		if rel := strings.TrimPrefix(imported, module+"/"); !slices.Contains(ours, rel) {
			return fmt.Sprintf("%s imports %s: there is no such arrow", name, rel)
		}
	case !slices.Contains(foreign, itsModule):
		return fmt.Sprintf("%s imports %s of module %s, which has no business there", name,
			imported, itsModule)
	}
	return ""
}

func TestArrowsNameOnlyPackagesThatExist(t *testing.T) {
	exists := map[string]bool{}
	for _, p := range list(t, "./...") {
		exists[strings.TrimPrefix(p.ImportPath, module+"/")] = true
	}
	for name := range arrows {
		if !exists[name] {
			t.Errorf("arrows lists %s, which does not exist", name)
		}
	}
}

func TestTheCoreIsLight(t *testing.T) {
	modules := map[string]bool{}
	for _, p := range list(t, "-deps", "./callback", "./callback/callbacktest", "./selfmetrics",
		"./batching", "./examples/replay", "./examples/tail") {
		if p.Module != nil && p.Module.Path != module {
			modules[p.Module.Path] = true
		}
	}
	if len(modules) > maxModules {
		t.Errorf("%d modules are compiled into the core, want at most %d: %v", len(modules),
			maxModules, modules)
	}
	t.Logf("%d modules are compiled into the core", len(modules))
}

func TestJudgeFindsAForbiddenArrow(t *testing.T) {
	tests := []struct {
		name, imported, itsModule string
		forbidden                 bool
	}{
		{"batching", "context", "", false},
		{"batching", module + "/callback", module, true},
		{"batching", "golang.org/x/sync/semaphore", "golang.org/x/sync", false},
		{"batching", "github.com/twmb/franz-go/pkg/kgo", "github.com/twmb/franz-go", true},
		{"selfmetrics", module + "/batching", module, false},
		{"selfmetrics", module + "/callback", module, true},
	}
	for _, tt := range tests {
		a := arrows[tt.name]
		if got := judge(tt.name, tt.imported, tt.itsModule, a.ours, a.foreign); (got != "") !=
			tt.forbidden {
			t.Errorf("%s imports %s: %q", tt.name, tt.imported, got)
		}
	}
}
