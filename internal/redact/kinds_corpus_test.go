package redact

import (
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

var marks = regexp.MustCompile(`\[REDACTED:[a-z0-9-]+\]`)

// inPart is the longest part of a secret that may be in a text without saying anything: texts have
// so much in common by chance.
const inPart = 5

// Secrets of every kind, in every place, other ones in each run.
func TestSecretsOfAllKindsAreHidden(t *testing.T) {
	r := redactor(t, Rules{})
	seed := newSeed(t)
	for i := range uint64(5) {
		for kind, secrets := range corpus.Kinds(seed + i) {
			for _, s := range secrets {
				for where, hidden := range placesOf(r, s.Text) {
					if left := remainder(marks.ReplaceAllString(hidden, "\x00"),
						s.Secret); len(left) > inPart {
						t.Errorf("%s, %s, %s: %q leaves in %.200q", kind, where, s.What, left,
							hidden)
						break
					}
				}
			}
		}
	}
}

// placesOf returns what leaves of a text, by the place where it stands.
func placesOf(r *Redactor, text string) map[string]string {
	places := map[string]string{}
	places["text"], _ = r.String("content", text)
	places["amid a text"], _ = r.String("content", "This is what it said:\n"+text+
		"\nIs that right?")
	for where, doc := range map[string]string{"member": fmt.Sprintf(`{"output":%s}`, quoted(text)),
		"list": fmt.Sprintf(`["a",%s]`, quoted(text))} {
		out, changed, err := r.JSON(nil, []byte(doc))
		if !changed || err != nil {
			out = []byte(doc)
		}
		places[where] = string(out)
	}
	s := r.NewStream()
	var b strings.Builder
	for i := 0; i < len(text); i += 5 {
		b.WriteString(s.Add(text[i:min(len(text), i+5)]).Text)
	}
	b.WriteString(s.End().Text)
	places["stream"] = b.String()
	return places
}
