package kafka

import (
	"crypto/tls"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// The keys in testdata are one key in the forms in which openssl 3.0 writes it; the password is
// "sesame":
//
//	openssl ecparam -name prime256v1 -genkey -noout -out sec1.pem
//	openssl pkcs8 -topk8 -nocrypt -in sec1.pem -out plain.pem
//	openssl pkcs8 -topk8 -in plain.pem -v2 aes-256-cbc -v2prf hmacWithSHA256 -out aes-256-cbc.pem
//	openssl pkcs8 -topk8 -in plain.pem -scrypt -out scrypt.pem
//	openssl pkcs8 -topk8 -in plain.pem -v1 PBE-SHA1-3DES -out pbes1.pem
//	openssl ec -in sec1.pem -aes256 -out legacy.pem
//	openssl req -x509 -new -key plain.pem -days 36500 -subj /CN=test -out cert.pem
func testdata(name string) string { return filepath.Join("testdata", name) }

func TestKeysThatOpensslWrites(t *testing.T) {
	for _, name := range []string{
		"plain.pem", "sec1.pem", "aes-256-cbc.pem", "aes-192-cbc.pem", "aes-128-cbc.pem",
		"des3.pem", "legacy.pem",
	} {
		t.Run(name, func(t *testing.T) {
			pair, err := readKeyPair(testdata("cert.pem"), testdata(name), NewSecret("sesame"))
			if err != nil {
				t.Fatal(err)
			}
			if pair.PrivateKey == nil {
				t.Error("no private key")
			}
		})
	}
}

func TestKeysThatCannotBeOpened(t *testing.T) {
	for _, tt := range []struct{ file, password, want string }{
		{"aes-256-cbc.pem", "wrong", "wrong password"},
		{"aes-256-cbc.pem", "", "there is no password"},
		{"legacy.pem", "wrong", "wrong password"},
		{"legacy.pem", "", "there is no password"},
		{"scrypt.pem", "sesame", "key derivation (1.3.6.1.4.1.11591.4.11) is not supported; " +
			"openssl pkcs8 -topk8"},
		{"pbes1.pem", "sesame", "scheme (1.2.840.113549.1.12.1.3) is not supported"},
		{"cert.pem", "", "no private key"},
		{"absent.pem", "", "no such file"},
	} {
		t.Run(tt.file+" "+tt.password, func(t *testing.T) {
			_, err := readKeyPair(testdata("cert.pem"), testdata(tt.file), NewSecret(tt.password))
			if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("the error is %v, want %q in it", err, tt.want)
			}
			if err != nil && strings.Contains(err.Error(), "sesame") {
				t.Errorf("the password is in %q", err)
			}
		})
	}
}

func TestKeyIsFoundBehindOtherBlocks(t *testing.T) {
	both := filepath.Join(t.TempDir(), "both.pem")
	concatenate(t, both, "cert.pem", "aes-256-cbc.pem")
	if _, err := readKeyPair(both, both, NewSecret("sesame")); err != nil {
		t.Error(err)
	}
}

func concatenate(t *testing.T, path string, names ...string) {
	t.Helper()
	var all []byte
	for _, name := range names {
		data, err := os.ReadFile(testdata(name))
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, data...)
	}
	if err := os.WriteFile(path, all, 0o600); err != nil {
		t.Fatal(err)
	}
}

// FuzzOpenKey looks for files for which openKey panics or returns something that is not a key.
func FuzzOpenKey(f *testing.F) {
	names, err := filepath.Glob(testdata("*.pem"))
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data, "sesame")
	}
	cert, err := os.ReadFile(testdata("cert.pem"))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, data []byte, password string) {
		if key, err := openKey(data, NewSecret(password)); err == nil {
			_, _ = tls.X509KeyPair(cert, key)
		}
	})
}
