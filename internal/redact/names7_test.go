package redact

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
)

// namesOfSecrets are names as programs, services and files have them.
var namesOfSecrets = strings.Fields(
	`RABBITMQ_DEFAULT_PASS SSHPASS DBPASS ansible_become_pass keypass psk aes_key unseal_key
client-key-data tls.key GITHUB_PAT
	service_role_key PASSWORD_PRIMARY bindpw requirepass cvv mnemonic DB_PW JSESSIONID connect.sid
auth_header basicAuth DB_PASSWORD MYSQL_PWD PGPASSWORD
	REDIS_PASS SMTP_PASS apiKey secretKey SECRET_KEY_BASE AWS_SECRET_ACCESS_KEY clientSecret
access_token refresh_token csrf_token encryptionKey`)

// Names of secrets give their values away as keys of documents, and in front of an equals sign.
func TestNamesHideInBothSpellings(t *testing.T) {
	r := redactor(t, Rules{})
	rnd := rand.New(rand.NewPCG(seedOf(t), 2))
	for _, name := range namesOfSecrets {
		value := fmt.Sprintf("q%s7Zk%s", strings.ReplaceAll(printable(rnd, 6), `"`, "x"), "w9Lp")
		for what, got := range map[string]string{
			"as a key":    documentOf(t, r, fmt.Sprintf(`{%q:%q}`, name, value)),
			"=":           stringOf(r, name+"="+value),
			"= in a line": stringOf(r, "PORT=80\n"+name+"="+value+"\nX=1"),
			": in a line": stringOf(r, "port: 80\n"+name+": "+value+"\nx: 1"),
			"quoted in text": stringOf(r, fmt.Sprintf(`failed: {"%s": "%s", "x": 1`, name,
				strings.NewReplacer(`\`, "y").Replace(value))),
		} {
			if strings.Contains(got, "w9Lp") {
				t.Errorf("%s, %s: %s", name, what, got)
			}
		}
	}
}

func stringOf(r *Redactor, text string) string {
	got, _ := r.String("content", text)
	return got
}

func documentOf(t *testing.T, r *Redactor, doc string) string {
	t.Helper()
	out, changed, err := r.JSON(nil, []byte(doc))
	if err != nil {
		t.Fatal(err)
	}
	if !changed {
		return doc
	}
	return string(out)
}
