package corpus

import (
	stdbase64 "encoding/base64"
	"fmt"
	"net/http"
	"net/url"
	"strings"
)

// Strong is a random password of n printable characters, at least one of them a letter, a digit and
// a symbol; never a quote, a backslash or a blank, which end it in one place or another.
func (m Maker) Strong(n int) string {
	const symbols = "!#$%&()*+,-./:;<=>?@[]^_{|}~"
	for {
		s := m.Of(Alnums, 1) + m.Of(Alnums+symbols, n-2) + m.Of(Alnums, 1)
		if strings.ContainsAny(s, Letters) && strings.ContainsAny(s, Digits) &&
			strings.ContainsAny(s, symbols) {
			return s
		}
	}
}

// Kinds returns secrets as programs print them, as people write them and as tools take them, by
// kind, others for every seed.
func Kinds(seed uint64) map[string][]Secret {
	m := NewMaker(seed)
	return map[string][]Secret{
		"Go's printing": m.printed(), "terminals": m.coloured(), "web hooks": m.hooks(),
		"names": m.named(), "declarations": m.declared(),
		"commands": m.commands(), "files": m.files(), "headers and URLs": m.headers(),
		"sentences": m.sentences(), "languages": m.languages(), "in front": m.inFront(),
	}
}

// lines makes secrets of templates: what stands in the place of the first %s is the secret, drawn
// anew for each.
func lines(draw func() string, templates ...string) (all []Secret) {
	for _, t := range templates {
		secret := draw()
		all = append(all, Secret{What: t, Text: strings.Replace(t, "%s", secret, 1),
			Secret: secret})
	}
	return all
}

func (m Maker) word() string { return m.Alnum(12 + m.IntN(20)) }
func (m Maker) simple() string {
	return m.Of(Letters, 1) + m.Alnum(10+m.IntN(8)) + m.Of("!*^~+", 1) + m.Of(Alnums, 2)
}

// printed is what fmt makes of headers, values, maps and structures.
func (m Maker) printed() (all []Secret) {
	type login struct {
		User     string
		Password string
		Tokens   []string
	}
	put := func(what, secret string, v any, format string) {
		all = append(all, Secret{What: what, Text: fmt.Sprintf("request failed: "+format, v),
			Secret: secret})
	}
	for _, name := range []string{"Authorization", "Cookie", "X-Api-Key", "Proxy-Authorization",
		"X-Auth-Token", "Set-Cookie"} {
		secret := m.word()
		value := secret
		switch name {
		case "Authorization", "Proxy-Authorization":
			value = "Bearer " + secret
		case "Cookie", "Set-Cookie":
			value = "sid=" + secret
		}
		put("http.Header "+name, secret, http.Header{"Accept": {"*/*"}, name: {value},
			"Zone": {"x"}}, "%v")
	}
	for _, name := range []string{"password", "client_secret", "access_token", "api_key"} {
		secret := m.word()
		put("url.Values "+name, secret, url.Values{"a": {"1"}, name: {secret}}, "%v")
		put("map "+name, secret, map[string]string{"a": "1", name: secret}, "%v")
		put("map %#v "+name, secret, map[string]any{"a": 1, name: secret}, "%#v")
		put("map of lists "+name, secret, map[string][]string{name: {secret}, "z": {"1"}}, "%v")
	}
	secret := m.word()
	put("structure %+v", secret, login{"bob", secret, nil}, "%+v")
	put("structure %#v", secret, login{"bob", secret, nil}, "%#v")
	put("pointer %+v", secret, &login{"bob", secret, nil}, "%+v")
	put("list in a structure", secret, struct{ Password []string }{[]string{secret}}, "%+v")
	return all
}

// coloured is between a terminal's control sequences.
func (m Maker) coloured() (all []Secret) {
	const green, bold, off = "\x1b[32m", "\x1b[1;34m", "\x1b[0m"
	for _, t := range m.Tokens() {
		if strings.ContainsAny(t.Text, "\r\n") || strings.Contains(t.Text, `\n`) {
			continue
		}
		all = append(all, Secret{What: "coloured " + t.What, Text: "token " + green + t.Text + off +
			"\n", Secret: t.Secret})
	}
	return append(all, lines(m.word,
		bold+`"password"`+off+": "+green+`"%s"`+off, bold+"password"+off+"="+green+"%s"+off,
		bold+"X-Api-Key"+off+": "+green+"%s"+off+"\r\n",
		"\x1b[01;31m\x1b[KAPI_KEY\x1b[m\x1b[K=%s\n", bold+"Authorization"+off+": "+green+
			"Bearer %s"+off)...)
}

func (m Maker) uuid() string {
	return fmt.Sprintf("%s-%s-4%s-a%s-%s", m.Hex(8), m.Hex(4), m.Hex(3), m.Hex(3), m.Hex(12))
}

func (m Maker) hooks() []Secret {
	secret := m.Hex(32)
	return append(lines(func() string { return m.Alnum(24) },
		"https://hooks.sl"+"ack.com/services/T01234567/B01234567/%s",
		"https://discord.com/api/webhooks/123456789012345678/%s",
		"https://hooks.zapier.com/hooks/catch/123456/%s/", "https://hook.eu1.make.com/%s"),
		Secret{What: "Teams", Text: "https://x.webhook.office.com/webhookb2/" + m.uuid() + "@" +
			m.uuid() + "/IncomingWebhook/" + secret + "/" + m.uuid(), Secret: secret})
}

// named has names beside their values, as keys of documents and in lines.
func (m Maker) named() (all []Secret) {
	for _, name := range []string{
		"RABBITMQ_DEFAULT_PASS", "SSHPASS", "DBPASS", "ansible_become_pass", "keypass", "aes_key",
		"unseal_key", "client-key-data", "GITHUB_PAT",
		"service_role_key", "PASSWORD_PRIMARY", "bindpw", "requirepass", "DB_PW", "JSESSIONID",
		"connect.sid", "basicAuth", "POSTGRES_PASSWORD", "secretKey", "npm_token",
	} {
		all = append(all, lines(m.word, `{"a": 1, "`+name+`": "%s"}`, name+"=%s", "export "+name+
			"=%s\n", name+": %s\n", name+` = "%s"`)...)
	}
	return all
}

func (m Maker) declared() []Secret {
	return lines(m.simple,
		`const password: string = "%s";`, `let apiKey: string = "%s"`, `var password string = "%s"`,
		`const password = "%s"`, `password := "%s"`, `val password: String = "%s"`,
		`let password: &str = "%s";`, `private static final String PASSWORD = "%s";`,
		`string password = "%s";`, `PASSWORD = "%s"`, `password: str = "%s"`, `setPassword("%s")`,
		`client.setPassword("%s");`, `.withPassword("%s")`, `login(user="bob", password="%s")`,
		`$password = '%s';`, `ALTER USER bob IDENTIFIED BY '%s';`, `CREATE USER bob PASSWORD '%s'`,
		`CREATE LOGIN bob WITH PASSWORD = N'%s';`, `"password" => "%s",`, `:password => "%s"`,
		`password: "%s",`, `os.environ["DB_PASSWORD"] = "%s"`,
		`System.setProperty("password", "%s");`,
		`<entry name="password" value="%s"/>`, `<user name="bob" password="%s"/>`,
		`<password>%s</password>`)
}

func (m Maker) commands() []Secret {
	return lines(m.word,
		"mysql -u root -p%s shop", "sshpass -p %s ssh bob@host",
		"docker login -u bob -p %s registry.example.com", "curl -su bob:%s https://example.com",
		"curl -u bob:%s https://example.com",
		"curl --user bob:%s https://example.com", "aws configure set aws_secret_access_key %s",
		"mysqldump --password=%s shop", "psql postgresql://bob:%s@db/shop", "redis-cli -a %s ping",
		"export DB_PASSWORD=%s", "DB_PASSWORD=%s ./run", "set DB_PASSWORD=%s",
		"$env:DB_PASSWORD = \"%s\"", "tool --api-key %s --verbose", "tool --token=%s",
		"kubectl create secret generic x --from-literal=password=%s", "ENV DB_PASSWORD %s",
		"ENV DB_PASSWORD=%s", "ARG NPM_TOKEN=%s", "gh auth login --with-token=%s",
		"java -DDB_PASSWORD=%s -jar x.jar", "-DSECRET_KEY=%s", "aws configure set keyPassword %s",
		"variable \"db_password\" {\n  type    = string\n  default = \"%s\"\n}\n",
		"[\"host\", \"x\", \"x-api-key\", \"%s\"]", "[\"password\",\"%s\",\"user\",\"bob\"]",
		"[\"Authorization\", \"Bearer %s\"]")
}

func (m Maker) files() []Secret {
	basic := func() string {
		return stdbase64.StdEncoding.EncodeToString([]byte("bob:" + m.Password()))
	}
	return append(lines(m.word,
		"env:\n  - name: DB_PASSWORD\n    value: %s\n", "- name: DB_PASSWORD\n  value: \"%s\"\n",
		"db.internal:5432:shop:bob:%s\n", "machine example.com login bob password %s\n",
		"[default]\naws_secret_access_key = %s\n", "[client]\npassword=%s\n",
		"spring.datasource.password=%s\n", "//registry.npmjs.org/:_authToken=%s\n",
		"DB_PASSWORD='%s'\n", `DB_PASSWORD="%s"`+"\n",
		"password: %s\n", "password: '%s'\n", "db:\n  password: \"%s\"\n", "requirepass %s\n"),
		lines(basic, "//registry.npmjs.org/:_auth=%s\n",
			`{"auths":{"r.example.com":{"auth":"%s"}}}`)...)
}

func (m Maker) headers() []Secret {
	return append(lines(m.word,
		"Authorization: Custom %s\r\n", "Authorization: Bearer %s\r\n", "Authorization: %s\r\n",
		"authorization: token %s\n", "X-Api-Key: %s\r\n", "Cookie: sid=%s; theme=dark\r\n",
		"https://example.com/?access_token=%s&x=1", "https://bob:%s@example.com/"),
		lines(func() string { return m.Alnum(44) },
			`https://acct.blob.core.windows.net/c/f?sv=2022\u0026sp=r\u0026sig=%s`,
			"https://acct.blob.core.windows.net/c/f?sv=2022&amp;sp=r&amp;sig=%s",
			"https://acct.blob.core.windows.net/c/f?sv=2022-11-02&sp=r&sig=%s")...)
}

func (m Maker) sentences() []Secret {
	return lines(m.simple,
		"API key:\n%s\n", "API key:\n\n```\n%s\n```\n", "Password:\n  %s\n",
		"the password for bob is %s", "the password is now %s", "The new password is %s.",
		"your password: %s", "Password： %s",
		"password -> %s", "my password is `%s`", "**Password:** %s", "| password | %s |",
		"password = %s", "Her password was \"%s\".")
}

func (m Maker) languages() []Secret {
	return lines(m.simple,
		"Das Passwort ist %s", "Passwort: %s", "Kennwort: %s", "Le mot de passe est %s",
		"Mot de passe : %s", "La contraseña es %s", "Contraseña: %s", "A senha é %s", "Senha: %s",
		"La password è %s", "密码:%s", "密码是 %s", "パスワード: %s", "パスワードは %s です", "Пароль: %s",
		"Пароль — %s")
}
