package corpus

import (
	"fmt"
	"strings"
)

// LookAlike is a text that looks like a secret, or speaks of one, and holds none.
type LookAlike struct{ Kind, Text string }

// LookAlikes returns some of every kind, others for every seed.
func LookAlikes(seed uint64) []LookAlike {
	m := NewMaker(seed)
	var all []LookAlike
	for _, kind := range lookAlikeKinds {
		seen := map[string]bool{}
		for range 4 * lookAlikesOfAKind {
			text := kind.make(m)
			if seen[text] {
				continue
			}
			seen[text] = true
			if all = append(all, LookAlike{kind.name, text}); len(seen) == lookAlikesOfAKind {
				break
			}
		}
	}
	return all
}

// lookAlikesOfAKind is how many there are of a kind, at most: fewer, where its grammar has no more.
const lookAlikesOfAKind = 80

var lookAlikeKinds = []struct {
	name string
	make func(m Maker) string
}{
	{"JSON schema", Maker.jsonSchema}, {"Pydantic schema", Maker.pydantic},
	{"MCP tool", Maker.mcpTool}, {"OpenAPI", Maker.openAPI},
	{"Go", from(goCode)}, {"Python", from(pythonCode)}, {"TypeScript", from(scriptCode)},
	{"Java, Kotlin, C#, Rust", from(javaCode)},
	{"shell", from(shellCode)}, {"YAML and Terraform", from(yamlCode)}, {"SQL", from(sqlCode)},
	{"markup", from(markup)},
	{"chat in English", from(chatEnglish)}, {"chat in German", from(chatGerman)},
	{"chat in French", from(chatFrench)}, {"chat in Spanish", from(chatSpanish)},
	{"chat in Portuguese", from(chatPortuguese)}, {"chat in Chinese", from(chatChinese)},
	{"chat in Japanese", from(chatJapanese)}, {"chat in Russian", from(chatRussian)},
	{"documentation", from(documentation)}, {"log", from(logLines)},
	{"identifiers and hashes", from(identifiers)}, {"addresses", from(addresses)},
	{"settings by example", from(examples)}, {"usage of models", from(usage)},
	{"patches and traces", from(patches)}, {"errors", from(errorTexts)},
}

// from makes texts of templates, in which words in braces stand for something of the kind that they
// name.
func from(templates []string) func(m Maker) string {
	return func(m Maker) string { return m.fill(templates[m.IntN(len(templates))]) }
}

// one is any of several words.
func (m Maker) one(words ...string) string { return words[m.IntN(len(words))] }

// fill puts something in the place of each word in double angle brackets.
func (m Maker) fill(template string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(template, "«")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		word, after, _ := strings.Cut(rest, "»")
		b.WriteString(m.thing(word))
		template = after
	}
}

// thing is something that stands beside a secret's name, or in the place of its value, or looks
// like one.
func (m Maker) thing(kind string) string {
	switch kind {
	case "secret": // a name, as programs write it
		return m.one("password", "token", "secret", "apiKey", "api_key", "accessToken",
			"access_token", "clientSecret", "client_secret", "passphrase", "credentials",
			"privateKey", "dbPassword", "db_password", "auth_token", "refreshToken",
			"signing_key", "sessionToken")
	case "Secret":
		return m.one("Password", "Token", "Secret", "APIKey", "AccessToken", "ClientSecret",
			"Passphrase", "Credentials", "PrivateKey", "AuthToken", "RefreshToken")
	case "SECRET":
		return m.one("PASSWORD", "TOKEN", "SECRET_KEY", "API_KEY", "ACCESS_TOKEN", "CLIENT_SECRET",
			"DB_PASSWORD", "OPENAI_API_KEY", "GITHUB_TOKEN", "JWT_SECRET", "REDIS_PASSWORD")
	case "said": // as people say it
		return m.one("password", "API key", "access token", "secret", "passphrase", "client secret",
			"private key", "refresh token", "session token")
	case "name":
		return m.one("user", "order", "config", "client", "account", "session", "server", "worker",
			"request", "customer", "invoice", "report", "agent", "tenant")
	case "person":
		return m.one("Ann", "Bob", "Chen", "Dana", "Emil", "Fatima", "Georg", "Hana", "Ivan",
			"Julia")
	case "service":
		return m.one("GitHub", "Stripe", "Slack", "OpenAI", "Postgres", "Redis", "Kafka",
			"Salesforce", "Twilio", "Jira", "Grafana")
	case "host":
		return m.one("example.com", "api.example.com", "docs.example.org", "localhost:8080",
			"internal.example.net")
	case "place": // a placeholder
		return m.one("<your-token>", "YOUR_API_KEY", "${TOKEN}", "$TOKEN", "{{ token }}", "<TOKEN>",
			"%s", "********", "xxxxxxxx", "...", "[REDACTED]", "{token}", "<redacted>")
	case "uuid":
		return fmt.Sprintf("%s-%s-4%s-a%s-%s", m.Hex(8), m.Hex(4), m.Hex(3), m.Hex(3), m.Hex(12))
	case "sha1":
		return m.Hex(40)
	case "sha256":
		return m.Hex(64)
	case "md5":
		return m.Hex(32)
	case "short":
		return m.Hex(7)
	case "base64":
		return m.Base64(400)
	case "id":
		return m.one("call_", "msg_", "run_", "toolu_", "chatcmpl-",
			"resp_", "req_", "thread_", "evt_", "asst_") + m.Of(Alnums, 24)
	case "n":
		return fmt.Sprint(m.IntN(10))
	case "nn":
		return fmt.Sprint(10 + m.IntN(90))
	case "nnnn":
		return fmt.Sprint(1000 + m.IntN(9000))
	case "date":
		return fmt.Sprintf("20%d-%02d-%02d", 20+m.IntN(9), 1+m.IntN(12), 1+m.IntN(28))
	case "time":
		return fmt.Sprintf("%02d:%02d:%02d", m.IntN(24), m.IntN(60), m.IntN(60))
	case "path":
		return m.one("/etc/app", "/var/run/secrets/token", "~/.config/app.json",
			"/home/bob/project", "src/auth/token.go", "./keys/README.md", `C:\Users\bob\keys`)
	case "type":
		return m.one("string", "str", "String", "Optional[str]", "string | null", "*string",
			"SecretStr", "varchar(255)")
	}
	panic("corpus: no such thing: " + kind)
}
