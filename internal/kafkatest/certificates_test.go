package kafkatest

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"io"
	"net"
	"os"
	"os/exec"
	"testing"
)

func newCertificates(t *testing.T) (layout, TLSFiles) {
	t.Helper()
	l := layout{t.TempDir()}
	if err := os.Mkdir(l.tlsDir(), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := writeCertificates(l); err != nil {
		t.Fatal(err)
	}
	return l, l.tlsFiles()
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func pool(t *testing.T, path string) *x509.CertPool {
	t.Helper()
	p := x509.NewCertPool()
	if !p.AppendCertsFromPEM(readFile(t, path)) {
		t.Fatalf("no certificate in %s", path)
	}
	return p
}

func keyPair(t *testing.T, cert, key string) tls.Certificate {
	t.Helper()
	pair, err := tls.LoadX509KeyPair(cert, key)
	if err != nil {
		t.Fatal(err)
	}
	return pair
}

// clientConfig trusts ca, and sends cert even to a server that does not ask for its issuer.
func clientConfig(t *testing.T, files TLSFiles, ca, cert string) *tls.Config {
	t.Helper()
	config := &tls.Config{RootCAs: pool(t, ca), ServerName: "127.0.0.1"}
	if cert != "" {
		pair := keyPair(t, cert, files.Key)
		config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			return &pair, nil
		}
	}
	return config
}

// tlsCases says who may connect to a listener that requires a client certificate.
func tlsCases(files TLSFiles) []struct {
	name, ca, cert string
	ok             bool
} {
	return []struct {
		name, ca, cert string
		ok             bool
	}{
		{"right", files.CA, files.Cert, true},
		{"no certificate", files.CA, "", false},
		{"expired certificate", files.CA, files.ExpiredCert, false},
		{"foreign certificate", files.CA, files.ForeignCert, false},
		{"wrong authority", files.WrongCA, files.Cert, false},
	}
}

func TestOnlyTheRightCertificatesConnect(t *testing.T) {
	l, files := newCertificates(t)
	server := &tls.Config{
		Certificates: []tls.Certificate{keyPair(t, l.brokerKeystore(), l.brokerKeystore())},
		ClientCAs:    pool(t, files.CA),
		ClientAuth:   tls.RequireAndVerifyClientCert,
	}
	for _, c := range tlsCases(files) {
		t.Run(c.name, func(t *testing.T) {
			ours, theirs := net.Pipe()
			go func() {
				conn := tls.Server(theirs, server)
				if conn.Handshake() == nil {
					_, _ = conn.Write([]byte("hello"))
				}
				_ = theirs.Close()
			}()
			defer func() { _ = ours.Close() }()
			got := make([]byte, 5)
			_, err := io.ReadFull(tls.Client(ours, clientConfig(t, files, c.ca, c.cert)), got)
			if (err == nil) != c.ok {
				t.Errorf("read: %v, want success %v", err, c.ok)
			}
		})
	}
}

func TestBrokerIsKnownByNameAndAddress(t *testing.T) {
	l, files := newCertificates(t)
	leaf := keyPair(t, l.brokerKeystore(), l.brokerKeystore()).Leaf
	for name, ok := range map[string]bool{"localhost": true, "127.0.0.1": true,
		"kafka.example": false} {
		_, err := leaf.Verify(x509.VerifyOptions{Roots: pool(t, files.CA), DNSName: name})
		if (err == nil) != ok {
			t.Errorf("%s: %v, want success %v", name, err, ok)
		}
	}
}

func TestEncryptedKeysHoldTheKey(t *testing.T) {
	_, files := newCertificates(t)
	key, _ := pem.Decode(readFile(t, files.Key))
	want, err := x509.ParsePKCS8PrivateKey(key.Bytes)
	if err != nil {
		t.Fatal(err)
	}
	encrypted, _ := pem.Decode(readFile(t, files.EncryptedKey))
	if encrypted == nil || encrypted.Type != "ENCRYPTED PRIVATE KEY" {
		t.Fatalf("%s: %v", files.EncryptedKey, encrypted)
	}
	plain, err := decryptPBES2(encrypted.Bytes, files.KeyPassword)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(plain, key.Bytes) {
		t.Error("the PKCS #8 key decrypts to another key")
	}
	if plain, err := decryptPBES2(encrypted.Bytes, "wrong"); err == nil &&
		bytes.Equal(plain, key.Bytes) {
		t.Error("the PKCS #8 key opens with a wrong password")
	}

	legacy, _ := pem.Decode(readFile(t, files.LegacyKey))
	//lint:ignore SA1019 the form is what is tested
	der, err := x509.DecryptPEMBlock(legacy, []byte(files.KeyPassword))
	if err != nil {
		t.Fatal(err)
	}
	got, err := x509.ParseECPrivateKey(der)
	if err != nil {
		t.Fatal(err)
	}
	if !got.Equal(want) {
		t.Error("the legacy key decrypts to another key")
	}
}

// decryptPBES2 undoes encryptPBES2, and reads the parameters rather than assume them.
func decryptPBES2(der []byte, password string) ([]byte, error) {
	var info encryptedPrivateKeyInfo
	var scheme pbes2Params
	var derivation pbkdf2Params
	var iv []byte
	for _, part := range []struct {
		der func() []byte
		to  any
	}{
		{func() []byte { return der }, &info},
		{func() []byte { return info.Algorithm.Parameters.FullBytes }, &scheme},
		{func() []byte { return scheme.KeyDerivation.Parameters.FullBytes }, &derivation},
		{func() []byte { return scheme.Encryption.Parameters.FullBytes }, &iv},
	} {
		if _, err := asn1.Unmarshal(part.der(), part.to); err != nil {
			return nil, err
		}
	}
	key, err := pbkdf2.Key(sha256.New, password, derivation.Salt, derivation.Iterations, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	plain := make([]byte, len(info.Data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, info.Data)
	pad := int(plain[len(plain)-1])
	end := len(plain) - pad
	if pad == 0 || pad > aes.BlockSize ||
		!bytes.Equal(plain[end:], bytes.Repeat([]byte{byte(pad)}, pad)) {
		return nil, errors.New("wrong password")
	}
	return plain[:end], nil
}

func TestOpenSSLReadsEncryptedKeys(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("nobody to ask:", err)
	}
	_, files := newCertificates(t)
	public := func(args ...string) string {
		t.Helper()
		out, err := exec.Command(openssl, append([]string{"pkey", "-pubout", "-in"}, args...)...).
			CombinedOutput()
		if err != nil {
			t.Fatalf("openssl: %v: %s", err, out)
		}
		return string(out)
	}
	want := public(files.Key)
	for _, file := range []string{files.EncryptedKey, files.LegacyKey} {
		if got := public(file, "-passin", "pass:"+files.KeyPassword); got != want {
			t.Errorf("%s is for public key\n%s, want\n%s", file, got, want)
		}
	}
}
