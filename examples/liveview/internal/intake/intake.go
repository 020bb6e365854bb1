// Package intake is the entrance of the view: it decodes a record, and bounds what a producer wrote
// before anything else looks at it. What is not in the contract goes no further than its name.
package intake

import (
	"bytes"
	"unicode/utf8"

	pb "github.com/dashstream/dashstream-go/callback/dashstreampb"
	"github.com/dashstream/dashstream-go/internal/redact"
)

// The limits of what one message may bring.
const (
	MaxValueBytes  = 64 << 10 // a call's input or output, as JSON
	MaxTextBytes   = 16 << 10 // the same as text, or what is left of one that is too large
	MaxSchemaBytes = 256 << 10
	MaxStateBytes  = 512 << 10
	MaxNameBytes   = 8 << 10 // any other text
	MaxDepth       = 32
	MaxStateDepth  = 64

	maxOthers    = 20 // names of attributes that are not in the contract
	maxOtherName = 64 // characters of one
)

// OthersCount is the attribute under which an event carries how many attributes it had that are not
// in the contract. Their names are left in it, with no value.
const OthersCount = ""

// notJSON stands in the place of a state that was rejected: the reducer refuses it, so there is
// one place that decides what a thread's state is worth.
const notJSON = "!"

// Part is a part of a message that was cut or rejected.
type Part struct {
	Event int    // the index in its batch
	What  string // the name of the field or the attribute
	Bytes int    // its size as it was sent
	Why   string // too_large or too_deep; cut for a text of which the beginning is kept
}

// The values of Part.Why.
const (
	TooLarge = "too_large"
	TooDeep  = "too_deep"
	Cut      = "cut"
)

// Intake decodes records. It is for one goroutine.
type Intake struct {
	redactor *redact.Redactor
	decoder  pb.Decoder
}

// Record is a record that was decoded and bounded.
type Record struct {
	Message *pb.DashStreamMessage
	Parts   []Part
	// Value is the message in the form in which it is kept. It shares no memory with what was read.
	Value []byte
}

// Read decodes the value of a record.
func (in *Intake) Read(value []byte) (Record, *Failure) {
	if sizeUnknown(value) {
		return Record{}, &Failure{Reason: ZstdSizeUnknown}
	}
	m, err := in.decoder.Decode(value)
	if err != nil {
		return Record{}, failure(value, err)
	}
	if id := m.Header().GetThreadId(); id == "" || len(id) > pb.MaxThreadIDBytes {
		return Record{}, &Failure{Reason: MissingThreadID}
	}
	b := bounding{in: in}
	b.message(m)
	r := Record{Message: m, Parts: b.parts}
	if b.changed || value[0] != pb.FramingPlain {
		if r.Value, err = pb.Encode(m); err != nil {
			return Record{}, &Failure{Reason: ProtobufFailed}
		}
	} else {
		r.Value = bytes.Clone(value)
	}
	return r, nil
}

// Again decodes what Read returned as a value.
func Again(value []byte) *pb.DashStreamMessage {
	m, err := pb.Decode(value)
	if err != nil {
		return nil
	}
	return m
}

// tooDeep reports whether JSON nests deeper than limit. It reads every byte once, and needs no
// memory: it may be asked of anything.
func tooDeep(src []byte, limit int) bool {
	depth, quoted := 0, false
	for i := 0; i < len(src); i++ {
		switch c := src[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			if depth++; depth > limit {
				return true
			}
		case c == '}' || c == ']':
			depth--
		}
	}
	return false
}

// looksLikeJSON reports whether a text begins as an object or an array does.
func looksLikeJSON(src []byte) bool {
	src = bytes.TrimLeft(src, " \t\r\n")
	return len(src) > 0 && (src[0] == '{' || src[0] == '[')
}

// prefix returns at most n bytes of a text, whole characters.
func prefix[T string | []byte](s T, n int) T {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}

// New returns an Intake.
func New() (*Intake, error) {
	r, err := redact.New(redact.Rules{})
	return &Intake{redactor: r}, err
}
