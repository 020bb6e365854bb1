package kafka

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/des"
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"errors"
	"fmt"
	"hash"
	"strings"
)

// errPassword covers both cases, because a wrong password and a damaged file look the same.
var errPassword = errors.New("the private key cannot be decrypted: wrong password, or a " +
	"damaged file")

// openKey returns the first private key in data, a PEM file, as an unencrypted PEM block.
func openKey(data []byte, password Secret) ([]byte, error) {
	for {
		var block *pem.Block
		if block, data = pem.Decode(data); block == nil {
			return nil, errors.New("no private key in it")
		}
		if !strings.HasSuffix(block.Type, "PRIVATE KEY") {
			continue
		}
		//lint:ignore SA1019 the old form is weak, but it is what some files have
		legacy := x509.IsEncryptedPEMBlock(block)
		encrypted := legacy || block.Type == "ENCRYPTED PRIVATE KEY"
		if encrypted && password.IsZero() {
			return nil, errors.New("the private key is encrypted, and there is no password for it")
		}
		var err error
		switch {
		case legacy:
			//lint:ignore SA1019 as above
			if block.Bytes, err = x509.DecryptPEMBlock(block, []byte(password.Reveal())); err !=
				nil {
				return nil, errPassword
			}
			block.Headers = nil
		case encrypted:
			if block.Bytes, err = decryptPKCS8(block.Bytes, password.Reveal()); err != nil {
				return nil, err
			}
			block.Type = "PRIVATE KEY"
		}
		return pem.EncodeToMemory(block), nil
	}
}

// What follows is the part of PKCS #5 (RFC 8018) that openssl writes into an encrypted PKCS #8
// file. That is PBES2: a key derived by PBKDF2 and a block cipher in CBC mode. The standard library
// reads PKCS #8 only if it is not encrypted.

var (
	oidPBES2  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
)

// blockCiphers are the ciphers, with the length of their keys.
var blockCiphers = map[string]struct {
	keyLength int
	create    func([]byte) (cipher.Block, error)
}{
	"2.16.840.1.101.3.4.1.2":  {16, aes.NewCipher},
	"2.16.840.1.101.3.4.1.22": {24, aes.NewCipher},
	"2.16.840.1.101.3.4.1.42": {32, aes.NewCipher},
	"1.2.840.113549.3.7":      {24, des.NewTripleDESCipher},
}

// hashes are the hash functions of PBKDF2's HMAC. The first one is the default for a file that
// names none.
var hashes = map[string]func() hash.Hash{
	"":                    sha1.New,
	"1.2.840.113549.2.7":  sha1.New,
	"1.2.840.113549.2.8":  sha256.New224,
	"1.2.840.113549.2.9":  sha256.New,
	"1.2.840.113549.2.10": sha512.New384,
	"1.2.840.113549.2.11": sha512.New,
}

// maxIterations bounds the work that a file can demand: openssl writes 2048, careful people
// 600,000.
const maxIterations = 2_000_000

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
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

func decryptPKCS8(der []byte, password string) ([]byte, error) {
	var info encryptedPrivateKeyInfo
	var params pbes2Params
	if err := unmarshalAll(der, &info); err != nil {
		return nil, fmt.Errorf("encrypted private key: %w", err)
	}
	if !info.Algorithm.Algorithm.Equal(oidPBES2) {
		return nil, unsupportedKey("scheme", info.Algorithm.Algorithm)
	}
	if err := unmarshalAll(info.Algorithm.Parameters.FullBytes, &params); err != nil {
		return nil, fmt.Errorf("encrypted private key: %w", err)
	}
	encryption, ok := blockCiphers[params.Encryption.Algorithm.String()]
	if !ok {
		return nil, unsupportedKey("cipher", params.Encryption.Algorithm)
	}
	key, err := deriveKey(params.KeyDerivation, password, encryption.keyLength)
	if err != nil {
		return nil, err
	}
	block, err := encryption.create(key)
	if err != nil {
		return nil, fmt.Errorf("encrypted private key: %w", err)
	}
	var iv []byte
	if err := unmarshalAll(params.Encryption.Parameters.FullBytes, &iv); err != nil {
		return nil, fmt.Errorf("encrypted private key: %w", err)
	}
	return decryptCBC(block, iv, info.Data)
}

func deriveKey(kdf pkix.AlgorithmIdentifier, password string, length int) ([]byte, error) {
	if !kdf.Algorithm.Equal(oidPBKDF2) {
		return nil, unsupportedKey("key derivation", kdf.Algorithm)
	}
	var params pbkdf2Params
	if err := unmarshalAll(kdf.Parameters.FullBytes, &params); err != nil {
		return nil, fmt.Errorf("encrypted private key: %w", err)
	}
	newHash, ok := hashes[params.PRF.Algorithm.String()]
	if !ok {
		return nil, unsupportedKey("hash", params.PRF.Algorithm)
	}
	if params.Iterations < 1 || params.Iterations > maxIterations {
		return nil, fmt.Errorf("encrypted private key: %d iterations, want 1 to %d",
			params.Iterations, maxIterations)
	}
	if params.KeyLength != 0 && params.KeyLength != length {
		return nil,
			fmt.Errorf("encrypted private key: a key of %d bytes for a cipher that takes %d",
				params.KeyLength, length)
	}
	return pbkdf2.Key(newHash, password, params.Salt, params.Iterations, length)
}

func decryptCBC(block cipher.Block, iv, data []byte) ([]byte, error) {
	size := block.BlockSize()
	if len(iv) != size || len(data) == 0 || len(data)%size != 0 {
		return nil, errPassword
	}
	plain := make([]byte, len(data))
	cipher.NewCBCDecrypter(block, iv).CryptBlocks(plain, data)
	padding := int(plain[len(plain)-1])
	if padding < 1 || padding > size {
		return nil, errPassword
	}
	body, tail := plain[:len(plain)-padding], plain[len(plain)-padding:]
	if !bytes.Equal(tail, bytes.Repeat([]byte{byte(padding)}, padding)) {
		return nil, errPassword
	}
	if _, err := x509.ParsePKCS8PrivateKey(body); err != nil {
		return nil, errPassword
	}
	return body, nil
}

func unmarshalAll(der []byte, into any) error {
	rest, err := asn1.Unmarshal(der, into)
	if err == nil && len(rest) > 0 {
		err = errors.New("trailing data")
	}
	return err
}

func unsupportedKey(what string, oid asn1.ObjectIdentifier) error {
	return fmt.Errorf("encrypted private key: its %s (%v) is not supported; "+
		"openssl pkcs8 -topk8 -v2 aes-256-cbc -v2prf hmacWithSHA256 writes one that is", what, oid)
}
