package callback

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/dashstream/dashstream-go/internal/redact/corpus"
	"github.com/dashstream/dashstream-go/selfmetrics"
)

// secretKinds returns random secrets of at least 30 kinds.
func secretKinds(t *testing.T) map[string]string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	raw := make([]byte, 32)
	_, _ = rand.Read(raw)
	draw := func(n int, letters string) string {
		b := make([]byte, n)
		_, _ = rand.Read(b)
		for i := range b {
			b[i] = letters[int(b[i])%len(letters)]
		}
		return "q7" + string(b) // never a word
	}
	var printable strings.Builder
	for r := '!'; r <= '~'; r++ {
		printable.WriteRune(r)
	}
	const alnum = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
	token := base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"ES256"}`)) + "." +
		base64.RawURLEncoding.EncodeToString([]byte(`{"sub":"x"}`)) + "." +
		base64.RawURLEncoding.EncodeToString(raw)
	kinds := map[string]string{
		"PEM key": string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY",
			Bytes: der})),
		"PEM on one line": strings.ReplaceAll(
			string(pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})), "\n", `\n`),
		"strong password": draw(18, printable.String()),
		"password":        draw(14, alnum),
		"long password":   draw(60, alnum),
		"base64":          base64.StdEncoding.EncodeToString(raw),
		"base64 of URLs":  base64.RawURLEncoding.EncodeToString(raw),
		"hex":             hex.EncodeToString(raw),
		"JWT":             token,
		"bearer":          "Bearer " + token,
		"connection string": "Endpoint=sb://x.servicebus.windows.net/;SharedAccessKeyName=send;" +
			"SharedAccessKey=" + base64.StdEncoding.EncodeToString(raw),
		"JAAS":            `org.apache.kafka.common.security.plain.PlainLoginModule required username="u" password="` + draw(12, alnum) + `";`,
		"JSON":            `{"username":"u","password":"` + draw(12, alnum) + `"}`,
		"in an URL":       "sasl://user:" + draw(12, alnum) + "@host:9092",
		"in an address":   "user:" + draw(12, alnum) + "@host:9092",
		"with an at sign": "user:p@" + draw(12, alnum) + "@host:9092",
		"in a query":      "https://host/token?client_secret=" + draw(20, alnum),
	}
	for i, s := range corpus.NewMaker(uint64(time.Now().UnixNano())).Tokens() {
		if len(kinds) == 32 {
			break
		}
		kinds[fmt.Sprint(s.Rule, i)] = s.Text
	}
	return kinds
}

// needles returns what must not be visible of a secret: the secret itself, and eight characters of
// it that are no words.
func needles(secret string) []string {
	found := []string{secret, strings.TrimSpace(secret), url.QueryEscape(secret),
		fmt.Sprintf("%q", secret)}
	for _, part := range strings.FieldsFunc(secret,
		func(r rune) bool { return strings.ContainsRune(" \n@:;=/?\"{},.-", r) }) {
		if len(part) >= 10 && strings.ContainsAny(part, "0123456789") {
			found = append(found, part[:8])
		}
	}
	return found
}

// published are settings whose value readers and operators are meant to see.
var published = map[string]bool{
	"DASHSTREAM_SERVICE": true, "DASHSTREAM_INSTANCE_ID": true, "DASHSTREAM_TENANT_ID": true,
	"DASHSTREAM_TOPIC": true, "DASHSTREAM_CLIENT_ID": true,
	"DASHSTREAM_REDACT_NAMES": true, "DASHSTREAM_REDACT_ALLOW": true,
}

func TestNoSecretIsShownOfAnyWrongSetting(t *testing.T) {
	kinds := secretKinds(t)
	base := map[string]string{
		"DASHSTREAM_SECURITY_PROTOCOL": "sasl_ssl", "DASHSTREAM_SASL_MECHANISM": "PLAIN",
		"DASHSTREAM_SASL_USERNAME": "u", "DASHSTREAM_SASL_PASSWORD": "p",
	}
	tokens := map[string]string{
		"DASHSTREAM_SECURITY_PROTOCOL": "sasl_ssl", "DASHSTREAM_SASL_MECHANISM": "OAUTHBEARER",
		"DASHSTREAM_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL": "https://idp/t",
		"DASHSTREAM_SASL_OAUTHBEARER_CLIENT_ID":          "c",
		"DASHSTREAM_SASL_OAUTHBEARER_CLIENT_SECRET":      "s",
	}
	around := []map[string]string{{}, base, tokens}
	if RaceEnabled {
		around = around[1:2] // nothing of it is concurrent, and the detector makes it slow
	}
	tried := map[string]bool{}
	for what, secret := range kinds {
		for _, s := range table.Rows {
			for _, name := range append([]string{s.Env}, s.Also...) {
				for _, with := range around {
					if published[s.Env] && settingTakes(name, secret) {
						continue
					}
					vars := map[string]string{}
					for k, v := range with {
						vars[k] = v
					}
					if name != s.Env {
						delete(vars, s.Env)
					}
					vars[name] = secret
					tried[name] = true
					for _, said := range everythingSaid(vars, len(with) == 0) {
						for _, n := range needles(secret) {
							if strings.Contains(said, n) {
								t.Errorf("%s in %s: %q is in %.300s", what, name, n, said)
							}
						}
					}
				}
			}
		}
	}
	if len(kinds) < 30 || len(tried) < 60 {
		t.Errorf("%d kinds of secrets in %d settings, want 30 in 60", len(kinds), len(tried))
	}
	t.Logf("%d kinds of secrets in %d settings", len(kinds), len(tried))
}

func settingTakes(name, value string) bool {
	_, err := configFrom(environ(map[string]string{name: value}), nil)
	return err == nil
}

// everythingSaid reads the variables, creates a client if possible, and returns errors, the log,
// the configuration as printed, and the page.
func everythingSaid(vars map[string]string, start bool) (said []string) {
	list := []string{"DASHSTREAM_UNKNOWN=" + vars["DASHSTREAM_BROKERS"]}
	c, err := configFrom(environ(vars), list)
	var log bytes.Buffer
	c.Logger, c.SelfMetrics = slog.New(slog.NewTextHandler(&log, nil)), "off"
	said = append(said, fmt.Sprintf("%v %+v", err, err), fmt.Sprintf("%v %+v %#v", c, c, c))
	invalid := c.Validate()
	said = append(said, fmt.Sprint(invalid))
	c.Logger.Info("config", "config", c)
	if start && err == nil && c.QueueBytes < 1<<30 {
		c.Sender = nowhere{}
		if client, err := New(c); err == nil {
			page := httptest.NewRecorder()
			selfmetrics.Handler(client).ServeHTTP(page, httptest.NewRequest("GET", "/dashstream/",
				nil))
			report, _ := client.Shutdown(context.Background())
			said = append(said, page.Body.String(), fmt.Sprintf("%+v", report))
		} else {
			said = append(said, err.Error())
		}
	}
	return append(said, log.String())
}
