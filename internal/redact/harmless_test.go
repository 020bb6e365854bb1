package redact

import (
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

func TestHarmlessCorpusIsLargeEnough(t *testing.T) {
	if n := len(corpus.Harmless()) + len(corpus.HarmlessNames); n < 200 ||
		len(corpus.Harmless()) < 200 {
		t.Errorf("%d harmless texts and names, want at least 200", n)
	}
}

func TestHarmlessTextsAreNotTouched(t *testing.T) {
	r := redactor(t, Rules{CreditCards: true})
	for _, text := range corpus.Harmless() {
		if got, changed := r.String("content", text); changed || got != text {
			t.Errorf("%q becomes %q", text, got)
		}
		for where, doc := range documents(text) {
			if out, changed, err := r.JSON(nil, []byte(doc)); changed || err != nil {
				t.Errorf("%q, %s: becomes %s (%v)", text, where, out, err)
			}
		}
		if out, changed := r.Bytes(nil, "result", []byte(text)); changed {
			t.Errorf("%q becomes %q", text, out)
		}
	}
}

func TestHarmlessNamesDoNotHide(t *testing.T) {
	r := redactor(t, Rules{})
	for _, name := range corpus.HarmlessNames {
		if got, changed := r.String(name, "swordfish7"); changed {
			t.Errorf("%s: %q", name, got)
		}
		doc := `{` + quoted(name) + `:{"a":"swordfish7","b":17}}`
		if out, changed, err := r.JSON(nil, []byte(doc)); changed || err != nil {
			t.Errorf("%s becomes %s (%v)", doc, out, err)
		}
	}
}

// harmlessDocuments have structures that the walk must leave alone.
var harmlessDocuments = []string{
	`{"choices":[{"logprobs":{"content":[{"token":"Hel","logprob":-0.1,"bytes":[72],"top_logprobs":[{"token":"Hel","logprob":-0.1}]}]}}]}`,
	`{"score":0.5,"token":464,"token_str":" dog","sequence":"x"}`,
	`{"pass":12,"fail":3,"bearer":true}`,
	`{"bytes":[72],"logprob":-0.1,"token":"Hel","top_logprobs":[]}`,
	`{"name":"login","parameters":{"type":"object","properties":{"user":{"type":"string"},"password":{"type":"string","description":"The user's password","minLength":8}},"required":["user","password"]}}`,
	`{"properties":{"token":{"description":"x","type":["string","null"],"title":"Token"}}}`,
	`{"auth":{"type":"oauth2","user":"bob"},"session":{"user":"bob","messages":["hi"],"n":3}}`,
	`{"password":"","token":null,"secret":true,"api_key":false,"cookies":[],"credentials":{}}`,
	`{"password":"[REDACTED:password]","token":"[REDACTED]"}`,
	`{"PWD":"/home/bob","OLDPWD":"/tmp"}`,
	`{"usage":{"prompt_tokens":17,"completion_tokens":5,"total_tokens":22}}`,
	" { \"a\" : [ 1 , -0.5e+10 , 1E5 , true , false , null , \"\\u00e9\\ud83d\\ude00\\/\" ] } \n",
	`[]`, `{}`, `"x"`, `0`, `-1.5`, `null`,
	`{"[REDACTED:github-token]":1,"[REDACTED:github-token]":2}`,
}

func TestHarmlessDocumentsAreNotTouched(t *testing.T) {
	r := redactor(t, Rules{CreditCards: true, Emails: true})
	for _, doc := range harmlessDocuments {
		if out, changed, err := r.JSON(nil, []byte(doc)); changed || err != nil {
			t.Errorf("%s becomes %s (%v)", doc, out, err)
		}
		if got, changed := r.String("content", doc); changed || got != doc {
			t.Errorf("as a text %s becomes %s", doc, got)
		}
	}
}

func TestBase64ImagesAreNotTouched(t *testing.T) {
	if testing.Short() {
		t.Skip("8 MiB of random base64 take a second")
	}
	r := redactor(t, Rules{CreditCards: true, Emails: true})
	m := corpus.NewMaker(4)
	for _, alphabet := range []string{corpus.Base64Chars, corpus.URLSafe, corpus.HexDigits,
		corpus.Digits} {
		for range 8 {
			text := m.Of(alphabet, 1<<18)
			if got, changed := lookAt(r, text); changed {
				i := strings.Index(got, markBegin)
				t.Errorf("random %.10s…: %s", alphabet, got[max(0, i-30):i+40])
			}
		}
	}
}
