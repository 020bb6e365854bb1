package kafkatest

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ecdsa"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
)

// keyPassword decrypts the encrypted forms of the client's key.
const keyPassword = "kafkatest-key-password"

// keyIterations is openssl's default.
const keyIterations = 2048

func (w *certificateWriter) pkcs8(key *ecdsa.PrivateKey) *pem.Block {
	if w.err != nil {
		return nil
	}
	der, err := x509.MarshalPKCS8PrivateKey(key)
	w.failed(err)
	return &pem.Block{Type: "PRIVATE KEY", Bytes: der}
}

func (w *certificateWriter) legacyEncrypted(key *ecdsa.PrivateKey) *pem.Block {
	if w.err != nil {
		return nil
	}
	der, err := x509.MarshalECPrivateKey(key)
	if w.failed(err) {
		return nil
	}
	//lint:ignore SA1019 the form is insecure, but such files exist and a client may be given one
	block, err := x509.EncryptPEMBlock(rand.Reader, "EC PRIVATE KEY", der, []byte(keyPassword),
		x509.PEMCipherAES256)
	w.failed(err)
	return block
}

// encryptedPKCS8 writes the EncryptedPrivateKeyInfo of RFC 5958 with PBES2 of RFC 8018: PBKDF2 with
// HMAC-SHA-256, and AES-256 in CBC mode. The standard library has its parts, but not the whole.
func (w *certificateWriter) encryptedPKCS8(key *ecdsa.PrivateKey) *pem.Block {
	plain := w.pkcs8(key)
	if w.err != nil {
		return nil
	}
	der, err := encryptPBES2(plain.Bytes, keyPassword)
	w.failed(err)
	return &pem.Block{Type: "ENCRYPTED PRIVATE KEY", Bytes: der}
}

var (
	oidPBES2          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2         = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidHMACWithSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidAES256CBC      = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

type encryptedPrivateKeyInfo struct {
	Algorithm pkix.AlgorithmIdentifier
	Data      []byte
}

type pbes2Params struct {
	KeyDerivation pkix.AlgorithmIdentifier
	Encryption    pkix.AlgorithmIdentifier
}

type pbkdf2Params struct {
	Salt       []byte
	Iterations int
	PRF        pkix.AlgorithmIdentifier
}

func encryptPBES2(plain []byte, password string) ([]byte, error) {
	salt, iv := make([]byte, 16), make([]byte, aes.BlockSize)
	for _, b := range [][]byte{salt, iv} {
		if _, err := rand.Read(b); err != nil {
			return nil, err
		}
	}
	key, err := pbkdf2.Key(sha256.New, password, salt, keyIterations, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	data := padPKCS7(plain)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(data, data)

	derivation, err := algorithm(oidPBKDF2, pbkdf2Params{
		Salt:       salt,
		Iterations: keyIterations,
		PRF: pkix.AlgorithmIdentifier{Algorithm: oidHMACWithSHA256,
			Parameters: asn1.NullRawValue},
	})
	if err != nil {
		return nil, err
	}
	encryption, err := algorithm(oidAES256CBC, iv)
	if err != nil {
		return nil, err
	}
	scheme, err := algorithm(oidPBES2, pbes2Params{KeyDerivation: derivation,
		Encryption: encryption})
	if err != nil {
		return nil, err
	}
	return asn1.Marshal(encryptedPrivateKeyInfo{Algorithm: scheme, Data: data})
}

func algorithm(oid asn1.ObjectIdentifier, params any) (pkix.AlgorithmIdentifier, error) {
	der, err := asn1.Marshal(params)
	return pkix.AlgorithmIdentifier{Algorithm: oid, Parameters: asn1.RawValue{FullBytes: der}}, err
}

// padPKCS7 returns a copy of plain, padded to whole blocks with bytes that contain the number of
// bytes added.
func padPKCS7(plain []byte) []byte {
	n := aes.BlockSize - len(plain)%aes.BlockSize
	padded := make([]byte, len(plain)+n)
	for i := copy(padded, plain); i < len(padded); i++ {
		padded[i] = byte(n)
	}
	return padded
}
