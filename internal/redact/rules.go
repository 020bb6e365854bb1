package redact

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Rules say what a [Redactor] hides. The zero value is the default: every built-in rule but those
// for credit card numbers and e-mail addresses.
type Rules struct {
	// Off are rules that do not apply, by the names that [Redactor.Rules] gives.
	Off []string
	// CreditCards hides numbers of 13 to 19 digits that begin as a card's do and end in a valid
	// check digit, in texts and as numbers.
	CreditCards bool
	// Emails hides e-mail addresses.
	Emails bool

	// Names are further names whose values are hidden, such as "employee ssn". As with the built-in
	// ones case and separators do not matter and words may stand before them. The rule bears the
	// name, its words joined by dashes (and -name if there is a rule for values of this name). A
	// name may be in any script; those with letters that are not of ASCII share the rule "name".
	Names []string
	// Custom are further rules for values.
	Custom []Custom

	// AllowNames are names whose values are not hidden for their name. A name stands for itself
	// alone, in any spelling: "token" is not "access_token".
	AllowNames []string
	// Allow are texts that are not hidden, as they stand where they would be: the key, the value of
	// the field, the password of the URL.
	Allow []string
	// AllowPatterns are regular expressions (RE2) that do the same for every text that one of them
	// matches from end to end.
	AllowPatterns []string
}

// Custom is a user's rule. What Pattern matches is hidden, or what its group named "secret" matches
// if it has one.
type Custom struct {
	// Name stands in the mark: lower case letters, digits and dashes, at most 64, and not the name
	// of another rule.
	Name string
	// Pattern is a regular expression in RE2's syntax.
	Pattern string
	// Literals are texts of three bytes or more, one of which is in every text that Pattern
	// matches, in any case. Pattern is not tried on a text that has none of them. Without literals
	// it is tried on every text, which costs a hundred times what the built-in rules cost; a
	// pattern that begins with such a text without alternatives needs none.
	Literals []string
}

// maxCustom bounds the user's own rules, for a text remembers which of them to try in the bits of a
// word.
const maxCustom = 64

// rule is the number of a rule.
type rule uint16

// The rules that are found by name, and by something else than the prefixes of [tokenForms].
const (
	rulePassword rule = iota
	ruleSecret
	ruleToken
	ruleAPIKey
	ruleAccessKey
	rulePrivateKey
	ruleSecretKey
	ruleAuthorization
	ruleCookie
	ruleCredentials
	ruleSession

	ruleBearer
	ruleBasic
	ruleJWT
	ruleURLPassword
	ruleURLToken
	ruleSignedURL
	ruleWebhook
	ruleOpenAI
	ruleAWSID
	ruleAWSSecret
	ruleAzureSecret
	ruleAzureKey
	ruleAzureDevOps
	ruleTelegram
	ruleTwilio
	ruleTerraform
	ruleMaxMind
	ruleMailchimp
	ruleSalesforce
	ruleNewRelic
	ruleTableau
	ruleAsana
	ruleAuthress
	ruleDropbox
	ruleTwitter
	ruleBraintree
	ruleVault
	ruleDiscord
	ruleCard
	ruleEmail
	ruleUnsearched // what was beyond the work that a message is worth
	fixedRules
)

var fixedNames = [fixedRules]string{
	"password", "secret", "token", "api-key", "access-key", "private-key", "secret-key",
	"authorization", "cookie", "credentials", "session",
	"bearer-token", "basic-auth", "jwt", "url-password", "url-token", "signed-url", "webhook-url",
	"openai-key", "aws-access-key-id", "aws-secret-key",
	"azure-client-secret", "azure-key", "azure-devops-token", "telegram-token", "twilio-key",
	"terraform-token",
	"maxmind-key", "mailchimp-key", "salesforce-token", "newrelic-key", "tableau-token",
	"asana-token",
	"authress-key", "dropbox-token", "twitter-token", "braintree-token",
	"vault-token", "discord-token", "credit-card", "email",
	"unsearched",
}

// BuiltinRules returns the names of the rules that every [Redactor] has, in the order of
// [Redactor.Rules].
func BuiltinRules() []string { return builtins() }

// builtins returns the names of all built-in rules, the fixed ones first.
func builtins() []string {
	names := slices.Clone(fixedNames[:])
	for _, f := range tokenForms {
		if !slices.Contains(names, f.rule) {
			names = append(names, f.rule)
		}
	}
	for _, f := range partedForms {
		if !slices.Contains(names, f.rule) {
			names = append(names, f.rule)
		}
	}
	return names
}

// custom is a user's rule, compiled.
type custom struct {
	rule     rule
	pattern  pattern
	group    int // of the submatch that is hidden
	literals []string
}

var customName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

func (c *Custom) compile() (custom, error) {
	if !customName.MatchString(c.Name) {
		return custom{},
			fmt.Errorf("redact: custom rule %q: a name has 1 to 64 lower case letters, digits and "+
				"dashes", c.Name)
	}
	pattern, err := compilePattern(c.Pattern)
	if err != nil {
		return custom{}, fmt.Errorf("redact: custom rule %q: %w", c.Name, err)
	}
	if pattern.MatchString("") {
		return custom{}, fmt.Errorf("redact: custom rule %q: its pattern matches the empty text",
			c.Name)
	}
	out := custom{pattern: pattern, group: max(0, pattern.SubexpIndex("secret"))}
	for _, literal := range c.Literals {
		if len(literal) < 3 {
			return custom{},
				fmt.Errorf("redact: custom rule %q: literal %q has fewer than three bytes", c.Name,
					literal)
		}
		out.literals = append(out.literals, lowered(literal))
	}
	if prefix, _ := pattern.LiteralPrefix(); len(out.literals) == 0 && len(prefix) >= 3 {
		out.literals = []string{lowered(prefix)}
	}
	return out, nil
}

// lowered is s with the ASCII letters in lower case, as [trigger.literal] wants it.
func lowered(s string) string {
	return strings.Map(func(r rune) rune {
		if 'A' <= r && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}

// allowances is what is not hidden.
type allowances struct {
	texts    map[string]bool
	patterns []pattern
	rate     int // of all patterns together
}

func (r *Rules) allowances() (allowances, error) {
	var a allowances
	var errs []error
	if len(r.Allow) > 0 {
		a.texts = make(map[string]bool, len(r.Allow))
	}
	for _, text := range r.Allow {
		a.texts[text] = true
	}
	for _, p := range r.AllowPatterns {
		pattern, err := compilePattern(`^(?:` + p + `)$`)
		if err != nil {
			errs = append(errs, fmt.Errorf("redact: allowed pattern %q: %w", p, err))
			continue
		}
		a.patterns = append(a.patterns, pattern)
		a.rate += pattern.rate
	}
	return a, errors.Join(errs...)
}

func (a *allowances) allow(text string) bool {
	if a.texts[text] {
		return true
	}
	for _, p := range a.patterns {
		if p.MatchString(text) {
			return true
		}
	}
	return false
}
