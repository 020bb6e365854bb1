package callback

import (
	"fmt"
	"net/url"
	"os"
	"regexp"
	"strings"

	"github.com/dashstream/dashstream-go/internal/kafka"
	"github.com/dashstream/dashstream-go/internal/settings"
)

// environment is what ConfigFromEnv found besides the fields, for the log of New and for errors.
type environment struct {
	// notes are about values that were used in a changed form.
	notes []string
	// unknown are variables with our prefix that are not settings, each with the nearest name that
	// is one.
	unknown []string
	// ignored says, by field, which variable was not read, and why.
	ignored map[string]string
	// from says, by field, which variable set it.
	from map[string]string
}

// ConfigFromEnv returns the configuration given by the environment. A variable that is unset or
// empty leaves its field zero. The error joins all wrong values. It names, for each, the variable,
// its value (unless that is, or could be, a secret) and what is allowed.
//
// Our own variables win over those that an application may have for its own Kafka, see [Settings].
// Once one of ours of a group (brokers, login, TLS) is set, the application's variables of that
// group are ignored. DASHSTREAM_SECURITY_PROTOCOL counts for the groups login and TLS.
// DASHSTREAM_SASL_MECHANISM=none removes the login from the value of KAFKA_SECURITY_PROTOCOL. [New]
// warns of variables that begin with DASHSTREAM_ and are not settings.
func ConfigFromEnv() (Config, error) { return configFrom(os.LookupEnv, os.Environ()) }

func configFrom(lookup func(string) (string, bool), environ []string) (Config, error) {
	read, err := table.From(lookup)
	c := read.Config
	if c.SASLMechanism == MechanismNone &&
		read.From["SASLMechanism"] == "DASHSTREAM_SASL_MECHANISM" &&
		read.From["SecurityProtocol"] == "KAFKA_SECURITY_PROTOCOL" {
		c.SecurityProtocol = SecurityProtocol(
			strings.TrimPrefix(string(c.SecurityProtocol), "sasl_"))
	}
	c.environment.notes = read.Notes
	c.environment.unknown = table.Unknown(environ, "DASHSTREAM_", "DASHSTREAM_TEST_")
	if len(read.Ignored) > 0 {
		c.environment.ignored = read.Ignored
	}
	if len(read.From) > 0 {
		c.environment.from = read.From
	}
	return c, err
}

// log logs which values were changed and which variables were ignored.
func (e environment) log(c *Config) {
	for _, note := range e.notes {
		c.Logger.Warn("dashstream: " + note)
	}
	if len(e.unknown) > 0 {
		c.Logger.Warn("dashstream: variables that are not settings",
			"ignored", strings.Join(e.unknown, ", "))
	}
}

// extension is a SASL extension sent with a token (RFC 7628, 3.1).
var extension = settings.TextRule{
	Allowed: "key=value, the key of letters",
	OK:      kafka.IsExtension,
	Why: func(s string) string {
		if key, _, ok := strings.Cut(s, "="); ok &&
			regexp.MustCompile(`^[A-Za-z]{1,32}$`).MatchString(key) {
			return fmt.Sprintf("has a value for %s (not shown) that cannot be sent", key)
		}
		return "is no key=value (not shown)"
	},
}

// endpointURL is the URL of a token endpoint.
var endpointURL = settings.TextRule{
	Allowed: "a URL such as https://idp.example.com/oauth2/token",
	OK: func(s string) bool {
		u, err := url.Parse(s)
		return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Hostname() != "" &&
			u.User == nil && u.Fragment == ""
	},
	Why: func(s string) string {
		if u, err := url.Parse(strings.TrimSpace(s)); err == nil && u.User != nil {
			return "has a user name or a password in it (not shown)"
		}
		return "is not a URL of that form (not shown)"
	},
}

// kafkaName is the name by which errors of package kafka call one of its settings.
func (e environment) kafkaName(field string) string {
	names := map[string]string{
		"Security.Protocol": "SecurityProtocol", "Security.Mechanism": "SASLMechanism",
		"Security.Username": "SASLUsername", "Security.Password": "SASLPassword",
		"Security.TokenURL": "SASLTokenURL", "Security.ClientID": "SASLClientID",
		"Security.ClientSecret": "SASLClientSecret", "Security.Scope": "SASLScope",
		"Security.TokenFile": "SASLTokenFile", "Security.TokenCAFile": "SASLTokenCAFile",
		"Security.Extensions": "SASLExtensions", "Security.Token": "SASLToken",
		"Security.CAFile": "TLSCAFile", "Security.CertFile": "TLSCertFile",
		"Security.KeyFile": "TLSKeyFile", "Security.KeyPassword": "TLSKeyPassword",
		"Security.EndpointAlgorithm": "TLSEndpointAlgorithm", "Options": "KafkaOptions",
	}
	if name := names[field]; name != "" {
		field = name
	}
	return table.Named(field, e.from)
}
