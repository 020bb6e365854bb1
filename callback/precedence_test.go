package callback

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"
)

// connection describes the connection in one line: brokers, topic, protocol, login, certificates.
func connection(c Config) string {
	c = c.withDefaults()
	login := "nobody"
	switch {
	case c.SASLTokenURL != "":
		login = string(c.SASLMechanism) + " " + c.SASLClientID + "@" + c.SASLTokenURL
	case c.SASLMechanism != "":
		login = string(c.SASLMechanism) + " " + c.SASLUsername + ":" + c.SASLPassword.Reveal()
	}
	return fmt.Sprintf("%s %s %s, %s, CA %q", strings.Join(c.Brokers, ","), c.Topic,
		c.SecurityProtocol, login, c.TLSCAFile)
}

// application is the environment of an application with a Kafka of its own.
var application = map[string]string{
	"KAFKA_BROKERS": "app:9092", "KAFKA_TOPIC": "orders", "KAFKA_SECURITY_PROTOCOL": "SASL_SSL",
	"KAFKA_SASL_MECHANISM": "SCRAM-SHA-512",
	"KAFKA_SASL_USERNAME":  "app", "KAFKA_SASL_PASSWORD": "app-secret",
	"KAFKA_SSL_CA_LOCATION": "memory_test.go",
}

// besides returns the application's environment plus our variables.
func beside(vars ...string) map[string]string {
	all := map[string]string{}
	for k, v := range application {
		all[k] = v
	}
	for i := 0; i < len(vars); i += 2 {
		all[vars[i]] = vars[i+1]
	}
	return all
}

func only(vars ...string) map[string]string {
	all := map[string]string{}
	for i := 0; i < len(vars); i += 2 {
		all[vars[i]] = vars[i+1]
	}
	return all
}

const (
	ourBrokers, ourTopic     = "DASHSTREAM_BROKERS", "DASHSTREAM_TOPIC"
	ourProtocol, ourCA       = "DASHSTREAM_SECURITY_PROTOCOL", "DASHSTREAM_SSL_CA_LOCATION"
	ourMechanism             = "DASHSTREAM_SASL_MECHANISM"
	ourUser, ourPassword     = "DASHSTREAM_SASL_USERNAME", "DASHSTREAM_SASL_PASSWORD"
	theirMechanism           = "KAFKA_SASL_MECHANISM"
	theirProtocol, theirUser = "KAFKA_SECURITY_PROTOCOL", "KAFKA_SASL_USERNAME"
)

// environments are variables of the application and of ours, with the resulting connection, or
// parts of the error.
var environments = []struct {
	name string
	vars map[string]string
	want string   // as connection says it
	errs []string // instead of a connection
	logs []string // expected in the log of New; nil: nothing
}{
	{"nothing", only(), `localhost:9092 dashstream-events plaintext, nobody, CA ""`, nil, nil},
	{"everything empty", only(ourBrokers, "", ourTopic, "", ourMechanism, "", "KAFKA_TOPIC", "",
		"KAFKA_BROKERS", ""), `localhost:9092 dashstream-events plaintext, nobody, CA ""`, nil,
		nil},
	{"ours alone", only(ourBrokers, "o:1,o:2", ourTopic, "t1"),
		`o:1,o:2 t1 plaintext, nobody, CA ""`, nil, nil},
	{"the older name of brokers", only("KAFKA_BOOTSTRAP_SERVERS", "b:1"),
		`b:1 dashstream-events plaintext, nobody, CA ""`, nil, nil},
	{"both names of brokers", only("KAFKA_BOOTSTRAP_SERVERS", "b:1", "KAFKA_BROKERS", "a:1"),
		`a:1 dashstream-events plaintext, nobody, CA ""`, nil, nil},
	{"ours and both", only("KAFKA_BOOTSTRAP_SERVERS", "b:1", "KAFKA_BROKERS", "a:1", ourBrokers,
		"o:1"), `o:1 dashstream-events plaintext, nobody, CA ""`, nil, nil},
	{"the application's topic and ours", only("KAFKA_TOPIC", "orders", ourTopic, "t1"),
		`localhost:9092 t1 plaintext, nobody, CA ""`, nil, nil},
	{"the application's topic", only("KAFKA_TOPIC", "orders"),
		`localhost:9092 orders plaintext, nobody, CA ""`, nil, nil},
	{"ours is empty", only("KAFKA_TOPIC", "orders", ourTopic, ""),
		`localhost:9092 orders plaintext, nobody, CA ""`, nil, nil},
	{"the application's everything", beside(),
		`app:9092 orders sasl_ssl, SCRAM-SHA-512 app:app-secret, CA "memory_test.go"`, nil, nil},
	{"the application's, our topic", beside(ourTopic, "t1"),
		`app:9092 t1 sasl_ssl, SCRAM-SHA-512 app:app-secret, CA "memory_test.go"`, nil, nil},
	{"the application's, our brokers", beside(ourBrokers, "o:1"),
		`o:1 orders sasl_ssl, SCRAM-SHA-512 app:app-secret, CA "memory_test.go"`, nil, nil},
	{"plaintext is ours", beside(ourBrokers, "o:1", ourProtocol, "plaintext"),
		`o:1 orders plaintext, nobody, CA ""`, nil, nil},
	{"plaintext is ours, in capitals", beside(ourProtocol, " PLAINTEXT "),
		`app:9092 orders plaintext, nobody, CA ""`, nil, nil},
	{"ssl is ours", beside(ourProtocol, "ssl"), `app:9092 orders ssl, nobody, CA ""`, nil, nil},
	{"ssl and the authority are ours", beside(ourProtocol, "ssl", ourCA, "memory.go"),
		`app:9092 orders ssl, nobody, CA "memory.go"`, nil, nil},
	{"nobody logs in", beside(ourMechanism, "none"),
		`app:9092 orders ssl, nobody, CA "memory_test.go"`, nil, nil},
	{"nobody logs in, without TLS", beside(ourMechanism, "NONE", theirProtocol,
		"sasl_plaintext", "KAFKA_SSL_CA_LOCATION", ""), `app:9092 orders plaintext, nobody, CA ""`,
		nil, nil},
	{"nobody logs in, and nobody would", only(ourMechanism, "none"),
		`localhost:9092 dashstream-events plaintext, nobody, CA ""`, nil, nil},
	{"a login of ours", beside(ourMechanism, "PLAIN", ourUser, "o", ourPassword, "s"),
		`app:9092 orders sasl_ssl, PLAIN o:s, CA "memory_test.go"`, nil, nil},
	{"a login of ours where the application's is unknown", beside(ourMechanism, "PLAIN", ourUser,
		"o", ourPassword, "s", theirMechanism, "AWS_MSK_IAM"),
		`app:9092 orders sasl_ssl, PLAIN o:s, CA "memory_test.go"`, nil, nil},
	{"nobody where the application's is unknown", beside(ourMechanism, "none", theirMechanism,
		"AWS_MSK_IAM"), `app:9092 orders ssl, nobody, CA "memory_test.go"`, nil, nil},
	{"plaintext where the application's is unknown",
		beside(ourProtocol, "plaintext", theirMechanism, "GSSAPI"),
		`app:9092 orders plaintext, nobody, CA ""`, nil, nil},
	{"the application's is unknown", beside(theirMechanism, "AWS_MSK_IAM"), "",
		[]string{"KAFKA_SASL_MECHANISM", "AWS_MSK_IAM",
			"dashmskiam", "DASHSTREAM_SASL_MECHANISM, which takes precedence"}, nil},
	{"the application's protocol is unknown", beside(theirProtocol, "tls"), "",
		[]string{"KAFKA_SECURITY_PROTOCOL", `"tls"`, "TLS is ssl",
			"DASHSTREAM_SECURITY_PROTOCOL, which takes precedence"}, nil},
	{"a protocol by half of its name", only(ourProtocol, "sasl"), "",
		[]string{ourProtocol, "a login is sasl_ssl"}, nil},
	{"a mechanism by half of its name", only(ourMechanism, "scram"), "",
		[]string{ourMechanism, "which of the two"}, nil},
	{"a protocol with a login, and no login", only(ourProtocol, "sasl_ssl"), "",
		[]string{ourMechanism, ourUser, ourPassword, "a user name for PLAIN and SCRAM"}, nil},
	{"the application's protocol is unknown, and ours is not",
		beside(theirProtocol, "tls", ourProtocol, "plaintext"),
		`app:9092 orders plaintext, nobody, CA ""`, nil, nil},
	{"the application's login without a protocol", only(theirUser, "app"), "",
		[]string{"Config.SASLUsername (KAFKA_SASL_USERNAME)", "DASHSTREAM_SECURITY_PROTOCOL"}, nil},
	{"the application's user without TLS or a login", only(theirUser, "app", theirProtocol, "ssl"),
		"",
		[]string{"(KAFKA_SASL_USERNAME)", "(KAFKA_SECURITY_PROTOCOL) ssl"}, nil},
	{"the application's key without a certificate",
		only(theirProtocol, "ssl", "KAFKA_SSL_KEY_LOCATION", "a.pem"), "",
		[]string{"DASHSTREAM_SSL_CERTIFICATE_LOCATION", "(KAFKA_SSL_KEY_LOCATION)"}, nil},
	{"only a user of ours", beside(ourUser, "o"), "", []string{"DASHSTREAM_SASL_MECHANISM",
		"DASHSTREAM_SASL_PASSWORD",
		"KAFKA_SASL_PASSWORD is ignored, because DASHSTREAM_SASL_USERNAME is set"}, nil},
	{"only a password of ours", beside(ourPassword, "s"), "", []string{"DASHSTREAM_SASL_USERNAME",
		"KAFKA_SASL_USERNAME is ignored"}, nil},
	{"only an authority of ours", beside(ourCA, "memory.go"),
		`app:9092 orders sasl_ssl, SCRAM-SHA-512 app:app-secret, CA "memory.go"`, nil, nil},
	{"a protocol of ours that wants a login", beside(ourProtocol, "sasl_ssl"), "",
		[]string{"DASHSTREAM_SASL_MECHANISM", "KAFKA_SASL_MECHANISM is ignored, because " +
			"DASHSTREAM_SECURITY_PROTOCOL is set"}, nil},
	{"a login of ours without a protocol", only(ourMechanism, "PLAIN", ourUser, "o", ourPassword,
		"s"), "", []string{"DASHSTREAM_SECURITY_PROTOCOL", "plaintext", "sasl_ssl"}, nil},
	{"tokens of ours", beside(ourMechanism, "OAUTHBEARER",
		"DASHSTREAM_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "https://idp/t",
		"DASHSTREAM_SASL_OAUTHBEARER_CLIENT_ID", "id", "DASHSTREAM_SASL_OAUTHBEARER_CLIENT_SECRET",
		"s"), `app:9092 orders sasl_ssl, OAUTHBEARER id@https://idp/t, CA "memory_test.go"`, nil,
		nil},
	{"tokens without a secret", beside(ourMechanism, "OAUTHBEARER",
		"DASHSTREAM_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL", "https://idp/t"), "",
		[]string{"DASHSTREAM_SASL_OAUTHBEARER_CLIENT_ID",
			"DASHSTREAM_SASL_OAUTHBEARER_CLIENT_SECRET"}, nil},
	{"tokens from nowhere", beside(ourMechanism, "OAUTHBEARER"), "",
		[]string{"DASHSTREAM_SASL_OAUTHBEARER_TOKEN_ENDPOINT_URL",
			"DASHSTREAM_SASL_OAUTHBEARER_TOKEN_FILE"}, nil},
	{"a secret's line break", only(ourProtocol, "sasl_ssl", ourMechanism, "PLAIN", ourUser, "o\n",
		ourPassword, "s\n"), `localhost:9092 dashstream-events sasl_ssl, PLAIN o:s, CA ""`, nil,
		[]string{"DASHSTREAM_SASL_PASSWORD ends in a line break"}},
	{"a secret's line break of Windows", only(ourProtocol, "sasl_ssl", ourMechanism, "PLAIN",
		ourUser, "o", ourPassword, "s\r\n"),
		`localhost:9092 dashstream-events sasl_ssl, PLAIN o:s, CA ""`, nil,
		[]string{"DASHSTREAM_SASL_PASSWORD ends in a line break"}},
	{"two line breaks", only(ourProtocol, "sasl_ssl", ourMechanism, "PLAIN", ourUser,
		"o", ourPassword, "s\n\n"), "localhost:9092 dashstream-events sasl_ssl, PLAIN o:s\n, " +
		"CA \"\"", nil,
		[]string{"DASHSTREAM_SASL_PASSWORD ends in a line break"}},
	{"nothing but a line break", only(ourProtocol, "sasl_ssl", ourMechanism, "PLAIN", ourUser,
		"o", ourPassword, "\n"), "", []string{"DASHSTREAM_SASL_PASSWORD",
		"nothing but a line break"}, nil},
	{"a comma too many", only(ourBrokers, "a:1,"), "", []string{"DASHSTREAM_BROKERS",
		"entry 2 of 2", "comma"}, nil},
	{"no port", only(ourBrokers, "a:1,kafka,c:1"), "", []string{"DASHSTREAM_BROKERS",
		"entry 2 of 3", `"kafka"`, "without a port"}, nil},
	{"a scheme", only(ourBrokers, "a:1,kafka://b:9092"), "", []string{"entry 2 of 2", `"kafka://"`,
		"want b:9092"}, nil},
	{"several wrong entries", only(ourBrokers, "a,b:x,http://c"), "",
		[]string{"entry 1 of 3", "entry 2 of 3", "entry 3 of 3"}, nil},
	{"blanks between", only(ourBrokers, "a:1 b:2"), "", []string{"entry 1 of 1", "blank"}, nil},
	{"an address of IPv6", only(ourBrokers, "[::1]:9092, fd00::1"), "",
		[]string{"entry 2 of 2", "[fd00::1]:9092"}, nil},
	{"a service of Kubernetes named dashstream", only("DASHSTREAM_SERVICE_HOST", "10.0.0.1",
		"DASHSTREAM_SERVICE_PORT", "80", "DASHSTREAM_SERVICE_PORT_HTTP", "80",
		"DASHSTREAM_PORT", "tcp://10.0.0.1:80", "DASHSTREAM_PORT_80_TCP", "tcp://10.0.0.1:80",
		"DASHSTREAM_PORT_80_TCP_PROTO", "tcp",
		"DASHSTREAM_PORT_80_TCP_PORT", "80", "DASHSTREAM_PORT_80_TCP_ADDR", "10.0.0.1"),
		`localhost:9092 dashstream-events plaintext, nobody, CA ""`, nil, nil},
	{"a service of Kubernetes named kafka", only("KAFKA_SERVICE_HOST", "10.0.0.1", "KAFKA_PORT",
		"tcp://10.0.0.1:9092", "KAFKA_PORT_9092_TCP_ADDR", "10.0.0.1"),
		`localhost:9092 dashstream-events plaintext, nobody, CA ""`, nil, nil},
	{"a name that is misspelt", only("DASHSTREAM_QUEUE_BYTE", "1MiB", "DASHSTREAM_TOPICS", "t"),
		`localhost:9092 dashstream-events plaintext, nobody, CA ""`, nil,
		[]string{"DASHSTREAM_QUEUE_BYTE (nearest: DASHSTREAM_QUEUE_BYTES)",
			"DASHSTREAM_TOPICS (nearest: DASHSTREAM_TOPIC)"}},
	{"small letters", only("dashstream_brokers", "o:1"),
		`localhost:9092 dashstream-events plaintext, nobody, CA ""`, nil,
		[]string{"dashstream_brokers (nearest: DASHSTREAM_BROKERS)"}},
}

func TestWhatConnectsWhereInEveryEnvironment(t *testing.T) {
	if len(environments) < 40 {
		t.Errorf("%d environments, want 40", len(environments))
	}
	for _, tt := range environments {
		t.Run(tt.name, func(t *testing.T) {
			var list []string
			for name, value := range tt.vars {
				list = append(list, name+"="+value)
			}
			c, err := configFrom(environ(tt.vars), list)
			if err == nil {
				d := c // the files are not certificates, and nothing is connected to
				d.TLSCAFile = ""
				err = d.Validate()
			}
			if tt.errs != nil {
				for _, want := range tt.errs {
					if err == nil || !strings.Contains(err.Error(), want) {
						t.Errorf("the error does not say %q: %v", want, err)
					}
				}
				return
			}
			if got := connection(c); err != nil || got != tt.want {
				t.Errorf("%s (%v), want\n%s", got, err, tt.want)
			}
			var log bytes.Buffer
			c.Logger = slog.New(slog.NewTextHandler(&log, nil))
			c.environment.log(&c)
			for _, want := range tt.logs {
				if strings.Count(log.String(), want) != 1 {
					t.Errorf("the log does not say %q once: %s", want, &log)
				}
			}
			if lines := strings.Count(log.String(), "\n"); lines > 1 || len(tt.logs) == 0 &&
				lines > 0 {
				t.Errorf("%d lines in the log: %s", lines, &log)
			}
		})
	}
}
