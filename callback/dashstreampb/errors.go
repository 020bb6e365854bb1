package dashstreampb

import "slices"

// Reason says why a value was refused. The list is closed: [Reasons] returns all of it.
type Reason string

const (
	// ReasonEmpty: the value has no byte, as that of a Kafka tombstone.
	ReasonEmpty Reason = "empty"
	// ReasonFraming: the first byte is not a framing byte that is known.
	ReasonFraming Reason = "unknown_framing"
	// ReasonValueTooLarge: the value is larger than Decoder.MaxValueBytes.
	ReasonValueTooLarge Reason = "value_too_large"
	// ReasonZstd: the body is not exactly one intact zstd frame.
	ReasonZstd Reason = "bad_zstd"
	// ReasonMessageTooLarge: the message is larger than Decoder.MaxMessageBytes, or would be after
	// decompression.
	ReasonMessageTooLarge Reason = "message_too_large"
	// ReasonTooManyElements: the message consists of more elements than Decoder.MaxElements.
	ReasonTooManyElements Reason = "too_many_elements"
	// ReasonProtobuf: the message is not valid protobuf, holds a string that is not UTF-8, or is
	// nested deeper than MaxDepth.
	ReasonProtobuf Reason = "bad_protobuf"
	// ReasonNoMessage: the message is of no kind that this package knows.
	ReasonNoMessage Reason = "no_message"
	// ReasonSchemaVersion: a header has a schema_version higher than SchemaVersion.
	ReasonSchemaVersion Reason = "unsupported_schema_version"
)

var reasons = []Reason{
	ReasonEmpty, ReasonFraming, ReasonValueTooLarge, ReasonZstd, ReasonMessageTooLarge,
	ReasonTooManyElements, ReasonProtobuf, ReasonNoMessage, ReasonSchemaVersion,
}

// Reasons returns every Reason that there is, for instance to count each from zero. The caller owns
// the slice.
func Reasons() []Reason { return slices.Clone(reasons) }

// DecodeError is the only error that decoding returns.
type DecodeError struct {
	// Reason is one of the list that Reasons returns.
	Reason Reason
	// Detail says in words what was found, with sizes in bytes. It never quotes the value.
	Detail string
	// Err is the error of the library that refused the value. It is nil when this package did.
	Err error
}

// Error returns the reason, the detail and the underlying error, prefixed by the package.
func (e *DecodeError) Error() string {
	s := "dashstreampb: " + string(e.Reason)
	if e.Detail != "" {
		s += ": " + e.Detail
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap returns Err.
func (e *DecodeError) Unwrap() error { return e.Err }
