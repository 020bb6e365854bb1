package kafkatest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"time"
)

// TLSFiles are the PEM files that a client needs to connect over TLS, and some that must be
// rejected. All certificates of the client are for the one Key.
type TLSFiles struct {
	CA   string // issuer of Cert and of the brokers' certificate for localhost and 127.0.0.1
	Cert string // the client's, valid for the SSL listener
	Key  string // the client's key, PKCS #8, not encrypted

	// Key in encrypted PKCS #8 (PBES2 with AES-256), as openssl and Java write it
	EncryptedKey string
	// Key with a Proc-Type header (RFC 1423), as openssl wrote it before version 1.0
	LegacyKey   string
	KeyPassword string // decrypts both; not a path

	// no broker has a certificate from it: a client that trusts only it must reject the brokers
	WrongCA     string
	ExpiredCert string // for Key, signed by CA, expired yesterday: brokers must reject it
	ForeignCert string // for Key, signed by WrongCA: brokers must reject it
}

func (l layout) tlsFiles() TLSFiles {
	in := func(name string) string { return filepath.Join(l.tlsDir(), name) }
	return TLSFiles{
		CA:           in("ca.pem"),
		Cert:         in("client.pem"),
		Key:          in("client.key"),
		EncryptedKey: in("client.encrypted.key"),
		LegacyKey:    in("client.legacy.key"),
		KeyPassword:  keyPassword,
		WrongCA:      in("wrong-ca.pem"),
		ExpiredCert:  in("client.expired.pem"),
		ForeignCert:  in("client.foreign.pem"),
	}
}

// writeCertificates creates the certificates of a cluster, in an existing directory. They are valid
// for ten years, so a cluster that is started again needs no new ones.
func writeCertificates(l layout) error {
	w := certificateWriter{now: time.Now()}
	files := l.tlsFiles()

	ca, wrong := w.authority("kafkatest CA"), w.authority("kafkatest wrong CA")
	w.write(files.CA, ca.block())
	w.write(files.WrongCA, wrong.block())

	brokerKey := w.newKey()
	broker := w.issue(ca, brokerKey, serverTemplate("broker"))
	w.write(l.brokerKeystore(), w.pkcs8(brokerKey), broker, ca.block())

	key := w.newKey()
	w.write(files.Key, w.pkcs8(key))
	w.write(files.EncryptedKey, w.encryptedPKCS8(key))
	w.write(files.LegacyKey, w.legacyEncrypted(key))
	w.write(files.Cert, w.issue(ca, key, clientTemplate("client")))
	w.write(files.ForeignCert, w.issue(wrong, key, clientTemplate("client")))
	expired := clientTemplate("client")
	expired.NotBefore, expired.NotAfter = w.now.AddDate(0, 0, -2), w.now.AddDate(0, 0, -1)
	w.write(files.ExpiredCert, w.issue(ca, key, expired))
	if w.err != nil {
		return fmt.Errorf("kafkatest: certificates: %w", w.err)
	}
	return nil
}

func serverTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		DNSNames:    []string{"localhost"},
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
}

func clientTemplate(name string) *x509.Certificate {
	return &x509.Certificate{
		Subject:     pkix.Name{CommonName: name},
		KeyUsage:    x509.KeyUsageDigitalSignature,
		ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth},
	}
}

type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
}

func (a authority) block() *pem.Block {
	return &pem.Block{Type: "CERTIFICATE", Bytes: a.cert.Raw}
}

// certificateWriter keeps the first error; after it, its methods do nothing and return values that
// must not be used.
type certificateWriter struct {
	now time.Time
	err error
}

func (w *certificateWriter) failed(err error) bool {
	if w.err == nil {
		w.err = err
	}
	return w.err != nil
}

func (w *certificateWriter) newKey() *ecdsa.PrivateKey {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	w.failed(err)
	return key
}

func (w *certificateWriter) authority(name string) authority {
	a := authority{key: w.newKey(), cert: &x509.Certificate{
		Subject:               pkix.Name{CommonName: name},
		KeyUsage:              x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		BasicConstraintsValid: true,
		IsCA:                  true,
	}}
	block := w.issue(a, a.key, a.cert)
	if w.err != nil {
		return a
	}
	cert, err := x509.ParseCertificate(block.Bytes)
	w.failed(err)
	a.cert = cert
	return a
}

// issue signs the template for key, valid for ten years unless the template says otherwise.
func (w *certificateWriter) issue(
	by authority, key *ecdsa.PrivateKey, template *x509.Certificate,
) *pem.Block {
	if w.err != nil {
		return nil
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 127))
	if w.failed(err) {
		return nil
	}
	template.SerialNumber = serial
	if template.NotAfter.IsZero() {
		template.NotBefore, template.NotAfter = w.now.Add(-time.Hour), w.now.AddDate(10, 0, 0)
	}
	der, err := x509.CreateCertificate(rand.Reader, template, by.cert, &key.PublicKey, by.key)
	w.failed(err)
	return &pem.Block{Type: "CERTIFICATE", Bytes: der}
}

func (w *certificateWriter) write(path string, blocks ...*pem.Block) {
	if w.err != nil {
		return
	}
	var text []byte
	for _, b := range blocks {
		text = append(text, pem.EncodeToMemory(b)...)
	}
	w.failed(os.WriteFile(path, text, 0o600))
}
