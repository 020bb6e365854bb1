package redact

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// sources returns so many bytes of files with a suffix below a directory.
func sources(root, suffix string, most int) string {
	var b strings.Builder
	_ = filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || b.Len() >= most {
			return nil
		}
		if !d.IsDir() && strings.HasSuffix(path, suffix) {
			if data, err := os.ReadFile(path); err == nil {
				b.Write(data)
			}
		}
		return nil
	})
	return b.String()[:min(b.Len(), most)]
}

func TestWorkOfSources(t *testing.T) {
	r := redactor(t, Rules{})
	all := map[string]string{
		"go": sources("/usr/local/go/src", ".go", 1<<20), "go crypto": sources("/usr/local/go/src/crypto", ".go", 1<<20), "python": sources("/usr/lib/python3", ".py", 1<<20),
		"py http": sources("/usr/lib/python3.11", ".py", 1<<20),
		"sh":      sources("/usr", ".sh", 1<<20), "yaml": sources("/usr", ".yaml", 1<<20), "yml": sources("/", ".yml", 1<<20),
		"lookalikes": strings.Join(corpus.Harmless(), "\n"), "log": sources("/var/log", ".log", 1<<20), "net": sources("/usr/local/go/src/net", ".go", 1<<20),
		"parser": sources("/usr/local/go/src/go", ".go", 1<<20),
		"json":   sources("/usr", ".json", 1<<20),
	}
	var secretTexts []string
	for _, p := range secrets() {
		secretTexts = append(secretTexts, p.text)
	}
	all["secrets"] = strings.Join(secretTexts, "\n")
	for n, p := range all {
		if len(p) == 0 {
			continue
		}
		took := timeOf(r, p)
		t.Logf("%-12s %8d bytes  %.2f work/byte  %.2f ns/byte", n, len(p), float64(workOf(r, p))/float64(len(p)), float64(took.Nanoseconds())/float64(len(p)))
	}
}
