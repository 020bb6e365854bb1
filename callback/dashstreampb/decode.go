package dashstreampb

import (
	"fmt"
	"math"

	"google.golang.org/protobuf/proto"
)

const (
	// DefaultMaxMessageBytes is Decoder.MaxMessageBytes when that is zero: what the other readers
	// of the stream accept.
	DefaultMaxMessageBytes = 10 << 20
	// DefaultMaxElements is Decoder.MaxElements when that is zero: one element for each 40 bytes of
	// the largest message.
	DefaultMaxElements = 1 << 18
)

// Decoder decodes the values of Kafka records into messages, under limits. The zero value has the
// default limits. It has no state: methods may be called from several goroutines, and a Decoder may
// be copied.
type Decoder struct {
	// MaxValueBytes limits a record's value, including the framing byte. Zero or less means one
	// byte more than MaxMessageBytes.
	MaxValueBytes int
	// MaxMessageBytes limits the message without its framing byte, after decompression. Zero or
	// less means DefaultMaxMessageBytes.
	MaxMessageBytes int
	// MaxElements limits how many parts a message consists of: nested messages, entries of maps and
	// strings of lists. It bounds the memory of a message, because a part of two bytes on the wire
	// can take several hundred in memory. Zero or less means DefaultMaxElements.
	MaxElements int
}

// Decode decodes the value of a Kafka record under the default limits. See [Decoder.Decode].
func Decode(value []byte) (*DashStreamMessage, error) { return Decoder{}.Decode(value) }

// Decode decodes the value of a Kafka record, in either framing, into a message of a known kind.
// The message shares no memory with value. Its headers may be nil; apart from that, only their
// schema_version is checked. Unknown fields are kept. Every error is a [*DecodeError].
func (d Decoder) Decode(value []byte) (*DashStreamMessage, error) {
	d = d.withDefaults()
	body, err := d.body(value)
	if err != nil {
		return nil, err
	}
	return d.unmarshal(body)
}

// body returns the serialized message of a record's value.
func (d Decoder) body(value []byte) ([]byte, error) {
	if len(value) == 0 {
		return nil, &DecodeError{Reason: ReasonEmpty}
	}
	if len(value) > d.MaxValueBytes {
		return nil, tooLarge(ReasonValueTooLarge, uint64(len(value)), d.MaxValueBytes)
	}
	switch framing, body := value[0], value[1:]; framing {
	case FramingPlain:
		return body, nil
	case FramingZstd:
		return decompress(body, d.MaxMessageBytes)
	default:
		return nil, &DecodeError{Reason: ReasonFraming, Detail: fmt.Sprintf("first byte is 0x%02x",
			framing)}
	}
}

func (d Decoder) withDefaults() Decoder {
	if d.MaxMessageBytes <= 0 {
		d.MaxMessageBytes = DefaultMaxMessageBytes
	}
	d.MaxMessageBytes = min(d.MaxMessageBytes, math.MaxInt-1)
	if d.MaxValueBytes <= 0 {
		d.MaxValueBytes = d.MaxMessageBytes + 1
	}
	if d.MaxElements <= 0 {
		d.MaxElements = DefaultMaxElements
	}
	return d
}

func (d Decoder) unmarshal(body []byte) (*DashStreamMessage, error) {
	if len(body) > d.MaxMessageBytes {
		return nil, tooLarge(ReasonMessageTooLarge, uint64(len(body)), d.MaxMessageBytes)
	}
	if exceedsElements(body, d.MaxElements) {
		return nil, &DecodeError{Reason: ReasonTooManyElements, Detail: fmt.Sprintf("limit %d",
			d.MaxElements)}
	}
	m := new(DashStreamMessage)
	if err := (proto.UnmarshalOptions{RecursionLimit: MaxDepth + 1}).Unmarshal(body,
		m); err != nil {
		return nil, &DecodeError{Reason: ReasonProtobuf, Err: err}
	}
	if m.Kind() == MessageType_MESSAGE_TYPE_UNSPECIFIED {
		return nil, &DecodeError{Reason: ReasonNoMessage, Detail: fmt.Sprintf("%d bytes",
			len(body))}
	}
	if err := checkVersion(m); err != nil {
		return nil, err
	}
	return m, nil
}

func checkVersion(m *DashStreamMessage) error {
	version := m.Header().GetSchemaVersion()
	for h := range m.Headers() {
		version = max(version, h.GetSchemaVersion())
	}
	if version > SchemaVersion {
		return &DecodeError{Reason: ReasonSchemaVersion,
			Detail: fmt.Sprintf("version %d, known up to %d", version, SchemaVersion)}
	}
	return nil
}

func tooLarge(reason Reason, size uint64, limit int) *DecodeError {
	return &DecodeError{Reason: reason, Detail: fmt.Sprintf("%d bytes, limit %d", size, limit)}
}
