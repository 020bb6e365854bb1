package settings

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// scalar makes a row for a field with a single value.
func scalar[C any, T comparable](env, field string, at func(*C) *T, def T, allowed, help string,
	parse func(string) (T, bool), ok func(T) bool) Row[C] {
	var zero T
	return Row[C]{
		Setting: Setting{Env: env, Field: field, Default: fmt.Sprint(def), Allowed: allowed,
			Help: help},
		parse: func(c *C, value, _ string) (string, error) {
			v, parsed := parse(strings.TrimSpace(value))
			if !parsed || !ok(v) {
				return "", errWrong
			}
			*at(c) = v
			return "", nil
		},
		fill: func(c *C) {
			if f := at(c); *f == zero {
				*f = def
			}
		},
		check: func(c *C) error { return unless(ok(*at(c)), errWrong) },
		value: func(c *C) any { return *at(c) },
	}
}

func unless(ok bool, err error) error {
	if ok {
		return nil
	}
	return err
}

// Text is a text that rule allows.
func Text[C any](env, field string, at func(*C) *string, def string, rule TextRule,
	help string) Row[C] {
	row := scalar(env, field, at, def, rule.Allowed, help,
		func(s string) (string, bool) { return s, s != "" },
		func(s string) bool { return s == def || rule.OK(s) })
	parse, check := row.parse, row.check
	row.parse = func(c *C, value, from string) (string, error) {
		note, err := parse(c, value, from)
		return note, rule.because(value, err)
	}
	row.check = func(c *C) error { return rule.because(*at(c), check(c)) }
	return row
}

// Choice is one of several words, by default the first.
func Choice[C any, S ~string](env, field string, at func(*C) *S, help string, choices []S) Row[C] {
	return ChoiceOr(choices[0], env, field, at, help, choices)
}

// ChoiceOr is a choice with another default, which need not be one of the words.
func ChoiceOr[C any, S ~string](def S, env, field string, at func(*C) *S, help string,
	choices []S) Row[C] {
	parse := func(s string) (S, bool) { return Chosen(s, choices) }
	row := scalar(env, field, at, def, "one of "+strings.Join(Words(choices), ", "), help, parse,
		func(s S) bool { return s == def || slices.Contains(choices, s) })
	row.value = func(c *C) any { return string(*at(c)) }
	return row
}

// Chosen returns the choice that a text is, in any case.
func Chosen[S ~string](text string, choices []S) (S, bool) {
	for _, c := range choices {
		if strings.EqualFold(text, string(c)) {
			return c, true
		}
	}
	return "", false
}

// Words returns choices as texts.
func Words[S ~string](choices []S) []string {
	words := make([]string, len(choices))
	for i, c := range choices {
		words[i] = string(c)
	}
	return words
}

const boolWords = "true or false (also 1, 0, yes, no, on, off)"

func parseBool(s string) (bool, bool) {
	switch strings.ToLower(s) {
	case "true", "1", "yes", "on", "t", "y":
		return true, true
	case "false", "0", "no", "off", "f", "n":
		return false, true
	}
	return false, false
}

// Boolean is true or false.
func Boolean[C any](env, field string, at func(*C) *bool, help string) Row[C] {
	return scalar(env, field, at, false, boolWords, help, parseBool,
		func(bool) bool { return true })
}

// Enabled is a variable with the opposite meaning of its field.
func Enabled[C any](env, field string, disabled func(*C) *bool, help string) Row[C] {
	s := scalar(env, field, disabled, false, boolWords, help,
		func(s string) (bool, bool) { v, ok := parseBool(s); return !v, ok },
		func(bool) bool { return true })
	return s.Saying("true")
}

// Integer is a whole number.
func Integer[C any, T int | int64](env, field string, at func(*C) *T, def, least, most T,
	help string) Row[C] {
	parse := func(s string) (T, bool) {
		n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64)
		return T(n), err == nil && int64(T(n)) == n
	}
	return scalar(env, field, at, def, fmt.Sprintf("a whole number from %d to %d", least, most),
		help, parse,
		func(n T) bool { return n >= least && n <= most })
}

// Size is a number of bytes.
func Size[C any, T int | int64](env, field string, at func(*C) *T, def, least, most T,
	help string) Row[C] {
	parse := func(s string) (T, bool) {
		n, ok := parseSize(s)
		return T(n), ok && int64(T(n)) == n
	}
	allowed := fmt.Sprintf("a size such as 64MiB or 65536, from %s to %s", FormatSize(int64(least)),
		FormatSize(int64(most)))
	return scalar(env, field, at, def, allowed, help, parse,
		func(n T) bool { return n >= least && n <= most }).Saying(FormatSize(int64(def)))
}

func parseDuration(s string) (time.Duration, bool) {
	d, err := time.ParseDuration(s)
	return d, err == nil
}

// Duration is a duration of at least least and at most most.
func Duration[C any](env, field string, at func(*C) *time.Duration, def, least,
	most time.Duration, help string) Row[C] {
	allowed := fmt.Sprintf("a duration such as 250ms or 1m30s, from %s to %s", shortDuration(least),
		shortDuration(most))
	return scalar(env, field, at, def, allowed, help, parseDuration, func(d time.Duration) bool {
		return d >= least && d <= most
	}).Saying(shortDuration(def))
}

// Linger is a duration for which 0 in the environment means none, as a negative value does in the
// field.
func Linger[C any](env, field string, at func(*C) *time.Duration, def, most time.Duration,
	help string) Row[C] {
	parse := func(s string) (time.Duration, bool) {
		d, ok := parseDuration(s)
		if s == "0" || ok && d == 0 {
			return -1, true
		}
		return d, ok && d > 0
	}
	allowed := "a duration such as 250ms, at most " + shortDuration(most) + ", or 0 for none"
	return scalar(env, field, at, def, allowed, help, parse, func(d time.Duration) bool {
		return d <= most
	}).Saying(shortDuration(def))
}

// Seconds is a duration that older variables (whose names end in _SECS) give as a number of
// seconds.
func Seconds[C any](env, field string, at func(*C) *time.Duration, def, least,
	most time.Duration, help string) Row[C] {
	s := Duration(env, field, at, def, least, most, help)
	s.Allowed += ", or a number of seconds in a variable whose name ends in _SECS"
	parse := s.parse
	s.parse = func(c *C, value, from string) (string, error) {
		if strings.HasSuffix(from, "_SECS") {
			value = strings.TrimSpace(value)
			if _, err := strconv.ParseFloat(value, 64); err != nil {
				return "", errWrong
			}
			value += "s"
		}
		return parse(c, value, from)
	}
	return s
}

// Ratio is a number more than 0 and at most 1.
func Ratio[C any](env, field string, at func(*C) *float64, def float64, help string) Row[C] {
	parse := func(s string) (float64, bool) {
		x, err := strconv.ParseFloat(s, 64)
		return x, err == nil
	}
	return scalar(env, field, at, def, "a number such as 0.1, more than 0 and at most 1", help,
		parse, func(x float64) bool { return x > 0 && x <= 1 })
}
