package kafka

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/twmb/franz-go/pkg/sasl"
)

// bearer is the SASL mechanism OAUTHBEARER (RFC 7628).
//
// franz-go's own implementation mistakes the rejection of a token for a broken connection: brokers
// send the rejection as a challenge, and name the error only after that was answered.
type bearer struct {
	tokens     *tokens
	extensions []string
}

// Name implements [sasl.Mechanism].
func (bearer) Name() string { return string(OAuthBearer) }

// Authenticate implements [sasl.Mechanism].
func (b bearer) Authenticate(ctx context.Context, _ string) (sasl.Session, []byte, error) {
	token, err := b.tokens.get(ctx)
	if err != nil {
		return nil, nil, &tokenFailure{err}
	}
	const separator = "\x01"
	first := "n,," + separator + "auth=Bearer " + token + separator
	for _, e := range b.extensions {
		first += e + separator
	}
	return &bearerSession{tokens: b.tokens, token: token}, []byte(first + separator), nil
}

type bearerSession struct {
	tokens  *tokens
	token   string
	refused bool
}

// Challenge implements [sasl.Session]. It answers a rejection with one byte, after which the broker
// sends SASL_AUTHENTICATION_FAILED.
func (s *bearerSession) Challenge(challenge []byte) (bool, []byte, error) {
	if len(challenge) == 0 && !s.refused {
		return true, nil, nil
	}
	if s.refused {
		return false, nil, errors.New("a broker continues after it has rejected a token")
	}
	s.refused = true
	s.tokens.drop(s.token)
	return false, []byte{1}, nil
}

// tokenFailure is why there is no token. franz-go considers it worth a retry, and must not see the
// errors inside it. Errors of dialing would be taken for those of a broker, and context errors for
// those of the request.
type tokenFailure struct{ err error }

func (e *tokenFailure) Error() string   { return "no token to log in with: " + e.err.Error() }
func (e *tokenFailure) Temporary() bool { return true }
func (e *tokenFailure) Timeout() bool   { return false }

// tokenRefused reports whether a token endpoint has rejected this client.
func tokenRefused(err error) bool { return endpointRefusalIn(err) != nil }

// tokenElsewhere reports whether something other than a token endpoint has responded.
func tokenElsewhere(err error) bool {
	refused := endpointRefusalIn(err)
	return refused != nil && refused.address
}

func endpointRefusalIn(err error) *endpointRefusal {
	var failure *tokenFailure
	var refused *endpointRefusal
	if errors.As(err, &failure) && errors.As(failure.err, &refused) {
		return refused
	}
	return nil
}

var (
	extensionKey   = regexp.MustCompile(`^[A-Za-z]{1,64}$`)
	extensionValue = regexp.MustCompile(`^[\x21-\x7e \t\r\n]*$`)
)

// IsExtension reports whether s can be sent to brokers with a token: key=value.
func IsExtension(s string) bool {
	key, value, ok := strings.Cut(s, "=")
	return ok && extensionKey.MatchString(key) && !strings.EqualFold(key, "auth") && value != "" &&
		extensionValue.MatchString(value)
}

// claims is what a token says about itself, if it is a JWT. Only brokers can tell whether it is
// true.
type claims struct {
	Subject string  `json:"sub"`
	Expires float64 `json:"exp"`
}

func claimsOf(token string) (c claims, ok bool) {
	parts := strings.Split(token, ".")
	if len(parts) != 3 {
		return c, false
	}
	payload, err := base64.RawURLEncoding.DecodeString(parts[1])
	return c, err == nil && json.Unmarshal(payload, &c) == nil
}

func (c claims) expiry() time.Time {
	if c.Expires <= 0 || c.Expires > 1e11 {
		return time.Time{}
	}
	return time.UnixMilli(int64(c.Expires * 1000))
}
