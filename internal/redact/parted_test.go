package redact

import (
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// valueOf makes a value of a form of several parts, as short as it may be.
func (f *partedForm) valueOf(m corpus.Maker) string {
	var b strings.Builder
	b.WriteString(f.prefix)
	for _, p := range f.parts {
		var alphabet strings.Builder
		for c := byte('!'); c < 0x7f; c++ {
			if is(c, p.chars) && is(c, alnum) {
				alphabet.WriteByte(c)
			}
		}
		b.WriteString(m.Of(alphabet.String(), p.min) + p.then)
	}
	return b.String()
}

// Each form of several parts is found where its parts are as long as they have to be, and only
// there.
func TestEachFormOfPartsIsFound(t *testing.T) {
	r := redactor(t, Rules{})
	m := corpus.NewMaker(seedOf(t))
	for i := range partedForms {
		f := &partedForms[i]
		value := f.valueOf(m)
		for _, format := range []string{"%s", "use %s now", "\"%s\"", "x=%s;",
			"\x1b[32m%s\x1b[0m"} {
			text := strings.ReplaceAll(format, "%s", value)
			if got := stringOf(r, text); strings.Contains(got, value[len(value)-12:]) {
				t.Errorf("%s: %q becomes %q", f.rule, text, got)
			}
		}
		short := "see " + value[:len(f.prefix)+f.parts[0].min-1] + " there"
		if got := stringOf(r, short); got != short {
			t.Errorf("%s: %q becomes %q", f.rule, short, got)
		}
	}
}

// Forms that have no prefix, or whose prefix is a path of other addresses too.
func TestTokensAndWebHooksOfRarerIssuers(t *testing.T) {
	r := redactor(t, Rules{})
	m := corpus.NewMaker(seedOf(t))
	id := m.Of(corpus.Lowers, 13) + "7" + m.Of(corpus.Lowers, 12)
	for _, c := range []struct{ before, secret, after string }{
		{"", m.Base64(22) + "=" + "=:" + m.Alnum(32), ""},
		{"", "eu01xx" + m.Hex(30) + "FFFF" + "NRAL", ""},
		{"https://chat.example.com/hooks/", id, ""},
		{"https://chat.example.com/hooks/", m.Alnum(17) + "/" + m.Alnum(48), ""},
		{"https://open.feishu.cn/open-apis/bot/v2/hook/", m.Hex(36), ""},
		{"https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=", m.Hex(36), ""},
		{"my token's ", m.Hex(31) + "7", ", keep it"},
		{"https://", "eo" + m.Of(corpus.Lowers, 14), ".m.pipedream.net"},
		{"https://hooks.slack-gov.com/services/", "T" + m.Alnum(8) + "/B" + m.Alnum(8) + "/" +
			m.Alnum(24), ""},
	} {
		text := "x: " + c.before + c.secret + c.after + "\n"
		if got := stringOf(r, text); remains(got, c.secret) != "" {
			t.Errorf("%q becomes %q", text, got)
		}
	}
	for _, harmless := range []string{"https://example.com/hooks/pre-commit",
		"src/hooks/useAuthenticatedSessionToken", "x==:y", "https://www.m.pipedream.net/"} {
		if got := stringOf(r, harmless); got != harmless {
			t.Errorf("%q becomes %q", harmless, got)
		}
	}
}
