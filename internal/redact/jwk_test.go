package redact

import (
	"fmt"
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// The secret members of a JSON Web Key are hidden, wherever the key stands, and its public ones
// stay.
func TestKeysOfTheWebAreHidden(t *testing.T) {
	r := redactor(t, Rules{})
	m := corpus.NewMaker(seedOf(t))
	public, d, p := m.URLish(86), m.URLish(43), m.URLish(171)
	for _, key := range []string{
		fmt.Sprintf(`{"kty":"RSA","n":"%s","e":"AQAB","d":"%s","p":"%s"}`, public, d, p),
		fmt.Sprintf(`{"d":"%s","n":"%s","p": "%s","kty":"RSA"}`, d, public, p),
		fmt.Sprintf("{\n  \"kty\": \"EC\",\n  \"x\": \"%s\",\n  \"d\": \"%s\", \"k\":\"%s\"\n}",
			public, d, p),
	} {
		for where, text := range map[string]string{
			"alone": key, "amid a text": "The key: " + key + " is it.", "member": `{"jwk":` + key +
				`}`,
			"string": `{"output":` + quoted("got "+key) + `}`, "escaped": "log: " + quoted(key),
		} {
			got := stringOf(r, text)
			if strings.Contains(got, d) || strings.Contains(got, p) ||
				!strings.Contains(got, public) {
				t.Errorf("%s: %.300q", where, got)
			}
		}
	}
	for _, text := range []string{`{"d":"` + d + `"}`, `{"kty":"RSA","n":"` + public + `"}`} {
		if got := stringOf(r, text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

// A token whose header does not say how it is signed is one, too.
func TestWebTokensWithoutAnAlgorithmAreHidden(t *testing.T) {
	r := redactor(t, Rules{})
	m := corpus.NewMaker(seedOf(t))
	for _, header := range []string{"eyJ0eXAiOiJKV1QifQ", "eyJraWQiOiJhYmMifQ"} { // typ, kid
		signature := m.URLish(43)
		for _, text := range []string{"%s", "use %s now", `{"x":"%s"}`, "a=%s&b=1"} {
			token := header + ".eyJzdWIiOiJib2IifQ." + signature
			if got := stringOf(r, strings.ReplaceAll(text, "%s", token)); strings.Contains(got,
				signature) {
				t.Errorf("%q", got)
			}
		}
	}
}

// A key of PuTTY's is hidden by its private lines, and the secret part of a web hook of Teams by
// its path.
func TestKeysOfPuTTYAndHooksOfTeamsAreHidden(t *testing.T) {
	r := redactor(t, Rules{})
	m := corpus.NewMaker(seedOf(t))
	lines := []string{m.Base64(64), m.Base64(64), m.Base64(40)}
	key := "PuTTY-User-Key-File-3: ssh-ed25519\nEncryption: none\nComment: bob\nPublic-Lines: " +
		"1\nAAAAC3NzaC1lZDI1\nPrivate-Lines: 3\n" + strings.Join(lines, "\n") + "\nPrivate-MAC: " +
		m.Hex(64) + "\n"
	for where, text := range map[string]string{"text": key, "CRLF": strings.ReplaceAll(key, "\n",
		"\r\n"),
		"document": `{"output":` + quoted(key) + `}`} {
		for _, line := range lines {
			if got := stringOf(r, text); strings.Contains(got, line) {
				t.Errorf("%s: %q", where, got)
			}
		}
	}
	uuid := fmt.Sprintf("%s-%s-4%s-a%s-%s", m.Hex(8), m.Hex(4), m.Hex(3), m.Hex(3), m.Hex(12))
	secret := m.Hex(32)
	hook := "https://x.webhook.office.com/webhookb2/" + uuid + "@" + uuid + "/IncomingWebhook/" +
		secret + "/" + uuid
	for _, text := range []string{hook, "curl " + hook + " -d x", `{"url":"` + hook + `"}`,
		`{\"url\":\"` + hook + `\"}`} {
		if got := stringOf(r, text); strings.Contains(got, secret) {
			t.Errorf("%q", got)
		}
	}
}
