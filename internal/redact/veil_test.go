package redact

import (
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// Colours stand in front of what is secret, behind it, between a name and its value, and within
// both.
func TestSecretsAreFoundThroughColours(t *testing.T) {
	r := redactor(t, Rules{})
	for _, p := range plantedOf(corpus.Secrets(seedOf(t))) {
		if strings.ContainsAny(p.secret, "\r\n") {
			continue
		}
		middle := len(p.secret) / 2
		for what, text := range map[string]string{
			"around":    "\x1b[32m" + p.text + "\x1b[0m",
			"spelled":   `\x1b[32m` + p.text + `\x1b[0m`,
			"around it": strings.Replace(p.text, p.secret, "\x1b[1;31m"+p.secret+"\x1b[m", 1),
			"within it": strings.Replace(p.text, p.secret, p.secret[:middle]+
				"\x1b[01;31m\x1b[K"+p.secret[middle:], 1),
			"every byte": "\x1b[0m" + strings.Join(strings.Split(p.text, ""), "\x1b[0m"),
			"JSON's escapes": strings.NewReplacer("&", `\u0026`, "=", `\u003d`, "<", `\u003c`, ">",
				`\u003e`).Replace(p.text),
		} {
			got, _ := r.String("content", text)
			if plain, _, _, _ := seeThrough(got, len(got)); strings.Contains(plain, p.secret) {
				t.Errorf("%s, %s: %q survives in %q", p.what, what, p.secret, got)
			}
			if again, changed := r.String("content", got); changed {
				t.Errorf("%s, %s: %q becomes %q when it comes again", p.what, what, got, again)
			}
		}
	}
}

// What ends a command of a terminal may as well begin a secret, and the title of a window may be
// one.
func TestSecretsAreFoundWhereCommandsOfTerminalsMayHaveThem(t *testing.T) {
	r := redactor(t, Rules{})
	for _, p := range tokensOf(seedOf(t)) {
		for _, before := range []string{
			"\x1b(", "\x1b[(", "\x1b[", "\x1b[ ", "\x1b]0;", "\x1b]0; ", `\x1b[`, `\x1b[(`,
			`\033[;`,
		} {
			for _, after := range []string{"", "(0", "\a", "\x1b\\", "\x1b[m"} {
				text := before + p.text + after
				if got, _ := r.String("content", text); strings.Contains(got, p.secret) {
					t.Errorf("%s: %q survives in %q", p.what, p.secret, got)
				}
			}
		}
	}
}

// A command's line ends whatever its words are made of.
func TestWordsOfCommandsMayBeAnyBytes(t *testing.T) {
	r := redactor(t, Rules{})
	for b := range 256 {
		for _, name := range []string{"curl ", "mysql ", "sshpass "} {
			r.String("content", name+string([]byte{byte(b)})+" -x "+
				string([]byte{byte(b), byte(b)}))
		}
	}
}
