package dashstreampb

import (
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protoreflect"
)

// Encode returns a record's value for a message, in plain framing, with maps in the order of their
// keys. Unlike proto.Marshal it also writes zero values that readers depend on: op and encoding of
// each DiffOperation. The error is that of proto.Marshal: a string is not UTF-8. A nil message is
// encoded as an empty one.
func Encode(m *DashStreamMessage) ([]byte, error) {
	if len(m.GetStateDiff().GetOperations()) > 0 {
		m = withDefaults(m)
	}
	return proto.MarshalOptions{Deterministic: true}.MarshalAppend([]byte{FramingPlain}, m)
}

// withDefaults returns a copy whose operations have the fields that proto3 omits as unknown fields,
// which are written unchanged.
func withDefaults(m *DashStreamMessage) *DashStreamMessage {
	m = proto.CloneOf(m)
	for _, o := range m.GetStateDiff().GetOperations() {
		unknown := o.ProtoReflect().GetUnknown()
		if o.GetOp() == 0 {
			unknown = appendZero(unknown, operationOp)
		}
		if o.GetEncoding() == 0 {
			unknown = appendZero(unknown, operationEncoding)
		}
		o.ProtoReflect().SetUnknown(unknown)
	}
	return m
}

// Fields of a DiffOperation that are always on the wire.
const (
	operationOp       protowire.Number = 1
	operationEncoding protowire.Number = 5
)

func appendZero(b protoreflect.RawFields, field protowire.Number) protoreflect.RawFields {
	return protowire.AppendVarint(protowire.AppendTag(b, field, protowire.VarintType), 0)
}

// OmitsDefaults reports whether value, the value of a record, omits op or encoding of a
// DiffOperation. A browser sees omitted fields as undefined, and then takes an ADD for a REPLACE,
// and JSON for an unknown encoding. It returns false for a value that cannot be decoded.
func (d Decoder) OmitsDefaults(value []byte) bool {
	body, err := d.withDefaults().body(value)
	if err != nil {
		return false
	}
	for diff := range fields(body, protowire.Number(MessageType_MESSAGE_TYPE_STATE_DIFF)) {
		for operation := range fields(diff, diffOperations) {
			var op, encoding bool
			for len(operation) > 0 {
				field, kind, n := protowire.ConsumeTag(operation)
				v := -1
				if n >= 0 {
					v = protowire.ConsumeFieldValue(field, kind, operation[n:])
				}
				if v < 0 {
					return false
				}
				op, encoding = op || field == operationOp, encoding || field == operationEncoding
				operation = operation[n+v:]
			}
			if !op || !encoding {
				return true
			}
		}
	}
	return false
}

const diffOperations protowire.Number = 3

// fields yields the contents of a message's fields with one number, as far as they can be parsed.
func fields(b []byte, number protowire.Number) func(yield func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for len(b) > 0 {
			field, kind, n := protowire.ConsumeTag(b)
			if n < 0 {
				return
			}
			v := protowire.ConsumeFieldValue(field, kind, b[n:])
			if v < 0 {
				return
			}
			if field == number && kind == protowire.BytesType {
				if content, m := protowire.ConsumeBytes(b[n:]); m < 0 || !yield(content) {
					return
				}
			}
			b = b[n+v:]
		}
	}
}
