package callback

import (
	"errors"
	"fmt"
	"net"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"
)

// setting is a row of the table with what it does to a Config.
type setting struct {
	Setting
	secret bool
	// parse sets the field from a variable's value; from is the variable's name.
	parse func(c *Config, value, from string) error
	// fill puts the default into a field that has its zero value.
	fill func(*Config)
	// valid checks the field and returns the value that it has.
	valid func(*Config) (value any, ok bool)
}

// ConfigFromEnv returns the configuration that the environment gives. A variable that is not set, or empty, leaves its field zero. The
// error joins all wrong values; each names the variable, its value (unless it is a secret) and what is allowed.
func ConfigFromEnv() (Config, error) { return configFrom(os.LookupEnv) }

func configFrom(lookup func(string) (string, bool)) (Config, error) {
	var c Config
	var errs []error
	for _, s := range settings {
		for _, name := range append([]string{s.Env}, s.Also...) {
			value, _ := lookup(name)
			if value == "" {
				continue
			}
			if err := s.parse(&c, value, name); err != nil {
				errs = append(errs, s.wrong(name, value))
			}
			break
		}
	}
	return c, errors.Join(errs...)
}

// wrong describes a variable's bad value.
func (s *setting) wrong(name, value string) error {
	if s.secret {
		value = "(not shown)"
	}
	return fmt.Errorf("callback: %s=%q: want %s", name, value, s.Allowed)
}

// check describes a field's bad value.
func (s *setting) check(c *Config) error {
	if value, ok := s.valid(c); !ok {
		return fmt.Errorf("callback: Config.%s (%s) is %v, want %s", s.Field, s.Env, quoted(value), s.Allowed)
	}
	return nil
}

func quoted(v any) string {
	switch v := v.(type) {
	case string:
		return strconv.Quote(v)
	case []string:
		return fmt.Sprintf("%q", v)
	}
	return fmt.Sprint(v)
}

func (s setting) also(names ...string) setting {
	s.Also = names
	return s
}

// saying puts the default into words where its value does not say it.
func (s setting) saying(words string) setting {
	s.Default = words
	return s
}

var errWrong = errors.New("wrong value") // setting.wrong says the rest

// scalar makes a setting of a field that is one value.
func scalar[T comparable](env, field string, at func(*Config) *T, def T, allowed, help string, parse func(string) (T, bool), ok func(T) bool) setting {
	var zero T
	return setting{
		Setting: Setting{Env: env, Field: field, Default: fmt.Sprint(def), Allowed: allowed, Help: help},
		parse: func(c *Config, value, _ string) error {
			v, parsed := parse(strings.TrimSpace(value))
			if !parsed || !ok(v) {
				return errWrong
			}
			*at(c) = v
			return nil
		},
		fill: func(c *Config) {
			if f := at(c); *f == zero {
				*f = def
			}
		},
		valid: func(c *Config) (any, bool) { return *at(c), ok(*at(c)) },
	}
}

func text(env, field string, at func(*Config) *string, def string, rule textRule, help string) setting {
	return scalar(env, field, at, def, rule.allowed, help,
		func(s string) (string, bool) { return s, s != "" },
		func(s string) bool { return s == def || rule.ok(s) })
}

// choice is one of a few words, by default the first.
func choice(env, field string, at func(*Config) *string, help string, choices ...string) setting {
	return choiceOr(choices[0], env, field, at, help, choices...)
}

// choiceOr is a choice with another default, which may be none of the words.
func choiceOr(def, env, field string, at func(*Config) *string, help string, choices ...string) setting {
	parse := func(s string) (string, bool) {
		for _, c := range choices {
			if strings.EqualFold(s, c) {
				return c, true
			}
		}
		return "", false
	}
	return scalar(env, field, at, def, "one of "+strings.Join(choices, ", "), help, parse,
		func(s string) bool { return s == def || slices.Contains(choices, s) })
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

func boolean(env, field string, at func(*Config) *bool, help string) setting {
	return scalar(env, field, at, false, boolWords, help, parseBool, func(bool) bool { return true })
}

// enabled is a variable that says the opposite of its field.
func enabled(env, field string, disabled func(*Config) *bool, help string) setting {
	s := scalar(env, field, disabled, false, boolWords, help,
		func(s string) (bool, bool) { v, ok := parseBool(s); return !v, ok }, func(bool) bool { return true })
	return s.saying("true")
}

func integer[T int | int64](env, field string, at func(*Config) *T, def, least, most T, help string) setting {
	parse := func(s string) (T, bool) {
		n, err := strconv.ParseInt(strings.ReplaceAll(s, "_", ""), 10, 64)
		return T(n), err == nil && int64(T(n)) == n
	}
	return scalar(env, field, at, def, fmt.Sprintf("a whole number from %d to %d", least, most), help, parse,
		func(n T) bool { return n >= least && n <= most })
}

func size[T int | int64](env, field string, at func(*Config) *T, def, least, most T, help string) setting {
	parse := func(s string) (T, bool) {
		n, ok := parseSize(s)
		return T(n), ok && int64(T(n)) == n
	}
	allowed := fmt.Sprintf("a size such as 64MiB or 65536, from %s to %s", formatSize(int64(least)), formatSize(int64(most)))
	return scalar(env, field, at, def, allowed, help, parse, func(n T) bool { return n >= least && n <= most }).saying(formatSize(int64(def)))
}

func parseDuration(s string) (time.Duration, bool) {
	d, err := time.ParseDuration(s)
	return d, err == nil
}

func duration(env, field string, at func(*Config) *time.Duration, def, least, most time.Duration, help string) setting {
	allowed := fmt.Sprintf("a duration such as 250ms or 1m30s, from %s to %s", shortDuration(least), shortDuration(most))
	return scalar(env, field, at, def, allowed, help, parseDuration, func(d time.Duration) bool { return d >= least && d <= most }).saying(shortDuration(def))
}

// linger is a duration for which 0 in the environment means none, as a negative one does in the field.
func linger(env, field string, at func(*Config) *time.Duration, def, most time.Duration, help string) setting {
	parse := func(s string) (time.Duration, bool) {
		d, ok := parseDuration(s)
		if s == "0" || ok && d == 0 {
			return -1, true
		}
		return d, ok && d > 0
	}
	allowed := "a duration such as 250ms, at most " + shortDuration(most) + ", or 0 for none"
	return scalar(env, field, at, def, allowed, help, parse, func(d time.Duration) bool { return d <= most }).saying(shortDuration(def))
}

// seconds is a duration that older variables (their names end in _SECS) give as a number of seconds.
func seconds(env, field string, at func(*Config) *time.Duration, def, least, most time.Duration, help string) setting {
	s := duration(env, field, at, def, least, most, help)
	s.Allowed += ", or a number of seconds in a variable whose name ends in _SECS"
	parse := s.parse
	s.parse = func(c *Config, value, from string) error {
		if strings.HasSuffix(from, "_SECS") {
			value = strings.TrimSpace(value)
			if _, err := strconv.ParseFloat(value, 64); err != nil {
				return errWrong
			}
			value += "s"
		}
		return parse(c, value, from)
	}
	return s
}

func secret(env, field string, at func(*Config) *Secret, help string) setting {
	return setting{
		Setting: Setting{Env: env, Field: field, Allowed: "any text", Help: help},
		secret:  true,
		parse: func(c *Config, value, _ string) error {
			*at(c) = NewSecret(value)
			return nil
		},
		fill:  func(*Config) {},
		valid: func(c *Config) (any, bool) { return "", true },
	}
}

func stringList(env, field string, at func(*Config) *[]string, def []string, rule textRule, help string) setting {
	ok := func(items []string) bool {
		return !slices.ContainsFunc(items, func(s string) bool { return !rule.ok(s) })
	}
	return setting{
		Setting: Setting{Env: env, Field: field, Default: strings.Join(def, ","), Allowed: rule.allowed + ", separated by commas", Help: help},
		parse: func(c *Config, value, _ string) error {
			items := strings.Split(value, ",")
			for i := range items {
				items[i] = strings.TrimSpace(items[i])
			}
			if !ok(items) {
				return errWrong
			}
			*at(c) = items
			return nil
		},
		fill: func(c *Config) {
			if f := at(c); len(*f) == 0 {
				*f = slices.Clone(def)
			}
		},
		valid: func(c *Config) (any, bool) { return *at(c), ok(*at(c)) },
	}
}

// textRule says which texts are allowed.
type textRule struct {
	allowed string
	ok      func(string) bool
}

var anyText = textRule{"any text", func(s string) bool { return true }}

func plainText(most int) textRule {
	return textRule{fmt.Sprintf("printable text of at most %d bytes", most), func(s string) bool {
		return s != "" && len(s) <= most && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !strconv.IsPrint(r) })
	}}
}

var topicForm = regexp.MustCompile(`^[a-zA-Z0-9._-]{1,249}$`)

var topicName = textRule{"1 to 249 of the characters a-z A-Z 0-9 . _ -", func(s string) bool {
	return topicForm.MatchString(s) && s != "." && s != ".."
}}

var brokerAddress = textRule{"host:port", func(s string) bool {
	host, port, err := net.SplitHostPort(s)
	if err != nil || host == "" || strings.ContainsAny(host, " /@\t") {
		return false
	}
	n, err := strconv.ParseUint(port, 10, 16)
	return err == nil && n > 0
}}

var sizeUnits = []struct {
	name   string
	factor int64
}{{"KiB", kib}, {"MiB", mib}, {"GiB", gib}, {"TiB", 1 << 40}, {"kB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1}, {"", 1}}

// parseSize reads a number of bytes: 65536, 64KiB, 1.5MiB, 2GB.
func parseSize(s string) (int64, bool) {
	for _, u := range sizeUnits {
		number, found := cutSuffixFold(s, u.name)
		if !found {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		bytes := n * float64(u.factor)
		if err != nil || bytes != float64(int64(bytes)) || bytes < 0 || bytes > 1<<60 {
			return 0, false
		}
		return int64(bytes), true
	}
	return 0, false
}

func cutSuffixFold(s, suffix string) (string, bool) {
	if at := len(s) - len(suffix); at >= 0 && strings.EqualFold(s[at:], suffix) {
		return s[:at], true
	}
	return s, false
}

func formatSize(n int64) string {
	for _, u := range []struct {
		name   string
		factor int64
	}{{"TiB", 1 << 40}, {"GiB", gib}, {"MiB", mib}, {"KiB", kib}} {
		if n >= u.factor && n%u.factor == 0 {
			return strconv.FormatInt(n/u.factor, 10) + u.name
		}
	}
	return strconv.FormatInt(n, 10) + "B"
}

// shortDuration writes 2m0s as 2m.
func shortDuration(d time.Duration) string {
	s := d.String()
	if strings.HasSuffix(s, "m0s") {
		s = strings.TrimSuffix(s, "0s")
	}
	if strings.HasSuffix(s, "h0m") {
		s = strings.TrimSuffix(s, "0m")
	}
	return s
}
