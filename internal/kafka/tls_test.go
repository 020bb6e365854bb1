package kafka

import (
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"log/slog"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// authority issues certificates.
type authority struct {
	t    *testing.T
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func newAuthority(t *testing.T, name string) *authority {
	a := &authority{t: t}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour),
		NotAfter:  time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign,
	}
	a.cert, a.key = a.sign(template, template, nil)
	return a
}

func (a *authority) sign(
	template, parent *x509.Certificate, by *ecdsa.PrivateKey,
) (*x509.Certificate, *ecdsa.PrivateKey) {
	a.t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		a.t.Fatal(err)
	}
	if by == nil {
		by = key
	}
	der, err := x509.CreateCertificate(rand.Reader, template, parent, &key.PublicKey, by)
	if err != nil {
		a.t.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		a.t.Fatal(err)
	}
	return cert, key
}

// issue returns a certificate for the names, which may be addresses, and its key.
func (a *authority) issue(common string, names ...string) tls.Certificate {
	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: common},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth},
	}
	for _, name := range names {
		if ip := net.ParseIP(name); ip != nil {
			template.IPAddresses = append(template.IPAddresses, ip)
		} else {
			template.DNSNames = append(template.DNSNames, name)
		}
	}
	cert, key := a.sign(template, a.cert, a.key)
	return tls.Certificate{Certificate: [][]byte{cert.Raw}, PrivateKey: key, Leaf: cert}
}

func (a *authority) pool() *x509.CertPool {
	pool := x509.NewCertPool()
	pool.AddCert(a.cert)
	return pool
}

// write writes blocks to a file, and makes sure that the file's time has changed.
func write(t *testing.T, path string, blocks ...*pem.Block) {
	t.Helper()
	was, _ := os.Stat(path)
	buf := new(bytes.Buffer)
	for _, block := range blocks {
		if err := pem.Encode(buf, block); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, buf.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
	if was != nil {
		later := was.ModTime().Add(time.Second)
		if err := os.Chtimes(path, later, later); err != nil {
			t.Fatal(err)
		}
	}
}

func certBlock(der []byte) *pem.Block { return &pem.Block{Type: "CERTIFICATE", Bytes: der} }

func writePair(t *testing.T, certPath, keyPath string, pair tls.Certificate) {
	t.Helper()
	der, err := x509.MarshalPKCS8PrivateKey(pair.PrivateKey)
	if err != nil {
		t.Fatal(err)
	}
	write(t, certPath, certBlock(pair.Certificate[0]))
	write(t, keyPath, &pem.Block{Type: "PRIVATE KEY", Bytes: der})
}

// listener accepts TLS connections, says "hello" and records who called.
type listener struct {
	address string
	callers chan string
}

func listen(t *testing.T, config *tls.Config) *listener {
	t.Helper()
	l, err := tls.Listen("tcp", "127.0.0.1:0", config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	out := &listener{l.Addr().String(), make(chan string, 100)}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				if c.(*tls.Conn).Handshake() != nil {
					return
				}
				caller := ""
				if peers := c.(*tls.Conn).ConnectionState().PeerCertificates; len(peers) > 0 {
					caller = peers[0].Subject.CommonName
				}
				out.callers <- caller
				_, _ = c.Write([]byte("hello"))
			}()
		}
	}()
	return out
}

// call connects as a client does, and reads what the listener says.
func call(n *network, address string) error {
	c, err := n.DialContext(context.Background(), "tcp", address)
	if err != nil {
		return err
	}
	defer c.Close()
	_, err = c.Read(make([]byte, 5))
	return err
}

func newTestNetwork(t *testing.T, s Security) (*network, *bytes.Buffer) {
	t.Helper()
	log := new(bytes.Buffer)
	cfg := Config{Security: s, Logger: slog.New(slog.NewTextHandler(log, nil))}.withDefaults()
	certs, err := newCredentials(cfg.Security, cfg.Logger)
	if err != nil {
		t.Fatal(err)
	}
	return newNetwork(&cfg, newTiming(cfg.DeliveryTimeout), certs, new(counters)), log
}

func TestBrokersCertificateIsChecked(t *testing.T) {
	ca, other := newAuthority(t, "ca"), newAuthority(t, "other")
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	write(t, caFile, certBlock(ca.cert.Raw))
	for _, tt := range []struct {
		name     string
		issuer   *authority
		names    []string
		endpoint EndpointAlgorithm
		version  uint16
		want     string // in the error
	}{
		{"by its address", ca, []string{"127.0.0.1"}, EndpointHTTPS, 0, ""},
		{"for another name", ca, []string{"elsewhere"}, EndpointHTTPS, 0,
			"doesn't contain any IP SANs"},
		{"for another name, which does not matter", ca, []string{"elsewhere"}, EndpointNone, 0, ""},
		{"from another authority", other, []string{"127.0.0.1"}, EndpointHTTPS, 0,
			"unknown authority"},
		{"from another authority, whatever the name", other, []string{"127.0.0.1"}, EndpointNone, 0,
			"unknown authority"},
		{"TLS 1.1", ca, []string{"127.0.0.1"}, EndpointHTTPS, tls.VersionTLS11, "protocol version"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			l := listen(t, &tls.Config{
				Certificates: []tls.Certificate{tt.issuer.issue("broker", tt.names...)},
				MinVersion:   tls.VersionTLS10, MaxVersion: tt.version,
			})
			n, _ := newTestNetwork(t, Security{Protocol: SSL, CAFile: caFile,
				EndpointAlgorithm: tt.endpoint})
			err := call(n, l.address)
			if tt.want == "" && err != nil || tt.want != "" &&
				(err == nil || !strings.Contains(err.Error(), tt.want)) {
				t.Errorf("the connection ended with %v, want %q", err, tt.want)
			}
			if open := n.stats.connects.Load() - n.stats.disconnects.Load(); open != 0 ||
				n.stats.connects.Load() != 1 {
				t.Errorf("%d connections are open of %d", open, n.stats.connects.Load())
			}
		})
	}
}

func TestChangedCertificatesAreReadAgain(t *testing.T) {
	first, second := newAuthority(t, "first"), newAuthority(t, "second")
	dir := t.TempDir()
	caFile, certFile, keyFile := filepath.Join(dir, "ca.pem"), filepath.Join(dir, "cert.pem"),
		filepath.Join(dir, "key.pem")
	write(t, caFile, certBlock(first.cert.Raw))
	writePair(t, certFile, keyFile, first.issue("one"))
	clients := first.pool()
	clients.AddCert(second.cert)
	serve := func(by *authority) *listener {
		return listen(t, &tls.Config{
			Certificates: []tls.Certificate{by.issue("broker", "127.0.0.1")},
			ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: clients,
		})
	}
	before, after := serve(first), serve(second)
	n, log := newTestNetwork(t, Security{Protocol: SSL, CAFile: caFile, CertFile: certFile,
		KeyFile: keyFile})
	expect := func(l *listener, caller string) {
		t.Helper()
		if err := call(n, l.address); err != nil {
			t.Fatal(err)
		}
		if got := <-l.callers; got != caller {
			t.Errorf("the broker was called by %q, want %q", got, caller)
		}
	}
	expect(before, "one")

	writePair(t, certFile, keyFile, second.issue("two"))
	expect(before, "two")

	if err := call(n, after.address); err == nil {
		t.Error("a broker of an authority that is not trusted yet was accepted")
	}
	write(t, caFile, certBlock(second.cert.Raw))
	expect(after, "two")

	// A file that cannot be used changes nothing, and is logged once.
	write(t, certFile, &pem.Block{Type: "NONSENSE", Bytes: []byte("x")})
	expect(after, "two")
	expect(after, "two")
	if n := strings.Count(log.String(), "level=WARN"); n != 1 {
		t.Errorf("%d warnings, want 1: %s", n, log)
	}
	writePair(t, certFile, keyFile, second.issue("three"))
	expect(after, "three")
}

func TestMissingClientCertificateIsAnAlert(t *testing.T) {
	ca := newAuthority(t, "ca")
	caFile := filepath.Join(t.TempDir(), "ca.pem")
	write(t, caFile, certBlock(ca.cert.Raw))
	l := listen(t, &tls.Config{
		Certificates: []tls.Certificate{ca.issue("broker", "127.0.0.1")},
		ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: ca.pool(),
	})
	n, _ := newTestNetwork(t, Security{Protocol: SSL, CAFile: caFile})
	err := call(n, l.address)
	if err == nil || !alert(err) || !definite(err) {
		t.Errorf("the connection ended with %v, want the broker's alert", err)
	}
	if !kgo.IsRetryableBrokerErr(err) {
		t.Errorf("franz-go would fail all that it holds for %v", err)
	}
}

func TestTLSWhereNobodySpeaksIt(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_, _ = c.Write([]byte("what is this?"))
			c.Close()
		}
	}()
	n, _ := newTestNetwork(t, Security{Protocol: SSL})
	if err := call(n, l.Addr().String()); err == nil || !wrongTransport(err) || !definite(err) {
		t.Errorf("the connection ended with %v, want a refusal", err)
	}
}
