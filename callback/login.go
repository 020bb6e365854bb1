package callback

import "strings"

const mechanisms = "one of PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER"

// part is a field of the login, with its description.
type part struct {
	field string
	value string // "" if not set; a mark if errors must not show it
	want  string
}

func set(is bool) string {
	if is {
		return "(set)"
	}
	return ""
}

// passwordLogin returns the fields that PLAIN and SCRAM use.
func (c *Config) passwordLogin() []part {
	return []part{
		{"SASLUsername", c.SASLUsername, "a user name"},
		{"SASLPassword", c.SASLPassword.String(), "a password"}, // printed as [REDACTED]
	}
}

// tokenLogin returns the fields that OAUTHBEARER uses.
func (c *Config) tokenLogin() []part {
	return []part{
		{"SASLToken", set(c.SASLToken != nil), ""},
		{"SASLTokenURL", c.SASLTokenURL, "a token endpoint"},
		{"SASLClientID", c.SASLClientID, "a client id"},
		{"SASLClientSecret", c.SASLClientSecret.String(), "a secret"},
		{"SASLScope", c.SASLScope, ""},
		{"SASLExtensions", set(len(c.SASLExtensions) > 0), ""},
		{"SASLTokenFile", c.SASLTokenFile, ""},
		{"SASLTokenCAFile", c.SASLTokenCAFile, ""},
	}
}

// checkLogin checks that all fields needed for SASL are set, and none of them without SASL.
func (c *Config) checkLogin() (errs []error) {
	mechanism := part{"SASLMechanism", string(c.SASLMechanism), mechanisms}
	all := append([]part{mechanism}, append(c.passwordLogin(), c.tokenLogin()...)...)
	none := true
	for _, p := range all {
		none = none && p.value == ""
	}
	if !strings.HasPrefix(string(c.SecurityProtocol), "sasl_") {
		return c.unused(all, "%s %s; or sasl_ssl, or sasl_plaintext, there",
			c.named("SecurityProtocol"), c.SecurityProtocol)
	}
	if none && len(c.KafkaOptions) > 0 { // they may bring their own login
		return nil
	}
	switch c.SASLMechanism {
	case "":
		errs = append(errs, c.missing(mechanism))
		if c.SASLUsername != "" || !c.SASLPassword.IsZero() || none {
			parts := c.passwordLogin()
			for i := range parts {
				parts[i].want += " for PLAIN and SCRAM" // OAUTHBEARER uses neither
			}
			errs = append(errs, c.allOf(parts)...)
		}
		return errs
	case MechanismOAuthBearer:
		errs = c.unused(c.passwordLogin(), "%s OAUTHBEARER", c.named("SASLMechanism"))
		return append(errs, c.checkToken()...)
	default:
		errs = c.unused(c.tokenLogin(), "%s %s; or OAUTHBEARER there",
			c.named("SASLMechanism"), c.SASLMechanism)
		return append(errs, c.allOf(c.passwordLogin())...)
	}
}

// checkToken checks that there is exactly one source of tokens, with everything that it needs.
func (c *Config) checkToken() (errs []error) {
	parts := c.tokenLogin()
	sources := []string{}
	for _, p := range parts {
		if (p.field == "SASLToken" || p.field == "SASLTokenURL" || p.field == "SASLTokenFile") &&
			p.value != "" {
			sources = append(sources, p.field)
		}
	}
	client := parts[1:4]
	switch {
	case len(sources) > 1:
		for _, s := range sources[1:] {
			errs = append(errs, c.wrongField(s, "(set)", "only one source of tokens, and %s is one",
				c.named(sources[0])))
		}
		return errs
	case len(sources) == 0 && c.SASLClientID == "" && c.SASLClientSecret.IsZero():
		return []error{c.wrongField("SASLTokenURL", "",
			"a token endpoint, or %s, or %s, one of which %s OAUTHBEARER needs",
			c.named("SASLTokenFile"), c.named("SASLToken"), c.named("SASLMechanism"))}
	case len(sources) == 1 && sources[0] != "SASLTokenURL":
		return c.unused([]part{client[1], client[2], parts[4], parts[7]},
			"%s, but with a token endpoint", c.named(sources[0]))
	}
	return c.allOf(client)
}

// allOf reports which parts of the login are missing.
func (c *Config) allOf(parts []part) (errs []error) {
	for _, p := range parts {
		if p.value == "" {
			errs = append(errs, c.missing(p))
		}
	}
	return errs
}

func (c *Config) missing(p part) error {
	why := c.named("SecurityProtocol") + " " + string(c.SecurityProtocol)
	if p.field != "SASLMechanism" && c.SASLMechanism == MechanismOAuthBearer {
		why = c.named("SASLMechanism") + " " + string(c.SASLMechanism)
	}
	hint := ""
	if ignored := c.environment.ignored[p.field]; ignored != "" {
		hint = " (" + ignored + ")"
	}
	return c.wrongField(p.field, p.value, "%s, which %s needs%s", p.want, why, hint)
}

// unused reports which parts of the login are set without being used.
func (c *Config) unused(parts []part, with string, args ...any) (errs []error) {
	for _, p := range parts {
		if p.value != "" {
			errs = append(errs, c.wrongField(p.field, p.value, "none with "+with, args...))
		}
	}
	return errs
}
