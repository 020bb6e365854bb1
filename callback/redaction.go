package callback

import (
	"errors"
	"fmt"
	"slices"

	"github.com/dashstream/dashstream-go/internal/redact"
	"github.com/dashstream/dashstream-go/internal/settings"
)

// Redaction says what is hidden in everything that is published: attributes, states, arguments and
// results of tools, errors, tokens, tags. A mark such as [REDACTED:github-token] replaces each
// secret. The zero value is the default. It hides the values of names such as password, api_key,
// authorization or cookie, in any case and spelling, and texts that look like a known kind of
// credential.
type Redaction struct {
	// Disabled publishes everything as it is.
	Disabled bool
	// Names are further names whose values are hidden, such as "employee ssn". They match in any
	// case, with any separators, and with words before them. Marks show the name.
	Names []string
	// AllowNames are names whose values are not hidden because of their name. A name matches only
	// itself: "token" does not match "access_token".
	AllowNames []string
	// Rules are further rules for values, at most 64.
	Rules []RedactionRule
	// AllowValues are texts that are not hidden if a rule matches exactly one of them.
	// AllowPatterns are regular expressions (RE2) that do the same for each text that they match
	// from end to end.
	AllowValues, AllowPatterns []string
	// CreditCards hides the numbers of payment cards that have a valid check digit; Emails hides
	// e-mail addresses. CreditCards, and a rule without Literals, must examine every value, instead
	// of scanning the bytes of a whole batch once.
	CreditCards, Emails bool
	// Off are built-in rules that are switched off, by the names shown in marks.
	Off []string
}

// RedactionRule is an application's own rule for values.
type RedactionRule struct {
	// Name is shown in the mark and in the label of the metric: lower-case letters, digits and
	// dashes, at most 64.
	Name string
	// Pattern is a regular expression (RE2). If it has a group named "secret", what that matches is
	// hidden, otherwise the whole match.
	Pattern string
	// Literals are texts of at least three bytes. Every text that Pattern matches must contain one
	// of them, in any case. A Pattern that begins with such a text needs none. Without any, Pattern
	// is tried on every text.
	Literals []string
}

// redactor returns the redactor, nil if redaction is disabled.
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

// warnUnsearched warns operators, once, that a message was too costly to search completely.
func (c *Client) warnUnsearched() {
	c.log.Warn("dashstream: part of a message was hidden without being searched, because "+
		"searching all of it takes more work than allowed; this is logged once, the counter of "+
		"redactions has all of them",
		"rule", "unsearched")
}

// checkRedaction reports what is wrong with the rules that no variable sets.
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

// fieldName is a field name that redaction accepts: words of letters and digits.
var fieldName = settings.TextRule{Allowed: "a name of letters and digits of any script, with any " +
	"separators of ASCII but commas, at most 64 bytes", OK: redact.IsName}

// builtinRule is the name of a built-in rule.
var builtinRule = settings.TextRule{Allowed: "the name of a built-in rule as it stands in marks, " +
	"such as email or github-token", OK: func(s string) bool {
	return slices.Contains(redact.BuiltinRules(), s)
}}
