// Package wire encodes DashStream messages into memory that the caller provides.
//
// It is the producer's half of the contract described by package dashstreampb. It is written by
// hand so that encoding an event costs little more than copying its bytes: it computes sizes first
// and then writes, without reflection or allocation. Its output equals the deterministic output of
// the generated types; a fuzz test compares the two.
//
// Every Size function has a matching Append function that appends exactly that many bytes. Strings
// must be valid UTF-8: see [SizeAttrs] and [Resolve].
package wire

import "math/bits"

// Field tags: the field's number in the upper bits, its wire type in the lower three.
const (
	varintType = 0
	fixed64    = 1
	bytesType  = 2
)

// VarintLen returns the number of bytes of v as a varint.
func VarintLen(v uint64) int { return (bits.Len64(v|1) + 6) / 7 }

// sizeBytes is the size of n bytes with their length.
func sizeBytes(n int) int { return VarintLen(uint64(n)) + n }

func appendVarint(b []byte, v uint64) []byte {
	for v >= 0x80 {
		b = append(b, byte(v)|0x80)
		v >>= 7
	}
	return append(b, byte(v))
}

func tag(field, wireType byte) byte { return field<<3 | wireType }

// sizeString is the size of a string field with a one-byte tag; an empty one is omitted, as in
// proto3.
func sizeString(s string) int {
	if s == "" {
		return 0
	}
	return 1 + sizeBytes(len(s))
}

func appendString(b []byte, field byte, s string) []byte {
	if s == "" {
		return b
	}
	b = append(b, tag(field, bytesType))
	b = appendVarint(b, uint64(len(s)))
	return append(b, s...)
}

func sizeRaw(p []byte) int {
	if len(p) == 0 {
		return 0
	}
	return 1 + sizeBytes(len(p))
}

func appendRaw(b []byte, field byte, p []byte) []byte {
	if len(p) == 0 {
		return b
	}
	b = append(b, tag(field, bytesType))
	b = appendVarint(b, uint64(len(p)))
	return append(b, p...)
}

func sizeUint(v uint64) int {
	if v == 0 {
		return 0
	}
	return 1 + VarintLen(v)
}

func appendUint(b []byte, field byte, v uint64) []byte {
	if v == 0 {
		return b
	}
	return appendVarint(append(b, tag(field, varintType)), v)
}

func sizeBool(v bool) int {
	if v {
		return 2
	}
	return 0
}

func appendBool(b []byte, field byte, v bool) []byte {
	if !v {
		return b
	}
	return append(b, tag(field, varintType), 1)
}

// sizeMessage is the size of an embedded message of n bytes, present even when empty.
func sizeMessage(n int) int { return 1 + sizeBytes(n) }

func appendMessageHead(b []byte, field byte, n int) []byte {
	return appendVarint(append(b, tag(field, bytesType)), uint64(n))
}
