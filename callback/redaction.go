package callback

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dashstream/dashstream-go/internal/redact"
	"github.com/dashstream/dashstream-go/internal/settings"
)

// Redaction says what is hidden of what is about to be published: attributes, states, arguments and
// results of tools, errors, tokens, tags. In the place of each secret stands a mark such as
// [REDACTED:github-token]. The zero value is the default: the values of names such as password,
// api_key, authorization or cookie, in any case and spelling, and what looks like a known kind of
// credential.
type Redaction struct {
	// Disabled publishes everything as it is.
	Disabled bool
	// Names are further names whose values are hidden, such as "employee ssn": in any case, with
	// any separators, and with words before them. A mark bears the name.
	Names []string
	// AllowNames are names whose values are not hidden for their name. A name stands for itself
	// alone: "token" is not "access_token".
	AllowNames []string
	// Rules are further rules for values, at most 64.
	Rules []RedactionRule
	// AllowValues are texts that are not hidden, where one is all that would be; AllowPatterns are
	// regular expressions (RE2) that do the same for each text that they match from end to end.
	AllowValues, AllowPatterns []string
	// CreditCards hides the numbers of payment cards that have a valid check digit, Emails e-mail
	// addresses. CreditCards, and a rule without Literals, cost a look at every value instead of
	// one at the bytes of a whole batch.
	CreditCards, Emails bool
	// Off are built-in rules that do not apply, by the names that stand in marks.
	Off []string
}

// RedactionRule is a rule of the application's own for values.
type RedactionRule struct {
	// Name stands in the mark, and in the label of the metric: lower case letters, digits and
	// dashes, at most 64.
	Name string
	// Pattern is a regular expression (RE2). What it matches is hidden, or what its group named
	// "secret" matches if it has one.
	Pattern string
	// Literals are texts of three bytes or more, one of which is in every text that Pattern
	// matches, in any case. A Pattern that begins with such a text needs none. Without any, Pattern
	// is tried on every text.
	Literals []string
}

// redactor returns what hides secrets: nil if redaction is disabled.
func (c *Config) redactor() (*redact.Redactor, error) {
	if c.Redaction.Disabled {
		return nil, nil
	}
	rules := redact.Rules{
		Off: c.Redaction.Off, CreditCards: c.Redaction.CreditCards, Emails: c.Redaction.Emails,
		Names:      c.Redaction.Names,
		AllowNames: c.Redaction.AllowNames, Allow: c.Redaction.AllowValues,
		AllowPatterns: c.Redaction.AllowPatterns,
	}
	for _, r := range c.Redaction.Rules {
		rules.Custom = append(rules.Custom, redact.Custom(r))
	}
	r, err := redact.New(rules)
	if err != nil {
		return nil, fmt.Errorf("callback: Config.Redaction: %w", err)
	}
	return r, nil
}

// warnUnsearched tells operators, once, that a message was too dear to look at in whole.
func (c *Client) warnUnsearched() {
	c.log.Warn("dashstream: a message was hidden in part unseen: to look for secrets in all of it "+
		"takes more work than is allowed; this is logged once, the counter of redactions has all",
		"rule", "unsearched")
}

// checkRedaction says what is wrong with the rules that no variable sets.
func (c *Config) checkRedaction() (errs []error) {
	_, err := c.redactor()
	for _, err := range each(err) {
		errs = append(errs, fmt.Errorf("callback: Config.Redaction: %w", err))
	}
	return errs
}

// each returns the errors that were joined into err.
func each(err error) []error {
	var joined interface{ Unwrap() []error }
	if errors.As(err, &joined) {
		return joined.Unwrap()
	}
	if err == nil {
		return nil
	}
	return []error{err}
}

// fieldName is the name of a field that redaction knows: words of letters and digits.
var fieldName = settings.TextRule{Allowed: "a name of ASCII letters and digits with any " +
	"separators but commas, at most 64 bytes", OK: redact.IsName}

// builtinRule is the name of a rule that there is without any of the user's.
var builtinRule = settings.TextRule{Allowed: "the name of a built-in rule as it stands in marks, " +
	"such as email or github-token", OK: func(s string) bool {
	return slices.Contains(redact.BuiltinRules(), s)
}}
