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

// noLogin is what SASLMechanism is where nobody is to log in, whatever variables of an
// application's own say.
const noLogin = "none"

// environment is what ConfigFromEnv has to say beside the fields, for New to log and for errors.
type environment struct {
	// notes are on values that were taken, but not as they stand.
	notes []string
	// unknown are variables with our prefix that are no setting, with the nearest that is one.
	unknown []string
	// ignored says for a field which variable was not looked at, and why.
	ignored map[string]string
	// from says for a field which variable set it.
	from map[string]string
}

// ConfigFromEnv returns the configuration that the environment gives. A variable that is not set,
// or empty, leaves its field zero. The error joins all wrong values; each names the variable, its
// value (unless it is, or could be, a secret) and what is allowed.
//
// Names of ours win over those that an application may have for its own Kafka, see [Settings]: once
// one of ours of a group (brokers, login, TLS) is set, none of the application's of that group is
// looked at. DASHSTREAM_SECURITY_PROTOCOL makes login and TLS ours, and
// DASHSTREAM_SASL_MECHANISM=none takes the login out of what KAFKA_SECURITY_PROTOCOL says. [New]
// warns of variables that begin with DASHSTREAM_ and are none of the settings.
func ConfigFromEnv() (Config, error) { return configFrom(os.LookupEnv, os.Environ()) }

func configFrom(lookup func(string) (string, bool), environ []string) (Config, error) {
	read, err := table.From(lookup)
	c := read.Config
	if read.From["SASLMechanism"] == "DASHSTREAM_SASL_MECHANISM" && c.SASLMechanism == noLogin &&
		read.From["SecurityProtocol"] == "KAFKA_SECURITY_PROTOCOL" {
		c.SecurityProtocol = strings.TrimPrefix(c.SecurityProtocol, "sasl_")
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

// log tells what was read in another way than it stands, and what was not read at all.
func (e environment) log(c *Config) {
	for _, note := range e.notes {
		c.Logger.Warn("dashstream: " + note)
	}
	if len(e.unknown) > 0 {
		c.Logger.Warn("dashstream: variables that are none of the settings",
			"ignored", strings.Join(e.unknown, ", "))
	}
}

// extension is what goes with a token (RFC 7628, 3.1).
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

// endpointURL is the address of a token endpoint.
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
		return "is no URL of that form (not shown)"
	},
}

// kafkaName is how errors of package kafka call a setting of theirs.
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
