package redact

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// TestNoTextIsExpensive gives texts that are full of what rules begin at and end nowhere: a rule
// that looks too far from each of them needs time that grows with the square of the text.
func TestNoTextIsExpensive(t *testing.T) {
	r := redactor(t, Rules{CreditCards: true, Emails: true})
	const size = 256 << 10
	pieces := []string{
		"sk-", "sk-a", "eyJ", "eyJ-", "eyJ.", "eyJhbGciOiJIUzI1NiJ9.", "://", "a://b:c/",
		"a://b:c@", "password=", "password=\"", "password='", `password=\"`, "password: ",
		"token is ",
		"-----BEGIN PRIVATE KEY-----", "-----BEGIN ", "AKIA", "AKIAABCDEFGHIJKLMNOP ", "Bearer ",
		"Basic ", "Basic a", "curl -u a", "@tcp(", "[REDACTED", "[REDACTED]",
		"[REDACTED]password=a",
		"key", "api key", ":AA", "1:AA", "0Q~", "SK0", "Authorization: ", "Authorization: a=",
		"Cookie: a=", "<password>", "&sig=", "4111 ", "4", "@", "a@b.co", "ghp_", "{\"a\":", "[",
		"{", "\"",
		"hunter2 password=hunter2;", strings.Repeat("a", 4096) + "password=)", "password=" +
			strings.Repeat(")", 4096) + " ", "AZDO", ".atlasv1.", "hooks.slack.com/services/",
		"password: |\n  ", "password: >\n  a\n  ", "password | ", "**password:** ",
		"<td>password</td><td>", "<b>password</b><b>", "login password ", "password\t", "-us1",
		"_mmk", "+ASt", "JQQJ",
		"jdbc:oracle:thin:a/", "AKIAABCDEFGHIJKLMNOP/", "IQoJb3JpZ2lu", `{"value":"x","a":`,
		`{"name":"token","value":`, `\u00`, `:\/`, "pw", "session", "passenger ", `"auth":"`,
	}
	for _, piece := range pieces {
		text := strings.Repeat(piece, size/len(piece)+1)
		start := time.Now()
		r.String("content", text)
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%.20q: %v", piece, took)
		} else if took > 200*time.Millisecond {
			t.Logf("%.20q: %v", piece, took)
		}
	}
}

// TestNoDocumentIsExpensive gives documents with as much as they have room for of what has to be
// told apart, or is looked at from many places.
func TestNoDocumentIsExpensive(t *testing.T) {
	r := redactor(t, Rules{Emails: true})
	var keys, escaped strings.Builder
	for i := range 10_000 {
		fmt.Fprintf(&keys, `"user%d@example.com":1,`, i)
		fmt.Fprintf(&escaped, `"[REDACTED:email]#%d":1,`, i)
	}
	const size = 512 << 10
	for _, tt := range []struct{ name, doc string }{
		{"keys with one mark", "{" + keys.String() + `"a":1}`},
		{"keys with one mark among such", "{" + escaped.String() + keys.String() + `"a":1}`},
		{"values of a long name", `{"name":"` + strings.Repeat("n", size/2) + `"` +
			strings.Repeat(`,"val":"x"`, size/20) + `,"password":"x"}`},
		{"values of a long name behind them", `{` + strings.Repeat(`"val":"x",`, size/20) +
			`"name":"` + strings.Repeat("n", size/2) + `","password":"x"}`},
		{"what may be a schema", strings.Repeat(`{"password":{"properties":`, 500) + `"` +
			strings.Repeat("x", size/2) + `"` + strings.Repeat(`,"type":"object"}}`, 500)},
	} {
		start := time.Now()
		if _, _, err := r.JSON(nil, []byte(tt.doc)); err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if took := time.Since(start); took > 5*time.Second {
			t.Errorf("%s: %v", tt.name, took)
		} else if took > 200*time.Millisecond {
			t.Logf("%s: %v", tt.name, took)
		}
	}
}

func TestDeepDocuments(t *testing.T) {
	r := redactor(t, Rules{})
	deep := func(open, close string, n int) string {
		return strings.Repeat(open, n) + "1" + strings.Repeat(close, n)
	}
	for _, tt := range []struct {
		name, doc string
		valid     bool
	}{
		{"as deep as may be", deep("[", "]", maxDepth), true},
		{"deeper", deep("[", "]", maxDepth+1), false},
		{"objects", deep(`{"a":`, "}", maxDepth), true},
		{"deeper objects", deep(`{"a":`, "}", maxDepth+1), false},
		{"below secrets", deep(`{"password":`, "}", maxDepth), true},
		{"not ended", strings.Repeat("[", 1<<20), false},
	} {
		if _, _, err := r.JSON(nil, []byte(tt.doc)); (err == nil) != tt.valid {
			t.Errorf("%s: %v", tt.name, err)
		}
	}
	text := `{"password":"a"}`
	for range 10 {
		text = `{"arguments":` + quoted(text) + `}`
	}
	if got, changed := r.String("x", text); !changed || strings.Contains(got, `"a\`) {
		t.Errorf("documents in documents: changed %v: …%s", changed, got[max(0, len(got)-3000):])
	}
}
