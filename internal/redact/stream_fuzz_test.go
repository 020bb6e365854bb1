package redact

import (
	"math/rand/v2"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// FuzzStream cuts a text with a secret in it anywhere. The secret must not leave, all that came in
// must be accounted for, and a text without secrets must leave as it is.
func FuzzStream(f *testing.F) {
	f.Add("Here it is: ", " and so on.", uint64(1), false)
	f.Add("{\"a\": \"", "\"}", uint64(2), true)
	f.Add("password = \"", "\"\n-----BEGIN ", uint64(3), true)
	r := redactor(f, Rules{})
	f.Fuzz(func(t *testing.T, before, after string, seed uint64, decide bool) {
		if !utf8.ValidString(before) || !utf8.ValidString(after) || len(before)+len(after) > 4<<10 {
			return
		}
		rnd := rand.New(rand.NewPCG(seed, 0))
		secrets := corpus.NewMaker(seed).Tokens()
		secret := secrets[rnd.IntN(len(secrets))]
		text := before + secret.Text + after
		var between func(*Stream) Released
		if decide {
			between = (*Stream).Decide
		}
		var parts []string
		for rest := text; rest != ""; {
			n := min(1+rnd.IntN(1+rnd.IntN(40)), len(rest))
			for n < len(rest) && !utf8.RuneStart(rest[n]) {
				n++
			}
			parts, rest = append(parts, rest[:n]), rest[n:]
		}
		got := streamed(t, r, between, parts...)
		if whole, _ := r.String("", text); !decide && !strings.Contains(whole, secret.Secret) &&
			strings.Contains(got, secret.Secret) {
			t.Errorf("%q leaves in %q of %q", secret.Secret, got, parts)
		}
		if r.Clean([]byte(text)) && !decide && got != text {
			t.Errorf("%q leaves as %q", text, got)
		}
	})
}

// BenchmarkStream measures what a part of an answer costs, by what it is about.
func BenchmarkStream(b *testing.B) {
	r := redactor(b, Rules{})
	for name, text := range map[string]string{
		"prose": "The capital of France is Paris, which lies on the Seine and has about two " +
			"million inhabitants.\n",
		"of tokens": "The token limit of the model counts the tokens of the prompt and each " +
			"token of the answer; a secret key is none.\n",
		"program": "func (s *Stream) Add(part string) Released {\n\tif s == nil { return " +
			"Released{Text: part, Taken: len(part)} }\n",
		"a key": "-----BEG" + "IN PRIVATE KEY-----\n" +
			strings.Repeat("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n", 40) +
			"-----E" + "ND PRIVATE KEY-----\n",
		"JSON": `{"name": "Paris", "inhabitants": 2102650, "rivers": ["Seine"], "mayor": {"name": "Anne", "since": 2014}}` + "\n",
	} {
		b.Run(name, func(b *testing.B) {
			parts := tokensIn(rand.New(rand.NewPCG(1, 1)), strings.Repeat(text, 20))
			var kept, most int
			b.ReportAllocs()
			for i := 0; i < b.N; {
				s := r.NewStream()
				for _, p := range parts {
					s.Add(p)
					kept += s.Kept()
					most = max(most, s.Kept())
					i++
				}
				s.End()
			}
			b.ReportMetric(float64(kept)/float64(b.N), "kept-bytes")
			b.ReportMetric(float64(most), "most-kept")
		})
	}
}
