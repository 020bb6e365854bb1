package redact

import (
	"io/fs"
	"os"
	"os/exec"
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

// No budget is reached by what programs, files of settings and logs have in them.
func TestSourcesStayWithinTheBudget(t *testing.T) {
	if testing.Short() {
		t.Skip("reads many files")
	}
	r := redactor(t, Rules{})
	out, err := exec.Command("go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	goroot := strings.TrimSpace(string(out))
	all := map[string]string{
		"Go": sources(goroot+"/src", ".go", 1<<20), "Go, net": sources(goroot+"/src/net", ".go",
			1<<20),
		"Go, crypto": sources(goroot+"/src/crypto", ".go", 1<<20),
		"assembly":   sources(goroot+"/src", ".s", 1<<20),
		"JSON":       sources(goroot, ".json", 1<<20), "markup": sources(goroot, ".html", 1<<20),
		"shell": sources(goroot, ".bash", 1<<20), "settings": sources("../..", ".yml", 1<<20),
		"harmless":    strings.Repeat(strings.Join(corpus.Harmless(), "\n")+"\n", 16),
		"look-alikes": lookAlikes(newSeed(t), 1<<20),
	}
	for name, write := range writers {
		all["written "+name] = written(write, newSeed(t), 1<<20)
	}
	for name, text := range all {
		if text == "" {
			t.Logf("%s: there are no such files in GOROOT or the repository", name)
			continue
		}
		got, per := stringOf(r, text), float64(workOf(r, text))/float64(len(text))
		t.Logf("%s: %d bytes, %.2f units of work for each", name, len(text), per)
		if strings.Count(got, markOf("unsearched")) > strings.Count(text, markOf("unsearched")) {
			t.Errorf("%s: the budget is spent", name)
		}
	}
}

// No budget is reached by what is short, however many secrets are in it.
func TestShortTextsStayWithinTheBudget(t *testing.T) {
	r := redactor(t, Rules{})
	seed := seedOf(t)
	var texts []string
	for _, s := range corpus.Secrets(seed) {
		texts = append(texts, s.Text)
	}
	for _, all := range corpus.Kinds(seed) {
		for _, s := range all {
			texts = append(texts, s.Text)
		}
	}
	for _, l := range corpus.LookAlikes(seed) {
		texts = append(texts, l.Text)
	}
	m := corpus.NewMaker(seed)
	for _, lines := range []int{30, 250, 1500} {
		var b strings.Builder
		for range lines {
			b.WriteString("export " + m.Of("ABCDEFGH", 4) + "_PASSWORD=" + m.Password() + "\n")
		}
		texts = append(texts, b.String())
	}
	for _, text := range texts {
		if strings.Contains(stringOf(r, text), markOf("unsearched")) {
			t.Errorf("the budget is spent: %d bytes, %.80q", len(text), text)
		}
	}
}

// Data that was empty before it was encoded is one byte over and over, which begins some literals:
// it costs no more for that.
func TestLongRunsOfOneByteAreCheap(t *testing.T) {
	r := redactor(t, Rules{})
	secret := "gh" + "p_" + corpus.NewMaker(seedOf(t)).Alnum(36)
	for _, b := range []string{"A", "a", "-", "x", "0", "=", "/", ":"} {
		run := strings.Repeat(b, 1<<20)
		if got := stringOf(r, run+" "+secret); got != run+" "+markOf("github-token") {
			t.Errorf("%s: %d bytes: …%s", b, len(got), got[max(0, len(got)-60):])
		}
	}
}
