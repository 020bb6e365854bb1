package redact

import (
	"strings"
	"testing"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
)

// sayings are texts with a place for a secret that is drawn at random.
var sayings = []string{
	"The secret key you asked for is %s",
	"A temporary password is generated for root@localhost: %s",
	"Setting AUTH_TOKEN to %s", "You can log in with the password %s.",
	"La contraseña de la base de datos es %s", "A senha do banco de dados é %s",
	"Voici la clé API : %s", "Lösenordet är %s", "Mật khẩu là %s",
	"token = opts.token || '%s'", "apiKey: process.env.API_KEY ?? \"%s\",",
	"if token == \"%s\":", "<key>ApiToken</key>\n\t<string>%s</string>",
	"Content-Disposition: form-data; name=\"token\"\r\n\r\n%s\r\n--X--",
	"  - value: \"%s\"\n    name: API_TOKEN\n", "  [\"token\"]=>\n  string(40) \"%s\"\n",
	"INSERT INTO users (name, password) VALUES ('bob', '%s');",
	"insert into t (`id`, `api_token`) values (1, '%s'), (2, 'x')",
	"http -a bob:%s GET https://example.com", "lftp -u bob,%s ftp.example.com",
	"smbclient //a/b -U 'bob%%%s'",
}

func TestSayingsGiveTheirSecretsAway(t *testing.T) {
	r := redactor(t, Rules{})
	m := corpus.NewMaker(seedOf(t))
	for _, form := range sayings {
		for range 20 {
			secret := m.Hex(38) + "a7"
			text := strings.ReplaceAll(form, "%s", secret)
			if got, _ := r.String("content", text); remains(got, secret) != "" {
				t.Errorf("%s: %q becomes %q", form, text, got)
				break
			}
		}
	}
}

// What programs and examples have in the place of a value stays.
func TestCodeInThePlaceOfAValueStays(t *testing.T) {
	r := redactor(t, Rules{})
	for _, text := range []string{
		"'password' => 'required|string|min:8|confirmed',",
		"const re = /^password=([A-Za-z0-9_-]{20,})$/;",
		"{ token: null, secret: [Function: secret] }",
		"const tokenHeader = \"X-Auth-Token\"",
		"e.token=function(o){return n?n(o):r(o)}", "a={secret:d,token:e.f,keys:Object.keys(g)};",
		"login(user: $user, password: $password) { id }", "puts \"-- password: #{admin_password}\"",
		"fetch(url, { credentials: 'same-origin' })", "PASSWORD=%%PASSWORD%%",
		"add_argument(\"--client-secret\", default=None, help=\"it\")", "api_key: \"REPLACE_ME\"",
		"{\"user\":\"bob\",\"api_key\":\"example\"}", "{\"token\":\"<your token>\"}",
		"INSERT INTO users (name, password) VALUES (?, '')",
		"I changed the password to something longer last week.",
		"You can log in with the password you were given yesterday.",
	} {
		if got, changed := r.String("content", text); changed {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
