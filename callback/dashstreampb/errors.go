package dashstreampb

import "slices"

// Reason says why a value was rejected. [Reasons] returns all reasons.
type Reason string

const (
	// ReasonEmpty: the value is empty, like that of a Kafka tombstone.
	ReasonEmpty Reason = "empty"
	// ReasonFraming: the first byte is not a known framing byte.
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
	// ReasonProtobuf: the message is not valid protobuf, contains a string that is not UTF-8, or is
	// nested deeper than MaxDepth.
	ReasonProtobuf Reason = "bad_protobuf"
	// ReasonNoMessage: the message is of an unknown kind.
	ReasonNoMessage Reason = "no_message"
	// ReasonSchemaVersion: a header has a schema_version higher than SchemaVersion.
	ReasonSchemaVersion Reason = "unsupported_schema_version"
)

var reasons = []Reason{
	ReasonEmpty, ReasonFraming, ReasonValueTooLarge, ReasonZstd, ReasonMessageTooLarge,
	ReasonTooManyElements, ReasonProtobuf, ReasonNoMessage, ReasonSchemaVersion,
}

// Reasons returns every Reason, for instance to initialize counters. The caller owns the slice.
func Reasons() []Reason { return slices.Clone(reasons) }

// DecodeError is the only error that decoding returns.
type DecodeError struct {
	// Reason is one of the reasons returned by Reasons.
	Reason Reason
	// Detail describes the error, with sizes in bytes. It never quotes the value.
	Detail string
	// Err is the error of the library that rejected the value. It is nil if this package did.
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
