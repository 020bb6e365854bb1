package kafka

import (
	"fmt"
	"io"
	"log/slog"
)

// redacted is shown in place of a secret.
const redacted = "[REDACTED]"

// Secret is a password. Only [Secret.Reveal] returns it. Every verb of package fmt, slog, and every
// encoder that uses encoding.TextMarshaler (such as encoding/json) gets "[REDACTED]" instead, or ""
// if the Secret is empty. That also holds for a Secret in an unexported field, whose methods fmt
// cannot call: fmt finds a pointer there and stops.
//
// The zero value is an empty secret. Two Secrets must not be compared with ==.
type Secret struct{ value *string }

// NewSecret returns a Secret that holds value.
func NewSecret(value string) Secret {
	if value == "" {
		return Secret{}
	}
	return Secret{&value}
}

// Reveal returns what the secret holds.
func (s Secret) Reveal() string {
	if s.value == nil {
		return ""
	}
	return *s.value
}

// IsZero reports whether the secret is empty.
func (s Secret) IsZero() bool { return s.value == nil }

// String returns "[REDACTED]", or "" when the secret is empty.
func (s Secret) String() string {
	if s.IsZero() {
		return ""
	}
	return redacted
}

// Format writes what String returns, whatever the verb.
func (s Secret) Format(f fmt.State, _ rune) {
	io.WriteString(f, s.String()) // nolint:errcheck // fmt.State cannot report an error
}

// LogValue returns what String returns.
func (s Secret) LogValue() slog.Value { return slog.StringValue(s.String()) }

// MarshalText returns what String returns, so that no encoder writes the secret.
func (s Secret) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText sets the secret to text, so that a configuration file can contain one.
func (s *Secret) UnmarshalText(text []byte) error {
	*s = NewSecret(string(text))
	return nil
}
