package redact

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// A text may be cut anywhere: no finder looks at what is not there.
func TestTextsThatAreCutAreLookedAt(t *testing.T) {
	seed := seedOf(t)
	rnd := rand.New(rand.NewPCG(seed, 7))
	var texts []string
	for _, all := range corpus.Kinds(seed) {
		for _, s := range all {
			texts = append(texts, s.Text)
		}
	}
	for _, s := range corpus.Secrets(seed) {
		texts = append(texts, s.Text)
	}
	for _, l := range corpus.LookAlikes(seed) {
		texts = append(texts, l.Text)
	}
	for _, l := range quotedLines {
		texts = append(texts, fmt.Sprintf(l.format, l.quote(printable(rnd, 20))))
	}
	r := redactor(t, Rules{CreditCards: true, Emails: true})
	step := 1
	if raceEnabled || testing.Short() {
		step = 16
	}
	for _, text := range texts {
		for i := rnd.IntN(step); i < min(len(text), 512); i += step {
			stringOf(r, text[i:])
			stringOf(r, text[:i])
		}
	}
}
