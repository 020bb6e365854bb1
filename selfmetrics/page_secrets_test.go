package selfmetrics

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestSecretsInErrorsAreHidden(t *testing.T) {
	const key = "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA1c7\n-----END RSA PRIVATE " +
		"KEY-----"
	for _, tt := range []struct{ text, secret, kept string }{
		{"dial kafka://svc:hunter2@broker-1:9092: refused", "hunter2", "broker-1:9092: refused"},
		{"proxy https://user:p%40ss@proxy.example:3128", "p%40ss", "proxy.example:3128"},
		{"SASL failed: password=hunter2, mechanism=PLAIN", "hunter2", "mechanism=PLAIN"},
		{`config {"sasl_password": "hunter 2", "user": "svc"}`, "hunter 2", `"user": "svc"`},
		{"password is hunter2", "hunter2", "password is"},
		{"ssl.key.password: hunter2", "hunter2", "ssl.key.password"},
		{"Authorization: Bearer 3f2a9c77d01b4e5f8a6b", "3f2a9c77d01b4e5f8a6b", "Authorization"},
		{"api_key=sk-123, retrying", "sk-123", "retrying"},
		{"aws secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI", "aws"},
		{"tls: cannot parse " + key + " of the client", "MIIEpAIBAAKCAQEA1c7", "of the client"},
		{"unexpected ghp_16C7e42F292c6912E7710c838347Ae178B4a in a header",
			"ghp_16C7e42F292c6912E7710c838347Ae178B4a", "in a header"},
	} {
		if got := withoutSecrets(tt.text, nil); strings.Contains(got, tt.secret) ||
			!strings.Contains(got, tt.kept) {
			t.Errorf("%q becomes %q", tt.text, got)
		}
	}
}

func TestErrorsWithoutSecretsStayAsTheyAre(t *testing.T) {
	for _, text := range []string{
		"",
		"dial tcp 10.0.0.7:9092: connect: connection refused",
		"lookup b-1.prod.abc123.c2.kafka.us-east-1.amazonaws.com: no such host",
		"NOT_LEADER_OR_FOLLOWER: For requests intended only for the leader, this error indicates " +
			"that the broker is not the current leader.",
		"TOPIC_AUTHORIZATION_FAILED: Not authorized to access topics: [Topic authorization " +
			"failed.]",
		"kafka: the cluster refuses: SASL_AUTHENTICATION_FAILED: SASL Authentication failed.",
		"open /etc/ssl/private/client.pem: permission denied",
	} {
		if got := withoutSecrets(text, nil); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}

func TestLongErrorsAreCut(t *testing.T) {
	if got := withoutSecrets(strings.Repeat("ä ", 10_000), nil); utf8.RuneCountInString(got) !=
		maxErrorRunes+1 {
		t.Errorf("%d runes are left", utf8.RuneCountInString(got))
	}
}

func TestErrorsThatAreNotTextAreMended(t *testing.T) {
	if got := withoutSecrets("broken \xff here", nil); got != "broken \uFFFD here" {
		t.Errorf("got %q", got)
	}
}
