package wire

import (
	"errors"

	"google.golang.org/protobuf/encoding/protowire"
)

var errNoSequence = errors.New("wire: a header without a sequence number")

// Renumber lowers the sequence number in the header at the beginning of b by shift, in place. The
// number keeps its width, so it may end in redundant bytes, which every protobuf decoder accepts.
func Renumber(b []byte, shift uint64) error {
	at, err := sequenceOf(b)
	if err != nil {
		return err
	}
	return lower(at, shift)
}

// Sequence returns the sequence number of a message whose first field is its header.
func Sequence(b []byte) (uint64, error) {
	at, err := sequenceOf(b)
	if err != nil {
		return 0, err
	}
	v, n := protowire.ConsumeVarint(at)
	if n < 0 {
		return 0, errNoSequence
	}
	return v, nil
}

// sequenceOf returns b from the varint of the sequence number in its header.
func sequenceOf(b []byte) ([]byte, error) {
	_, kind, n := protowire.ConsumeTag(b)
	if n < 0 || kind != protowire.BytesType {
		return nil, errNoSequence
	}
	header, m := protowire.ConsumeBytes(b[n:])
	if m < 0 {
		return nil, errNoSequence
	}
	for len(header) > 0 {
		field, kind, n := protowire.ConsumeTag(header)
		if n < 0 {
			return nil, errNoSequence
		}
		if field == sequenceField && kind == protowire.VarintType {
			return header[n:], nil
		}
		v := protowire.ConsumeFieldValue(field, kind, header[n:])
		if v < 0 {
			return nil, errNoSequence
		}
		header = header[n+v:]
	}
	return nil, errNoSequence
}

const sequenceField = 5

// lower subtracts from the varint at the beginning of b and writes the result with the same number
// of bytes.
func lower(b []byte, by uint64) error {
	v, n := protowire.ConsumeVarint(b)
	if n < 0 || v <= by {
		return errNoSequence
	}
	v -= by
	for i := range n - 1 {
		b[i] = byte(v) | 0x80
		v >>= 7
	}
	b[n-1] = byte(v)
	return nil
}

// RenumberEvents is [Renumber] for each event in b, the elements of an EventBatch one after
// another.
func RenumberEvents(b []byte, shift uint64) error {
	for len(b) > 0 {
		_, kind, n := protowire.ConsumeTag(b)
		if n < 0 || kind != protowire.BytesType {
			return errNoSequence
		}
		event, m := protowire.ConsumeBytes(b[n:])
		if m < 0 {
			return errNoSequence
		}
		if err := Renumber(event, shift); err != nil {
			return err
		}
		b = b[n+m:]
	}
	return nil
}
