package kafkatest

import (
	"net"
	"os"
	"strings"
	"testing"
)

// The variables by which a suite finds a running cluster.
const (
	envBrokers = "DASHSTREAM_TEST_BROKERS"
	envDir     = "DASHSTREAM_TEST_KAFKA_DIR"
)

// Brokers returns the plaintext addresses in DASHSTREAM_TEST_BROKERS, host:port separated by
// commas, or "" if it is not set. It fails the test if an address is invalid.
func Brokers(t testing.TB) string {
	t.Helper()
	value := strings.TrimSpace(os.Getenv(envBrokers))
	if value == "" {
		return ""
	}
	for addr := range strings.SplitSeq(value, ",") {
		if _, port, err := net.SplitHostPort(addr); err != nil || port == "" {
			t.Fatalf("%s=%s: %q is not host:port", envBrokers, value, addr)
		}
	}
	return value
}

// FromEnv returns the cluster in the directory named by DASHSTREAM_TEST_KAFKA_DIR, or nil if it is
// not set. Then there are no listeners but those of Brokers, and no brokers to freeze. It fails the
// test if there is no cluster in the directory. A test must not close the cluster, and must restore
// brokers that it has frozen or stopped.
func FromEnv(t testing.TB) *Cluster {
	t.Helper()
	dir := os.Getenv(envDir)
	if dir == "" {
		return nil
	}
	c, err := Open(dir)
	if err != nil {
		t.Fatalf("%s=%s: %v", envDir, dir, err)
	}
	return c
}

// Env returns the variables by which Brokers, FromEnv and the project's programs find the cluster,
// each in the form NAME=value.
func (c *Cluster) Env() []string {
	on := func(l Listener) string { return strings.Join(c.Brokers(l), ",") }
	return []string{
		"KAFKA_BROKERS=" + on(Plaintext),
		envBrokers + "=" + on(Plaintext),
		envBrokers + "_SASL_PLAINTEXT=" + on(SASLPlaintext),
		envBrokers + "_SASL_SSL=" + on(SASLSSL),
		envBrokers + "_SSL=" + on(SSL),
		envBrokers + "_OAUTH_UNSECURED=" + on(OAuthUnsecured),
		envBrokers + "_OAUTH_JWKS=" + on(OAuthJWKS),
		"DASHSTREAM_TEST_TOKEN_KEY=" + c.layout.tokenKeyFile(),
		"DASHSTREAM_TEST_USER=" + c.User,
		"DASHSTREAM_TEST_PASSWORD=" + c.Password,
		"DASHSTREAM_TEST_TLS_CA=" + c.TLS.CA,
		"DASHSTREAM_TEST_TLS_CERT=" + c.TLS.Cert,
		"DASHSTREAM_TEST_TLS_KEY=" + c.TLS.Key,
		"DASHSTREAM_TEST_TLS_ENCRYPTED_KEY=" + c.TLS.EncryptedKey,
		"DASHSTREAM_TEST_TLS_LEGACY_KEY=" + c.TLS.LegacyKey,
		"DASHSTREAM_TEST_TLS_KEY_PASSWORD=" + c.TLS.KeyPassword,
		"DASHSTREAM_TEST_TLS_WRONG_CA=" + c.TLS.WrongCA,
		"DASHSTREAM_TEST_TLS_EXPIRED_CERT=" + c.TLS.ExpiredCert,
		"DASHSTREAM_TEST_TLS_FOREIGN_CERT=" + c.TLS.ForeignCert,
		envDir + "=" + c.layout.dir,
	}
}
