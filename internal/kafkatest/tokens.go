package kafkatest

import (
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"time"
)

// What the OAuthJWKS listener requires of tokens.
const (
	TokenIssuer   = "https://kafkatest.invalid/"
	TokenAudience = "kafkatest"

	tokenKeyID = "kafkatest-1"
)

func (l layout) jwksFile() string     { return filepath.Join(l.tlsDir(), "jwks.json") }
func (l layout) tokenKeyFile() string { return filepath.Join(l.tlsDir(), "token.key") }

// jwksURL is where brokers read the key from. Kafka accepts no path that has to be escaped in a
// URL, and does not unescape one. On Linux, such a path is avoided by using the directory that a
// broker is in.
func (l layout) jwksURL() string {
	path := filepath.ToSlash(l.jwksFile())
	if u := (&url.URL{Scheme: "file", Path: path}).String(); u == "file://"+path ||
		runtime.GOOS != "linux" {
		return u
	}
	return "file:///proc/self/cwd/../" + filepath.Base(l.tlsDir()) + "/" +
		filepath.Base(l.jwksFile())
}

// writeTokenKey creates the key that signs tokens, and the key set with which brokers check them.
func writeTokenKey(l layout) error {
	w := certificateWriter{now: time.Now()}
	key := w.newKey()
	w.write(l.tokenKeyFile(), w.pkcs8(key))
	if w.err != nil {
		return fmt.Errorf("kafkatest: key for tokens: %w", w.err)
	}
	point, err := key.PublicKey.Bytes() // 4, x, y
	if err != nil {
		return fmt.Errorf("kafkatest: key for tokens: %w", err)
	}
	encode := base64.RawURLEncoding.EncodeToString
	set := map[string]any{"keys": []any{map[string]string{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": tokenKeyID,
		"x": encode(point[1:33]), "y": encode(point[33:]),
	}}}
	text, err := json.Marshal(set)
	if err != nil {
		return fmt.Errorf("kafkatest: %w", err)
	}
	if err := os.WriteFile(l.jwksFile(), text, 0o600); err != nil {
		return fmt.Errorf("kafkatest: %w", err)
	}
	return nil
}

// UnsecuredToken returns a token for the OAuthUnsecured listener, whose principal is User:subject.
func UnsecuredToken(subject string, lives time.Duration) string {
	head, body := tokenParts(map[string]string{"alg": "none"}, subject, lives)
	return head + "." + body + "."
}

// Token returns a signed token for the OAuthJWKS listener, whose principal is User:subject.
func (c *Cluster) Token(subject string, lives time.Duration) (string, error) {
	text, err := os.ReadFile(c.layout.tokenKeyFile())
	if err != nil {
		return "", fmt.Errorf("kafkatest: %w", err)
	}
	block, _ := pem.Decode(text)
	if block == nil {
		return "", errors.New("kafkatest: no key for tokens")
	}
	parsed, err := x509.ParsePKCS8PrivateKey(block.Bytes)
	if err != nil {
		return "", fmt.Errorf("kafkatest: %w", err)
	}
	key, ok := parsed.(*ecdsa.PrivateKey)
	if !ok {
		return "", errors.New("kafkatest: the key for tokens is of another kind")
	}
	head, body := tokenParts(map[string]string{"alg": "ES256", "kid": tokenKeyID, "typ": "JWT"},
		subject, lives)
	sum := sha256.Sum256([]byte(head + "." + body))
	r, s, err := ecdsa.Sign(rand.Reader, key, sum[:])
	if err != nil {
		return "", fmt.Errorf("kafkatest: %w", err)
	}
	var signature [64]byte
	r.FillBytes(signature[:32])
	s.FillBytes(signature[32:])
	return head + "." + body + "." + base64.RawURLEncoding.EncodeToString(signature[:]), nil
}

func tokenParts(header map[string]string, subject string, lives time.Duration) (head, body string) {
	now := float64(time.Now().UnixMilli()) / 1000
	part := func(v any) string {
		text, _ := json.Marshal(v) // strings and numbers
		return base64.RawURLEncoding.EncodeToString(text)
	}
	return part(header), part(map[string]any{
		"sub": subject, "iss": TokenIssuer, "aud": TokenAudience, "scope": "events",
		"iat": now, "exp": now + lives.Seconds(),
	})
}
