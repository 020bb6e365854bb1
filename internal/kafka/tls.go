package kafka

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"time"
)

// credentials has the certificates for TLS connections, and reads them again when their files have
// changed. It checks that when a dial asks for a configuration: a connection keeps the certificates
// that it was opened with.
type credentials struct {
	security Security
	log      *slog.Logger
	base     *tls.Config // a TLS configuration of the user; nil: none

	mu      sync.Mutex
	roots   *x509.CertPool
	pair    *tls.Certificate
	caSeen  stamp
	keySeen [2]stamp
	failure string // the last failure logged, to log it only once
}

// stamp tells whether a file has changed.
type stamp struct {
	modified time.Time
	size     int64
}

func stampOf(path string) (stamp, error) {
	info, err := os.Stat(path)
	if err != nil {
		return stamp{}, fileError(path, err)
	}
	return stamp{info.ModTime(), info.Size()}, nil
}

// newCredentials reads the files for the first time.
func newCredentials(s Security, log *slog.Logger) (*credentials, error) {
	c := &credentials{security: s, log: log}
	return c, c.refresh()
}

// config returns the configuration for a connection to host.
func (c *credentials) config(host string) *tls.Config {
	if c.base != nil {
		config := c.base.Clone()
		if config.ServerName == "" {
			config.ServerName = host
		}
		return config
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if err := c.refresh(); err != nil {
		// The previous certificates may still be good, and the next dial checks again: a file that
		// is being replaced is incomplete for a moment.
		if text := err.Error(); text != c.failure {
			c.failure = text
			c.log.Warn("kafka: changed certificates cannot be used; keeping the former ones",
				"error", err)
		}
	}
	config := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host, RootCAs: c.roots}
	if c.pair != nil {
		pair := c.pair
		// A certificate is sent even if the broker's list of authorities does not name its issuer:
		// the broker then says what is wrong.
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return pair, nil
		}
	}
	if c.security.EndpointAlgorithm == EndpointNone {
		config.InsecureSkipVerify =
			true // nolint:gosec // the chain is verified below; only the name is not
		config.VerifyConnection = verifyChain(c.roots)
	}
	return config
}

func (c *credentials) refresh() error {
	var errs []error
	if path := c.security.CAFile; path != "" {
		if seen, err := stampOf(path); err != nil {
			errs = append(errs, err)
		} else if seen != c.caSeen {
			if roots, err := readAuthorities(path); err != nil {
				errs = append(errs, err)
			} else {
				c.roots, c.caSeen, c.failure = roots, seen, ""
			}
		}
	}
	if c.security.CertFile != "" {
		errs = append(errs, c.refreshPair())
	}
	return errors.Join(errs...)
}

func (c *credentials) refreshPair() error {
	certSeen, err := stampOf(c.security.CertFile)
	if err != nil {
		return err
	}
	keySeen, err := stampOf(c.security.KeyFile)
	if err != nil {
		return err
	}
	seen := [2]stamp{certSeen, keySeen}
	if seen == c.keySeen {
		return nil
	}
	pair, err := readKeyPair(c.security.CertFile, c.security.KeyFile, c.security.KeyPassword)
	if err != nil {
		return err
	}
	c.pair, c.keySeen, c.failure = pair, seen, ""
	return nil
}

func readAuthorities(path string) (*x509.CertPool, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, fileError(path, err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(data) {
		return nil, fmt.Errorf("%s: no PEM certificate in it", shownPath(path))
	}
	return pool, nil
}

func readKeyPair(certPath, keyPath string, password Secret) (*tls.Certificate, error) {
	cert, err := os.ReadFile(certPath)
	if err != nil {
		return nil, fileError(certPath, err)
	}
	data, err := os.ReadFile(keyPath)
	if err != nil {
		return nil, fileError(keyPath, err)
	}
	key, err := openKey(data, password)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", shownPath(keyPath), err)
	}
	pair, err := tls.X509KeyPair(cert, key)
	if err != nil {
		return nil, fmt.Errorf("%s and %s: %w", shownPath(certPath), shownPath(keyPath), err)
	}
	return &pair, nil
}

// verifyChain verifies what crypto/tls verifies, except for the name.
func verifyChain(roots *x509.CertPool) func(tls.ConnectionState) error {
	return func(state tls.ConnectionState) error {
		options := x509.VerifyOptions{Roots: roots, Intermediates: x509.NewCertPool()}
		for _, cert := range state.PeerCertificates[1:] {
			options.Intermediates.AddCert(cert)
		}
		if _, err := state.PeerCertificates[0].Verify(options); err != nil {
			return &tls.CertificateVerificationError{UnverifiedCertificates: state.PeerCertificates,
				Err: err}
		}
		return nil
	}
}
