package redact

import (
	"fmt"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// Tokens whose form is too plain are found near what they are for, and only there.
func TestPlainTokensAreFoundWhereTheyAreAnnounced(t *testing.T) {
	r := redactor(t, Rules{})
	m := corpus.NewMaker(seedOf(t))
	bot := "M" + m.URLish(22) + "4." + m.URLish(6) + "." + m.URLish(27)
	old := "s." + m.Alnum(21) + "aZ7"
	for secret, formats := range map[string][]string{
		bot: {"client.login(%q)", "bot.run('%s')", "DISCORD_BOT=%s", "the Discord bot has %s"},
		old: {"vault login %s", "VAULT_ADDR=https://v:8200 VAULT=%s", "Vault root: %s\n"},
	} {
		for _, format := range formats {
			text := fmt.Sprintf(format, secret)
			if got := stringOf(r, text); remains(got, secret) != "" {
				t.Errorf("%q becomes %q", text, got)
			}
		}
	}
	for _, text := range []string{"vault s.split(names) and others", "see " + old, "a vault of " +
		"s.abcdefghijklmnopqrstuvwx", "discord MODULES.config.name", "at M.login(user)"} {
		if got := stringOf(r, text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
