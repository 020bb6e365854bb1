package redact

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// FuzzJSON holds the walk over bytes against the model of it, on documents of any form.
func FuzzJSON(f *testing.F) {
	for _, p := range secrets() {
		f.Add([]byte(documents(p.text)["string of JSON"]))
		f.Add([]byte(documents(p.text)["escaped"]))
	}
	for _, doc := range harmlessDocuments {
		f.Add([]byte(doc))
	}
	for _, doc := range structures()[:200] {
		f.Add([]byte(doc))
	}
	r := redactor(f, Rules{})
	f.Fuzz(func(t *testing.T, doc []byte) {
		if len(doc) < 1<<16 {
			checkDocument(t, r, doc)
		}
	})
}

// FuzzText looks for a text that becomes another one when it comes again, or that loses its form.
func FuzzText(f *testing.F) {
	for _, p := range secrets() {
		f.Add("content", p.text)
	}
	for _, text := range corpus.Harmless() {
		f.Add("content", text)
	}
	for _, doc := range append(harmlessDocuments, structures()[:50]...) {
		f.Add("content", doc)
	}
	f.Add("password", "hunter2")
	for _, short := range []string{"[", "{", "<", "%", "$", ":", "%s", "$1"} {
		f.Add("x", "password="+short)
	}
	plain := redactor(f, Rules{})
	full := redactor(f, Rules{CreditCards: true, Emails: true,
		Custom: []Custom{{Name: "upper", Pattern: `[A-Z]{6,}\]?`},
			{Name: "colon", Pattern: `(?P<secret>\w+): `}}})
	f.Fuzz(func(t *testing.T, key, text string) {
		if len(text) > 1<<14 {
			return
		}
		for _, r := range []*Redactor{plain, full} {
			got, changed := r.String(key, text)
			if changed != (got != text) {
				t.Fatalf("%q becomes %q, changed %v", text, got, changed)
			}
			if again, changed := r.String(key, got); changed {
				t.Fatalf("%q\nbecomes %q\nand then %q", text, got, again)
			}
			if utf8.ValidString(text) && !utf8.ValidString(got) {
				t.Fatalf("%q becomes %q, which is not UTF-8", text, got)
			}
			if out, changed := r.Bytes(nil, key, []byte(text)); changed && string(out) != got {
				t.Fatalf("%q: Bytes has %q, String %q", text, out, got)
			}
		}
	})
}

// FuzzPlanted plants a token in any text, and the text in any place of a document.
func FuzzPlanted(f *testing.F) {
	tokens := tokensOf(11)
	for i := range tokens {
		f.Add("before", "after", i, i, i)
	}
	f.Add(`password=`, `&x=1`, 0, 1, 2)
	f.Add(`{"password":"`, `"}`, 0, 0, 0)
	f.Add("https://user:", "@host", 3, 4, 5)
	f.Add("Authorization: Bearer", "", 1, 1, 1)
	f.Add("Cookie: a=b", "; c", 2, 2, 2)
	f.Add("-----BEGIN PRIVATE KEY-----", "", 7, 3, 1)
	r := redactor(f, Rules{})
	const separators = " \n\t\"'`(,;:=<>|#"
	f.Fuzz(func(t *testing.T, before, after string, which, separator, place int) {
		if len(before)+len(after) > 1<<12 {
			return
		}
		p := tokens[abs(which)%len(tokens)]
		around := string(separators[abs(separator)%len(separators)])
		text := before + around + p.text + around + after
		if got, _ := r.String("content", text); strings.Contains(got, p.secret) {
			t.Fatalf("%s survives in %q", p.what, got)
		}
		if !utf8.ValidString(text) {
			return
		}
		places := []string{"top", "deep", "in a key", "string of JSON", "string in string",
			"amid a text"}
		doc := documents(text)[places[abs(place)%len(places)]]
		if out := checkDocument(t, r, []byte(doc)); findSecret(t, out, p.secret) != "" {
			t.Fatalf("%s survives in %s", p.what, out)
		}
	})
}

func abs(n int) int { return max(n, -(n + 1)) }
