package redact

import (
	"bytes"
	"encoding/json"
	"fmt"
	"regexp"
	"strings"
	"testing"
	"unicode/utf16"
	"unicode/utf8"
)

func redactor(t testing.TB, rules Rules) *Redactor {
	t.Helper()
	r, err := New(rules)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestCorpusIsLargeEnough(t *testing.T) {
	if n := len(secrets()); n < 150 {
		t.Errorf("%d secrets, want at least 150", n)
	}
}

func TestSecretsAreFoundInTexts(t *testing.T) {
	r := redactor(t, Rules{})
	for _, p := range secrets() {
		got, changed := r.String("content", p.text)
		if !changed || strings.Contains(got, p.secret) {
			t.Errorf("%s: %q survives in %q", p.what, p.secret, got)
			continue
		}
		if p.rule != "" && !strings.Contains(got, markOf(p.rule)) {
			t.Errorf("%s: %q has no mark of %s", p.what, got, p.rule)
		}
		if again, changed := r.String("content", got); changed {
			t.Errorf("%s: %q becomes %q when it comes again", p.what, got, again)
		}
	}
}

func TestNothingButTheSecretIsHidden(t *testing.T) {
	r := redactor(t, Rules{})
	for _, p := range secrets() {
		if p.rule == "" {
			continue
		}
		want := strings.Replace(p.text, p.secret, markOf(p.rule), 1)
		if p.rule == "aws-secret-key" {
			want = regexp.MustCompile(`AKIA[A-Z]{16}`).ReplaceAllString(want,
				markOf("aws-access-key-id"))
			want = strings.Replace(want, "access_key="+markOf("aws-access-key-id"), "access_key="+
				markOf("access-key"), 1)
		}
		if got, _ := r.String("content", p.text); got != want {
			t.Errorf("%s:\n got %q\nwant %q", p.what, got, want)
		}
	}
}

// surroundings are what tokens stand between; %s is the token.
var surroundings = []string{
	"%s", "use %s now", "(%s)", "[%s]", "{%s}", "<%s>", "\"%s\"", "'%s'", "`%s`", "key:%s",
	"key=%s", "x=%s&y=1", "%s,%s", "%s\n%s", "%s %s", "at the end: %s.",
	"\t%s\r\n", `first line\n%s\nlast line`, `\t%s\t`, `{\"k\": \"%s\"}`,
	"https://example.com/?q=%s", "→%s←", "é%sé", "\x00%s\x00", "|%s|", "#%s", "*%s*", "%s;", "%s!",
	"%s?",
	"$ export X=%s", "> %s", "// %s", "\\%s",
}

func TestTokensAreFoundInAnySurroundings(t *testing.T) {
	r := redactor(t, Rules{})
	for _, p := range tokensOf(2) {
		for _, around := range surroundings {
			text := strings.ReplaceAll(around, "%s", p.text)
			if got, _ := r.String("content", text); strings.Contains(got, p.secret) {
				t.Errorf("%s in %q survives in %q", p.what, around, got)
			}
		}
	}
}

// escaped is a text as a JSON string with an escape for every byte.
func escaped(s string) string {
	var b strings.Builder
	for _, unit := range utf16.Encode([]rune(s)) {
		fmt.Fprintf(&b, `\u%04X`, unit)
	}
	return b.String()
}

func quoted(s string) string {
	var b bytes.Buffer
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false)
	if err := e.Encode(s); err != nil {
		panic(err)
	}
	return strings.TrimSpace(b.String())
}

// documents returns JSON documents that hold a text in every place that a structure has.
func documents(text string) map[string]string {
	q := quoted(text)
	inner := `{"a":[` + q + `]}`
	_, first := utf8.DecodeRuneInString(text)
	return map[string]string{
		"top":              q,
		"member":           `{"a":` + q + `}`,
		"array":            `[1,` + q + `,2]`,
		"deep":             `{"a":[{"b":[[{"c":` + q + `}]]}],"z":1}`,
		"escaped":          `{"a":"` + escaped(text) + `"}`,
		"prefix escaped":   `{"a":"` + escaped(text[:first]) + quoted(text[first:])[1:] + `}`,
		"in a key":         `{` + q + `:true}`,
		"in escaped keys":  `{"` + escaped(text) + `":true,` + q + `:null}`,
		"string of JSON":   `{"arguments":` + quoted(inner) + `}`,
		"string in string": `{"arguments":` + quoted(`{"arguments":`+quoted(inner)+`}`) + `}`,
		"amid a text":      `{"a":` + quoted("Look: "+text+" , see?") + `}`,
		"spaced":           " {\n\t\"a\" : [ " + q + " ] }\r\n",
	}
}

func TestSecretsAreFoundInDocuments(t *testing.T) {
	r := redactor(t, Rules{})
	for _, p := range secrets() {
		for where, doc := range documents(p.text) {
			out, changed, err := r.JSON(nil, []byte(doc))
			if err != nil || !changed || !json.Valid(out) {
				t.Errorf("%s, %s: changed %v, error %v: %s", p.what, where, changed, err, out)
				continue
			}
			if found := findSecret(t, out, p.secret); found != "" {
				t.Errorf("%s, %s: survives in %q", p.what, where, found)
			}
			if again, changed, err := r.JSON(nil, out); changed || err != nil {
				t.Errorf("%s, %s: %s becomes %s (%v) when it comes again", p.what, where, out,
					again, err)
			}
		}
	}
}

// A document that is only text to whoever passes it on must be walked all the same, however it is
// escaped.
func TestSecretsAreFoundInEscapedDocuments(t *testing.T) {
	r := redactor(t, Rules{})
	m := NewMessages(r)
	for _, p := range secrets() {
		for where, doc := range documents(p.text) {
			for _, doc := range []string{doc, strings.ReplaceAll(doc, "/", `\/`),
				strings.Replace(doc, "/", `\/`, 1), strings.ReplaceAll(doc, "//", `/\/`)} {
				got, changed := r.String("content", doc)
				if !changed || !json.Valid([]byte(got)) ||
					findSecret(t, []byte(got), p.secret) != "" {
					t.Errorf("%s, %s: survives in %s", p.what, where, got)
				}
				if r.Clean([]byte(doc)) {
					t.Errorf("%s, %s: seems clean: %s", p.what, where, doc)
				}
				checkMessage(t, m, messagesWith("content", doc)["attribute"])
			}
		}
	}
}

// findSecret returns the string in which a secret is still there: the document itself, or a string
// in it, decoded as deep as it goes.
func findSecret(t *testing.T, doc []byte, secret string) string {
	t.Helper()
	if strings.Contains(string(doc), secret) {
		return string(doc)
	}
	var v any
	if err := json.Unmarshal(doc, &v); err != nil {
		t.Fatalf("%v: %s", err, doc)
	}
	found := ""
	everyString(v, func(s string) {
		if strings.Contains(s, secret) {
			found = s
		} else if found == "" && looksLikeJSON(s) && json.Valid([]byte(s)) {
			found = findSecret(t, []byte(s), secret)
		}
	})
	return found
}

func everyString(v any, f func(string)) {
	switch v := v.(type) {
	case string:
		f(v)
	case []any:
		for _, e := range v {
			everyString(e, f)
		}
	case map[string]any:
		for k, e := range v {
			f(k)
			everyString(e, f)
		}
	}
}

func TestBytesAreTakenAsDocumentsOrTexts(t *testing.T) {
	r := redactor(t, Rules{})
	for _, p := range secrets() {
		for _, src := range []string{p.text, `{"a":` + quoted(p.text) + `}`, "\xff\x00" + p.text +
			"\xfe", `{"a":` + quoted(p.text), p.text + "}"} {
			out, changed := r.Bytes([]byte("before:"), "result", []byte(src))
			if rest, ok := bytes.CutPrefix(out, []byte("before:")); !ok || !changed ||
				bytes.Contains(rest, []byte(p.secret)) {
				t.Errorf("%s: changed %v: %q", p.what, changed, out)
			}
		}
	}
}

// lookAt is what a Redactor makes of a text that is no document.
func lookAt(r *Redactor, text string) (string, bool) {
	b := budgetFor(len(text))
	return r.text(text, &b)
}
