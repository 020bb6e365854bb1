package redact

import (
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// FuzzNamesAndValues looks for a name, what joins it with a value, and a value that together cost
// more than their size allows, over and over, or that hide another text when it comes again. What
// counts is the work that is done, not the time that it takes.
func FuzzNamesAndValues(f *testing.F) {
	for _, name := range namesOfSecrets {
		f.Add(name, "=", "hunter2!x", "\n")
		f.Add(name, `":"`, "hunter2!x", `","`)
	}
	for _, s := range corpus.Secrets(3) {
		before, after, _ := strings.Cut(s.Text, s.Secret)
		f.Add(before, "", s.Secret, after)
	}
	for i, h := range hostiles() {
		if i%64 != 0 {
			continue
		}
		f.Add(h.piece, "", "", "")
		f.Add("password", h.piece, "x", " ")
		f.Add("token", "=", h.piece, "\n")
	}
	f.Add("curl ", "-u", "\x00", "")
	r := redactor(f, Rules{})
	f.Fuzz(func(t *testing.T, name, joint, value, after string) {
		piece := name + joint + value + after
		if len(piece) == 0 || len(piece) > 1<<10 {
			return
		}
		h := hostile{piece: piece}
		const size = 16 << 10
		large := workOf(r, h.text(size))
		if per := float64(large) / size; per > workPerByteUnbounded {
			t.Fatalf("%q: %.0f for each byte", piece, per)
		}
		got := stringOf(r, piece)
		if again := stringOf(r, got); again != got {
			t.Fatalf("%q\nbecomes %q\nand then %q", piece, got, again)
		}
	})
}
